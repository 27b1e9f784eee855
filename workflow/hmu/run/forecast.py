"""What a run would do and take, by what earlier jobs of each rule took and left.

Snakemake says which jobs there are; times are those of its benchmarks, sizes those of lineage
records.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = re.compile(r"\s*(?:local)?(?:rule|checkpoint) (\w+):")
_FIELD = re.compile(r"\s+(benchmark|resources): (.*)")
_NODE = re.compile(r'\s*\d+\[label = "(\w+)[^"]*".*style="([^"]*)"\];')


@dataclass(frozen=True)
class Planned:
    """A job that would run: its rule, the file of its benchmark, and how many GPUs it asks for."""

    rule: str
    benchmark: str = ""
    gpus: int = 0


@dataclass
class Line:
    """A rule of a forecast: jobs that would run and whose results are there, seconds of the first
    one after another, GPU seconds, bytes; and how many of the jobs nothing is known of."""

    rule: str
    jobs: int = 0
    reused: int = 0
    seconds: float = 0.0
    gpu_seconds: float = 0.0
    bytes: float = 0.0
    unknown: int = 0


def planned(dry_run: str) -> list[Planned]:
    """The jobs of what ``snakemake --dry-run`` prints; rules that make nothing are left out."""
    found: list[dict[str, str]] = []
    for line in dry_run.splitlines():
        if header := _HEADER.fullmatch(line):
            found.append({"rule": header[1]})
        elif found and (told := _FIELD.fullmatch(line)):
            found[-1].setdefault(told[1], told[2])
    return [
        Planned(each["rule"], each["benchmark"], _gpus(each.get("resources", "")))
        for each in found
        if "benchmark" in each
    ]


def _gpus(resources: str) -> int:
    asked = re.search(r"\bgpu=(\d+)", resources)
    return int(asked[1]) if asked else 0


def reused(graph: str) -> dict[str, int]:
    """By rule, the jobs of what ``snakemake --dag`` prints whose results are there: dashed ones."""
    found: dict[str, int] = {}
    for line in graph.splitlines():
        if (node := _NODE.fullmatch(line)) and "dashed" in node[2]:
            found[node[1]] = found.get(node[1], 0) + 1
    return found


@dataclass
class Recorded:
    """What jobs of a run took and left: seconds by benchmark, and by rule the mean of each."""

    seconds: dict[str, float] = field(default_factory=dict)
    of_rule: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, *folders: Path, sizes: bool = True) -> "Recorded":
        """Those below folders of results, of which the first that knows a job counts; what is
        damaged there is passed over. Without ``sizes`` no lineage record is read."""
        found = cls()
        times: dict[str, list[float]] = {}
        bytes_of: dict[str, dict[str, int]] = {}
        for results in folders:
            for path in sorted((results / "benchmarks").rglob("*.tsv")):
                name = path.relative_to(results).as_posix()
                if name not in found.seconds and (seconds := _seconds(path)) is not None:
                    found.seconds[name] = seconds
                    times.setdefault(name.split("/")[1], []).append(seconds)
            for rule, seal, size in _sizes(results / "lineage") if sizes else ():
                bytes_of.setdefault(rule, {})[seal] = size
        found.of_rule = _means(times)
        found.bytes = _means({rule: list(each.values()) for rule, each in bytes_of.items()})
        return found

    def of_job(self, job: Planned) -> float | None:
        """Seconds that a job took before, or else the mean of its rule's; None where none ran."""
        _, _, name = job.benchmark.partition("benchmarks/")
        return self.seconds.get(f"benchmarks/{name}", self.of_rule.get(job.rule))


def _seconds(path: Path) -> float | None:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            values = [float(row["s"]) for row in csv.DictReader(stream, delimiter="\t")]
        return sum(values) / len(values)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


def _sizes(records: Path) -> Iterator[tuple[str, str, int]]:
    """Of each record its rule, seal and the bytes of all outputs."""
    for path in records.rglob("*.json"):
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            yield value["rule"], value["seal"], sum(each["bytes"] for each in value["outputs"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue


def _means(values: dict[str, list[float]] | dict[str, list[int]]) -> dict[str, float]:
    return {name: sum(each) / len(each) for name, each in values.items()}


def forecast(jobs: Iterable[Planned], again: dict[str, int], known: Recorded) -> list[Line]:
    """A line for each rule, those that take longest first. ``again`` are the jobs reused, by
    rule."""
    lines = {rule: Line(rule, reused=count) for rule, count in again.items()}
    for job in jobs:
        line = lines.setdefault(job.rule, Line(job.rule))
        line.jobs += 1
        line.bytes += known.bytes.get(job.rule, 0.0)
        seconds = known.of_job(job)
        if seconds is None:
            line.unknown += 1
        else:
            line.seconds += seconds
            line.gpu_seconds += seconds * job.gpus
    return sorted(lines.values(), key=lambda line: (-line.seconds, -line.jobs, line.rule))
