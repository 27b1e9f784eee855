"""Fréchet distance between the Gaussians of real and of generated motions as TMR embeds them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics.fid import frechet

NAMES = ("tmr_fid",)
READS = {"real": "real/tmr", "generated": "generated/tmr"}
SETTINGS = ()
REAL = False
SAYS = {
    "tmr_fid": "FID by TMR is that of the means which its motion encoder gives, of any length: on "
    "another scale than FID (Petrovich et al. 2023; Heusel et al. 2017)."
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """FID of the generated against the real embeddings, (n, d) each, n at least 2."""
    del settings
    return Measured({"tmr_fid": frechet(inputs["real"], inputs["generated"])})
