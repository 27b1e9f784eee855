"""The crops in which the reference counts codes."""

import pandas as pd

from hmu.unlearning import reference_crops
from hmu.unlearning.reference_crops import REPEATS

MOTIONS = pd.DataFrame(
    {
        "motion": ["a", "b@20-90", "c"],
        "clip": ["a", "b", "c"],
        "start": [0, 20, 0],
        "frames": [196, 70, 100],
        "split": ["train", "val", "test"],
    }
)
SAMPLES = pd.DataFrame(
    {
        "sample": ["0%a", "1%a", "2%a", "0%b", "0%c"],
        "motion": ["a", "a", "a", "b@20-90", "c"],
    }
)


def test_each_caption_draws_twenty_and_none_is_of_the_test_split() -> None:
    crops = reference_crops.draw(MOTIONS, SAMPLES, seed=0)
    drawn = crops.groupby("motion")["times"].sum().to_dict()
    assert drawn == {"a": 3 * REPEATS, "b@20-90": REPEATS}
    assert not crops.duplicated(["motion", "start", "frames"]).any()
    assert reference_crops.draw(MOTIONS, SAMPLES, seed=0).equals(crops)
    assert not reference_crops.draw(MOTIONS, SAMPLES, seed=1).equals(crops)


def test_crops_are_whole_tokens_a_third_of_them_one_shorter() -> None:
    many = pd.DataFrame({"sample": [f"{n}%b" for n in range(300)], "motion": "b@20-90"})
    crops = reference_crops.draw(MOTIONS, many, seed=0)
    assert set(crops["frames"]) == {64, 68}
    assert crops["start"].min() == 20
    assert (crops["start"] + crops["frames"]).max() == 90
    times = crops.groupby("frames")["times"].sum()
    assert abs(times[64] / times.sum() - 1 / 3) < 0.03
