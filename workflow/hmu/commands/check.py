"""`hmu data check`: what a run would find in a raw directory."""

import dataclasses
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from hmu.io import inert
from hmu.raw_data.inspection import Finding, look, recognise
from hmu.raw_data.styles import STYLES

_HOLDS = {
    "humanml3d": "raw HumanML3D",
    "motionx": "raw Motion-X",
    "joints": "joint positions",
    "features": "features",
}


def check_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a dataset's raw directory")
    parser.add_argument(
        "--source", choices=list(STYLES), help="the form of the data (default: recognised)"
    )
    parser.add_argument("--all", action="store_true", help="read every motion, not a sample")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def check(arguments: Namespace) -> int:
    """Say what a run would find in a dataset's raw directory; nothing is written.

    Which of the forms it has, counts against those expected, missing parts and how to get them,
    bad motions (of a sample, the same each time, or with --all of all), captions and split lists,
    body models. Exit status: 0 all well, 1 something is wrong, 2 no raw directory of a dataset.
    """
    source = arguments.source or recognise(arguments.folder)
    findings = list(look(arguments.folder, source, arguments.all))
    if arguments.json:
        content = {"source": source, "findings": [dataclasses.asdict(each) for each in findings]}
        print(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        print(inert.line(f"{arguments.folder}: {_HOLDS[source]} (source: {source})"), end="\n\n")
        print(inert.visible(as_text(findings)))
    return 1 if any(finding.state == "wrong" for finding in findings) else 0


def as_text(findings: Sequence[Finding]) -> str:
    """One aligned line a finding, remedies below, and the number of what is wrong."""
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:5}  {finding.part:{width}}  {finding.text}")
        if finding.remedy:
            lines.append(f"{'':{width + 7}}  → {finding.remedy}")
    wrong = sum(finding.state == "wrong" for finding in findings)
    said = {0: "nothing is wrong", 1: "1 thing is wrong"}.get(wrong, f"{wrong} things are wrong")
    return "\n".join([*lines, "", said])
