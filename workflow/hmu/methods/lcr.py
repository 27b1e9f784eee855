"""Latent Code Replacement (paper, section 5): codes of the concept make way for safe ones.

Nothing is trained. The codes that belong to the concept are found by how often forget and retain
motions contain them; their vectors in the tokenizer's codebook are overwritten with the vectors of
safe codes plus noise. The transformers go on saying the old code; the decoder hears another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hmu import rng
from hmu.errors import InputError
from hmu.interface.methods import Context, Edit
from hmu.unlearning import code_lists, replacing, selecting, smoothest
from hmu.unlearning.code_statistics import forgotten

INPUTS: tuple[str, ...] = ()
INPUTS_BY = {
    "counts": {"motions": ("statistics",), "reference": ("reference_statistics",)},
    "replacement": {"smoothest": ("model", "codes", "clips", "motions")},
}
CHANGES = ("tokenizer",)
CONCEPTS = ("parts",)
FILES = ("codes",)
CHECKS = "hmu.unlearning.code_lists"
# One code at least must stay safe.
BOUNDS = {
    "k": ("<", "tokenizer.codes"),
    "parts": ("<", "tokenizer.codes"),
    "layers": ("<=", "tokenizer.quantizers"),
}
READ_IF = {
    "k": {"codes": (None,), "parts": ({},), "selection": ("score", "reference")},
    "layers": {"codes": (None,)},
    "retain_budget": {"codes": (None,), "selection": ("budget",)},
    "parts": {"codes": (None,), "selection": ("score", "reference")},
    "alpha": {"replacement": ("random", "orthogonal", "reference")},
}
PARAMS = {
    "k": {
        "type": "integer",
        "minimum": 1,
        "default": 32,
        "description": "Codes replaced in each layer.",
    },
    "layers": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Quantizer layers in which codes are replaced, counted from the first.",
    },
    "counts": {
        "enum": ["motions", "reference"],
        "default": "motions",
        "description": "What contains a code. motions: each motion once;"
        " reference: 20 random crops of each caption's motion, padding included, as in the paper's"
        " code.",
    },
    "selection": {
        "enum": ["score", "budget", "reference"],
        "default": "score",
        "description": "score: share in forget over share in retain, the paper's equations 5 and 6;"
        " budget: codes of all these layers, without k, that cover most forget tokens while"
        " retain_budget of the retain tokens are hit; reference: the arithmetic of the paper's"
        " code.",
    },
    "retain_budget": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.05,
        "description": "Share of retain tokens that selection: budget may hit. A token's layers"
        " count as much as their vectors are long, squared.",
    },
    "parts": {
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 1},
        "default": {},
        "description": "A composed concept, {kick: 16, punch: 8}: so many codes by each of these"
        " concepts, in the place of k by the concept to forget.",
    },
    "part_counts": {
        "enum": ["part", "whole"],
        "default": "part",
        "description": "Whose statistics choose the codes of parts. part: its own;"
        " whole: those of the concept to forget, as the script of the paper's code does.",
    },
    "codes": {
        "type": ["string", "array", "null"],
        "items": {"type": "string"},
        "minItems": 1,
        "default": None,
        "description": "A YAML file, or several, with a list of codes for each layer, in the place"
        " of a selection.",
    },
    "replacement": {
        "enum": ["random", "nearest", "smoothest", "orthogonal", "reference"],
        "default": "random",
        "description": "random: a safe code for each code, Algorithm 1; nearest: the nearest safe"
        " code; smoothest: the safe code with which the motion around it is smoothest, tried in 4"
        " places of the forget set for each code, one layer at a time;"
        " orthogonal: no other code, but the component along the mean of the chosen vectors is"
        " removed; reference: code 0 for all, as in the paper's code.",
    },
    "alpha": {
        "type": "number",
        "minimum": 0,
        "default": 1.0,
        "description": "Noise on each replacement that is random or reference, in standard"
        " deviations of the layer's codebook; the share that orthogonal removes.",
    },
}
REFERENCE = {
    "counts": "reference",
    "selection": "reference",
    "replacement": "reference",
    "part_counts": "whole",
}


def unlearn(context: Context) -> Edit:
    """Replace the chosen codes of the first codebooks.

    Raises InputError when a layer has too few codes left to be safe, when too few layers exist, or
    when a file of codes belongs to another tokenizer.
    """
    names, books = _codebooks(context)
    listed = context.params["codes"] is not None
    # Codes from a file need none, and are told with what they hit where there are some.
    statistics = _statistics(context) if context.has(_counted(context)) or not listed else None
    notes: dict[str, Any] = {}
    if listed or statistics is None:
        chosen = _listed(context, books)
    else:
        chosen, notes = _chosen(context, statistics, books)
    replacement = _Replacement(context, books, chosen)
    edited, layers = {}, []
    for layer, codes in enumerate(chosen):
        if len(codes) >= len(books[layer]):
            said = code_lists.none_safe(layer, len(codes))
            raise InputError(f"variant {context.address['variant']}: {said}")
        if not len(codes):
            continue
        edited[names[layer]], targets = replacement.of_layer(layer)
        layers.append(
            {
                "layer": layer,
                "codes": codes.tolist(),
                "replaced_by": targets.tolist(),
                **_hit(statistics, layer, codes),
            }
        )
    return Edit({"tokenizer": edited}, {"layers": layers, **notes})


def _generator(context: Context, *more: str | int) -> np.random.Generator:
    return rng.generator(context.seed, "lcr", *context.address.values(), *more)


def _statistics(context: Context, concept: str | None = None) -> pd.DataFrame:
    """Statistics of a concept's codes, sorted by layer and code."""
    read = getattr(context, _counted(context))
    return read(concept).sort_values(["layer", "code"], ignore_index=True)


def _counted(context: Context) -> str:
    """What INPUTS_BY calls the statistics that are read."""
    return "reference_statistics" if context.params["counts"] == "reference" else "statistics"


def _hit(statistics: pd.DataFrame | None, layer: int, codes: np.ndarray) -> dict[str, float]:
    """Which shares of the tokens of a layer are to be replaced, where that is known."""
    if statistics is None:
        return {}
    hit = statistics[(statistics["layer"] == layer) & statistics["code"].isin(codes)]
    sides = ("forget_tokens", "retain_tokens")
    return {f"{side}_hit": float(hit[side].sum()) for side in sides}


def _codebooks(context: Context) -> tuple[list[str], list[Tensor]]:
    """The codebooks (codes, code_dim) of all layers, and the names of the tensors."""
    state = context.state("tokenizer")
    every = (f"quantizer.layers.{layer}.codebook" for layer in range(len(state)))
    names = [name for name in every if name in state]
    books = [state[name] for name in names]
    if context.params["layers"] > len(books):
        raise InputError(
            f"variant {context.address['variant']}: layers is {context.params['layers']}, but the "
            f"tokenizer has {len(books)} quantizers; lower it."
        )
    return names, books


def _listed(context: Context, books: Sequence[Tensor]) -> list[np.ndarray]:
    """The codes in the files that ``codes`` names, int64, by layer."""
    paths = context.files("codes")
    return code_lists.union([code_lists.read(path, len(books), len(books[0])) for path in paths])


def _chosen(
    context: Context, statistics: pd.DataFrame, books: Sequence[Tensor]
) -> tuple[list[np.ndarray], dict[str, Any]]:
    """The codes to replace, int64, by layer; and notes on the choice."""
    params = context.params
    if params["selection"] == "budget":
        weights = [float(book.square().sum(1).mean()) for book in books[: params["layers"]]]
        found = selecting.within_budget(statistics, np.array(weights), params["retain_budget"])
        return found, {}
    rank = selecting.RANKINGS[params["selection"]]

    def best(table: pd.DataFrame, k: int) -> list[np.ndarray]:
        return [rank(table[table["layer"] == layer], k) for layer in range(params["layers"])]

    if not params["parts"]:
        return best(statistics, params["k"]), {}
    whole = params["part_counts"] == "whole"
    parts = {
        concept: best(statistics if whole else _statistics(context, concept), k)
        for concept, k in params["parts"].items()
    }
    listed = {concept: [codes.tolist() for codes in found] for concept, found in parts.items()}
    return code_lists.union(list(parts.values())), {"parts": listed}


@dataclass(frozen=True)
class _Replacement:
    """What takes the place of the ``chosen`` codes of each of the ``books``."""

    context: Context
    books: Sequence[Tensor]
    chosen: Sequence[np.ndarray]

    def of_layer(self, layer: int) -> tuple[Tensor, np.ndarray]:
        """The edited codebook, and the code that each chosen one became (itself, if orthogonal)."""
        book, codes, alpha = self.books[layer], self.chosen[layer], self.context.params["alpha"]
        generator, safe = _generator(self.context, layer), replacing.safe_codes(book, codes)
        match self.context.params["replacement"]:
            case "orthogonal":
                return replacing.without_direction(book, codes, alpha), codes
            case "nearest":
                targets, alpha = replacing.nearest(book, codes), 0.0
            case "smoothest":
                targets, alpha = self.trials.targets(layer, codes, safe, generator), 0.0
            case "reference":
                targets = np.full(len(codes), self.common)
            case _:
                targets = generator.choice(safe, size=len(codes))
        return replacing.replaced(book, codes, targets, alpha, generator), targets

    @cached_property
    def common(self) -> int:
        """The code that takes the place of all others in the reference: 0, or a random safe one.

        As there, it must be safe in the first layer, and is taken in all of them.
        """
        if 0 not in self.chosen[0]:
            return 0
        safe = replacing.safe_codes(self.books[0], self.chosen[0])
        return int(_generator(self.context, "common").choice(safe))

    @cached_property
    def trials(self) -> smoothest.Trials:
        """The motions of the forget set, and the tokenizer that is edited."""
        table = self.context.codes()
        forget = forgotten(table, self.context.clips(), self.context.motions()).eq(True)
        motions = [table.codes[row] for row in np.flatnonzero(forget)]
        tokenizer, scale = self.context.model("tokenizer"), self.context.scale()
        mean, std = (
            torch.from_numpy(np.asarray(each, np.float32)).to(self.context.device)
            for each in (scale.mean, scale.std)
        )

        def decode(codes: Tensor) -> Tensor:
            with torch.no_grad():
                decoded: Tensor = tokenizer.decode(codes.to(self.context.device))
            return decoded * std + mean

        return smoothest.Trials(motions, decode, tokenizer.frames_per_token)
