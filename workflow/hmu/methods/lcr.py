"""Latent Code Replacement (paper, section 5): codes of the concept make way for safe ones.

Nothing is trained. The codes that belong to the concept are found by how often forget and retain
motions contain them; their vectors in the tokenizer's codebook are overwritten with the vectors of
safe codes plus noise. The transformers go on saying the old code; the decoder hears another.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from hmu import rng
from hmu.errors import InputError
from hmu.interface.methods import Context, Edit

INPUTS = ("statistics",)
CHANGES = ("tokenizer",)
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
    "alpha": {
        "type": "number",
        "minimum": 0,
        "default": 1.0,
        "description": "Noise on each replacement, in standard deviations of the layer's codebook.",
    },
    "selection": {
        "enum": ["score", "coverage", "reference"],
        "default": "score",
        "description": "score: share in forget over share in retain, the paper's equations 5 and 6;"
        " coverage: most forget tokens for the retain tokens hit, within retain_budget;"
        " reference: the arithmetic of the paper's code.",
    },
    "retain_budget": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.1,
        "description": "Share of retain tokens that selection: coverage may hit.",
    },
    "replacement": {
        "enum": ["random", "single"],
        "default": "random",
        "description": "random: a safe code for each code, Algorithm 1;"
        " single: one safe code for all, as in the paper's code.",
    },
}


def unlearn(context: Context) -> Edit:
    """Replace codes in the first ``layers`` codebooks.

    Raises InputError when a layer has too few codes left to be safe, or too few layers exist.
    """
    params = context.params
    state = context.state("tokenizer")
    statistics = context.statistics()
    available = statistics["layer"].nunique()
    if params["layers"] > available:
        raise InputError(
            f"variant {context.address['variant']}: layers is {params['layers']}, but the tokenizer"
            f" has {available} quantizers; lower it."
        )
    edited, layers = {}, []
    for layer in range(params["layers"]):
        own = statistics[statistics["layer"] == layer].sort_values("code")
        chosen = select(own, params)
        if len(chosen) >= len(own):
            raise InputError(
                f"variant {context.address['variant']}: k is {params['k']}, but the codebook has "
                f"{len(own)} codes and one at least must stay safe; lower k."
            )
        name = f"quantizer.layers.{layer}.codebook"
        generator = rng.generator(context.seed, "lcr", *context.address.values(), layer)
        edited[name], targets = replace(
            state[name], chosen, params["alpha"], params["replacement"], generator
        )
        hit = own[own["code"].isin(chosen)]
        layers.append(
            {
                "layer": layer,
                "codes": chosen.tolist(),
                "replaced_by": targets.tolist(),
                "forget_tokens_hit": float(hit["forget_tokens"].sum()),
                "retain_tokens_hit": float(hit["retain_tokens"].sum()),
            }
        )
    return Edit({"tokenizer": edited}, {"layers": layers})


def select(statistics: pd.DataFrame, params: Mapping[str, Any]) -> np.ndarray:
    """The codes of one layer to replace, int64, best first (``statistics`` sorted by code)."""
    k = params["k"]
    match params["selection"]:
        case "score":
            chosen = statistics.nsmallest(k, "rank")["code"]
        case "coverage":
            chosen = _by_coverage(statistics, k, params["retain_budget"])
        case _:
            chosen = _as_reference(statistics, k)
    return np.array(chosen, dtype=np.int64)


def _by_coverage(statistics: pd.DataFrame, k: int, budget: float) -> pd.Series:
    """At most k codes, by forget tokens won for each retain token lost, within the budget."""
    useful = statistics[statistics["forget_tokens"] > 0]
    gain = useful["forget_tokens"] / useful["retain_tokens"].clip(lower=1e-9)
    order = useful.assign(gain=gain).sort_values(["gain", "code"], ascending=[False, True])
    affordable = order["retain_tokens"].cumsum() <= budget
    return order["code"][affordable][:k]


def _as_reference(statistics: pd.DataFrame, k: int) -> pd.Series:
    """Union of the two rankings of the reference (hmu ``src/methods/lcr.py``, ``topk_codes``).

    Both order the codes by the same ratio up to a constant; they differ only in rounding and ties.
    """
    forget, retain = (statistics[name].to_numpy(float) for name in ("forget", "retain"))
    by_count = forget / (retain + 1e-8)
    by_share = forget / (forget.sum() + 1e-8) / (retain / (retain.sum() + 1e-8) + 1e-8)
    best = [np.argsort(-ratio)[:k] for ratio in (by_count, by_share)]
    return statistics["code"].iloc[np.unique(np.concatenate(best))]


def replace(
    codebook: torch.Tensor,
    chosen: np.ndarray,
    alpha: float,
    replacement: str,
    generator: np.random.Generator,
) -> tuple[torch.Tensor, np.ndarray]:
    """A copy of ``codebook`` (codes, dim) with ``chosen`` replaced, and the safe codes they took.

    The noise has ``alpha`` times the standard deviation of all entries of the codebook.
    """
    safe = np.setdiff1d(np.arange(len(codebook)), chosen)
    draws = 1 if replacement == "single" else len(chosen)
    targets = np.resize(generator.choice(safe, size=draws), len(chosen))
    noise = generator.standard_normal((len(chosen), codebook.shape[1]), dtype=np.float32)
    edited = codebook.clone()
    scale = float(codebook.std()) * alpha
    edited[torch.from_numpy(chosen)] = codebook[torch.from_numpy(targets)] + scale * (
        torch.from_numpy(noise)
    )
    return edited, targets
