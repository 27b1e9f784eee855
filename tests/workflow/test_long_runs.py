"""Runs of an hour or of a cluster are planned as they are typed, in README and at the head of each
configuration; tests make the same tables on less."""

import re
from pathlib import Path

import pytest

from support.project import Project, copy_repository, shown

DATA = (
    "HumanML3D/new_joint_vecs/000000.npy",
    "Motion-X/motion_data/smplx_322/dance/clip.npy",
    "directory/joints/clip.npy",
)
"""A clip in each folder that a configuration has as `path/to`, to be filled in."""

CONFIG = r"workflow/config/\S+"
DRY = 'snakemake() { command snakemake "$@" --dry-run --quiet all; }\n'


def typed(root: Path) -> list[str]:
    """The commands that name a configuration of ours: those of README, and of the first lines."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^snakemake .* --configfile workflow/config/.*$", readme)
    for path in sorted((root / "workflow/config").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found += re.findall(r"(?m)^# +(snakemake .* --configfile .*)$", text)
        found += re.findall(r"(?m)^# Then: (snakemake .*)$", text)
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def filled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout with data where configurations expect them."""
    project = Project(tmp_path_factory.mktemp("long") / "checkout")
    copy_repository(root, project.root)
    for name in DATA:
        clip = project.root / "path/to" / name
        clip.parent.mkdir(parents=True)
        clip.touch()
    return project


def test_each_configuration_is_in_a_command(root: Path) -> None:
    named = {path for command in typed(root) for path in re.findall(CONFIG, command)}
    there = {f"workflow/config/{path.name}" for path in (root / "workflow/config").glob("*.yaml")}
    assert named == there


@pytest.mark.parametrize("command", typed(Path(__file__).resolve().parents[2]))
def test_a_long_run_is_planned_as_it_is_typed(filled: Project, command: str) -> None:
    done = filled.run("bash", "-e", "-c", DRY + command)
    assert done.returncode == 0, shown(done)[-3000:]
    assert "Error" not in shown(done)
