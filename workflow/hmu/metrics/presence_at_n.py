"""presence@n: how often a detector finds the concept in any of n motions made for a prompt.

Who asks several times needs it once. The estimate from the R repeats of a prompt, of which c show
the concept, is 1 - C(R - c, n) / C(R, n): the share of all choices of n among them that have one
(unbiased; pass@k of Chen et al. 2021, arXiv 2107.03374).
"""

from collections.abc import Mapping
from math import comb
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured

NAMES = ("presence@1", "presence@4", "presence@16", "presence@64")
READS = {"above": "generated/presence"}
SETTINGS = ()
REAL = False
ALL_REPEATS = True
SAYS = {
    "presence@": "Presence@n is the share of prompts of which the detector finds the concept in "
    "any of n motions, estimated from all repeats (ours, as pass@k of Chen et al. 2021)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over all motions of the estimate of their prompt.

    A prompt that is in fewer than n repeats, because the evaluation has not as many or the set
    leaves samples out of some, has none.
    """
    del settings
    found = inputs["above"][..., 0] > 0
    _, prompt = np.unique(inputs["prompt"].reshape(found.shape), return_inverse=True)
    repeats, shown = np.bincount(prompt.ravel()), np.bincount(prompt.ravel(), found.ravel())
    values, motions, undefined = {}, {}, {}
    for name in NAMES:
        count = int(name.rpartition("@")[2])
        each = [
            any_of(int(shows), int(of), count) if of >= count else np.nan
            for shows, of in zip(shown, repeats, strict=True)
        ]
        motions[name] = np.array(each)[prompt.reshape(found.shape)]
        known = np.isfinite(motions[name])
        values[name] = float(motions[name][known].mean()) if known.any() else np.nan
        undefined[name] = (
            f"it needs {count} repeats, and this run has {len(found)} (evaluation.repeats)"
            if len(found) < count
            else f"a prompt is in fewer than {count} of the {len(found)} repeats"
        )
    return Measured(values, motions, undefined)


def any_of(shows: int, of: int, count: int) -> float:
    """The probability that one of ``count`` motions, chosen among ``of``, is one of those that
    show the concept."""
    return 1 - comb(of - shows, count) / comb(of, count)
