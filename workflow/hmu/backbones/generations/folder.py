"""A directory of motions: ``PROMPTS/PROMPT/REPEAT.npy``, ``PROMPTS/PROMPT/REPEAT-DRAW.npy``."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hmu.interface.backbones import Motions
from hmu.io.arrays import BadArray, read_array
from hmu.io.names import file_name
from hmu.io.walk import walk
from hmu.motion.checks import checked, checked_joints
from hmu.motion.features import FEATURES
from hmu.sections.tokenizer import UNIT_LENGTH


def motions(section: Mapping[str, Any]) -> Motions:
    """The motions of a backbone whose section of the configuration this is."""
    return Folder(section["form"], section["lengths"] == "wanted")


@dataclass(frozen=True)
class Folder:
    """Motions at a stage, each as long as is ``wanted`` or as it may be."""

    stage: str
    wanted: bool

    def file(self, prompts: str, prompt: str, repeat: int, draw: int) -> str:
        """Draws from 1 on, which only MultiModality compares, stand behind the repeat."""
        name = f"{repeat}-{draw}" if draw else f"{repeat}"
        return f"{prompts}/{file_name(prompt)}/{name}.npy"

    def frames(self, frames: int) -> int:
        """A row of features is a pose and its movement to the next, so joints are one more."""
        return frames + (self.stage == "joints")

    def superfluous(self, folder: Path, prompts: str, names: Collection[str]) -> Iterator[str]:
        """More repeats or draws than are wanted are not."""
        known = {file_name(each) for each in names}
        below = folder / prompts
        for path, _ in walk(below) if below.is_dir() else ():
            if path.endswith(".npy") and path.partition("/")[0] not in known:
                yield f"{prompts}/{path}"

    def read(self, path: Path, frames: int) -> np.ndarray:
        """At least a token's frames, less than which no metric sees."""
        given, least = read_array(path), self.frames(UNIT_LENGTH)
        joints = self.stage == "joints"
        found = checked_joints(given, least) if joints else checked(given, (FEATURES,), least)
        if self.wanted and len(found) != self.frames(frames):
            raise BadArray(f"has {len(found)} frames, not {self.frames(frames)}")
        return found
