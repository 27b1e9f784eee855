"""UCE and RECE by the reference's own arithmetic, against what its script does in float64."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu.methods import rece
from hmu.unlearning import erasing
from hmu.unlearning.erasing import Layer, Texts
from support import reference_rece
from support.reference import gap
from support.reference_rece import CASES, KEYWORDS, PARTS, TARGET, Sizes

Weights = Mapping[str, Mapping[str, Tensor]]


def of_ours(preserve_scale: float, epochs: int, sizes: Sizes) -> dict[str, dict[str, Tensor]]:
    words = sizes.words()
    erase, target, preserve = (
        sizes.embeddings(texts).double() for texts in (KEYWORDS, [TARGET], words)
    )
    given = Texts(KEYWORDS, words, erase, target[0], preserve, [], [])
    layers = {
        part: Layer(weight.double(), bias.double())
        for part, (weight, bias) in sizes.layers().items()
    }
    params: dict[str, Any] = {
        "lambda": 0.1,
        "erase_scale": 0.1,
        "preserve_scale": preserve_scale,
        "technique": "tensor",
        "bias": "reference",
        "adversarial": "reference",
        "rho": 1e-3,
        "epochs": epochs,
    }
    made = {
        "UCE": erasing.erased(layers, given.erase, given, params),
        "RECE": rece.rounds(layers, given, params)[0],
    }
    return {
        method: {part: layer.weight for part, layer in edited.items()}
        for method, edited in made.items()
    }


def furthest(found: Weights, expected: Weights) -> float:
    return max(
        gap(found[method][part].double(), expected[method][part].double())
        for method in ("UCE", "RECE")
        for part in PARTS
    )


@pytest.mark.parametrize("case", CASES)
def test_the_same_weights_as_the_script_left(case: str) -> None:
    stored = json.loads(reference_rece.STORED.read_text(encoding="utf-8"))[case]
    expected = {
        method: {
            part: torch.tensor(weight, dtype=torch.float64) for part, weight in by_part.items()
        }
        for method, by_part in stored.items()
    }
    assert furthest(of_ours(*CASES[case], Sizes()), expected) < 1e-8


@pytest.mark.parametrize("case", CASES)
def test_the_same_weights_as_the_script_leaves(case: str) -> None:
    assert furthest(of_ours(*CASES[case], Sizes()), reference_rece.run(*CASES[case])) < 1e-8


def test_the_same_weights_at_the_sizes_of_the_paper() -> None:
    """In float32 the script itself is further from that, by what the README says: 3e-5."""
    sizes = Sizes(text=512, latents=(384, 384), preserved=21, norm=10.0)
    expected = reference_rece.run(0.5, 1, sizes)
    assert furthest(of_ours(0.5, 1, sizes), expected) < 1e-8
    coarse = furthest(reference_rece.run(0.5, 1, sizes, torch.float32), expected)
    assert coarse == pytest.approx(3e-5, rel=0.5)
