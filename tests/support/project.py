"""The whole workflow as its users run it, in a copy of the repository, for tests.

conftest.py runs it once a session on the reduced configuration (the fixture ``finished``, to be
left as it is); ``project`` is a copy of that for one test to change. Commands run in the copy with
the copy's own package, as the digests of the code need it.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hmu.run.job import Job

CONFIG = "tests/tiny.yaml"
# Jobs of one group are indented.
_HEADER = re.compile(r"(?:    )?(?:local)?rule (\w+):")
_WILDCARDS = re.compile(r"(?:    ){1,2}wildcards: (.+)")
_COUNT = re.compile(r"total +(\d+)")

Done = subprocess.CompletedProcess[str]


def copy_repository(root: Path, to: Path) -> None:
    """Copy what git tracks, and what it does not ignore, from the repository ``root``."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        source, target = root / name, to / name
        if source.is_file():  # a deletion may not be committed yet
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def jobs(text: str) -> list[str]:
    """The jobs that Snakemake's output names, each as ``rule wildcard/wildcard``, sorted.

    The rule ``all``, which does nothing, is left out.
    """
    found: list[str] = []
    count = 0
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line):
            found.append(header[1])
        elif wildcards := _WILDCARDS.fullmatch(line):
            values = [each.partition("=")[2] for each in wildcards[1].split(", ")]
            found[-1] += " " + "/".join(values)
        elif total := _COUNT.fullmatch(line):
            count = int(total[1])
    fewer = "Updating checkpoint dependencies" in text
    assert len(found) == count or (fewer and len(found) < count), (
        f"Snakemake counts {count} jobs:\n{text}"
    )
    return sorted(each for each in found if each != "all")


def told(text: str) -> list[Job]:
    """What the jobs are told that Snakemake's output names, with ``--printshellcmds``."""
    found = re.findall(r"<<'JOB'\n(.*?)\nJOB\n", text, re.DOTALL)
    return [Job.parse(each) for each in found]


def take_tables(config: dict[str, Any], tables: dict[str, Any]) -> None:
    """Let a configuration have these tables alone, and nothing that is drawn of others."""
    config["tables"] = tables
    for section in ("curves", "injections"):
        config.pop(section, None)


@dataclass(frozen=True)
class Project:
    """A copy of the repository in ``root``, with results or without."""

    root: Path

    def run(self, *words: str, **variables: str) -> Done:
        """Run a command in the copy; ``variables`` are added to its environment."""
        environment = {**self.environment(), **variables}
        return subprocess.run(
            words, cwd=self.root, env=environment, capture_output=True, text=True, encoding="utf-8"
        )

    def snakemake(self, *words: str, cores: int = 2, **variables: str) -> Done:
        """Run Snakemake on the reduced configuration."""
        return self.run(*self.command(*words, cores=cores), **variables)

    def command(self, *words: str, cores: int = 2) -> list[str]:
        """The words of the command that :meth:`snakemake` runs."""
        return ["snakemake", *words, "--configfile", CONFIG, "--cores", str(cores)]

    def hmu(self, *words: str) -> Done:
        """Run the package's command line."""
        return self.run("hmu", *words)

    def planned(self, *words: str) -> list[str]:
        """The jobs of a dry run, as :func:`jobs` names them."""
        done = self.snakemake("--dry-run", *words)
        assert done.returncode == 0, shown(done)
        return jobs(shown(done))

    def made(self, *words: str) -> list[str]:
        """Run Snakemake, which must succeed; the jobs that ran."""
        done = self.snakemake(*words)
        assert done.returncode == 0, shown(done)
        return jobs(shown(done))

    def configure(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Let ``change`` edit the configuration."""
        path = self.root / CONFIG
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(value)
        path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")

    def take(self, name: str) -> None:
        """Put the sections of another configuration in the place of those of the reduced one, its
        backbones beside those that are there, and draw nothing of other tables."""

        def change(config: dict[str, Any]) -> None:
            given = yaml.safe_load((self.root / name).read_text(encoding="utf-8"))
            take_tables(config, given.pop("tables"))
            config["backbones"].update(given.pop("backbones"))
            config.update(given)

        self.configure(change)

    def append(self, name: str, text: str = "# A comment.\n") -> None:
        """Add a line to a file of the copy."""
        with (self.root / name).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def alter(self, name: str) -> None:
        """Let a module of the copy do something more."""
        self.append(name, "ALTERED = True\n")

    def json(self, name: str) -> Any:
        """A JSON file of the copy."""
        return json.loads((self.root / name).read_text(encoding="utf-8"))

    def half_written(self) -> list[str]:
        """Files under results that have the names of unfinished ones."""
        found = (self.root / "results").rglob(".*")
        return sorted(path.name for path in found if path.name.startswith((".part.", ".old.")))

    def environment(self) -> dict[str, str]:
        """Variables under which commands are this environment's, and the package the copy's."""
        own = {name: value for name, value in os.environ.items() if name != "HMU_DEBUG"}
        return {
            **own,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.root / "workflow"),
        }


def shown(done: Done) -> str:
    """All that a command printed."""
    return done.stdout + done.stderr


def run_whole(root: Path, to: Path) -> Project:
    """Copy the repository ``root`` to the directory ``to`` and run the whole workflow there.

    Raises RuntimeError with what was printed when a job fails.
    """
    copy_repository(root, to)
    project = Project(to)
    done = project.snakemake()
    if done.returncode:
        raise RuntimeError(f"the workflow failed:\n{shown(done)[-10_000:]}")
    return project


def run_whole_once(root: Path, to: Path) -> Project:
    """The same where several processes ask for it: the first runs it, and the others wait."""
    done = to.with_name(f"{to.name}.done")
    with to.with_name(f"{to.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            run_whole(root, to)
            done.touch()
    return Project(to)


def duplicate(project: Project, to: Path, results: bool = True) -> Project:
    """A copy of a project, with its results and Snakemake's records as they are, or without."""
    left = None if results else shutil.ignore_patterns("results", ".snakemake")
    shutil.copytree(project.root, to, symlinks=True, ignore=left)
    return Project(to)
