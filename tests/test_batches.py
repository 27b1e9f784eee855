"""Training batches: the reference's crops and captions, drawn from each sample's own numbers."""

import itertools
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hmu import rng
from hmu.codes import CodeTable
from hmu.data.store import ClipStore, ClipWriter
from hmu.errors import InputError
from hmu.models.batches import (
    CodeBatches,
    Draw,
    LengthBatches,
    MatchingBatches,
    Rows,
    WindowBatches,
    crop,
)
from hmu.motion.normalise import FEATURES, Normaliser

CPU = torch.device("cpu")
LENGTHS = {"a": 40, "b": 43, "c": 61, "d": 50, "e": 47, "f": 44}


def epoch(number: int) -> Draw:
    return partial(rng.uniforms, (7, "test", number))


# --- the numbers ----------------------------------------------------------------------------


def test_numbers_belong_to_the_key_and_the_address() -> None:
    keys = rng.keys(f"clip {n}" for n in range(100))
    together = rng.uniforms((1, "epoch", 3), keys, 4)
    assert np.array_equal(rng.uniforms((1, "epoch", 3), keys[[42]], 4)[0], together[42])
    assert np.array_equal(rng.uniforms((1, "epoch", 3), keys, 2), together[:, :2])
    for other in ((2, "epoch", 3), (1, "epoch", 4), (1, "step", 3)):
        assert not np.isin(rng.uniforms(other, keys, 4), together).any()


def test_numbers_are_uniform_and_independent() -> None:
    keys = rng.numbered(np.repeat(rng.keys(["x"]), 50_000), np.arange(50_000))
    assert len(np.unique(keys)) == 50_000
    drawn = rng.uniforms((0,), keys, 4)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts, _ = np.histogram(drawn, bins=100, range=(0, 1))
    assert np.abs(counts / 2000 - 1).max() < 0.1  # 4.5 standard deviations
    for one, other in itertools.combinations([*drawn.T, np.roll(drawn[:, 0], 1)], 2):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


# --- crops ----------------------------------------------------------------------------------


@pytest.mark.parametrize("frames", [40, 43, 61])
def test_crops_are_those_of_the_reference(frames: int) -> None:
    """Every first frame and length with the probability that its code gives them."""
    drawn = rng.uniforms((0, frames), rng.keys(range(60_000)), 2)
    begin, length = crop(np.full(len(drawn), frames), drawn, 4)
    found = Counter(zip(begin.tolist(), length.tolist(), strict=True))
    expected = {}
    for shorter, share in ((0, 2 / 3), (1, 1 / 3)):
        size = (frames // 4 - shorter) * 4
        for first in range(frames - size + 1):
            expected[first, size] = share / (frames - size + 1)
    assert set(found) == set(expected)
    for place, share in expected.items():
        assert abs(found[place] / len(drawn) - share) < 0.01


def test_a_motion_of_one_token_stays_whole() -> None:
    _, length = crop(np.full(50, 5), rng.uniforms((0,), rng.keys(range(50)), 2), 4)
    assert (length == 4).all()


# --- batches --------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> dict[str, Any]:
    """Six clips whose every frame says which it is, with one to three captions each."""
    with ClipWriter(tmp_path / "data.npy", tmp_path / "index.parquet", (FEATURES,)) as writer:
        for number, (clip, length) in enumerate(LENGTHS.items()):
            frames = np.zeros((length, FEATURES), np.float32)
            frames[:, 0], frames[:, 1] = number, np.arange(length)
            writer.add(clip, frames)
    motions = pd.DataFrame({"motion": list(LENGTHS), "clip": list(LENGTHS), "start": 0})
    motions["frames"] = list(LENGTHS.values())
    motions["split"] = ["train"] * 5 + ["val"]
    captions = [
        (clip, f"{clip}{n}") for row, clip in enumerate(LENGTHS) for n in range(1 + row % 3)
    ]
    samples = pd.DataFrame(captions, columns=["motion", "caption"])
    samples["tokens"], samples["sample"] = samples["caption"], samples["caption"]
    samples = samples.merge(motions[["motion", "clip", "split"]], on="motion")
    # Codes that say their clip and the frame at which their token begins.
    keys, codes = [], []
    for number, (clip, length) in enumerate(LENGTHS.items()):
        for offset in range(4):
            begins = np.arange((length - offset) // 4) * 4 + offset
            codes.append(np.stack([np.full(len(begins), number), begins], axis=1).astype(np.int16))
            keys.append((clip, offset))
    return {
        "store": ClipStore(tmp_path / "data.npy", tmp_path / "index.parquet"),
        "scale": Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32)),
        "motions": motions,
        "samples": samples,
        "codes": CodeTable(pd.DataFrame(keys, columns=["motion", "offset"]), codes, 2),
    }


def rows(table: pd.DataFrame, leave_out: str | None = None) -> Rows:
    table = table[table["motion"] != leave_out]
    return Rows(table[table["split"] == "train"], table[table["split"] == "val"])


def code_batches(data: dict[str, Any], leave_out: str | None = None, batch: int = 2) -> CodeBatches:
    captions = sorted(data["samples"]["caption"])
    text = np.arange(len(captions), dtype=np.float32)[:, None]
    text_rows = {caption: row for row, caption in enumerate(captions)}
    samples = rows(data["samples"], leave_out)
    return CodeBatches(data["codes"], samples, text, text_rows, batch, CPU)


def shown(batches: CodeBatches, number: int) -> dict[int, tuple[Any, ...]]:
    """What an epoch shows of each clip: first frame, tokens and caption."""
    found = {}
    for batch in batches.training(epoch(number)):
        for codes, length, text in zip(batch.codes, batch.lengths, batch.text, strict=True):
            begins = codes[:length, 1].tolist()
            assert begins == list(range(begins[0], begins[0] + 4 * len(begins), 4))
            found[int(codes[0, 0])] = (begins[0], len(begins), text.item())
    return found


def test_codes_are_cropped_as_frames_would_be(data: dict[str, Any]) -> None:
    batches = code_batches(data, batch=1)
    seen: dict[int, set[tuple[int, int]]] = {}
    for number in range(300):
        for clip, (begin, tokens, _) in shown(batches, number).items():
            seen.setdefault(clip, set()).add((begin, tokens))
    for clip, length in enumerate(list(LENGTHS.values())[:5]):
        most = length // 4
        expected = {(begin, most) for begin in range(length - 4 * most + 1)}
        expected |= {(begin, most - 1) for begin in range(length - 4 * (most - 1) + 1)}
        assert seen[clip] == expected


def test_a_sample_is_shown_alike_whatever_else_there_is(data: dict[str, Any]) -> None:
    whole, fewer = (shown(code_batches(data, out, batch=1), 5) for out in (None, "b"))
    assert set(whole) - set(fewer) == {1}
    assert all(whole[clip] == each for clip, each in fewer.items())
    assert shown(code_batches(data, batch=1), 6) != whole


def test_every_caption_comes_up(data: dict[str, Any]) -> None:
    batches = code_batches(data, batch=1)
    seen = {
        (clip, each[2]) for number in range(60) for clip, each in shown(batches, number).items()
    }
    assert len(seen) == (data["samples"]["split"] == "train").sum()


def test_codes_of_other_motions_are_refused(data: dict[str, Any]) -> None:
    data["codes"].keys["motion"] += "x"
    with pytest.raises(InputError, match="none of the motions"):
        code_batches(data)


@pytest.mark.parametrize("per_clip", [None, 3])
def test_windows_lie_in_their_clip(data: dict[str, Any], per_clip: int | None) -> None:
    batches = WindowBatches(
        data["store"], data["scale"], rows(data["motions"]), 42, 4, per_clip, CPU
    )
    first, again, other = (torch.cat(list(batches.training(epoch(number)))) for number in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    for window in first:
        assert len(window[:, 0].unique()) == 1
        assert (window[1:, 1] - window[:-1, 1] == 1).all()
    clips = Counter(int(window[0, 0]) for window in first)
    room = {1: 2, 2: 20, 3: 9, 4: 6}  # clip 0 is shorter than a window
    if per_clip is None:
        assert len({(int(each[0, 0]), int(each[0, 1])) for each in first}) == len(first)
        assert sum(room.values()) - len(first) == sum(room.values()) % 4
    else:
        assert set(clips) == set(room)
        assert max(clips.values()) == per_clip


def test_windows_longer_than_every_clip_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="No motion to train on has 70 frames"):
        WindowBatches(data["store"], data["scale"], rows(data["motions"]), 70, 4, None, CPU)


def test_matching_takes_crops_of_frames(data: dict[str, Any]) -> None:
    words = {caption: (np.zeros((2, 3), np.float32),) * 2 + (2,) for caption in
             data["samples"]["tokens"]}  # fmt: skip
    batches = MatchingBatches(
        data["store"], data["scale"], rows(data["samples"]), words, data["motions"], 2, CPU
    )
    for number in range(20):
        for batch in batches.training(epoch(number)):
            for motion, length in zip(batch.motions, batch.lengths, strict=True):
                clip = int(motion[0, 0])
                assert length in (
                    LENGTHS["abcde"[clip]] // 4 * 4,
                    LENGTHS["abcde"[clip]] // 4 * 4 - 4,
                )
                assert (motion[1:length, 1] - motion[: length - 1, 1] == 1).all()
                assert (motion[length:] == 0).all()


def test_lengths_come_in_another_order_each_epoch(data: dict[str, Any]) -> None:
    captions = sorted(data["samples"]["caption"])
    text = np.arange(len(captions), dtype=np.float32)[:, None]
    batches = LengthBatches(
        rows(data["samples"]), LENGTHS, text, {c: n for n, c in enumerate(captions)}, 4, CPU
    )
    orders = [torch.cat([each for each, _ in batches.training(epoch(n))]) for n in range(4)]
    assert all(torch.equal(orders[0].sort(0).values, each.sort(0).values) for each in orders)
    assert len({tuple(each.flatten().tolist()) for each in orders}) > 1
