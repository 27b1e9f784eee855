"""Each file of this folder does something to finished results.

Whatever it is, `hmu verify` names it in one line and ends with a status other than 0, `hmu lineage`
does not break, and what every start of Snakemake does with the records succeeds.

The project is the one of three steps in `support.toy`; the folder `whole` has faults of the whole
workflow. To add a fault, add a file: ``fault(toy)`` does it, ``SAID`` is what must be said,
``EXIT`` (1 if left out) the status of `hmu verify`.
"""

import shutil
from pathlib import Path

import pytest

from hmu.provenance import timestamps
from support.faults import load
from support.forging import CELL
from support.toy import Toy

FOLDER = Path(__file__).parent
FAULTS = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("test_"))

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy = Toy(tmp_path_factory.mktemp("faults") / "toy")
    toy.make()
    assert toy.hmu("verify", CELL).returncode == 0
    return toy.root


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, finished: Path, tmp_path: Path) -> None:
    toy = Toy.of(shutil.copytree(finished, tmp_path / "toy"))
    module = load(FOLDER / f"{name}.py")
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
