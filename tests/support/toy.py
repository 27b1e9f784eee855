"""A project of three small steps beside a copy of the package's machinery, for tests.

raw/*.txt -> count (a directory of tables) -> total (one JSON) -> cell (one JSON); `add` takes
its arithmetic from a plugin. Every job is a process of its own, as in the real workflow.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "workflow" / "hmu"
MACHINERY = """
    __init__.py cli.py declarations.py errors.py registry.py provenance
    commands/__init__.py commands/lineage.py commands/step.py
    run/again.py
    io/__init__.py io/amounts.py io/contents.py io/files.py io/inert.py io/json_document.py
    io/streams.py io/walk.py
    run/__init__.py run/__main__.py run/energy.py run/job.py run/lock.py run/naming.py run/nvml.py
    run/parent.py run/rapl.py run/runner.py run/threads.py
"""

STEPS = {
    "steps/count.py": '''
"""Words of each text file."""
from hmu.errors import InputError
from hmu.run.job import Job

def run(job: Job) -> None:
    folder = job.outputs["counts"]
    folder.mkdir()
    for path in sorted(job.input("raw").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise InputError(f"{path} is empty: write a caption in it.")
        (folder / f"{path.stem}.csv").write_text(str(len(text.split())), encoding="utf-8")
    job.outputs["summary"].write_text("done", encoding="utf-8")
''',
    "steps/total.py": '''
"""Sum of the counts of one clip or of all."""
import json
from hmu.run.job import Job
from hmu.shared import number

def run(job: Job) -> None:
    print("adding up")
    path = job.input("counts")
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    total = sum(number(each) for each in files) * job.settings.get("weight", 1)
    job.outputs["total"].write_text(json.dumps(total), encoding="utf-8")
''',
    "steps/add.py": '''
"""Combine totals by the plugin that the settings name."""
import json
from hmu import registry
from hmu.run.job import Job

MADE_AGAIN = True

def run(job: Job) -> None:
    values = [json.loads(path.read_text(encoding="utf-8")) for path in job.input_list("totals")]
    value = registry.load("methods", job.settings["method"]).combine(values)
    job.outputs["cell"].write_text(json.dumps(value), encoding="utf-8")
''',
    "steps/fail.py": '''
"""Fail in a chosen way after writing half of the output."""
import os, signal, time
from hmu.errors import InputError
from hmu.run.job import Job

def run(job: Job) -> None:
    path = job.outputs["out"]
    if job.settings.get("directory"):
        path.mkdir()
        (path / "half").write_text("half", encoding="utf-8")
    else:
        path.write_text("half", encoding="utf-8")
    match job.settings["how"]:
        case "input":
            raise InputError("raw/a.txt is wrong: fix it.")
        case "crash":
            raise ZeroDivisionError("by nought")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "wait":
            (job.results / "waiting").write_text("", encoding="utf-8")
            time.sleep(30)
        case "nothing":
            path.unlink()
        case "usurped":  # as if it had been stopped for long
            for lock in (job.results / ".cache" / "locks").iterdir():
                lock.write_text("{}", encoding="utf-8")
        case "fine":
            pass
''',
    "steps/resume.py": '''
"""Dies the first time and goes on from its scratch directory the second."""
from hmu.run.job import Job

def run(job: Job) -> None:
    state = job.scratch / "state"
    if not state.exists():
        job.scratch.mkdir(parents=True)
        state.write_text("epoch 3", encoding="utf-8")
        raise OSError("power cut")
    job.outputs["out"].write_text(state.read_text(encoding="utf-8"), encoding="utf-8")
''',
    "steps/meddle.py": '''
"""Do something to the input while it is being read."""
import os
from hmu.run.job import Job

def run(job: Job) -> None:
    path = job.input("raw") / "a.txt"
    before, text = path.stat(), path.read_text(encoding="utf-8")
    match job.settings["how"]:
        case "rewrite":
            path.write_text(text.replace("walks", "kicks"), encoding="utf-8")
        case "back":
            path.write_text(text.replace("walks", "kicks"), encoding="utf-8")
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        case "remove":
            path.unlink()
        case "add":
            path.with_name("c.txt").write_text("a person runs", encoding="utf-8")
        case "read":
            pass
    job.scratch.mkdir(parents=True)
    (job.scratch / "state").write_text(text, encoding="utf-8")
    job.outputs["out"].write_text(text, encoding="utf-8")
''',
    "steps/threads.py": '''
"""Write down the environment that numerical libraries see."""
import os
from hmu.run.job import Job

def run(job: Job) -> None:
    job.outputs["out"].write_text(os.environ["OMP_NUM_THREADS"], encoding="utf-8")
''',
    "steps/draw.py": '''
"""Make the raw files."""
from hmu.run.job import Job

def run(job: Job) -> None:
    folder = job.outputs["raw"]
    folder.mkdir()
    for number, name in enumerate("abc", 1):
        (folder / f"{name}.txt").write_text("kick " * number, encoding="utf-8")
''',
    "shared.py": '''
"""What two steps share."""
from pathlib import Path

def number(path: Path) -> int:
    return int(path.read_text(encoding="utf-8"))
''',
    "methods/most.py": "def combine(values):\n    return max(values)\n",
    "methods/sum.py": "def combine(values):\n    return sum(values)\n",
    "steps/__init__.py": "",
    "methods/__init__.py": "",
}

SNAKEFILE = """
import json
import sys
from pathlib import Path
from hmu.provenance.timestamps import restore
from hmu.provenance.code import Code

configfile: "config.yaml"

if workflow.is_main_process:
    for name in restore(Path("results")).short:
        print(name, "is shorter than its record says", file=sys.stderr)

CODE = Code()

RUN = "hmu step --rule {rule} --log {log:q} - <<'JOB'\\n{params.told}\\n{params.files}\\nJOB"

def job(step, settings=lambda w: {}, plugins=()):
    def plain(value):
        return value if isinstance(value, str) else list(value)
    def files(wildcards, input, output):
        return json.dumps({
            "inputs": {name: plain(each) for name, each in input.items()},
            "outputs": {name: str(each) for name, each in output.items()},
        })
    def told(wildcards):
        return json.dumps({
            "step": step,
            "settings": settings(wildcards),
            "plugins": plugins,
            "code": CODE.digest(f"hmu.steps.{step}", *plugins),
        })
    return {"told": told, "files": files}

rule cell:
    input: totals=expand("results/totals/{clip}.json", clip=list(config["weight"]))
    output: cell="results/cells/main/sum.json"
    params: **job("add", lambda w: {"method": "sum"}, ["hmu.methods.sum"])
    log: "results/logs/cell.log"
    shell: RUN

rule total:
    input: counts="results/counts"
    output: total="results/totals/{clip}.json"
    params: **job("total", lambda w: {"weight": config["weight"][w.clip]})
    log: "results/logs/total-{clip}.log"
    benchmark: "results/benchmarks/{clip}.tsv"
    shell: RUN

rule count:
    input: raw="results/raw"
    output: counts=directory("results/counts"), summary="results/summary.txt"
    params: **job("count")
    log: "results/logs/count.log"
    benchmark: "results/benchmarks/count.tsv"
    shell: RUN

rule draw:
    output: raw=directory("results/raw")
    params: **job("draw")
    log: "results/logs/draw.log"
    shell: RUN
"""

DVC = """
stages:
  data:
    cmd: snakemake --cores 1 results/counts
    deps: [config.yaml, Snakefile, source]
    outs:
      - results/raw: {persist: true}
      - results/counts: {persist: true}
      - results/summary.txt: {persist: true}
  tables:
    cmd: snakemake --cores 1
    deps: [config.yaml, Snakefile, source, results/counts]
    outs:
      - results/totals: {persist: true}
      - results/cells: {persist: true}
      - results/lineage: {persist: true}
      - .snakemake/metadata: {persist: true}
"""


class Toy:
    """The project in ``root``; results under ``root/results``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "source" / "hmu"
        self.package.mkdir(parents=True)
        for name in MACHINERY.split():
            copy = shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy
            (self.package / name).parent.mkdir(exist_ok=True)
            copy(PACKAGE / name, self.package / name)
        for name, text in STEPS.items():
            path = self.package / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (root / "raw").mkdir()
        (root / "raw" / "a.txt").write_text("a person walks", encoding="utf-8")
        (root / "raw" / "b.txt").write_text("a person kicks hard", encoding="utf-8")

    @classmethod
    def of(cls, root: Path) -> "Toy":
        """The project that is in ``root`` already."""
        toy = object.__new__(cls)
        toy.root, toy.package = root, root / "source" / "hmu"
        return toy

    def add_workflow(self) -> None:
        """Write the Snakefile, and a command `hmu` that runs the project's own package."""
        (self.root / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
        (self.root / "config.yaml").write_text("weight: {p: 1, q: 2}\n", encoding="utf-8")
        command = self.root / "source" / "bin" / "hmu"
        command.parent.mkdir()
        text = f"#!/bin/sh\nexec '{sys.executable}' -m hmu.cli \"$@\"\n"
        command.write_text(text, encoding="utf-8")
        command.chmod(0o755)

    def planned(self, *words: str) -> list[str]:
        """The outputs that `snakemake -n` would make."""
        done = self.run("snakemake", *words, "-n", "--cores", "1")
        assert done.returncode == 0, done.stdout + done.stderr
        lines = (done.stdout + done.stderr).splitlines()
        made = [line.split(":", 1)[1] for line in lines if line.strip().startswith("output:")]
        return sorted(name.strip() for line in made for name in line.split(","))

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of this environment (snakemake, dvc) or of the system in the project."""
        return subprocess.run(
            words, cwd=self.root, env=self.environment(), capture_output=True, text=True
        )

    def hmu(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line in the project, with its own copy of the package."""
        return subprocess.run(
            [sys.executable, "-m", "hmu.cli", *words],
            cwd=self.root,
            env={**self.environment(), **variables},
            capture_output=True,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        own = self.package.parent / "bin"
        return {
            **os.environ,
            "PATH": f"{own}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.package.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def step(self, step: str, inputs: Any, outputs: Any, log: str = "", **more: Any) -> Any:
        """Run one job and return the finished process."""
        job = {"step": step, "inputs": inputs, "outputs": outputs, **more}
        words = ["step", json.dumps(job), *(["--log", log] if log else [])]
        return self.hmu(*words)

    def count(self) -> Any:
        outputs = {"counts": "results/counts", "summary": "results/summary.txt"}
        return self.step("count", {"raw": "raw"}, outputs)

    def total(self, clip: str = "", weight: int = 1) -> Any:
        source = f"results/counts/{clip}.csv" if clip else "results/counts"
        outputs = {"total": f"results/totals/{clip or 'all'}.json"}
        return self.step("total", {"counts": source}, outputs, settings={"weight": weight})

    def cell(self) -> Any:
        totals = ["results/totals/all.json", "results/totals/a.json"]
        return self.step(
            "add",
            {"totals": totals},
            {"cell": "results/cells/main/sum.json"},
            settings={"method": "sum"},
            plugins=["hmu.methods.sum"],
            seed=7,
        )

    def make(self) -> None:
        """Everything, up to the cell."""
        for done in (self.count(), self.total(), self.total("a"), self.cell()):
            assert done.returncode == 0, done.stderr

    def record(self, output: str) -> Any:
        path = self.root / "results" / "lineage" / f"{output}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def half_written(self) -> list[str]:
        """Names under results of what is not whole yet, or steps aside."""
        found = (self.root / "results").rglob(".*")
        return sorted(path.name for path in found if path.name.startswith((".part.", ".old.")))

    def files(self) -> dict[str, bytes]:
        """Every file under results except caches, with its bytes."""
        results = self.root / "results"
        return {
            path.relative_to(results).as_posix(): path.read_bytes()
            for path in results.rglob("*")
            if path.is_file() and not path.relative_to(results).parts[0].startswith(".")
        }
