"""What codes bring into motions, as its detector measures it; `hmu.generation.brought` says it.

The margin of a motion is its score minus the detector's threshold: above 0 the concept is found.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from hmu.descriptors import presence
from hmu.interface.descriptors import DescriptorContext, Motion
from hmu.models.calibration import Rate
from hmu.run.job import Inputs
from hmu.tables.detection import NAMES


def margins(
    inputs: Inputs, joints: Sequence[np.ndarray], seed: int, device: torch.device
) -> np.ndarray:
    """The margins of motions, float32 (frames, 22, 3) each, by the detector among the inputs and
    the thresholds of its ``calibration``: (motions, seeds)."""
    detector = presence.load(DescriptorContext(inputs, {}, seed, device))
    return detector.motions([Motion(joints=each) for each in joints])


def record(
    concept: str,
    prompts: Sequence[Mapping[str, Any]],
    margins: Mapping[str, np.ndarray],
    calibration: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What the detectors of a concept say of the motions of ``prompts`` (which each say who they
    are), as plain data: ``margins``, (prompts, seeds) by name, those of
    `hmu.generation.brought.BEFORE` first. ``calibration`` has the records of these detectors.

    ``shares`` has for each name, by the detector of the first seed (``presence``) and by that of
    the second (``presence_again``), in how many motions the concept is found, their share, and its
    95% interval; ``motions`` has the margins of each. ``detectors`` says of these two what they are
    worth on real test clips (``test``): AUC, and the rates on those that show the concept and on
    the others.
    """
    return {
        "concept": concept,
        "prompts": len(prompts),
        "detectors": {
            value: {"test": each["test"]} for value, each in zip(NAMES, calibration, strict=True)
        },
        "shares": [
            {
                "name": name,
                **{value: _share(found[:, seed]) for seed, value in enumerate(NAMES)},
            }
            for name, found in margins.items()
        ],
        "motions": [
            {**prompt, "margins": {name: found[row].tolist() for name, found in margins.items()}}
            for row, prompt in enumerate(prompts)
        ],
    }


def _share(margins: np.ndarray) -> dict[str, float]:
    rate = Rate.of(margins, 0.0)
    return {"above": rate.above, "share": rate.share, "low": rate.low, "high": rate.high}
