"""TMR's score of a motion and its caption, which is to the second evaluator what MM-Dist is to the
first.

Reference: Mathux/TMR, src/model/tmr.py (get_score_matrix).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._cosines import unit

NAMES = ("tmr_score",)
READS = {"text": "text/tmr", "generated": "generated/tmr"}
SETTINGS = ()
REAL = True
SAYS = {
    "tmr_score": "TMR score is half the cosine of a motion's embedding and its caption's, plus one "
    "half: 1 where they point the same way (Petrovich et al. 2023)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Mean over all samples; the score of each."""
    del settings
    cosine = np.einsum("nd,nd->n", unit(inputs["text"]), unit(inputs["generated"]))
    each = cosine / 2 + 0.5
    return Measured({"tmr_score": float(each.mean())}, {"tmr_score": each})
