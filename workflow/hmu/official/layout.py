"""Where official files lie: folders and names of the downloads, and of the reference's links.

A model's directory has a folder for each part, named for its sizes as in MoMask's download or with
a short name as in the unlearning reference (Mamiglia/hmu, scripts/utils/prepare.sh). The directory
may also be the checkout of an official repository, in which its own folders are searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hmu.errors import InputError


@dataclass(frozen=True)
class Place:
    """Folder names and file names in ``model/``, the first that exists being taken.

    Where no folder has one of the names, the only one that fits ``pattern`` is taken: official
    names tell the sizes.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    pattern: str | None = None


PLACES: Mapping[str, Place] = {
    "tokenizer": Place(
        ("rvq_nq6_dc512_nc512_noshare_qdp0.2", "rvq"),
        ("net_best_fid.tar", "base.tar", "finest.tar", "latest.tar"),
        "rvq_nq*",
    ),
    "masked": Place(
        ("t2m_nlayer8_nhead6_ld384_ff1024_cdp0.1_rvq6ns", "mtrans"),
        ("latest.tar", "base.tar", "net_best_fid.tar"),
        "t2m_nlayer*",
    ),
    "bamm": Place(
        ("2024-02-14-14-27-29_8_GPT_officialTrans_2iterPrdictEnd", "bamm"),
        ("latest.tar", "base.tar", "net_best_fid.tar"),
    ),
    "residual": Place(
        ("tres_nlayer8_ld384_ff1024_rvq6ns_cdp0.2_sw", "rtrans"),
        ("net_best_fid.tar", "base.tar", "latest.tar"),
        "tres_nlayer*",
    ),
    "length": Place(("length_estimator",), ("finest.tar", "latest.tar")),
    "evaluator": Place(("text_mot_match",), ("finest.tar", "latest.tar")),
}
MASKED = {"momask": "masked", "bamm": "bamm"}
"""The place of the masked transformer of each kind of backbone."""
SHORT = {part: place.folders[1] for part, place in PLACES.items() if len(place.folders) > 1}
"""The reference's short names of folders; the weights in them are SHORT_FILE."""
SHORT_FILE = "base.tar"
REEXPORTED = ("model.safetensors", "pytorch_model.bin")
"""What other libraries call a file of weights. Beside it, or with the official name and the ending
.safetensors, a part is found too."""
EVALUATOR_SCALE = "Comp_v6_KLD005"
"""Folder beside the evaluator's, with the mean and std that it was trained with."""
GLOVE = {
    "vectors": "our_vab_data.npy",
    "words": "our_vab_words.pkl",
    "rows": "our_vab_idx.pkl",
}
_TRANSFORMERS = ("masked", "bamm", "residual")
_ROOTS = ("", "checkpoints/t2m", "checkpoints/HumanML3D", "log/t2m/t2m", "log/vq/t2m")


def parts(root: Path) -> list[str]:
    """The parts whose folders are in ``root``."""
    return [part for part in PLACES if _folder(root, part) is not None]


def inputs(
    root: Path, part: str, file: str | None = None, tokenizer: Path | None = None
) -> dict[str, Path]:
    """The official files that make up ``part``, by the names that the import knows them by.

    ``file`` is the name of the weights to prefer: an unlearned part's (``lcr_kick.tar``), say.
    ``tokenizer`` is the directory of the tokenizer that a transformer reads, where it is another.
    Raises InputError when the part's folder or one of its files is missing.
    """
    folder = _folder(root, part)
    if folder is None:
        raise InputError(
            f"{root} has no folder {' or '.join(PLACES[part].folders)}: give the directory that "
            "the official download makes."
        )
    found = {"weights": _weights(folder, part, file)}
    if part in _TRANSFORMERS:
        found["options"] = folder / "opt.txt"
        found["tokenizer_options"] = inputs(tokenizer or root, "tokenizer")["options"]
    scale = folder.parent / EVALUATOR_SCALE if part == "evaluator" else folder
    if part in ("tokenizer", "evaluator"):
        found["options"] = scale / "opt.txt"
        found |= {name: scale / "meta" / f"{name}.npy" for name in ("mean", "std")}
    for path in found.values():
        if not path.is_file():
            raise InputError(f"{path} is missing: copy the whole directory of the download.")
    return found


def glove(folder: Path) -> dict[str, Path]:
    """The three files of the evaluator's vocabulary. Raises InputError when one is missing."""
    found = {name: folder / file for name, file in GLOVE.items()}
    for path in found.values():
        if not path.is_file():
            raise InputError(f"{path} is missing: give the folder of the glove download.")
    return found


def _folder(root: Path, part: str) -> Path | None:
    """The folder of a part. Raises InputError when several have a name that fits."""
    place = PLACES[part]
    for base in _ROOTS:
        named = (root / base / name for name in place.folders)
        found = next((path for path in named if (path / "model").is_dir()), None)
        if found is not None:
            return found
        fitting = sorted((root / base).glob(place.pattern)) if place.pattern else []
        fitting = [path for path in fitting if (path / "model").is_dir()]
        if len(fitting) > 1:
            listed = ", ".join(path.name for path in fitting)
            raise InputError(
                f"{root / base} has more than one {part} ({listed}): name the one that is meant "
                f"{place.folders[-1]}, by a link, say."
            )
        if fitting:
            return fitting[0]
    return None


def _weights(folder: Path, part: str, file: str | None) -> Path:
    names = (*([file] if file else []), *PLACES[part].files)
    plain = (f"{Path(name).stem}.safetensors" for name in names)
    candidates = [folder / "model" / name for name in (*names, *plain, *REEXPORTED)]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise InputError(f"{folder / 'model'} has no {' or '.join(names)}: download it again.")
    return found
