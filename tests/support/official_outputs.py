"""Outputs of the official code, kept in tests/official/outputs: comparing needs no checkout.

Weights and inputs are drawn by name, so both sides have the same without a file that holds them.
``HMU_REFERENCE=folder PYTHONPATH=tests python -m support.official_outputs`` runs the official code
of the checkouts in ``folder`` and writes the outputs again, with the commits that they came from.
"""

import json
import math
import subprocess
import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks import models, official, pairs
from benchmarks.official import Importer
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask import masked as momask
from hmu.models import guidance, packing
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from hmu.text import clip
from support.reference import checkout

FOLDER = Path(__file__).resolve().parents[1] / "official" / "outputs"
COMMITS = FOLDER / "commits.json"

Outputs = dict[str, Tensor]

_MOMASK, _BAMM, _CLIP = "EricGuo5513+momask-codes", "exitudio+BAMM", "openai+CLIP"
# Imported by the official code, of no use here. A checkout's own package of that name stays.
_STUBS = dict.fromkeys(("clip", "torchvision", "torchvision.transforms"))
_UNUSED = ("visual.", "logit_scale")  # what CLIP has besides its text tower


# --- what both sides get --------------------------------------------------------------------


def uniform(name: str, shape: Sequence[int], deviation: float = 1.0) -> Tensor:
    """Float32 numbers of mean 0 that belong to ``name``: the same wherever NumPy runs.

    The stream of RandomState is frozen, and uniform numbers need no logarithm of the machine's.
    """
    found = np.random.RandomState(zlib.crc32(name.encode())).random_sample(tuple(shape))
    return torch.from_numpy((found * 2 - 1) * math.sqrt(3) * deviation).float()


def below(name: str, high: int, shape: Sequence[int]) -> Tensor:
    """Int64 numbers from 0 to ``high`` - 1 that belong to ``name``."""
    return ((uniform(name, shape) / math.sqrt(3) + 1) / 2 * high).long().clamp(0, high - 1)


def weight(name: str, shape: Sequence[int]) -> Tensor:
    """A weight with which a model's answers hang on all of its input, and stay of its size."""
    if len(shape) == 1:
        gain = name.endswith(".weight")  # of a normalisation
        return float(gain) + uniform(name, shape, 0.2)
    if "token_emb" in name:
        return uniform(name, shape, 2.0)  # else what is generated says the same token throughout
    table = name.endswith(("_weight", "_weight_"))  # (layers, codes, dim) of the residual one
    return uniform(name, shape, (shape[-1] if table else math.prod(shape[1:])) ** -0.5)


def drawn(
    build: Callable[[], nn.Module], faint: Sequence[str]
) -> tuple[nn.Module, dict[str, list[int]]]:
    """A module with weights drawn by their names, in evaluation mode, and the shapes by name.

    Weights with one of ``faint`` in their names are small.
    """
    model = pairs.seeded(build)
    state = {k: each for k, each in model.state_dict().items() if not k.startswith(_UNUSED)}
    for name, each in state.items():
        if not name.endswith(".pe"):  # places, which both compute
            scale = 0.04 if any(part in name for part in faint) else 1.0
            each.copy_(weight(name, each.shape) * scale)
    return model, {name: list(each.shape) for name, each in state.items()}


@dataclass(frozen=True)
class Case:
    """A model of ours and the official one, and what each answers to the same inputs."""

    checkout: str
    ours: Callable[[], nn.Module]
    official: Callable[[Importer], Any]
    ask: Callable[[Any], Outputs]
    ask_official: Callable[[Any, Importer], Outputs]
    faint: tuple[str, ...] = ()
    """Weights before a normalisation, small for its epsilon to show."""


# --- the tokenizer --------------------------------------------------------------------------


def tokenizer(down: int) -> Case:
    shape = {"features": 20, "codes": 32, "code_dim": 16, "width": 24, "depth": 2}
    sizes = TokenizerSizes(**shape, down=down, quantizers=3)
    motions = uniform("motions", (2, 32, sizes.features))

    def spoiled(codes: Tensor) -> Tensor:
        """Codes of a motion that ends earlier than the other and lacks the last layer."""
        codes = codes.clone()
        codes[1, -1:], codes[1, :, 2:] = -1, -1
        return codes

    def ask(model: Tokenizer) -> Outputs:
        latents, codes = model.latents(motions), model.encode(motions)
        return {"latents": latents, "codes": codes, "motions": model.decode(spoiled(codes))}

    def ask_official(model: Any, load: Importer) -> Outputs:
        latents, (codes, _) = model.encoder(motions.transpose(1, 2)), model.encode(motions)
        decoded = model.forward_decoder(spoiled(codes))
        return {"latents": latents.transpose(1, 2), "codes": codes, "motions": decoded}

    def build_official(load: Importer) -> Any:
        return models.tokenizer(load("models.vq.model"), sizes)

    return Case(_MOMASK, partial(Tokenizer, sizes), build_official, ask, ask_official)


# --- the transformers -----------------------------------------------------------------------

_SIZES = TransformerSizes(
    latent=32, heads=4, layers=2, feedforward=48, text_dim=16, codes=24, code_dim=20, quantizers=4
)
_LENGTHS = torch.tensor([7, 1, 12])
_PADDING = packing.padding_of(_LENGTHS, 12)
_TEXT = uniform("text", (3, _SIZES.text_dim))
_CODES = below("codes", _SIZES.codes, (3, 12))
_PROMPTS = [""] * 3


def _told(kind: str, sizes: TransformerSizes, load: Importer) -> Any:
    """The official transformer, which takes ``_TEXT`` for what its prompts mean."""
    return models.transformer(load("models.mask_transformer.transformer"), kind, sizes, _TEXT)


def _without_noise(load: Importer) -> AbstractContextManager[Any]:
    """MoMask then takes the most probable codes."""
    return patch.object(load("models.mask_transformer.tools"), "gumbel_noise", torch.zeros_like)


def masked() -> Case:
    lengths = torch.tensor([17, 1, 26])  # of what is generated: in short ones all steps look alike

    def ids(model: Any) -> Tensor:
        hidden = below("hidden", 2, _CODES.shape).bool()
        return _CODES.masked_fill(hidden, model.mask_id).masked_fill(_PADDING, model.pad_id)

    def ask(model: momask.MaskedTransformer) -> Outputs:
        settings = {"steps": 10, "guidance": 4.0, "temperature": 1.0, "keep": 0.1}
        scores = [model.guided(ids(model), _TEXT, _PADDING, scale) for scale in (1, 4)]
        made, _ = model.sample(_TEXT, lengths, None, settings)
        return {"scores": torch.stack(scores)[:, ~_PADDING], "generated": made}

    def ask_official(model: Any, load: Importer) -> Outputs:
        ask = partial(model.forward_with_cond_scale, ids(model), _TEXT, _PADDING)
        scores = torch.stack([ask(scale).transpose(1, 2) for scale in (1, 4)])
        with _without_noise(load):
            made = model.generate(_PROMPTS, lengths, 10, 4, gsample=True)
        return {"scores": scores[:, ~_PADDING], "generated": made}

    build = partial(momask.MaskedTransformer, _SIZES)
    return Case(_MOMASK, build, partial(_told, "MaskTransformer", _SIZES), ask, ask_official)


def residual(share_weight: bool) -> Case:
    sizes = ResidualSizes.of(_SIZES, share_weight=share_weight)
    history, first = uniform("history", (3, 12, 20)), _CODES.masked_fill(_PADDING, -1)
    asked = [(layer, scale) for layer in range(1, sizes.quantizers) for scale in (1, 5)]

    def ask(model: ResidualTransformer) -> Outputs:
        found = [model.guided(history, layer, _TEXT, _PADDING, scale) for layer, scale in asked]
        made = model.generate(first, _TEXT, _LENGTHS, None, 5.0, 1.0, 0.1)
        return {"scores": torch.stack(found)[:, ~_PADDING], "generated": made}

    def ask_official(model: Any, load: Importer) -> Outputs:
        model.process_embed_proj_weight()
        ask = model.forward_with_cond_scale
        found = [ask(history, layer, _TEXT, _PADDING, scale) for layer, scale in asked]
        with _without_noise(load):
            made = model.generate(first, _PROMPTS, _LENGTHS, cond_scale=5)
        scores = torch.stack(found).transpose(2, 3)
        return {"scores": scores[:, ~_PADDING], "generated": made}

    build = partial(ResidualTransformer, sizes), partial(_told, "ResidualTransformer", sizes)
    faint = () if share_weight else ("1.norm1", "1.linear2", ".dense")
    return Case(_MOMASK, *build, ask, ask_official, faint)


class _Likeliest:
    """Categorical of torch without the chance."""

    def __init__(self, probs: Tensor) -> None:
        self.probs = probs

    def sample(self) -> Tensor:
        return self.probs.argmax(-1)


def _first_half(scores: Tensor, dim: int) -> Tensor:
    """Which half BAMM writes again hangs on how equal scores are sorted: chance too, by machine."""
    return torch.sort(scores, dim=dim, stable=True).indices


def autoregressive() -> Case:
    given = below("given", 5, _CODES.shape) < 2

    def ask(model: bamm.MaskedTransformer) -> Outputs:
        settings = {"guidance": 4.0, "refinement_guidance": 3.0, "temperature": 1.0, "longest": 49}
        found: Outputs = {}
        ids = F.pad(_CODES, (0, 1))  # the reference also scores the token behind the last
        for direction, seen in (("causal", None), ("bidirectional", given)):
            hidden = None if seen is None else F.pad(~seen, (0, 1), value=True)
            both = [model.scores(ids, text, hidden=hidden) for text in (_TEXT, 0 * _TEXT)]
            found[f"{direction} told"] = both[0]
            found[f"{direction} guided"] = guidance.guide(torch.cat(both), 4.0)
        for kind, lengths in (("planned", _LENGTHS), ("predicted", torch.zeros_like(_LENGTHS))):
            made = model.sample(_TEXT, lengths, None, settings)
            found[f"generated {kind}"], found[f"lengths {kind}"] = made
        return found

    def ask_official(model: Any, load: Importer) -> Outputs:
        found: Outputs = {}
        conditions = torch.where(given, _CODES, model.pad_id)
        for direction, seen in (("causal", None), ("bidirectional", conditions)):
            told = model.trans_forward(_CODES, _TEXT, None, False, seen)
            guided = model.forward_with_cond_scale(_CODES, _TEXT, None, 4, cond_idx=seen)
            found[f"{direction} told"] = told.transpose(1, 2)
            found[f"{direction} guided"] = guided.transpose(1, 2)
        module = load("models.mask_transformer.transformer")
        likeliest = patch.object(module, "Categorical", _Likeliest)
        with likeliest, patch.object(Tensor, "argsort", _first_half):
            for kind in ("planned", "predicted"):
                free = kind == "predicted"
                ids, lengths = model.generate(_PROMPTS, _LENGTHS, 10, 4, is_predict_len=free)
                found[f"generated {kind}"] = model.pad_when_end(ids)[0][:, : int(lengths.max())]
                found[f"lengths {kind}"] = lengths
        return found

    build = partial(bamm.MaskedTransformer, _SIZES)
    return Case(_BAMM, build, partial(_told, "MaskTransformer", _SIZES), ask, ask_official)


# --- length, evaluator, text ----------------------------------------------------------------


def length() -> Case:
    def build_official(load: Importer) -> Any:
        return load("models.vq.model").LengthEstimator(16, 50)

    def ask(model: Any, load: Importer | None = None) -> Outputs:
        return {"scores": model(_TEXT)}

    build = partial(LengthEstimator, LengthSizes(text_dim=16, classes=50))
    return Case(_MOMASK, build, build_official, ask, ask, ("output.0",))


def evaluator() -> Case:
    sizes = EvaluatorSizes(
        features=24, movement_hidden=24, movement_latent=20, word_dim=18, text_hidden=16,
        motion_hidden=28, embedding=12,
    )  # fmt: skip
    frames = torch.tensor([196, 120, 46])  # longest first, as the official encoders need them
    motions = uniform("frames", (3, sizes.frames, sizes.features))
    motions = motions.masked_fill(packing.padding_of(frames, sizes.frames).unsqueeze(-1), 0)
    words = uniform("words", (3, 22, sizes.word_dim))
    tags = torch.eye(sizes.pos_dim)[below("tags", sizes.pos_dim, (3, 22))]
    counts = torch.tensor([22, 9, 3])

    def ask(model: Evaluator) -> Outputs:
        # Ours need not be padded as far as the official motions.
        parts = [(motions[:1], frames[:1]), (motions[1:, :120], frames[1:])]
        embedded = torch.cat([model.embed_motion(*part) for part in parts])
        return {"motions": embedded, "texts": model.embed_text(words, tags, counts)}

    def ask_official(model: Any, load: Importer) -> Outputs:
        movements = model["movement_encoder"](motions[..., :-4])
        embedded = model["motion_encoder"](movements, frames // 4)
        return {"motions": embedded, "texts": model["text_encoder"](words, tags, counts)}

    def build_official(load: Importer) -> Any:
        return models.evaluator(load("models.t2m_eval_modules"), sizes)

    build, faint = partial(Evaluator, sizes), ("output_net.0",)
    return Case(_MOMASK, build, build_official, ask, ask_official, faint)


def captions() -> Case:
    sizes = ClipSizes(width=32, heads=4, layers=2, dim=16)
    texts = ["", "the man's left leg kicks twice, then he sits down!", "crawls " + "slowly " * 90]

    def ask(model: clip.TextTower) -> Outputs:
        tokens = torch.from_numpy(clip.tokenize(texts))
        return {"tokens": tokens, "embeddings": model.encode(tokens)}

    def build_official(load: Importer) -> Any:
        return load("clip.model").CLIP(
            sizes.dim, 32, 1, 64, 16, sizes.context, sizes.vocabulary, sizes.width, sizes.heads,
            sizes.layers,
        )  # fmt: skip

    def ask_official(model: Any, load: Importer) -> Outputs:
        tokens = load("clip").tokenize(texts, truncate=True)
        return {"tokens": tokens.long(), "embeddings": model.encode_text(tokens)}

    build, faint = partial(clip.TextTower, sizes), ("embedding", "out_proj", "c_proj")
    return Case(_CLIP, build, build_official, ask, ask_official, faint)


CASES = {
    "tokenizer-1": tokenizer(down=1),
    "tokenizer-2": tokenizer(down=2),
    "tokenizer-3": tokenizer(down=3),
    "masked": masked(),
    "residual-shared": residual(share_weight=True),
    "residual-unshared": residual(share_weight=False),
    "bamm": autoregressive(),
    "length": length(),
    "evaluator": evaluator(),
    "clip": captions(),
}


# --- running, writing, reading --------------------------------------------------------------


def _named(outputs: Outputs, shapes: dict[str, list[int]]) -> dict[str, np.ndarray]:
    """Arrays by name, and with them what the weights are called and their shapes."""
    listed = np.array(sorted(f"{name} {shape}" for name, shape in shapes.items()))
    return {"weights": listed, **{name: each.numpy() for name, each in outputs.items()}}


@torch.no_grad()
def of_ours(name: str) -> dict[str, np.ndarray]:
    """What our model answers in a case."""
    case = CASES[name]
    model, shapes = drawn(case.ours, case.faint)
    return _named(case.ask(model), shapes)


@torch.no_grad()
def of_official(name: str) -> dict[str, np.ndarray]:
    """What the official model answers. Skips the test where its checkout is absent."""
    case = CASES[name]
    with official.importing(checkout(case.checkout), _STUBS) as load:
        model, shapes = drawn(lambda: case.official(load), case.faint)
        return _named(case.ask_official(model, load), shapes)


def stored(name: str) -> dict[str, np.ndarray]:
    """What the official model answered when the file was written."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def main() -> None:
    """Write the outputs of all cases, and the commits."""
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        np.savez_compressed(FOLDER / f"{name}.npz", **of_official(name))
    commits = {}
    for each in sorted({case.checkout for case in CASES.values()}):
        command = ["git", "-C", str(checkout(each)), "rev-parse", "HEAD"]
        commits[each] = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    text = json.dumps({each: commit.strip() for each, commit in commits.items()}, indent=2)
    COMMITS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
