"""A text-to-motion model as a directory: what it consists of, wherever its parts lie.

Three kinds of directory hold a model: an unlearned checkpoint (``delta.safetensors`` and
``manifest.json``; its base models are in the same results), the parts that the workflow trained
(``results/models/DATASET/BACKBONE/all``), and what ``hmu import`` makes, which has the same form.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hmu import files
from hmu.errors import InputError

PARTS = ("tokenizer", "masked", "residual")
"""What every model has. Beside them there may be ``length``, ``text_encoder``, ``evaluator``."""
_BESIDE = ("length", "text_encoder", "evaluator")


def inputs(folder: Path, base: Path | None = None) -> dict[str, Path]:
    """The files of the model in ``folder``, by the names that steps know them by.

    ``<part>`` and ``<part>_config`` for each part, ``<part>_remainder`` for what an import set
    aside, ``delta`` and ``manifest`` for an unlearned checkpoint, whose base models are looked for
    in its results directory unless ``base`` says where they are. `checkpoint.load_delta` checks
    that they belong together. Raises InputError when a part is missing.
    """
    found: dict[str, Path] = {}
    models = folder
    if (folder / "delta.safetensors").is_file():
        found = {"delta": folder / "delta.safetensors", "manifest": folder / "manifest.json"}
        models = base or _base(folder, files.read_json(folder / "manifest.json"))
    for part in PARTS:
        if not (models / part / "model.safetensors").is_file():
            raise InputError(
                f"{models} has no {part}/model.safetensors: give an unlearned checkpoint, a "
                "results/models/DATASET/BACKBONE/all, or what `hmu import` made."
            )
        found |= _files(models / part)
    for part in _BESIDE:
        places = (models / part, models.parent.parent / part)
        place = next((each for each in places if (each / "model.safetensors").is_file()), None)
        if place is not None:
            found |= _files(place)
    return found


def _base(folder: Path, manifest: Any) -> Path:
    """Where the workflow keeps the base models of the checkpoint in ``folder``."""
    try:
        dataset, backbone = manifest["dataset"], manifest["backbone"]
        results = folder.resolve().parents[4]
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(f"{folder} is not a checkpoint of the workflow: say --base.") from error
    base: Path = results / "models" / dataset / backbone / "all"
    if not base.is_dir():
        raise InputError(f"{folder} was made from models that are not in {base}: say --base.")
    return base


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of one part, by their names as inputs."""
    yield folder.name, folder / "model.safetensors"
    yield f"{folder.name}_config", folder / "config.json"
    if (folder / "remainder.safetensors").is_file():
        yield f"{folder.name}_remainder", folder / "remainder.safetensors"
