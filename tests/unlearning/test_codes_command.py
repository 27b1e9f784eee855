"""`hmu codes`: from a checkpoint to a list of codes, and back into a variant."""

from pathlib import Path

import pytest

from hmu import cli
from hmu.io import files
from hmu.unlearning import code_lists


def checkpoint(folder: Path, notes: object) -> Path:
    files.write_json(folder / "origin.json", {"how": "unlearned", "notes": notes})
    return folder


def test_the_codes_of_a_checkpoint_are_what_lcr_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = [{"layer": 0, "codes": [14, 3]}, {"layer": 2, "codes": [7]}]
    given = checkpoint(tmp_path, {"layers": layers})
    assert cli.main(["codes", str(given), str(tmp_path / "codes.yaml")]) == 0
    found = code_lists.read(tmp_path / "codes.yaml", quantizers=3, codes=15)
    assert [each.tolist() for each in found] == [[3, 14], [], [7]]
    assert "2, 0, 1 codes by layer" in capsys.readouterr().out


@pytest.mark.parametrize("notes", [{}, {"layers": []}, {"layers": [{"code": 1}]}, None])
def test_a_checkpoint_of_another_method_has_no_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], notes: object
) -> None:
    given = checkpoint(tmp_path, notes)
    assert cli.main(["codes", str(given), str(tmp_path / "codes.yaml")]) == 2
    assert "names no replaced codes: give the folder of an LCR variant" in capsys.readouterr().err
    assert not (tmp_path / "codes.yaml").exists()
    assert cli.main(["codes", str(tmp_path / "none"), str(tmp_path / "codes.yaml")]) == 2
