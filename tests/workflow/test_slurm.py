"""A real Slurm on this machine runs a workflow through the profile, and tells who had the GPU."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
import yaml

from support import cluster
from support.cluster import Cluster


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
    """Run `snakemake --profile slurm` in ``project``, as a user types it."""
    command, environment = typed(slurm, *words, **variables)
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=900
    )


def typed(slurm: Cluster, *words: str, **variables: str) -> tuple[list[str], dict[str, str]]:
    """What a user types, and the environment."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
    path = f"{Path(sys.executable).parent}:{slurm.variables['PATH']}"
    return (
        ["snakemake", "--profile", "slurm", *words],
        {**own, **slurm.variables, "PATH": path, **variables},
    )


def numbers(slurm: Cluster) -> set[str]:
    """Of all jobs so far: tests share a cluster, in any order."""
    return {job["JobId"] for job in slurm.jobs()}


def by_rule(slurm: Cluster, before: Set[str] = frozenset()) -> dict[str, list[dict[str, str]]]:
    """Slurm's records but those ``before``, by the rule or group that the plugin notes in each
    job's comment."""
    found: dict[str, list[dict[str, str]]] = {}
    for job in slurm.jobs():
        if job["JobId"] in before:
            continue
        rule = job["Comment"].removeprefix("rule_").partition("_wildcards_")[0]
        found.setdefault(rule, []).append(job)
    return found


GPU_RULES = {
    *("codes", "describe", "describe_real", "detector", "evaluator", "generate", "part"),
    "text_embeddings",
}
# How a rule says that it runs on a GPU.
GPU = re.compile(r"\bgpu=1")
# LCR and the original are made without training, so `unlearn` asks for no GPU here.
CPU_RULES = {
    *("captions", "demo", "describe_masked", "describe_texts", "features", "ingest", "prompts"),
    *("text_encoder", "unlearn", "code_sheet", "film_strips", "inject"),
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
    config["device"] = "auto"  # which asks for GPUs, and does without on this node
    config["variants"] = {name: config["variants"][name] for name in ("original", "lcr")}
    config["tables"] = dict([next(iter(config["tables"].items()))])
    config.pop("curves")  # of tables that are left out
    text = yaml.safe_dump(config, sort_keys=False)
    (tmp_path / "project" / "config.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "project"


@pytest.mark.long(7)
def test_the_pipeline_asks_for_gpus_where_they_are_needed_and_nowhere_else(
    slurm: Cluster, project: Path
) -> None:
    before = numbers(slurm)
    done = snakemake(slurm, project, "results/tables", PYTHONPATH=str(project / "workflow"))
    assert done.returncode == 0, done.stdout + done.stderr
    ran = by_rule(slurm, before)
    given = {name: {job["JOB_GRES"] for job in jobs} for name, jobs in ran.items()}
    assert {name for name, what in given.items() if what == {"gpu:a100:1"}} == GPU_RULES
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


# Jobs that Slurm itself ends, at time limits that it keeps in minutes: `make faults`

LONGER = """
include: "workflow/rules/common.smk"

# Does not end within its minute when it runs first.
rule longer:
    output: "longer.txt"
    retries: tries(1)
    resources: **needs(mem_mb=100, runtime=1)
    shell: "test -e begun || {{ touch begun; sleep 900; }}; touch {output}"
"""


def limits(jobs: list[dict[str, str]]) -> list[tuple[str, str]]:
    """How each job ended, and the time that it was given, in the order in which they ran."""
    ordered = sorted(jobs, key=lambda job: int(job["JobId"]))
    return [(job["JobState"], job["TimeLimit"]) for job in ordered]


@pytest.mark.faults
def test_a_job_that_is_cut_off_is_given_twice_the_time(slurm: Cluster, project: Path) -> None:
    (project / "Snakefile").write_text(LONGER, encoding="utf-8")
    done = snakemake(slurm, project, "longer.txt", PYTHONPATH=str(project / "workflow"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert limits(by_rule(slurm)["longer"]) == [("TIMEOUT", "00:01:00"), ("COMPLETED", "00:02:00")]


@pytest.mark.faults
def test_a_training_longer_than_any_job_goes_on_in_the_next(slurm: Cluster, project: Path) -> None:
    """With a site's bound of a minute, a training of several."""
    path = project / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    epochs = 1500
    config |= {"longest_job": 1, "device": "cpu"}
    training = config["backbones"]["momask"]["tokenizer"]["training"]
    training |= {"epochs": epochs, "patience": None}
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    folder = project / "results/models/demo/backbones/momask/all/tokenizer"
    target = str((folder / "model.safetensors").relative_to(project))
    before = len(by_rule(slurm).get("part", []))
    done = snakemake(slurm, project, target, PYTHONPATH=str(project / "workflow"))
    assert done.returncode == 0, done.stdout + done.stderr
    ran = limits(by_rule(slurm)["part"])[before:]
    assert len(ran) > 1, "it was no longer than one job: raise the number of epochs"
    assert ran == [*[("TIMEOUT", "00:01:00")] * (len(ran) - 1), ("COMPLETED", "00:01:00")]
    log = pd.read_parquet(folder / "training/log.parquet")
    assert log["epoch"].tolist() == [*range(1, epochs + 1)], "every epoch was trained once"


# Jobs that somebody cancels: `make faults`

CANCELLED = """

rule cancelled:
    output: "cancelled.txt"
    resources: **needs(mem_mb=100, runtime=10)
    shell: "sleep 900"

rule waiting:
    output: "waiting.txt"
    resources: **needs(mem_mb=100, runtime=10), slurm_extra="--hold"
    shell: "touch {output}"

rule together:
    output: "{name}.part"
    group: "together"
    resources: **needs(mem_mb=100, runtime=10)
    shell: "sleep 900"

rule whole:
    input: "a.part", "b.part"
    output: "whole.txt"
    group: "together"
    shell: "touch {output}"

rule failing:
    output: "failing.txt"
    resources: **needs(mem_mb=100, runtime=10)
    shell: "false"

rule other:
    output: "other.txt"
    resources: **needs(mem_mb=100, runtime=10)
    shell: "sleep 60; touch {output}"
"""


def add(project: Path, rules: str) -> None:
    """Add rules to those of the workflow."""
    with (project / "Snakefile").open("a", encoding="utf-8") as stream:
        stream.write(rules)


@pytest.mark.faults
def test_what_was_cancelled_is_not_sent_again_and_the_rest_goes_on(
    slurm: Cluster, project: Path
) -> None:
    """Whether it ran, waited in the queue, or was several jobs in one."""
    add(project, CANCELLED)
    before = numbers(slurm)
    targets = ("cancelled.txt", "waiting.txt", "whole.txt", "failing.txt", "other.txt")
    # The last is what the plugin calls the group.
    unwanted = {"cancelled": "RUNNING", "waiting": "PENDING", "together_together_whole": "RUNNING"}
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(
            snakemake,
            *(slurm, project, *targets),
            PYTHONPATH=str(project / "workflow"),
        )
        while not run.done():
            for name, jobs in by_rule(slurm, before).items():
                for job in jobs:
                    if job["JobState"] == unwanted.get(name):
                        slurm.cancel(job["JobId"])
            time.sleep(1)
    done = run.result()
    assert done.returncode != 0
    _, _, at_the_end = done.stderr.partition("What failed:\n")
    ran = by_rule(slurm, before)
    for name in unwanted:
        (job,) = ran[name]
        assert job["JobState"] == "CANCELLED"
        said = f"Slurm job {job['JobId']} was cancelled, and is not sent again in this run"
        assert said in at_the_end
    assert [job["JobState"] for job in ran["failing"]] == ["FAILED"] * 2
    assert [job["JobState"] for job in ran["other"]] == ["COMPLETED"]
    assert (project / "other.txt").exists()


@pytest.mark.faults
def test_what_is_held_is_not_sent_again_and_ctrl_c_ends_all(slurm: Cluster, project: Path) -> None:
    add(project, CANCELLED)
    before = numbers(slurm)
    command, environment = typed(slurm, "cancelled.txt", PYTHONPATH=str(project / "workflow"))
    run = subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A shell has what it runs in the background ignore Ctrl-C, this test perhaps.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )

    def states() -> list[str]:
        return [job["JobState"] for job in by_rule(slurm, before).get("cancelled", [])]

    wait_until(lambda: states() == ["RUNNING"])
    slurm.hold(by_rule(slurm, before)["cancelled"][0]["JobId"])
    wait_until(lambda: states() == ["PENDING"])
    time.sleep(25)  # Snakemake asks after it every ten seconds, or twenty
    assert states() == ["PENDING"]
    assert run.poll() is None
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=120)
    assert run.returncode != 0
    assert states() == ["CANCELLED"]


def test_who_cancels_jobs_is_told_what_these_tests_show(root: Path) -> None:
    readme = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    for said in (
        "What you `scancel` is not sent again in that run",
        "until you `scontrol release` it",
        "Ctrl-C cancels all jobs",
    ):
        assert said in readme


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.5)


FAILING = """
include: "workflow/rules/common.smk"

# Of a site that ends jobs after ten minutes: it is tried, and twice again.
rule failing:
    output: "failing.txt"
    retries: tries(20, resumes=True)
    resources: **needs(mem_mb=100, runtime=20)
    shell: "echo tried >> tried.txt; false"
"""


@pytest.mark.faults
def test_what_fails_is_tried_again_by_slurm_and_not_within_a_job(
    slurm: Cluster, project: Path
) -> None:
    (project / "Snakefile").write_text(FAILING, encoding="utf-8")
    before = numbers(slurm)
    words = ("failing.txt", "--config", "longest_job=10")
    done = snakemake(slurm, project, *words, PYTHONPATH=str(project / "workflow"))
    assert done.returncode != 0
    assert limits(by_rule(slurm, before)["failing"]) == [("FAILED", "00:10:00")] * 3
    assert (project / "tried.txt").read_text(encoding="utf-8") == "tried\n" * 3


# The examples in the profile

# A key of the profile as a comment, with what belongs to it in the lines below.
EXAMPLE = re.compile(r"(?m)^( *)# ( *(?:\?(?:for )?[\w ]+|[a-z_-]+):(?: .*)?)$")
NEEDS_ACCOUNTS = ("slurm-qos", "slurm-efficiency-report")
BY_FILE = "slurm-partition-config"

TOY = """
rule plain:
    output: "plain.txt"
    shell: "touch {output}"

rule part:
    output: "part.txt"
    resources: gpu=1
    shell: "touch {output}"
"""


def with_examples(profile: str, wanted: Callable[[str], bool]) -> str:
    """The profile with those of its examples that are wanted, by the text of their first line."""
    taken: list[str] = []

    def uncomment(match: "re.Match[str]") -> str:
        text = match[1] + match[2]
        inner = match[2].startswith(" ")
        chosen = taken[-1] != "" if inner else wanted(text.strip())
        taken.append(text if chosen else "")
        return text if chosen else match[0]

    return EXAMPLE.sub(uncomment, profile)


@pytest.fixture
def toy(root: Path, tmp_path: Path) -> Path:
    """A project of two rules, one with a GPU, and the profile."""
    shutil.copytree(root / "slurm", tmp_path / "slurm")
    (tmp_path / "Snakefile").write_text(TOY, encoding="utf-8")
    return tmp_path


def edit(project: Path, wanted: Callable[[str], bool]) -> None:
    path = project / "slurm" / "config.yaml"
    path.write_text(with_examples(path.read_text(encoding="utf-8"), wanted), encoding="utf-8")


def test_the_profile_knows_which_rules_ask_for_a_gpu(root: Path) -> None:
    text = "\n".join(path.read_text("utf-8") for path in (root / "workflow/rules").glob("*.smk"))
    rules = re.split(r"(?m)^(?:use rule \w+ as|rule) (\w+)", text)[1:]
    asking = {name for name, body in zip(rules[::2], rules[1::2], strict=True) if GPU.search(body)}
    profile = yaml.safe_load((root / "slurm/config.yaml").read_text(encoding="utf-8"))
    names: dict[str, list[str]] = {}
    exec(profile["__definitions__"][0], names)
    assert set(names["GPU_RULES"]) == asking


def test_accounts_partitions_and_gpus_as_the_examples_say(slurm: Cluster, toy: Path) -> None:
    edit(toy, lambda line: not line.startswith((*NEEDS_ACCOUNTS, BY_FILE)))
    done = snakemake(slurm, toy, "plain.txt", "part.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    last = {name: jobs[-1] for name, jobs in by_rule(slurm).items()}
    assert last["plain"]["Partition"] == "my-partition"
    assert last["part"]["Partition"] == "my-gpu-partition"
    assert last["part"]["JOB_GRES"] == "gpu:a100:1"
    for job in (last["plain"], last["part"]):
        assert job["Account"] == "my-account"
        assert job["Features"] == "my-feature"
        assert job["Requeue"] == "1"


def test_partitions_of_a_file(slurm: Cluster, toy: Path) -> None:
    edit(toy, lambda line: line.startswith(BY_FILE))
    done = snakemake(slurm, toy, "plain.txt", "part.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    last = {name: jobs[-1]["Partition"] for name, jobs in by_rule(slurm).items()}
    assert (last["plain"], last["part"]) == ("my-partition", "my-gpu-partition")


def test_every_example_is_an_option_of_snakemake(toy: Path) -> None:
    edit(toy, lambda line: True)
    assert "#   ?rule:" not in (toy / "slurm/config.yaml").read_text(encoding="utf-8")
    snakemake_ = Path(sys.executable).parent / "snakemake"
    command = [str(snakemake_), "--profile", "slurm", "--dry-run", "plain.txt", "part.txt"]
    done = subprocess.run(command, cwd=toy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cluster_that_forgets_jobs_at_once_is_answered(toy: Path) -> None:
    """Programs in the place of Slurm's: no accounts, and jobs forgotten after half a minute."""
    for name, body in (("sacct", "exit 1"), ("scontrol", "echo 'MinJobAge = 30 sec'")):
        program = toy / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
    path = f"{toy}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["snakemake", "--profile", "slurm", "plain.txt"],
        cwd=toy,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "Slurm forgets jobs 30 s after their end (MinJobAge)" in done.stderr
    assert "Traceback" not in done.stderr
