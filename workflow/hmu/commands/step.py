"""`hmu step`: one job by hand. A rule calls :mod:`hmu.run`, which does the same."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu.run.runner import execute


def step_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="the job as JSON; - reads it from stdin")
    parser.add_argument("--rule", help="the workflow's name for the job")
    parser.add_argument("--threads", type=int, help="processor threads it may use")
    parser.add_argument(
        "--log", nargs="?", const="", default="", help="also write all that is printed to this file"
    )


def step(arguments: Namespace) -> int:
    """Run one job: hmu.steps.<step>, outputs whole or not at all, and a lineage record.

    JOB is a JSON object, or several that each say a part:
      step      the module in hmu.steps that does the work
      inputs    {name: path or list of paths}
      outputs   {name: path}; a path may become a directory
      settings  {...} what the step is told                     (default {})
      seed      integer                                         (default 0)
      plugins   modules that it loads by name, hmu.methods.lcr  (default [])
      code      digest of its source, for the workflow to compare
      results   directory that holds the records                (default results)

    Exit status: 0 done, 2 the input is at fault (the message says what to do), 1 anything else
    (the traceback is in the log, and on the screen with HMU_DEBUG=1).
    """
    text = sys.stdin.read() if arguments.job == "-" else arguments.job
    options = {"rule": arguments.rule, "threads": arguments.threads}
    given = {name: value for name, value in options.items() if value is not None}
    return execute(text, Path(arguments.log) if arguments.log else None, by_hand=True, **given)
