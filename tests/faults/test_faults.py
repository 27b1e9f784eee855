"""Each file of this folder does something to finished results.

Whatever it is, `hmu verify` names it in one line and ends with a status other than 0, `hmu lineage`
does not break, and what every start of Snakemake does with the records succeeds.

To add a fault, add a file: ``fault(toy)`` does it, ``SAID`` is what must be said, ``EXIT`` (1 if
left out) the status of `hmu verify`.
"""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from hmu.provenance import timestamps
from support.forging import CELL
from support.toy import Toy

FAULTS = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("test_")
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("faults") / "toy")
    toy.make()
    assert toy.hmu("verify", CELL).returncode == 0
    return toy.root


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, finished: Path, tmp_path: Path) -> None:
    toy = Toy.of(shutil.copytree(finished, tmp_path / "toy"))
    module = load(name)
    module.fault(toy)
    done = toy.hmu("verify", CELL)
    assert done.returncode == getattr(module, "EXIT", 1), done.stdout + done.stderr
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert len([line for line in lines if module.SAID in line]) == 1, lines
    shown = toy.hmu("lineage", CELL)
    assert shown.returncode in (0, 2)
    if shown.returncode:
        assert len(shown.stderr.strip().splitlines()) == 1, shown.stderr
    assert "Traceback" not in done.stderr + shown.stderr
    timestamps.restore(toy.root / "results")
