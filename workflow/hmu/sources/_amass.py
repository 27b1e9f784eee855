"""AMASS as downloaded: where a sequence is, and the joints of its frames.

HumanML3D's index names sequences as the first release did,
``KIT/3/kick_high_left02_poses.npz``. Later releases renamed eight of the data sets (the table of
Motion-X's ``mocap-dataset-process``), end file names in ``_stageii`` with ``_`` for blanks, and
call the rate ``mocap_frame_rate``. All of these are found. The bodies have to be SMPL-H: the
files of "SMPL-X G" are other fits, and thousands of them give another frame rate for the same
frames (nghorbani/amass, issue 49; IDEA-Research/Motion-X, issue 43), so frames that the index
counts would be other moments in them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from hmu.io import arrays
from hmu.io.arrays import BadArray
from hmu.io.walk import is_left
from hmu.motion import skeleton
from hmu.motion.bodymodel import BETAS, BodyModel
from hmu.motion.checks import checked, checked_joints

NAMES = {
    "ACCAD": "ACCAD",
    "BMLhandball": "BMLhandball",
    "BMLmovi": "BMLmovi",
    "BioMotionLab_NTroje": "BMLrub",
    "CMU": "CMU",
    "DFaust_67": "DFaust",
    "EKUT": "EKUT",
    "Eyes_Japan_Dataset": "Eyes_Japan_Dataset",
    "HumanEva": "HumanEva",
    "KIT": "KIT",
    "MPI_HDM05": "HDM05",
    "MPI_Limits": "PosePrior",
    "MPI_mosh": "MoSh",
    "SFU": "SFU",
    "SSM_synced": "SSM",
    "TotalCapture": "TotalCapture",
    "Transitions_mocap": "Transitions",
}
"""The data sets that HumanML3D takes clips from: folder of the first release, and the later name,
which the site has too."""

FOLDERS = ("amass", "amass_data")
"""Where AMASS is below the raw directory; the second is the notebook's name."""

GENDERS = ("male", "female")

_VALUES = 156
_SMPLX_VALUES = 165
_STAGEII = "_stageii.npz"


class Tree:
    """The sequences below a raw directory, by the names that HumanML3D's index gives them."""

    def __init__(self, raw: Path) -> None:
        """Look for the data sets: in a folder of `FOLDERS`, or one deeper, as each archive unpacks
        into a folder of its own."""
        self.raw = raw
        self._homes: Mapping[str, list[Path]] = defaultdict(list)
        for folder in FOLDERS:
            for depth in ("*", "*/*"):
                for path in sorted((raw / folder).glob(depth)):
                    if path.is_dir() and not is_left(path.name):
                        self._homes[path.name].append(path)

    def homes(self, dataset: str) -> list[Path]:
        """The folders that a data set may be in, under either of its names."""
        return self._homes.get(dataset, []) + self._homes.get(NAMES.get(dataset, ""), [])

    def find(self, source: PurePosixPath) -> Path | None:
        """The file of ``<data set>/<subject>/<name>_poses.npz``, or None."""
        inside = PurePosixPath(*source.parts[1:])
        for home in self.homes(source.parts[0]):
            for name in _spellings(inside):
                if (home / name).is_file():
                    return home / name
        return None


def _spellings(inside: PurePosixPath) -> Iterator[str]:
    """The name of a file in the first release, and in later ones."""
    first = str(inside)
    later = first.removesuffix("_poses.npz") + _STAGEII
    yield first
    yield later
    if " " in first:
        yield first.replace(" ", "_")
        yield later.replace(" ", "_")


def joints(path: Path, bodies: Mapping[str, BodyModel], start: int, end: int) -> np.ndarray:
    """(F, 22, 3) float32 of the frames ``start`` to ``end`` (of 20 a second), metres, y up.

    ``bodies`` has the model of each of `GENDERS`. Raises BadArray for a bad sequence.
    """
    try:
        archive = arrays.open_archive(path)
    except FileNotFoundError:
        raise BadArray("does not exist") from None
    with archive:
        read = partial(arrays.member, archive)
        rate = "mocap_frame_rate" if "mocap_frame_rate" in archive.files else "mocap_framerate"
        step = _step(arrays.numbers(read(rate), rate), rate)
        poses, trans, betas = (arrays.numbers(read(n), n) for n in ("poses", "trans", "betas"))
        sex = gender(read("gender"))
    if poses.ndim == 2 and poses.shape[1] == _SMPLX_VALUES:
        raise BadArray(
            "is a SMPL-X body, in which the frames that index.csv counts are other moments: "
            "download this data set of AMASS as 'SMPL+H G'"
        )
    fits = trans.ndim == 2 and trans.shape[1] == 3 and betas.ndim == 1
    if not fits or poses.shape != (len(trans), _VALUES):
        raise BadArray(
            f"has poses {poses.shape}, trans {trans.shape} and betas {betas.shape}, not "
            "(frames, 156), (frames, 3) and (16,)"
        )
    kept = slice(start, end)
    poses, trans = poses[::step][kept], trans[::step][kept]
    checked(trans, (3,))
    checked(poses, poses.shape[1:])
    placed = bodies[sex].joints(poses, trans, betas[:BETAS])
    return checked_joints(placed[..., [0, 2, 1]] * np.array([-1, 1, 1], dtype=np.float32))


def gender(value: np.ndarray) -> str:
    """Whose body a sequence has: the male one for the text ``male`` alone.

    The notebook compares with that text, and takes the female body for everything else: neutral
    ones, and ``male`` as bytes, which some of the files hold and which NumPy finds unequal to text.
    """
    return "male" if value.size == 1 and value.item() == "male" else "female"


def _step(rate: np.ndarray, name: str) -> int:
    value = float(rate.item()) if rate.size == 1 else float("nan")
    if not skeleton.FPS <= value < float("inf"):
        raise BadArray(f"has a {name} of {value:g}, and {skeleton.FPS} is the least")
    return int(value / skeleton.FPS)
