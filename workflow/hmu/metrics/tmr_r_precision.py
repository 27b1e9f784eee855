"""R-precision by TMR: how often a motion is among the nearest of its pool to its own caption.

The protocol of Guo et al., which TMR reports too (Mathux/TMR, retrieval.py, ``guo``), by the cosine
of TMR's embeddings.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._cosines import unit
from hmu.metrics.r_precision import ranks

NAMES = ("tmr_r@1", "tmr_r@2", "tmr_r@3")
READS = {"text": "text/tmr", "generated": "generated/tmr"}
SETTINGS = ("pool",)
REAL = True
SAYS = {
    "tmr_r@": "R@k by TMR is the share of captions whose motion is among the first k of its pool, "
    "by the cosine of the embeddings of a second evaluator (Petrovich et al. 2023)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Share of captions whose motion ranks first, in the first two, in the first three; of each
    motion, whether it does."""
    # Of unit vectors the nearest are those of the largest cosine.
    place = ranks(unit(inputs["text"]), unit(inputs["generated"]), settings["pool"])
    found = {name: place < depth for depth, name in enumerate(NAMES, start=1)}
    return Measured({name: float(np.mean(hit)) for name, hit in found.items()}, found)
