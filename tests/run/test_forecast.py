"""What a run would take, by what earlier jobs took."""

import json
from pathlib import Path

import pytest

from hmu.run import forecast
from hmu.run.forecast import Planned, Recorded

DRY_RUN = """Building DAG of jobs...
Job stats:
job      count
part         2

[Sun Nov 29 12:00:00 2026]
rule part:
    input: a, rule b:
    output: results/models/a
    benchmark: results/benchmarks/part/a.tsv
    resources: mem_mb=1, gpu=2, runtime=5
[Sun Nov 29 12:00:00 2026]
rule part:
    benchmark: far/results/benchmarks/part/b.tsv
    resources: mem_mb=1, gpu=2
group job measure (jobs in lexicogr. order):
    rule cell:
        output: c
        benchmark: results/benchmarks/cell/c.tsv
        resources: mem_mb=1
localrule tables:
    benchmark: results/benchmarks/tables/all.tsv
    resources: tmpdir=/tmp
localrule all:
    input: x
    resources: tmpdir=/tmp
"""

GRAPH = """digraph snakemake_dag {
    node[shape=box, style=rounded];
\t0[label = "all", color = "0.1 0.6 0.85", style="rounded"];
\t1[label = "part\\npart: masked", color = "0.2 0.6 0.85", style="rounded,dashed"];
\t2[label = "cell\\nrow: a", color = "0.3 0.6 0.85", style="rounded,dashed"];
\t3[label = "cell\\nrow: b", color = "0.3 0.6 0.85", style="rounded"];
\t1 -> 0
}
"""


def write_benchmark(results: Path, name: str, *seconds: object) -> None:
    path = results / "benchmarks" / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{each}\n" for each in ("s\tmax_rss", *(f"{s}\t1" for s in seconds))))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_benchmark(tmp_path, "part/a", 100)
    write_benchmark(tmp_path, "part/other", 20, 40)
    write_benchmark(tmp_path, "cell/damaged", "half a nu")
    for number, name in enumerate(("model", "config", "second")):
        path = tmp_path / "lineage" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        outputs = [{"bytes": 30}, {"bytes": 10}]
        record = {"rule": "part", "seal": str(number // 2), "outputs": outputs}
        path.write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "lineage/broken.json").write_text("{", encoding="utf-8")
    return tmp_path


def test_jobs_are_read_as_snakemake_prints_them() -> None:
    assert forecast.planned(DRY_RUN) == [
        Planned("part", "results/benchmarks/part/a.tsv", 2),
        Planned("part", "far/results/benchmarks/part/b.tsv", 2),
        Planned("cell", "results/benchmarks/cell/c.tsv", 0),
        Planned("tables", "results/benchmarks/tables/all.tsv", 0),
    ]
    assert forecast.reused(GRAPH) == {"part": 1, "cell": 1}


def test_a_job_takes_what_it_took_or_what_its_rule_takes(results: Path) -> None:
    jobs = forecast.planned(DRY_RUN)
    found = forecast.forecast(jobs, {"cell": 1, "demo": 3}, Recorded.of(results))
    lines = {line.rule: line for line in found}
    # 100 s of its own, and the mean of 100 s and 30 s; an output of 40 bytes a job.
    part = lines["part"]
    assert (part.jobs, part.seconds, part.gpu_seconds, part.bytes) == (2, 165, 330, 80)
    assert (lines["cell"].jobs, lines["cell"].reused, lines["cell"].unknown) == (1, 1, 1)
    assert (lines["demo"].jobs, lines["demo"].reused) == (0, 3)
    assert found[0].rule == "part"


def test_results_of_another_run_tell_what_these_do_not(results: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_benchmark(other, "part/a", 9_000)
    write_benchmark(other, "cell/c", 0.5)
    known = Recorded.of(results, other)
    jobs = forecast.planned(DRY_RUN)
    assert [known.of_job(job) for job in jobs] == [100, 65, 0.5, None]
