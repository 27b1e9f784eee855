"""The text encoder of small runs: what it says of words, and what of files that are not there."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from wordllama.inference import WordLlamaInference

from hmu.errors import InputError
from hmu.models.stored import Stored
from hmu.run.job import Job
from hmu.steps import text_encoder
from hmu.text import encoder, wordllama

ALIKE = [
    ("kick", "a person kicks with the right leg"),
    ("punch", "he throws a punch with the left hand"),
    ("walk", "a person strolls forward"),
    ("jump", "someone leaps up"),
    (
        "a person kicks with the right leg",
        "swings the right leg forward and up, then pulls it back",
    ),
]
UNLIKE = [
    ("kick", "a person walks in a circle"),
    ("punch", "someone sits down"),
    ("walk", "a woman waves her hand"),
    ("jump", "he throws a punch"),
    ("a person kicks with the right leg", "throws a punch"),
]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def words() -> wordllama.WordMean:
    return wordllama.read(256)


def cosines(words: wordllama.WordMean, pairs: list[tuple[str, str]]) -> np.ndarray:
    one, other = (words.embed(side) for side in zip(*pairs, strict=True))
    return (one * other).sum(1) / 100


def test_a_text_is_nearer_to_its_paraphrase_than_to_any_other(words: wordllama.WordMean) -> None:
    assert cosines(words, ALIKE).min() > 0.3
    assert cosines(words, UNLIKE).max() < 0.2


def test_embeddings_have_the_direction_of_the_packages_own_and_one_length(
    words: wordllama.WordMean,
) -> None:
    texts = [text for pair in ALIKE for text in pair]
    tokenizer = Tokenizer.from_str(wordllama._tokenizer().to_str())
    theirs = WordLlamaInference(words.vectors.numpy(), tokenizer).embed(texts, norm=True)
    found = words.embed(texts)
    assert np.abs(found - 10 * theirs).max() < 1e-4
    assert found.dtype == np.float32


def test_no_words_are_not_nothing(words: wordllama.WordMean) -> None:
    """Guidance's empty text is a vector of zeros; the text of no words is another."""
    empty, blank = words.embed(["", "walk"])
    assert np.linalg.norm(empty) == pytest.approx(10)
    assert abs(float(empty @ blank)) < 50


def test_a_text_has_the_same_numbers_in_any_company(words: wordllama.WordMean) -> None:
    texts = [*(text for pair in ALIKE for text in pair), "", "it " * 300]
    alone = np.concatenate([words.embed([text]) for text in texts])
    assert np.array_equal(words.embed(texts), alone)


@pytest.mark.parametrize("dim", [16, 256])
def test_the_step_writes_what_is_read_again(tmp_path: Path, dim: int) -> None:
    outputs = {"model": tmp_path / "model.safetensors", "config": tmp_path / "config.json"}
    outputs["origin"] = tmp_path / "origin.json"
    text_encoder.run(Job("text_encoder", {}, outputs, {"dim": dim}))
    model = Stored("text_encoder", outputs["model"], outputs["config"])
    again = encoder.load(model, CPU)
    assert again.dim == dim
    texts = ["kick", ""]
    assert np.array_equal(again.embed(texts), wordllama.read(dim).embed(texts))
    config = json.loads(outputs["config"].read_text(encoding="utf-8"))
    outputs["config"].write_text(json.dumps({**config, "kind": "momask"}), encoding="utf-8")
    with pytest.raises(InputError, match=r"config\.json says no kind of text encoder"):
        encoder.load(model, CPU)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"The word vectors are missing .*: pip install wordllama"):
        wordllama.read(256)
