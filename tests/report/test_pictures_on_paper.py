"""How a picture is cut into pieces that a page holds."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from hmu.io import pictures as files
from hmu.report import pictures


def pieces(folder: Path, height: float, cuts: tuple[float, ...]) -> dict[str, Any]:
    """Those of a picture 100 pixels wide that may be cut at these pixels."""
    path = folder / "picture.png"
    shares = [cut / height for cut in cuts]
    figure = Figure(figsize=(1, height / 100), dpi=100)
    figure.savefig(path, metadata=files.metadata(".png", shares))
    return pictures.copy(path, folder / "report", "figures/a.png")


@pytest.mark.parametrize(
    ("height", "cuts", "heights"),
    [
        (60, (20, 40), [60]),
        (120, (20, 40, 60, 80, 100), [60, 60]),
        (190, (30, 130, 150), [30, 100, 60]),  # what may not be cut stays whole
        (200, (), [200]),
    ],
)
def test_as_few_pieces_as_a_page_each_can_hold(
    tmp_path: Path, height: float, cuts: tuple[float, ...], heights: list[float]
) -> None:
    found = pieces(tmp_path, height, cuts)
    assert found["file"] == "figures/a.png"
    assert [each["height"] for each in found["pieces"]] == pytest.approx(heights, abs=0.02)
    assert found["tall"] == pytest.approx(max(heights) / 100, abs=1e-3)
    # What CSS makes of a place: of what is cut off, so many per cent are above the piece.
    above = [each["place"] / 100 * (height - each["height"]) for each in found["pieces"]]
    assert above == pytest.approx([sum(heights[:n]) for n in range(len(heights))], abs=0.02)
