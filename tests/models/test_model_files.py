"""Models in files: they come back, and what is no such file is refused."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hmu.backbones.momask.masked import MaskedTransformer
from hmu.errors import InputError
from hmu.models import storage
from hmu.models.length import LengthEstimator
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from support.small_models import SMALL, TEXT


def saved(folder: Path) -> Path:
    path = folder / "model.safetensors"
    model = LengthEstimator(LengthSizes(text_dim=TEXT, classes=5))
    storage.save(path, folder / "config.json", model, {"sizes": {"codes": 7}})
    return path


def test_a_saved_model_comes_back(tmp_path: Path) -> None:
    path = saved(tmp_path)
    model = LengthEstimator(LengthSizes(text_dim=TEXT, classes=5))
    storage.load_into(model, path)
    other = tmp_path / "again.safetensors"
    storage.save_state(other, model.state_dict())
    assert other.read_bytes() == path.read_bytes()
    assert storage.load_sizes(tmp_path / "config.json", TokenizerSizes) == TokenizerSizes(codes=7)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "again.safetensors",
        "config.json",
        "model.safetensors",
    ]


def _hostile(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight": print}))


def _not_finite(path: Path) -> None:
    storage.save_state(path, {"output.0.weight": torch.tensor([1.0, float("nan")])})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "not a whole safetensors"),
        (lambda path: path.write_bytes(b""), "not a whole safetensors"),
        (lambda path: path.write_bytes(b"\xff" * 64), "not a whole safetensors"),
        (_hostile, "not a whole safetensors"),
        (lambda path: torch.save({"weight": torch.zeros(2)}, path), "not a whole safetensors file"),
        (_not_finite, "output.0.weight holds values that are not finite"),
    ],
)
def test_a_bad_file_is_refused(
    tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    path = saved(tmp_path)
    spoil(path)
    with pytest.raises(InputError, match=message) as caught:
        storage.load_into(LengthEstimator(LengthSizes(text_dim=TEXT, classes=5)), path)
    assert str(path) in str(caught.value)


def test_a_model_of_another_size_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with pytest.raises(InputError, match=r"output\.0\.weight has shape \(512, 16\).*\(512, 20\)"):
        storage.load_into(LengthEstimator(LengthSizes(text_dim=20, classes=5)), path)
    with pytest.raises(InputError, match=r"lacks tensor token_emb\.weight|lacks tensor"):
        storage.load_into(MaskedTransformer(SMALL), path)
    state = storage.load_state(path)
    storage.save_state(path, {**state, "extra": torch.zeros(3)})
    with pytest.raises(InputError, match=r"has tensor extra \(3,\), which the model does not"):
        storage.load_into(LengthEstimator(LengthSizes(text_dim=TEXT, classes=5)), path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "has no"),
        ([], "has no"),
        ({"sizes": {"colour": 1}}, "sizes.colour is unknown"),
        ({"sizes": {"codes": "many"}}, "sizes.codes is 'many'"),
        ({"sizes": {"codes": True}}, "sizes.codes is True"),
        ({"sizes": {"codes": 1}}, "sizes.codes is 1, and should be greater than or equal to 2"),
    ],
)
def test_bad_sizes_are_refused(tmp_path: Path, config: Any, message: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        storage.load_sizes(path, TokenizerSizes)
