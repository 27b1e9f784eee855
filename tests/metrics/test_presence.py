"""Presence, and presence@n: closed forms, estimates without bias, and the step over all repeats."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from hmu.errors import InputError
from hmu.evaluation.rows import Planned
from hmu.io import files, npz
from hmu.metrics import presence, presence_at_n
from hmu.run.job import Job
from hmu.steps import metric as step
from hmu.tables import cells


def test_presence_is_the_share_above_the_threshold_by_each_detector() -> None:
    above = np.array([[1.0, -1.0], [0.5, 0.2], [0.0, 3.0], [-2.0, -0.1]])
    found = presence.compute({"above": above}, {})
    assert found.values == {"presence": 0.5, "presence_again": 0.5}
    assert found.motions["presence"].tolist() == [True, True, False, False]
    assert found.motions["presence_again"].tolist() == [False, True, True, False]


@pytest.mark.parametrize(("of", "shows", "count"), [(4, 1, 1), (6, 2, 4), (5, 0, 3), (5, 5, 2)])
def test_any_of_n_is_the_share_of_choices(of: int, shows: int, count: int) -> None:
    chosen = list(itertools.combinations(range(of), count))
    share = np.mean([any(each < shows for each in one) for one in chosen])
    assert presence_at_n.any_of(shows, of, count) == pytest.approx(share)


def test_it_is_without_bias() -> None:
    """Of motions that show the concept three times in ten, any of two does with 1 - 0.7²."""
    weights = [0.3**k * 0.7 ** (5 - k) for k in range(6)]
    ways = [1, 5, 10, 10, 5, 1]
    mean = sum(
        way * weight * presence_at_n.any_of(k, 5, 2)
        for k, (way, weight) in enumerate(zip(ways, weights, strict=True))
    )
    assert mean == pytest.approx(1 - 0.7**2)


def measured(shown: np.ndarray, prompts: np.ndarray) -> presence_at_n.Measured:
    above = np.stack([np.where(shown, 1.0, -1.0), np.zeros(shown.shape)], axis=-1)
    return presence_at_n.compute({"above": above, "prompt": prompts[..., None]}, {})


def test_prompts_are_told_apart_in_every_repeat() -> None:
    """Four repeats of three prompts, in another order each; 0, 1 and 4 of 4 show the concept."""
    prompts = np.array([[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]])
    shown = (prompts == 2) | ((prompts == 1) & (np.arange(4) == 1)[:, None])
    found = measured(shown, prompts)
    assert found.values["presence@1"] == pytest.approx(1.25 / 3)
    assert found.values["presence@4"] == pytest.approx(2 / 3)
    assert found.motions["presence@1"].tolist() == np.array([0, 0.25, 1])[prompts].tolist()
    assert found.motions["presence@4"].tolist() == np.array([0, 1, 1])[prompts].tolist()
    assert np.isnan(found.values["presence@16"]), "never zero"
    why = "it needs 16 repeats, and this run has 4 (evaluation.repeats)"
    assert found.undefined["presence@16"] == why


def test_a_prompt_that_some_repeats_leave_out_has_no_value_where_too_few_are_left() -> None:
    prompts = np.array([[0, 1], [0, 1], [0, 1], [0, 2]])
    found = measured(prompts == 0, prompts)
    assert found.values["presence@1"] == 0.5
    assert found.values["presence@4"] == 1, "of the first prompt alone"
    assert np.isnan(found.motions["presence@4"]).tolist() == (prompts > 0).tolist()
    assert found.undefined["presence@4"] == "a prompt is in fewer than 4 of the 4 repeats"


def job(folder: Path, repeats: int) -> Job:
    """Repeats of two prompts, the second of which shows the concept in the last of them."""
    request = np.arange(2 * repeats, dtype=np.int32).reshape(repeats, 2)
    Planned(request, request % 2, 2 * repeats, 2).write(folder / "rows.npz")
    above = np.full((2 * repeats, 2), -1, dtype=np.float32)
    above[-1] = 1
    np.save(folder / "presence.npy", above)
    return Job(
        "metric",
        {"rows": folder / "rows.npz", "above": folder / "presence.npy"},
        {"values": folder / "values.json", "motions": folder / "motions.npz"},
        {"metric": "presence_at_n", "planned": False},
    )


def test_a_cell_of_all_repeats_has_no_spread_and_where_it_is_empty_a_reason(tmp_path: Path) -> None:
    given = job(tmp_path, 4)
    step.run(given)
    values = given.outputs["values"]
    cell = cells.summarise(values, "presence@4")
    assert cell == {
        "value": 0.5, "interval": None, "t_interval": None, "repeats": 4, "values": [0.5], "n": 2
    }  # fmt: skip
    (each,) = npz.read(given.outputs["motions"], "presence@4")
    assert each.tolist() == [[0, 1]] * 4
    assert cells.summarise(values, "presence@1")["value"] == pytest.approx(1 / 8)
    empty = cells.summarise(values, "presence@16")
    assert (empty["value"], empty["values"], empty["repeats"]) == (None, None, 4)
    assert (empty["undefined"]["motions"], empty["undefined"]["of"]) == (8, 8)
    broken = [{"name": "presence@1", "repeats": 4, "n": 2, "value": None}]
    files.write_json(values, broken)
    with pytest.raises(InputError, match=r"no finite value of 'presence@1' for each repeat"):
        cells.summarise(values, "presence@1")
