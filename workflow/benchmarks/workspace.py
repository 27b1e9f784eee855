"""A folder with the files that our steps read, so that a benchmark times whole steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from benchmarks.timing import Bench
from hmu.io.store import ClipWriter
from hmu.models import storage
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.run.job import Job

SCALE = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
"""Motions lie here as the models see them."""


_ARRAYS = ("data", "embeddings", "description")


class Workspace:
    """Files by name; ``renamed`` of a job says which one its step calls otherwise."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder, self.bench = folder, bench

    def path(self, name: str) -> Path:
        """Where the file of that name lies."""
        array = name in _ARRAYS or name.startswith("described")
        return self.folder / (f"{name}.npy" if array else name)

    def model(self, name: str, module: nn.Module) -> None:
        """Write a model with its sizes and scale."""
        config = {
            "part": name,
            "kind": "momask",
            "normalisation": SCALE.as_json(),
            "sizes": module.sizes.model_dump(),  # type: ignore[operator, union-attr]
        }
        storage.save(self.path(name), self.path(f"{name}_config"), module, config)

    def motions(self, clips: Sequence[np.ndarray]) -> None:
        """Write clips (frames, 263), each a motion: ``data``, ``index`` and ``motions``."""
        names = [f"{number:06d}" for number in range(len(clips))]
        with ClipWriter(self.path("data"), self.path("index"), (FEATURES,)) as writer:
            for name, clip in zip(names, clips, strict=True):
                writer.add(name, clip)
        lengths = [len(clip) for clip in clips]
        self.table("motions", {"motion": names, "clip": names, "start": 0, "frames": lengths})

    def table(self, name: str, columns: dict[str, Any]) -> None:
        """Write a table."""
        pd.DataFrame(columns).to_parquet(self.path(name), index=False)

    def job(self, inputs: str, outputs: str, renamed: Mapping[str, str], **settings: Any) -> Job:
        """A job that reads and writes the files of these names, separated by spaces."""
        read, written = (
            {name: self.path(renamed.get(name, name)) for name in names.split()}
            for names in (inputs, outputs)
        )
        settings["device"] = self.bench.device.type
        return Job("benchmark", read, written, settings, scratch=self.folder / "scratch")
