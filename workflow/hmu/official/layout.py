"""Where official files lie: in the downloads, or in the checkout of an official repository.

A model's directory has a folder for each part; :class:`hmu.official.parts.Place` says which.
"""

from collections.abc import Mapping
from pathlib import Path

from hmu.errors import InputError
from hmu.official.parts import TOKENIZER, Part, Place

REEXPORTED = ("model.safetensors", "pytorch_model.bin")
"""What other libraries call a file of weights. Beside it, or with the official name and the ending
.safetensors, a part is found too."""
GLOVE = {
    "vectors": "our_vab_data.npy",
    "words": "our_vab_words.pkl",
    "rows": "our_vab_idx.pkl",
}
_ROOTS = ("", "checkpoints/t2m", "checkpoints/HumanML3D", "log/t2m/t2m", "log/vq/t2m")
"""Below a directory, the folders of official repositories in which those of the parts may be."""


def present(parts: Mapping[str, Part], root: Path) -> list[str]:
    """The names of those ``parts`` whose folders are in ``root``."""
    return [name for name, part in parts.items() if _folder(root, part.place, name) is not None]


def inputs(
    parts: Mapping[str, Part],
    name: str,
    root: Path,
    file: str | None = None,
    tokenizer: Path | None = None,
) -> dict[str, Path]:
    """The official files that make up the part ``name``, by the names that the import knows them
    by.

    ``file`` is the name of the weights to prefer: an unlearned part's (``lcr_kick.tar``), say.
    ``tokenizer`` is the directory of the tokenizer that a transformer reads, where it is another.
    Raises InputError when the part's folder or one of its files is missing.
    """
    place = parts[name].place
    folder = _folder(root, place, name)
    if folder is None:
        raise InputError(
            f"{root} has no folder {' or '.join(place.folders)}: give the directory that the "
            "official download makes."
        )
    found = {"weights": _weights(folder, place, file)}
    if place.described is not None:
        described = folder if place.described == "." else folder.parent / place.described
        found["options"] = described / "opt.txt"
        if place.scaled:
            found |= {each: described / "meta" / f"{each}.npy" for each in ("mean", "std")}
    if place.tokenizer:
        found["tokenizer_options"] = inputs(parts, TOKENIZER, tokenizer or root)["options"]
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


def _folder(root: Path, place: Place, name: str) -> Path | None:
    """The folder of a part. Raises InputError when several have a name that fits."""
    for base in _ROOTS:
        named = (root / base / folder for folder in place.folders)
        found = next((path for path in named if (path / "model").is_dir()), None)
        if found is not None:
            return found
        fitting = sorted((root / base).glob(place.pattern)) if place.pattern else []
        fitting = [path for path in fitting if (path / "model").is_dir()]
        if len(fitting) > 1:
            listed = ", ".join(path.name for path in fitting)
            raise InputError(
                f"{root / base} has more than one {name} ({listed}): name the one that is meant "
                f"{place.folders[-1]}, by a link, say."
            )
        if fitting:
            return fitting[0]
    return None


def _weights(folder: Path, place: Place, file: str | None) -> Path:
    names = (*([file] if file else []), *place.files)
    plain = (f"{Path(name).stem}.safetensors" for name in names)
    candidates = [folder / "model" / name for name in (*names, *plain, *REEXPORTED)]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise InputError(f"{folder / 'model'} has no {' or '.join(names)}: download it again.")
    return found
