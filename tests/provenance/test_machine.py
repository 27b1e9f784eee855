"""What a record says of the checkout and of the machine, without asking other programs for it."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from hmu.provenance import checkout, machine


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    command = ["git", "-C", str(folder), *own, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of two modules, committed."""
    package = tmp_path / "here" / "workflow" / "hmu"
    package.mkdir(parents=True)
    git(tmp_path / "here", "init", "--quiet", "--initial-branch", "main")
    for name in ("a.py", "b.py"):
        (package / name).write_text(f"# {name}\n", encoding="utf-8")
    git(package, "add", "--all")
    git(package, "commit", "--quiet", "--message", "First")
    return package


def test_the_commit_is_read_wherever_git_keeps_it(package: Path, tmp_path: Path) -> None:
    first = git(package, "rev-parse", "HEAD")
    assert checkout.head(package) == first
    git(package, "pack-refs", "--all")
    assert checkout.head(package) == first
    git(package, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other")
    other = tmp_path / "tree/workflow/hmu"
    assert checkout.head(other) == first
    git(other, "commit", "--quiet", "--allow-empty", "--message", "Second")
    assert checkout.head(other) == git(other, "rev-parse", "HEAD") != first
    git(other, "checkout", "--quiet", "--detach", "main")
    assert checkout.head(other) == first
    assert checkout.head(tmp_path / "nowhere/hmu") is None


def test_a_job_is_dirty_when_a_file_that_it_ran_differs_from_the_commit(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, commit = tmp_path / "notes", git(package, "rev-parse", "HEAD")
    a, b = package / "a.py", package / "b.py"
    assert checkout.state(package, [a, b], notes) == {"commit": commit, "dirty": False}
    b.write_text("# changed\n", encoding="utf-8")
    monkeypatch.setenv("PATH", "")  # git is asked once for a commit
    assert checkout.state(package, [a], notes) == {"commit": commit, "dirty": False}
    assert checkout.state(package, [a, b], notes) == {"commit": commit, "dirty": True}
    assert checkout.state(package, [a], tmp_path / "no notes") is None


def test_packages_are_those_that_are_imported_with_their_versions() -> None:
    import numpy  # noqa: F401 - one to be found
    import yaml  # noqa: F401 - one whose distribution has another name

    found = machine.packages()
    assert found["numpy"] == metadata.version("numpy")
    assert found["PyYAML"] == metadata.version("PyYAML")
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "json" not in found


LOADED = """
import json, sys
from hmu.cli import main
assert main(["step", sys.argv[1]]) == 0
print(json.dumps(sorted(sys.modules)))
"""


def test_a_small_job_loads_little(tmp_path: Path, root: Path) -> None:
    """Half a second of imports for a hundredth of work, a thousand times over, is too much."""
    values = tmp_path / "values.json"
    values.write_text('[{"repeat": 0, "name": "fid", "value": 1.0, "n": 2}]', encoding="utf-8")
    job = {
        "step": "cell",
        "inputs": {"metric": "values.json"},
        "outputs": {"cell": "results/cell.json"},
        "settings": {"cell": {"metric": "fid"}, "paper_comparable": False},
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(job)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root / "workflow")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    for slow in ("numpy", "pandas", "pyarrow", "torch", "yaml", "importlib.metadata"):
        assert slow not in loaded, slow
