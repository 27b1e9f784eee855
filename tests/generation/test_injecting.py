"""Codes put into a sequence: what was there already changes nothing, nothing else is touched."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask import masked as momask
from hmu.errors import InputError
from hmu.generation import injecting
from hmu.generation.sampling import Request, complete, generate
from hmu.models.layered import LayeredSampler
from hmu.models.residual import ResidualTransformer
from hmu.sections.transformer import ResidualSizes, TransformerSizes

SIZES = TransformerSizes(
    latent=16, heads=2, layers=2, feedforward=32, text_dim=6, codes=12, code_dim=8, quantizers=3
)
SETTINGS = {
    "steps": 4,
    "guidance": 3.0,
    "refinement_guidance": 2.0,
    "residual_guidance": 2.0,
    "temperature": 1.0,
    "keep": 0.5,
    "precision": "float32",
    "batch": 4,
    "longest": 20,
}
CPU = torch.device("cpu")
TEXT = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)


@pytest.fixture(params=[(momask, 9), (bamm, 9), (bamm, 0)], ids=["momask", "bamm", "bamm-open"])
def made(request: pytest.FixtureRequest) -> tuple[LayeredSampler, list[Request], list[np.ndarray]]:
    """A sampler, what was asked of it (of BAMM also without a length), and what it made."""
    backbone: ModuleType
    backbone, tokens = request.param
    with torch.random.fork_rng():
        torch.manual_seed(0)
        masked = backbone.MaskedTransformer(SIZES).eval()
        residual = ResidualTransformer(ResidualSizes.of(SIZES)).eval()
        for parameter in [*masked.parameters(), *residual.parameters()]:
            parameter.data *= 8  # sharp enough that the text and the codes tell
    sampler = LayeredSampler(masked, residual)
    requests = [Request(str(row), row, 0, tokens and tokens + row, row) for row in range(3)]
    return sampler, requests, generate(sampler, TEXT, requests, SETTINGS, 5, CPU)


def inject(made: Any, row: int, put: dict[int, int]) -> np.ndarray:
    sampler, requests, codes = made
    return injecting.inject(sampler, TEXT, requests[row], codes[row], put, SETTINGS, 5, CPU)


def test_what_is_already_there_changes_nothing(made: Any) -> None:
    _, _, codes = made
    for row, own in enumerate(codes):
        same = {place: int(own[place, 0]) for place in range(0, len(own), 2)}
        np.testing.assert_array_equal(inject(made, row, same), own)
        np.testing.assert_array_equal(inject(made, row, {}), own)


def test_only_the_named_tokens_of_the_first_layer_change(made: Any) -> None:
    _, _, codes = made
    changed = 0
    for row, own in enumerate(codes):
        put = {0: (int(own[0, 0]) + 1) % SIZES.codes, len(own) - 1: 3}
        before = own.copy()
        found = inject(made, row, put)
        assert found.shape == own.shape
        assert found.dtype == own.dtype
        np.testing.assert_array_equal(own, before)
        np.testing.assert_array_equal(found[1:-1, 0], own[1:-1, 0])
        assert (found[0, 0], found[-1, 0]) == (put[0], 3)
        np.testing.assert_array_equal(inject(made, row, put), found)
        changed += int((found[:, 1:] != own[:, 1:]).sum())
    assert changed, "the further layers follow the first"


def test_one_layer_needs_no_completing() -> None:
    class One:
        quantizers = 1

    first = np.array([3, 1, 2])
    (found,) = complete(One(), TEXT, [Request("a", 0, 0, 3, 0)], [first], SETTINGS, 5, CPU)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, first[:, None])


def test_words_say_where_codes_go() -> None:
    assert injecting.read(["140@5", "344@8-10", "7@0"]) == {5: 140, 8: 344, 9: 344, 10: 344, 0: 7}
    assert injecting.read(["4@2", "4@1-2"]) == {2: 4, 1: 4}
    assert injecting.read([]) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["140"], "'140' puts no code anywhere: write CODE@PLACE"),
        (["a@1"], "'a@1' puts no code"),
        (["-1@1"], "'-1@1' puts no code"),
        (["1@2-"], "'1@2-' puts no code"),
        (["٣@1"], "puts no code"),
        (["1@5-2"], "'1@5-2' ends before it begins"),
        (["1@0-999999999"], "far away"),
        (["1@2", "3@2"], "place 2 gets the codes 1 and 3"),
    ],
)
def test_other_words_are_answered(words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        injecting.read(words)


@pytest.mark.parametrize(
    ("put", "said"),
    [
        ({9: 1}, "there is no place 9: the motion has 9 tokens, 0 to 8"),
        ({-1: 1}, "there is no place -1"),
        ({0: 12}, "there is no code 12: the codebook has 0 to 11"),
        ({0: -1}, "there is no code -1"),
    ],
)
def test_places_and_codes_that_there_are_not_are_answered(put: dict, said: str) -> None:
    injecting.check({0: 0, 8: 11}, 9, 12)
    with pytest.raises(InputError, match=said):
        injecting.check(put, 9, 12)
