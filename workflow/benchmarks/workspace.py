"""A folder with the files that our steps read, so that a benchmark times whole steps."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from benchmarks.timing import Bench
from hmu.job import Job
from hmu.models import storage
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.store import ClipWriter

SCALE = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
"""Motions lie here as the models see them."""


class Workspace:
    """Files by the names that the steps have for them."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder, self.bench = folder, bench

    def path(self, name: str) -> Path:
        """Where the file of that name lies."""
        return self.folder / name

    def model(self, name: str, module: nn.Module) -> None:
        """Write a model with its sizes and scale."""
        config = {"sizes": asdict(module.sizes), "normalisation": SCALE.as_json()}  # type: ignore[call-overload]
        storage.save(self.path(name), self.path(f"{name}_config"), module, config)

    def motions(self, clips: Sequence[np.ndarray]) -> None:
        """Write clips (frames, 263), each a motion: ``data``, ``index`` and ``motions``."""
        with ClipWriter(self.path("data"), self.path("index"), (FEATURES,)) as writer:
            for number, clip in enumerate(clips):
                writer.add(f"{number:06d}", clip)
        names = [f"{number:06d}" for number in range(len(clips))]
        lengths = [len(clip) for clip in clips]
        self.table("motions", {"motion": names, "clip": names, "start": 0, "frames": lengths})

    def table(self, name: str, columns: dict[str, Any]) -> None:
        """Write a table."""
        pd.DataFrame(columns).to_parquet(self.path(name), index=False)

    def array(self, name: str, values: np.ndarray) -> None:
        """Write an array."""
        with self.path(name).open("wb") as stream:
            np.save(stream, values)

    def job(self, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> Job:
        """A job that reads and writes files of these names."""
        return Job(
            step="benchmark",
            inputs={name: self.path(name) for name in inputs},
            outputs={name: self.path(name) for name in outputs},
            settings={"device": self.bench.device.type, **settings},
            scratch=self.folder / "scratch",
        )
