"""A real Slurm on this machine runs a workflow through the profile, and tells who had the GPU."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import cluster
from cluster import Cluster


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of this machine alone, with two declared GPUs. Skips where none can be started."""
    if reason := cluster.missing():
        pytest.skip(reason)
    with cluster.running(tmp_path_factory.mktemp("slurm")) as started:
        yield started


def snakemake(
    slurm: Cluster, project: Path, *words: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run `snakemake --profile slurm` in ``project``, with checks more often than on a cluster.

    The status is asked of `squeue`, since `sacct` needs a database that is not here.
    """
    command = ["snakemake", "--profile", "slurm", "--slurm-status-command", "squeue"]
    command += ["--slurm-init-seconds-before-status-checks", "1", "--slurm-no-account"]
    own = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
    path = f"{Path(sys.executable).parent}:{slurm.variables['PATH']}"
    return subprocess.run(
        [*command, *words],
        cwd=project,
        env={**own, **slurm.variables, "PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=900,
    )


def by_rule(slurm: Cluster) -> dict[str, list[dict[str, str]]]:
    """Slurm's records, by the rule or group that the plugin notes in each job's comment."""
    found: dict[str, list[dict[str, str]]] = {}
    for job in slurm.jobs():
        rule = job["Comment"].removeprefix("rule_").partition("_wildcards_")[0]
        found.setdefault(rule, []).append(job)
    return found


GPU_RULES = {
    *("codes", "describe", "describe_real", "evaluator", "generate", "part", "text_embeddings"),
}
# LCR and the original are made without training, so `unlearn` asks for no GPU here.
CPU_RULES = {
    "captions",
    "demo",
    "describe_masked",
    "describe_texts",
    "features",
    "ingest",
    "text_encoder",
    "unlearn",
}


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """The repository's workflow in a folder of its own, with a configuration of seconds."""
    for name in ("Snakefile", "workflow", "slurm", "profiles", "envs"):
        source, target = root / name, tmp_path / "project" / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, target)
    config = yaml.safe_load((root / "tests" / "tiny.yaml").read_text(encoding="utf-8"))
    config["variants"] = {name: config["variants"][name] for name in ("original", "lcr")}
    config["tables"] = dict([next(iter(config["tables"].items()))])
    text = yaml.safe_dump(config, sort_keys=False)
    (tmp_path / "project" / "config.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_the_pipeline_asks_for_gpus_where_they_are_needed_and_nowhere_else(
    slurm: Cluster, project: Path
) -> None:
    done = snakemake(slurm, project, "results/tables", PYTHONPATH=str(project / "workflow"))
    assert done.returncode == 0, done.stdout + done.stderr
    ran = by_rule(slurm)
    given = {name: {job["JOB_GRES"] for job in jobs} for name, jobs in ran.items()}
    assert {name for name, what in given.items() if what == {"gpu:1"}} == GPU_RULES
    without = {name for name, what in given.items() if what == {"(null)"}}
    assert {name for name in without if not name.startswith("measure")} == CPU_RULES
    assert GPU_RULES | without == set(ran)
    for name, jobs in ran.items():
        assert all(job["JobState"] == "COMPLETED" for job in jobs)
        assert all(job["TimeLimit"] != "UNLIMITED" for job in jobs), f"{name} asks for no time"
        assert all("mem=" in job["TRES"] for job in jobs), f"{name} asks for no memory"
    cells = list((project / "results/cells").rglob("*.json"))
    quick = [job for name, jobs in ran.items() if name.startswith("measure") for job in jobs]
    assert len(quick) < len(cells) / 4, "metrics and cells must not be jobs of their own"
    assert (project / "results/tables").is_dir()
