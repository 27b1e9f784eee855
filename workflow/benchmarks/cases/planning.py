"""Planning: what a user waits for before the first job of the paper's configuration starts."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Bench, Case
from hmu import config
from hmu.raw_data.styles import STYLES

_ROOT = Path(__file__).resolve().parents[3]
_PARTS = ("Snakefile", "workflow", "profiles", "envs", "slurm")


def cases(bench: Bench) -> Iterator[Case]:
    """A dry run of all tables, in an empty folder: Snakemake's start and the look at the user's
    files included. Of the raw data there is as much as says of which form they are."""
    name = "config.yaml" if bench.quick else "workflow/config/paper.yaml"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for part in _PARTS:
            (folder / part).symlink_to(_ROOT / part)
        for each in config.load(_ROOT / name)["datasets"].values():
            if each["raw"]:
                (folder / each["raw"] / STYLES[each["source"]][0]).mkdir(parents=True)
        words = ["-n", "--quiet", "all", "--configfile", str(_ROOT / name)]
        command = [sys.executable, "-m", "snakemake", "results/tables", *words]

        def ours() -> None:
            subprocess.run(command, cwd=folder, check=True)

        yield Case("planning of all tables", name, ours, seconds=20.0, rounds=3)
