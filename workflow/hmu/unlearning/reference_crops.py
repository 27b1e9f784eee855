"""The crops in which the reference's LCR counts codes (hmu ``src/methods/lcr.py``,
``collect_codes``): 20 random ones of each caption's motion, padded to the longest motion."""

from typing import Any

import numpy as np
import pandas as pd

from hmu import rng
from hmu.models.batches.drawing import crop

REPEATS = 20


def draw(motions: Any, samples: Any, seed: int) -> pd.DataFrame:
    """The distinct crops of the motions of train and val, and how often each was drawn.

    ``motions``: motion, clip, start, frames, split; ``samples``: motion, caption and more. Columns:
    motion, clip, start (frame in the clip), frames, ``times``.
    """
    seen = motions[motions["split"] != "test"].set_index("motion")
    captions = samples[samples["motion"].isin(seen.index)]
    drawn = captions.loc[captions.index.repeat(REPEATS), ["sample", "motion"]]
    numbers = np.tile(np.arange(REPEATS), len(captions))
    keys = rng.numbered(rng.keys(captions["sample"]).repeat(REPEATS), numbers)
    uniforms = rng.uniforms((seed, "reference-crops"), keys, 2)
    own = seen.loc[drawn["motion"]]
    begin, length = crop(own["frames"].to_numpy(np.int64), uniforms)
    crops = pd.DataFrame(
        {
            "motion": drawn["motion"].to_numpy(),
            "clip": own["clip"].to_numpy(),
            "start": own["start"].to_numpy(np.int64) + begin,
            "frames": length,
        }
    )
    return crops.value_counts(sort=False).rename("times").reset_index()
