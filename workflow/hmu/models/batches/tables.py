"""The tables that batches are drawn from: rows of the splits, embeddings of captions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, parquet
from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class Rows:
    """The rows of ``motions.parquet`` or ``samples.parquet`` (pandas) that training may see."""

    training: Any
    validation: Any

    @classmethod
    def read(cls, path: Path, concept: Path | None) -> "Rows":
        """Rows of the train and val splits, without the forget set of ``concept`` if given."""
        table = parquet.frame(path)
        if concept is not None:
            clips = parquet.frame(concept)
            table = table[~table["clip"].isin(clips["clip"][clips["forget"]])]
        training, validation = (table[table["split"] == split] for split in ("train", "val"))
        if training.empty or validation.empty:
            raise InputError(
                f"{path} leaves {len(training)} rows to train on and {len(validation)} to validate "
                "with: both splits need some; check the split lists and the concept's keywords."
            )
        return cls(training, validation)


def caption_table(inputs: Inputs) -> tuple[np.ndarray, dict[str, int]]:
    """Caption embeddings float32 (captions, dim) and each caption's row, from the inputs
    ``embeddings`` and ``captions``."""
    text = np.array(arrays.read_result(one(inputs, "embeddings")))
    captions = parquet.frame(one(inputs, "captions"))
    return text, dict(zip(captions["caption"], captions["row"], strict=True))
