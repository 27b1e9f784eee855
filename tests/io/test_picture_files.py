"""Pictures as files: their size, and where they may be cut."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from hmu.errors import InputError
from hmu.io import pictures


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_picture_says_its_size_and_where_it_may_be_cut(tmp_path: Path, suffix: str) -> None:
    """In pixels of a web page, of which an inch has 96."""
    figure = Figure(figsize=(3, 2), dpi=96)
    for name, cuts in (("whole", ()), ("cut", (0.25, 1 / 3))):
        path = tmp_path / f"{name}{suffix}"
        figure.savefig(path, metadata=pictures.metadata(suffix, cuts))
        assert pictures.size(path) == pytest.approx((288, 192))
        assert pictures.cuts(path) == pytest.approx(cuts, abs=1e-5)
        assert b"<dc:date>" not in path.read_bytes()


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("<svg/>", encoding="utf-8")
    with pytest.raises(InputError, match=r"picture\.svg is no picture"):
        pictures.size(path)
