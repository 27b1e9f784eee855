"""Runs that are killed at a random moment and taken up again, on the project of `support.toy`.

``python -m support.killing --help`` does many and counts; a handful are tests.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from support.toy import Toy

SIGNALS = (signal.SIGKILL, signal.SIGTERM)
VICTIMS = ("group", "snakemake", "job")

TRAINING = '''
"""Add up numbers a step at a time, and go on where it stopped."""
import json
import time
from hmu.run.job import Job

def run(job: Job) -> None:
    state = job.scratch / "state.json"
    done, total = json.loads(state.read_text(encoding="utf-8")) if state.exists() else (0, 0)
    for number in range(done, job.settings["steps"]):
        total = (total * 31 + number) % 1_000_003
        time.sleep(0.05)
        job.scratch.mkdir(parents=True, exist_ok=True)
        following = job.scratch / "state.part"
        following.write_text(json.dumps((number + 1, total)), encoding="utf-8")
        following.replace(state)
    folder = job.outputs["model"]
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text(str(total + number), encoding="utf-8")
    job.outputs["log"].write_text(str(total), encoding="utf-8")
'''

RULES = """
os.environ[parent.VARIABLE] = str(os.getpid())

rule all:
    default_target: True
    input: "results/cells/main/sum.json", "results/models/a", "results/models/b"

rule train:
    input: counts="results/counts"
    output: model=directory("results/models/{name}"), log="results/logs-of/{name}.txt"
    params: **job("train", lambda w: {"steps": config["steps"]})
    log: "results/logs/train-{name}.log"
    shell: RUN
"""

_STEPS = 200
"""Of a training, where many runs are killed: most of a run is then training."""

_OUTCOMES = ("lineage", "logs", "benchmarks")
"""Folders of results that say when and how long: their content is another in each run."""


@dataclass(frozen=True)
class Kill:
    """What is done to a run: which signal whom hits, after how many seconds."""

    signal: signal.Signals
    victim: str
    after: float

    @classmethod
    def drawn(cls, seed: int, longest: float) -> "Kill":
        """Each signal on each victim in turn, at a moment that depends on the seed."""
        noise = random.Random(seed)
        number = seed % (len(SIGNALS) * len(VICTIMS))
        kind = SIGNALS[number % len(SIGNALS)], VICTIMS[number // len(SIGNALS)]
        return cls(*kind, noise.uniform(0, longest))

    def __str__(self) -> str:
        return f"{self.signal.name} to the {self.victim} after {self.after:.2f} s"


def project(root: Path, steps: int = 40) -> Toy:
    """The project, with two trainings of so many ``steps`` beside its own three jobs."""
    toy = Toy(root)
    toy.add_workflow()
    (toy.package / "steps/train.py").write_text(TRAINING, encoding="utf-8")
    with (root / "config.yaml").open("a", encoding="utf-8") as stream:
        stream.write(f"steps: {steps}\n")
    with (root / "Snakefile").open("a", encoding="utf-8") as stream:
        stream.write("import os\nfrom hmu.run import parent\n" + RULES)
    return toy


def undisturbed(toy: Toy) -> tuple[dict[str, bytes], float]:
    """Run it whole: what it makes, and the seconds that takes."""
    begun = time.monotonic()
    done = _run(toy)
    assert done.returncode == 0, done.stdout + done.stderr
    return made(toy), time.monotonic() - begun


def made(toy: Toy) -> dict[str, bytes]:
    """The files of the results that must be the same whatever happened."""
    return {n: each for n, each in toy.files().items() if n.partition("/")[0] not in _OUTCOMES}


def survives(toy: Toy, kill: Kill, wanted: dict[str, bytes]) -> str | None:
    """Kill a run of a project without results, and take it up again; what is wrong then, or None.

    Between the two runs no file may have its name and not be whole.
    """
    _killed(toy, kill)
    for name, content in made(toy).items():
        if wanted.get(name) != content:
            return f"{name} has its name and is not whole"
    _run(toy, "--unlock")
    done = _run(toy)
    if done.returncode:
        return f"it does not go on: {(done.stdout + done.stderr)[-2000:]}"
    if found := made(toy):
        differ = sorted(
            name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
        )
        if differ:
            return f"other than undisturbed: {', '.join(differ)}"
    checked = toy.hmu("verify", "results")
    return None if checked.returncode == 0 else checked.stdout + checked.stderr


def resumed(toy: Toy) -> int:
    """How many trainings went on where they were stopped, by their records."""
    return sum(toy.record(f"models/{name}")["resumed"] for name in "ab")


# The scheduler is that of profiles/default.
_COMMAND = (
    "snakemake",
    "--cores",
    "2",
    "--scheduler",
    "greedy",
    "--rerun-incomplete",
    "--quiet",
    "all",
)

_GRACE = 120.0
"""Seconds that a run may take to end; then comes SIGKILL, as from Slurm. Snakemake may stand still
for ever where SIGTERM finds it choosing jobs: its handler waits for a lock that it holds."""


def _run(toy: Toy, *words: str) -> "subprocess.CompletedProcess[str]":
    return toy.run(*_COMMAND, *words)


def _killed(toy: Toy, kill: Kill) -> None:
    """Start a run, kill it, and wait until none of its processes is left."""
    with subprocess.Popen(
        _COMMAND,
        cwd=toy.root,
        env=toy.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        time.sleep(kill.after)
        match kill.victim:
            case "group":
                _send(lambda: os.killpg(process.pid, kill.signal))
            case "snakemake":
                _send(lambda: os.kill(process.pid, kill.signal))
            case "job":
                while process.poll() is None:
                    if jobs := [*_jobs(process.pid)]:
                        _send(lambda: os.kill(jobs[0], kill.signal))
                        break
                    time.sleep(0.01)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            _send(lambda: os.killpg(process.pid, signal.SIGKILL))
            process.wait()
    deadline = time.monotonic() + 60
    while _session(process.pid):
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes outlive their Snakemake: {_session(process.pid)}")
        time.sleep(0.05)


def _send(kill: Callable[[], None]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        kill()


def _session(number: int) -> list[int]:
    """The processes of a session, by /proc; no zombies."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == number and fields[0] != "Z":
                    found.append(int(folder.name))
    return found


def _jobs(session: int) -> Iterator[int]:
    """Those that are jobs of the package, and not the shells around them."""
    for number in _session(session):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            if b"hmu.cli" in words and b"step" in words:
                yield number


def main() -> int:
    """Do many kills, print each, and how many runs survived."""
    parser = argparse.ArgumentParser(prog="python -m support.killing", description=__doc__)
    parser.add_argument("--kills", type=int, default=30, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, help="of the first; by the clock if none is given")
    arguments = parser.parse_args()
    first = arguments.seed if arguments.seed is not None else int(time.time())
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        wanted, seconds = undisturbed(project(Path(folder, "whole"), _STEPS))
        for seed in range(first, first + arguments.kills):
            kill, toy = Kill.drawn(seed, seconds), project(Path(folder, "killed"), _STEPS)
            wrong = survives(toy, kill, wanted)
            failed += wrong is not None
            held = f"the same bytes, {resumed(toy)} trainings resumed" if wrong is None else wrong
            print(f"seed {seed}: {kill}: {held}", flush=True)
            shutil.rmtree(toy.root)
    print(f"{arguments.kills - failed} survived, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
