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
from hmu.errors import InputError
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore, ClipWriter
from hmu.models.batches.codes import CodeBatches
from hmu.models.batches.drawing import Draw, crop
from hmu.models.batches.lengths import LengthBatches
from hmu.models.batches.matching import MatchingBatches
from hmu.models.batches.tables import Rows
from hmu.models.batches.windows import WindowBatches
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
    begin, length = crop(np.full(len(drawn), frames), drawn)
    found = Counter(zip(begin.tolist(), length.tolist(), strict=True))
    expected = {}
    for shorter, share in ((0, 2 / 3), (1, 1 / 3)):
        size = (frames // 4 - shorter) * 4
        for first in range(frames - size + 1):
            expected[first, size] = share / (frames - size + 1)
    assert set(found) == set(expected)
    for place, share in expected.items():
        assert abs(found[place] / len(drawn) - share) < 0.01


def test_a_motion_of_one_unit_stays_whole() -> None:
    _, length = crop(np.full(50, 5), rng.uniforms((0,), rng.keys(range(50)), 2))
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
            keys.append((clip, offset, length - offset))
    return {
        "store": ClipStore(tmp_path / "data.npy", tmp_path / "index.parquet"),
        "scale": Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32)),
        "motions": motions,
        "samples": samples,
        "codes": CodeTable(pd.DataFrame(keys, columns=["motion", "offset", "frames"]), codes, 2),
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
def test_windows_lie_in_their_motion(data: dict[str, Any], per_clip: int | None) -> None:
    motions = data["motions"].assign(start=1, frames=data["motions"]["frames"] - 1)
    batches = WindowBatches(data["store"], data["scale"], rows(motions), 42, 4, per_clip, CPU)
    first, again, other = (torch.cat(list(batches.training(epoch(number)))) for number in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len(first) % 4 == 0
    shown: set[tuple[int, int]] = set()
    for number in range(30):
        for window in torch.cat(list(batches.training(epoch(number)))):
            assert len(window[:, 0].unique()) == 1
            assert (window[1:, 1] - window[:-1, 1] == 1).all()
            shown.add((int(window[0, 0]), int(window[0, 1])))
    room = {1: 1, 2: 19, 3: 8, 4: 5}  # clip 0 is shorter than a window
    every = {(clip, 1 + start) for clip, starts in room.items() for start in range(starts)}
    clips = Counter(int(window[0, 0]) for window in first)
    if per_clip is None:
        assert shown == every
        assert len({(int(each[0, 0]), int(each[0, 1])) for each in first}) == len(first)
        assert len(every) - len(first) == len(every) % 4
    else:
        assert shown <= every
        assert set(clips) == set(room)
        assert max(clips.values()) == per_clip


def test_windows_to_validate_with_lie_side_by_side(data: dict[str, Any]) -> None:
    batches = WindowBatches(data["store"], data["scale"], rows(data["motions"]), 22, 1, None, CPU)
    for _ in range(2):
        found = torch.cat(list(batches.validation()))
        assert found[:, 0, 0].tolist() == [5, 5]
        assert found[:, 0, 1].tolist() == [0, 22]


def test_motions_are_shown_in_the_models_scale(data: dict[str, Any]) -> None:
    scale = Normaliser(np.full(FEATURES, 3, np.float32), np.full(FEATURES, 2, np.float32))
    windows = WindowBatches(data["store"], scale, rows(data["motions"]), 44, 1, None, CPU)
    (found,) = windows.validation()
    assert torch.equal(found[0, :, 1], (torch.arange(44.0) - 3) / 2)
    (batch,) = matching_batches({**data, "scale": scale}).validation()
    assert torch.equal(batch.motions[0, :, 1], (torch.arange(44.0) - 3) / 2)


@pytest.mark.parametrize(("window", "use"), [(70, "train"), (45, "validate")])
def test_windows_longer_than_every_clip_are_refused(
    data: dict[str, Any], window: int, use: str
) -> None:
    with pytest.raises(InputError, match=f"No motion to {use} on has {window} frames"):
        WindowBatches(data["store"], data["scale"], rows(data["motions"]), window, 4, None, CPU)


def matching_batches(data: dict[str, Any], start: int = 0) -> MatchingBatches:
    """Motions that begin at ``start`` of their clips; word vectors that number the captions."""
    words = {
        caption: (np.full((2, 3), number, np.float32), np.zeros((2, 3), np.float32), 2)
        for number, caption in enumerate(sorted(data["samples"]["tokens"]))
    }
    motions = data["motions"].assign(start=start, frames=data["motions"]["frames"] - start)
    samples = rows(data["samples"])
    return MatchingBatches(data["store"], data["scale"], samples, words, motions, 2, CPU)


def test_matching_takes_crops_of_frames(data: dict[str, Any]) -> None:
    batches, company = matching_batches(data, start=6), set()
    for number in range(40):
        for batch in batches.training(epoch(number)):
            company.add(tuple(batch.motions[:, 0, 0].int().tolist()))
            for motion, length in zip(batch.motions, batch.lengths, strict=True):
                clip = int(motion[0, 0])
                whole = (LENGTHS["abcde"[clip]] - 6) // 4 * 4
                assert length in (whole, whole - 4)
                assert motion[0, 1] >= 6
                assert (motion[1:length, 1] - motion[: length - 1, 1] == 1).all()
                assert (motion[length:] == 0).all()
    assert len(company) > 10  # of 20 ordered pairs


def test_validation_shows_whole_motions_with_their_first_captions(data: dict[str, Any]) -> None:
    data["motions"]["split"] = data["samples"]["split"] = "val"
    train = data["motions"]["clip"] == "a"
    data["motions"].loc[train, "split"] = "train"
    data["samples"].loc[data["samples"]["clip"] == "a", "split"] = "train"
    names = sorted(data["samples"]["caption"])
    captions = [names.index(f"{clip}0") for clip in "bcdef"]
    lengths = [LENGTHS[clip] // 4 for clip in "bcdef"]
    for _ in range(2):
        found = list(matching_batches(data).validation())
        assert torch.cat([batch.lengths for batch in found]).tolist() == [4 * n for n in lengths]
        assert torch.cat([batch.words[:, 0, 0] for batch in found]).tolist() == captions
        assert {float(batch.motions[0, 0, 1]) for batch in found} == {0.0}
        coded = list(code_batches(data).validation())
        assert torch.cat([batch.lengths for batch in coded]).tolist() == lengths
        assert torch.cat([batch.text[:, 0] for batch in coded]).tolist() == captions
        assert torch.cat([batch.codes[:, 0, 1] for batch in coded]).tolist() == [0] * 5


def many_codes(count: int) -> CodeBatches:
    """Motions of 10 to 49 tokens, whose first code is their number."""
    tokens = rng.generator(0, "tokens").integers(10, 50, count)
    names = [f"{n:03d}" for n in range(count)]
    keys = pd.DataFrame({"motion": np.repeat(names, 4), "offset": np.tile(range(4), count)})
    keys["frames"] = np.repeat(4 * tokens + 3, 4) - keys["offset"]
    codes = [np.full((tokens[row // 4], 1), row // 4, np.int16) for row in range(4 * count)]
    samples = pd.DataFrame({"motion": names, "caption": "a"})
    table, text = CodeTable(keys, codes, 1), np.zeros((1, 2), np.float32)
    return CodeBatches(table, Rows(samples, samples[:1]), text, {"a": 0}, 16, CPU)


def test_motions_of_similar_length_meet_in_another_order_each_epoch() -> None:
    batches = many_codes(500)
    first: list[float] = []
    partners: set[int] = set()
    for number in range(12):
        found = list(batches.training(epoch(number)))
        assert [len(batch.lengths) for batch in found] == [16] * 31
        shown = torch.cat([batch.codes[:, 0, 0] for batch in found])
        assert len(shown.unique()) == 31 * 16  # none twice, and four are left out
        # All lengths would spread by forty tokens; eight batches sorted together, by five.
        spread = [int(batch.lengths.max() - batch.lengths.min()) for batch in found]
        assert np.mean(spread) < 10
        first.append(float(found[0].lengths.float().mean()))
        for company in (set(batch.codes[:, 0, 0].tolist()) for batch in found):
            partners |= company if 0 in company else set()
    assert np.std(first) > 5  # now short ones come first, now long ones
    assert len(partners) > 60


def test_rows_leave_out_the_test_split_and_the_forgotten(
    data: dict[str, Any], tmp_path: Path
) -> None:
    motions = data["motions"].assign(split=["train", "train", "val", "val", "test", "train"])
    motions.to_parquet(tmp_path / "motions.parquet")
    clips = pd.DataFrame({"clip": list(LENGTHS), "forget": [clip in "bc" for clip in LENGTHS]})
    clips.to_parquet(tmp_path / "clips.parquet")
    whole = Rows.read(tmp_path / "motions.parquet", None)
    assert (list(whole.training["clip"]), list(whole.validation["clip"])) == (
        ["a", "b", "f"],
        ["c", "d"],
    )
    retained = Rows.read(tmp_path / "motions.parquet", tmp_path / "clips.parquet")
    assert (list(retained.training["clip"]), list(retained.validation["clip"])) == (
        ["a", "f"],
        ["d"],
    )
    clips.assign(forget=True).to_parquet(tmp_path / "clips.parquet")
    with pytest.raises(InputError, match="leaves 0 rows to train on and 0 to validate"):
        Rows.read(tmp_path / "motions.parquet", tmp_path / "clips.parquet")


def test_lengths_come_in_another_order_each_epoch(data: dict[str, Any]) -> None:
    captions = sorted(data["samples"]["caption"])
    text = np.arange(len(captions), dtype=np.float32)[:, None]
    batches = LengthBatches(
        rows(data["samples"]), LENGTHS, text, {c: n for n, c in enumerate(captions)}, 4, CPU
    )
    shown: set[int] = set()
    orders = set()
    for number in range(20):
        drawn = list(batches.training(epoch(number)))
        assert [len(each.text) for each in drawn] == [4, 4]  # of nine: the last fills no batch
        order = torch.cat([each.text for each in drawn])[:, 0].int().tolist()
        lengths = torch.cat([each.lengths for each in drawn]).tolist()
        for row, length in zip(order, lengths, strict=True):
            assert length == LENGTHS[captions[row][0]] // 4
        shown |= set(order)
        orders.add(tuple(order))
    assert len(shown) == 9
    assert len(orders) == 20
    (held_out,) = batches.validation()
    assert [captions[int(row)] for row in held_out.text[:, 0]] == ["f0", "f1", "f2"]
    assert held_out.lengths.tolist() == [11] * 3
