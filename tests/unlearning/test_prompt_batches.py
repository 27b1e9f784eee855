"""What methods that train see, step by step."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from hmu.errors import InputError
from hmu.models.batches.drawing import Draw
from hmu.unlearning.batches import Pairs, PromptBatches
from support.small_context import HALF, SPLITS, TOKENS, context

CAPTIONS = {split: 2 * count for split, count in SPLITS.items()}
"""Of each side: every motion has two."""


def prompts(folder: Path, split: str, steps: int | None, seed: int = 0) -> PromptBatches:
    return PromptBatches(context(folder, "esd", seed=seed), split, steps)


def texts(batches: PromptBatches) -> list[tuple[float, ...]]:
    """The texts of all steps, epoch by epoch."""
    return [
        tuple(batch.text[0].tolist())
        for epoch in range(batches.epochs)
        for batch in batches.training(Draw(("prompts",), epoch))
    ]


def of_split(folder: Path, split: str) -> set[tuple[float, ...]]:
    """The embeddings of the captions of the forget set in a split."""
    found = context(folder, "esd").captions()
    samples = found.samples[found.samples["motion"].str.startswith("low")]
    rows = samples[samples["split"] == split]["row"]
    return {tuple(found.embeddings[row].tolist()) for row in rows}


@pytest.mark.parametrize("split", ["train", "test"])
def test_steps_take_captions_of_the_split_alone_and_each_before_one_comes_again(
    tmp_path: Path, split: str
) -> None:
    batches = prompts(tmp_path, split, 130)
    assert batches.epochs == 3
    found, own, count = texts(batches), of_split(tmp_path, split), CAPTIONS[split]
    assert len(found) == 130
    assert len(own) == count
    rounds = [found[begin : begin + count] for begin in range(0, 130, count)]
    assert all(set(each) == own for each in rounds[:-1])
    assert len(set(map(tuple, rounds[:-1]))) > 1, "each round in an order of its own"


def test_the_order_belongs_to_the_seed(tmp_path: Path) -> None:
    found = texts(prompts(tmp_path, "train", 60))
    assert texts(prompts(tmp_path, "train", 60)) == found
    assert texts(prompts(tmp_path, "train", 60, seed=1)) != found
    assert texts(prompts(tmp_path, "train", 90))[:60] == found


def test_without_a_number_there_are_as_many_steps_as_prompts_to_measure_with(
    tmp_path: Path,
) -> None:
    for split in ("train", "test"):
        assert prompts(tmp_path, split, None).steps == CAPTIONS["test"]


def test_prompts_know_the_whole_length_of_their_motion(tmp_path: Path) -> None:
    """That from its start, not from a later offset."""
    batches = prompts(tmp_path, "train", 20)
    drawn = [*batches.training(Draw(("prompts",), 0)), *batches.validation()]
    assert {tuple(batch.lengths.tolist()) for batch in drawn} == {(TOKENS,)}


def test_validation_takes_a_few_captions_of_the_val_split(tmp_path: Path) -> None:
    found = [
        [tuple(batch.text[0].tolist()) for batch in prompts(tmp_path, split, 9).validation()]
        for split in ("train", "test")
    ]
    assert found[0] == found[1]
    assert len(set(found[0])) == min(8, CAPTIONS["val"])
    assert set(found[0]) <= of_split(tmp_path, "val")


def test_a_split_without_prompts_is_named(tmp_path: Path) -> None:
    given = context(tmp_path, "esd")
    samples = pd.read_parquet(tmp_path / "samples")
    samples[samples["split"] != "test"].to_parquet(tmp_path / "samples")
    with pytest.raises(InputError, match=r"forget set .* 'low' has no captions in the test split"):
        PromptBatches(given, "test", 5)


def test_a_batch_to_retain_stands_beside_each_to_forget_and_comes_again(tmp_path: Path) -> None:
    """Also where fewer are to be retained."""
    given = context(tmp_path, "npo")
    samples = pd.read_parquet(tmp_path / "samples")
    kept = samples["motion"].isin(["high0train", "high1train", "high0val"])
    samples[samples["motion"].str.startswith("low") | kept].to_parquet(tmp_path / "samples")
    pairs = Pairs(given, 1)
    for drawn, count in (
        (list(pairs.training(Draw(("pairs",), 0))), SPLITS["train"]),
        (list(pairs.validation()), SPLITS["val"]),
    ):
        assert len(drawn) == count
        assert all(int(pair.forget.codes.max()) < HALF for pair in drawn)
        assert all(int(pair.retain.codes.min()) >= HALF for pair in drawn)
        assert len({tuple(pair.forget.text[0].tolist()) for pair in drawn}) == count
    again = list(pairs.training(Draw(("pairs",), 1)))
    assert any(
        not torch.equal(one.forget.text, other.forget.text)
        for one, other in zip(drawn, again, strict=False)
    )
