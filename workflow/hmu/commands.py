"""The commands of the workflow and of the auditor: `hmu step`, `hmu lineage`, `hmu verify`."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path


def step_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="the job as JSON; - reads it from stdin")
    parser.add_argument(
        "--log", nargs="?", const="", default="", help="also write all that is printed to this file"
    )


def step(arguments: Namespace) -> int:
    """Run one job: hmu.steps.<step>, outputs whole or not at all, and a lineage record.

    JOB is a JSON object:
      step      the module in hmu.steps that does the work
      inputs    {name: path or list of paths}
      outputs   {name: path}; a path may become a directory
      settings  {...} what the step is told                     (default {})
      seed      integer                                         (default 0)
      threads   processor threads it may use                    (default 1)
      plugins   modules that it loads by name, hmu.methods.lcr  (default [])
      rule      the workflow's name for the job                 (default: the step)
      code      digest of its source, for the workflow to compare
      results   directory that holds the records                (default results)

    Exit status: 0 done, 2 the input is at fault (the message says what to do), 1 anything else
    (the traceback is in the log, and on the screen with HMU_DEBUG=1).
    """
    from hmu.runner import execute

    text = sys.stdin.read() if arguments.job == "-" else arguments.job
    return execute(text, Path(arguments.log) if arguments.log else None)


def lineage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a result, a file in it, a folder")
    parser.add_argument("--json", action="store_true", help="nodes and edges as JSON")


def lineage(arguments: Namespace) -> int:
    """Show which files, code, settings and seeds a result was made from, back to raw data.

    Files of one job stand together, {a,b}; what more than one job has read is shown once under a
    number [n], and as → [n] after that.
    """
    from hmu import way

    found = way.back(arguments.path)
    if arguments.json:
        print(json.dumps(way.as_json(found), indent=2, sort_keys=True, ensure_ascii=False))
    else:
        print(way.as_text(found))
    return 0


def verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a result, a file in it, a folder")
    parser.add_argument(
        "--code", action="store_true", help="source files changed since are wrong too, not a note"
    )


def verify(arguments: Namespace) -> int:
    """Re-hash every file on the way from a result back to raw data.

    Names each file that is missing, changed, or made from another version of its input. Exit
    status: 0 all well, 1 something is wrong, 2 there is no record.
    """
    from hmu.verify import verify as check

    findings = check(arguments.path)
    if arguments.code:
        findings.problems += findings.notes
    else:
        for note in findings.notes:
            print(f"note: {note}")
    for problem in findings.problems:
        print(problem)
    print(findings.summary())
    return 1 if findings.problems else 0
