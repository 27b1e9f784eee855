"""For a motion tokenizer: windows of the features of the training clips."""

from collections.abc import Mapping
from typing import Any

import torch

from hmu.interface.backbones import Recipe
from hmu.io.store import ClipStore
from hmu.models.batches.tables import Rows
from hmu.models.batches.windows import WindowBatches
from hmu.motion.normalise import Normaliser
from hmu.run.job import Inputs, one
from hmu.sections.base import Section
from hmu.sections.training import WindowedSchedule


def recipe(
    sizes: type[Section], inputs: Inputs, section: Mapping[str, Any], device: torch.device
) -> Recipe:
    """The part's section alone says its sizes; it learns in the scale of the dataset."""
    schedule = WindowedSchedule.of(section["training"])
    normaliser = Normaliser.read(one(inputs, "mean"), one(inputs, "std"))
    concept = one(inputs, "concept") if "concept" in inputs else None
    batches = WindowBatches(
        ClipStore(one(inputs, "data"), one(inputs, "index")),
        normaliser,
        Rows.read(one(inputs, "motions"), concept),
        schedule.window,
        schedule.batch,
        schedule.windows_per_clip,
        device,
    )
    return Recipe(sizes.of(section), batches, schedule, normaliser)
