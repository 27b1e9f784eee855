"""A directory at the features stage: ``new_joint_vecs/<clip>.npy``, each (F, 263), not normalised.

``Mean.npy`` and ``Std.npy`` beside it, where present, are used instead of computed ones.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hmu.interface.sources import BadClip, Clip, Work
from hmu.io.arrays import BadArray, read_array
from hmu.motion.checks import checked
from hmu.motion.features import FEATURES
from hmu.sources._raw import arrays_in

STAGE = "features"
MARKS = ("new_joint_vecs",)


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[Path]:
    """The clips below ``raw``, by name. Raises InputError when there are none."""
    files = arrays_in(raw / "new_joint_vecs", "features, a .npy file of (frames, 263) a clip,")
    return Work(files, partial(_read, raw))


def _read(raw: Path, path: Path) -> Iterator[Clip | BadClip]:
    source = path.relative_to(raw).as_posix()
    try:
        yield Clip(path.stem, checked(read_array(path), (FEATURES,), least=1), source)
    except BadArray as error:
        yield BadClip(path.stem, source, str(error))
