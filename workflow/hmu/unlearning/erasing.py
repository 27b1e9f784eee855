"""Texts made to say something else: what UCE and RECE do to the layer through which texts enter.

Each transformer reads the embedding of a text through ``cond_emb``, a weight (latent, text_dim) and
a bias (latent,), which stays. Embeddings are those of the run's text encoder, not normalised, one
for each keyword.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hmu import rng
from hmu.errors import InputError
from hmu.interface.methods import Context, Edit
from hmu.text.words import unseen
from hmu.unlearning import closed_form
from hmu.unlearning.preserving import left_out, nothing_left

WEIGHT, BIAS = "cond_emb.weight", "cond_emb.bias"


@dataclass(frozen=True)
class Layer:
    """The ``cond_emb`` of a transformer, float64: weight (latent, text_dim), bias (latent,)."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True)
class Texts:
    """What is to be erased, what it is to say instead, and what is to be preserved.

    Embeddings are float64, (texts, text_dim), the target's (text_dim,). ``left_out``: what was to
    be preserved but is the concept itself; ``unseen``: words that no caption of the training has,
    None where no captions are known.
    """

    keywords: Sequence[str]
    preserved: Sequence[str]
    erase: Tensor
    target: Tensor
    preserve: Tensor
    left_out: Sequence[str]
    unseen: Sequence[str] | None


def layers(context: Context) -> dict[str, Layer]:
    """The layers by the name of their part. Raises InputError for a transformer without one."""
    found = {}
    for part in context.transformers:
        state = context.state(part)
        if not {WEIGHT, BIAS} <= state.keys():
            raise InputError(
                f"variant {context.address['variant']}: the part {part!r} of the backbone "
                f"{context.address['backbone']!r} has no layer cond_emb, by which texts enter; "
                "leave the variant out of its tables."
            )
        found[part] = Layer(state[WEIGHT].double(), state[BIAS].double())
    return found


def texts(context: Context) -> Texts:
    """Of the parameters ``target``, ``preserve``, ``words`` and ``captions``, and the keywords.

    What to preserve but holds a keyword, or is one's dictionary form, is left out. Raises
    InputError when nothing is left to preserve.
    """
    keywords, target = context.keywords(), context.params["target"]
    if context.params["preserve"] == "words":
        wished = list(context.params["words"])
    else:
        wished = _retain_captions(context)
    without = left_out(wished, keywords)
    preserved = [text for text in wished if text not in without]
    if not preserved:
        said = nothing_left(without, context.address["concept"])
        raise InputError(f"variant {context.address['variant']}: {said}")
    asked = [*keywords, target, *preserved]
    found = torch.from_numpy(context.encode(asked)).double()
    erase, middle, preserve = found.split([len(keywords), 1, len(preserved)])
    new = unseen(_training(context)["caption"], asked) if context.has("captions") else None
    if new:
        print(f"No caption of the training says {', '.join(new)}.", file=sys.stderr)
    return Texts(keywords, preserved, erase, middle[0], preserve, without, new)


def _training(context: Context) -> Any:
    """The samples of the training."""
    return context.captions().samples.query("split == 'train'")


def _retain_captions(context: Context) -> list[str]:
    """Captions of training clips in the retain set, as many as ``captions`` says, drawn."""
    clips, training = context.clips(), _training(context)
    retained = set(clips["clip"][~clips["forget"]])
    known = sorted(set(training["caption"][training["clip"].isin(retained)]))
    own = rng.generator(context.seed, "preserved captions", *context.address.values())
    count = min(context.params["captions"], len(known))
    return [known[row] for row in own.permutation(len(known))[:count]]


def erased(
    found: Mapping[str, Layer], erase: Tensor, given: Texts, params: Mapping[str, Any]
) -> dict[str, Layer]:
    """The layers by part, edited so that ``erase`` (n, text_dim) say what the target says.

    Parameters: ``technique``, ``bias``, ``lambda``, ``erase_scale`` and ``preserve_scale``, as in
    :mod:`hmu.methods.uce`. Raises IllConditionedError.
    """
    scales = [params["erase_scale"]] * len(erase)
    scales += [params["preserve_scale"]] * len(given.preserve)
    edited = {}
    for part, layer in found.items():
        added = layer.bias if params["bias"] == "reference" else torch.zeros_like(layer.bias)
        said, target, kept = (
            texts @ layer.weight.T + added for texts in (erase, given.target[None], given.preserve)
        )
        wanted = target.expand_as(said)
        if params["technique"] == "tensor":
            wanted = closed_form.without_direction(wanted, said)
        weight = closed_form.mapped(
            layer.weight,
            torch.cat([erase, given.preserve]),
            torch.cat([wanted, kept]),
            torch.tensor(scales, dtype=torch.float64),
            params["lambda"],
        )
        edited[part] = Layer(weight, layer.bias)
    return edited


def told(context: Context, given: Texts) -> dict[str, Any]:
    """What the record says of the texts: their strengths s‖k‖²/λ, by how much each outweighs what
    holds the layer still. The scales of the paper are for the norms of CLIP's embeddings."""
    params = context.params

    def strengths(names: Sequence[str], found: Tensor, scale: float) -> dict[str, float]:
        values = scale * found.square().sum(1) / params["lambda"]
        return dict(zip(names, values.tolist(), strict=True))

    return {
        "erased": strengths(given.keywords, given.erase, params["erase_scale"]),
        "preserved": strengths(given.preserved, given.preserve, params["preserve_scale"]),
        "left_out": list(given.left_out),
        "unseen": None if given.unseen is None else list(given.unseen),
    }


def edit(edited: Mapping[str, Layer], notes: Mapping[str, Any]) -> Edit:
    """The edit of the layers by part."""
    return Edit({part: {WEIGHT: layer.weight.float()} for part, layer in edited.items()}, notes)


@contextmanager
def solving(context: Context) -> Iterator[None]:
    """Around what solves equations: raises InputError where they have no solution to trust."""
    try:
        yield
    except closed_form.IllConditionedError as error:
        raise InputError(
            f"variant {context.address['variant']}: the equations have no solution to trust, for "
            f"{error}."
        ) from error
