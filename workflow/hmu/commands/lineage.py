"""The auditor's commands: `hmu lineage` and `hmu verify`."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu.io import inert
from hmu.provenance import trace
from hmu.provenance.verify import verify as check
from hmu.run import again


def lineage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a result, a file in it, a folder")
    parser.add_argument("--json", action="store_true", help="nodes and edges as JSON")


def lineage(arguments: Namespace) -> int:
    """Show which files, code, settings and seeds a result was made from, back to raw data.

    The files of one job are shown together as {a,b}. What more than one job has read is shown once
    with a number [n], and as → [n] after that. Energy is that of the whole processors or GPU while
    the job ran, also of what ran beside it.
    """
    found = trace.back(arguments.path)
    if arguments.json:
        print(json.dumps(trace.as_json(found), indent=2, sort_keys=True, ensure_ascii=False))
    else:
        print(inert.visible(trace.as_text(found)))
    return 0


def verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a result, a file in it, a folder")
    parser.add_argument(
        "--full", action="store_true", help="read every byte, also of files that nobody wrote to"
    )
    parser.add_argument(
        "--code", action="store_true", help="treat source files that behave otherwise as errors"
    )


def verify(arguments: Namespace) -> int:
    """Hash every file that a result was made from, back to the raw data.

    A file to which nobody wrote since it was last read (by inode, size and times, as the file
    system keeps them) is not read again, and the last line says how many these are; --full reads
    every byte.
    Names each file that is missing, changed, or made from another version of its input; records
    that their step cannot have left; code that is in no commit any more. Cells and tables are made
    again and compared. Notes which source files behave otherwise by now, or only read otherwise.
    The last line ends with one hash over all records, which can be published. Exit status: 0 all is
    well, 1 something is wrong, 2 there is no record.
    """
    found = trace.back(arguments.path, tolerant=True)
    findings = check(found, arguments.full)
    if not findings.problems:
        findings.problems += again.differences(found)
    notes = findings.notes
    if arguments.code:
        findings.problems += findings.changed_code
    else:
        notes = findings.changed_code + notes
    for note in notes:
        print(f"note: {inert.line(note)}")
    for problem in findings.problems:
        print(inert.line(problem))
    print(findings.summary())
    return 1 if findings.problems else 0
