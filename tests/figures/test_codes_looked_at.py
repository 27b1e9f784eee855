"""The strongest codes of a concept, where they stand, and what their pictures say."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from hmu.figures import code_sheet
from hmu.figures.code_sheet import Context, contexts
from hmu.figures.strongest import strongest
from hmu.io.codes import CodeTable
from hmu.motion import extremities, render
from hmu.motion.skeleton import NAMES, PARENTS, TARGET_OFFSETS
from hmu.unlearning.code_statistics import code_statistics


def table(*first: list[int]) -> CodeTable:
    """Codes of motions, of one layer."""
    keys = pd.DataFrame({"motion": [str(row) for row in range(len(first))]})
    return CodeTable(keys, [np.array(each, np.int16)[:, None] for each in first], 1)


def standing(frames: int) -> np.ndarray:
    joints = TARGET_OFFSETS.copy()
    for joint in range(1, 22):
        joints[joint] += joints[PARENTS[joint]]
    joints[:, 1] -= joints[:, 1].min()
    return np.repeat(joints[None], frames, axis=0)


def test_a_code_that_hardly_a_motion_has_is_not_the_strongest() -> None:
    rows = [[1, 2]] * 12 + [[2, 3]] * 29 + [[4, 2]]  # 4 in one motion of 42, and in no other
    retain = [[2, 5]] * 20 + [[3, 5]]
    forget = pd.Series([True] * len(rows) + [False] * len(retain))
    statistics = code_statistics(table(*rows, *retain), forget, 8)
    assert list(strongest(statistics, 4)["code"]) == [1, 3, 2, 4]
    assert list(statistics.sort_values("rank")["code"][:2]) == [1, 4]
    assert list(strongest(statistics, 2)["code"]) == [1, 3]


def test_contexts_are_runs_between_the_same_neighbours() -> None:
    own = table([1, 7, 7, 2], [1, 7, 2, 7], [7, 2], [7], [1, 7, 2, 9])
    assert contexts(own, range(5), 7, 9) == [
        Context(1, 2, 3, 0, 1, 3),
        Context(2, None, 1, 1, 3, 4),
        Context(None, 2, 1, 2, 0, 1),
        Context(None, None, 1, 3, 0, 1),
    ]
    assert contexts(own, range(5), 7, 1) == [Context(1, 2, 3, 0, 1, 3)]
    assert contexts(own, [1, 2], 7, 1) == [Context(1, 2, 1, 1, 1, 2)]
    assert contexts(own, range(5), 8, 3) == []


@pytest.mark.parametrize(
    ("joint", "name"), [("left_wrist", "left hand"), ("right_foot", "right foot")]
)
def test_the_fastest_hand_or_foot_is_measured_beside_the_pelvis(joint: str, name: str) -> None:
    joints = standing(5) + np.arange(5)[:, None, None] * [0.0, 0.0, 1.0]  # the whole body moves
    joints[3:, NAMES.index(joint)] += [0.0, 0.3, 0.4]
    found = extremities.fastest(joints, fps=20)
    assert found.name == name
    assert found.speed == pytest.approx(0.5 * 20)
    assert extremities.fastest(joints[:1]).speed == 0


def test_a_sheet_has_a_row_for_each_code_and_the_same_each_time(tmp_path: Path) -> None:
    statistics = pd.DataFrame({"code": [7], "forget": [3], "retain": [1]})
    (found,) = statistics.itertuples(index=False)
    alone, near = standing(4), (Context(1, None, 3, 0, 1, 3), standing(12))
    row = code_sheet.Row.of(found, (5, 9), alone, [near, near])
    assert row.label == "code 7: in 3 of 5 forget motions, in 1 of 9 others"
    assert {text.partition(":")[0] for text, _ in row.contexts} == {"1 [7×2] |, 3 times"}
    sizes = []
    for name, rows in (("a", [row]), ("b", [row, row]), ("c", [row, row])):
        code_sheet.draw(rows, tmp_path / f"{name}.png", "title")
        sizes.append(matplotlib.image.imread(tmp_path / f"{name}.png").shape)
    assert sizes[1][0] > 1.6 * sizes[0][0]
    assert sizes[1][1] == sizes[0][1]
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "c.png").read_bytes()


def test_replaced_tokens_are_marked_where_they_stand(tmp_path: Path) -> None:
    """In colour, at their share of the ribbon; other tokens are white."""

    def coloured(marked: range) -> np.ndarray:
        strip = render.Strip("x", standing(40), list(range(10)), marked)
        render.grid([("heading", [strip])], tmp_path / "strip.png", "title")
        pixels = matplotlib.image.imread(tmp_path / "strip.png")[..., :3]
        near = np.abs(pixels - to_rgb(render.MARKED_COLOUR)).max(axis=-1) < 0.02
        return np.flatnonzero(near.any(axis=0))

    assert len(coloured(range(0))) == 0
    one, two, last = coloured(range(4, 5)), coloured(range(4, 6)), coloured(range(9, 10))
    assert two.max() - two.min() == pytest.approx(2 * (one.max() - one.min()), rel=0.1)
    assert one.min() == two.min()
    width = one.max() - one.min()
    first, whole = coloured(range(1)), coloured(range(10))
    assert (first.min(), last.max()) == (whole.min(), whole.max())
    assert last.min() - one.min() == pytest.approx(5 * width, rel=0.15)


def test_a_note_stands_below_the_label_of_its_own_motion(tmp_path: Path) -> None:
    def drawn(*notes: str) -> np.ndarray:
        strips = [render.Strip("label", standing(40), [1, 2], note=note) for note in notes]
        render.grid([("heading", strips)], tmp_path / "strip.png", "title")
        pixels: np.ndarray = matplotlib.image.imread(tmp_path / "strip.png")
        return pixels

    plain, noted = drawn("", ""), drawn("", "found, 1.25 above the threshold")
    changed = (plain != noted).any(axis=(1, 2)).nonzero()[0]
    half = len(plain) // 2
    assert half < changed.min() < changed.max() < half + len(plain) // 8
    assert drawn("", 500 * "word ").shape == plain.shape
