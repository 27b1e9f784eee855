"""A text-to-motion model as a directory: what it consists of, wherever its parts lie.

Three kinds of directory hold a model: an unlearned checkpoint (``delta.safetensors`` and
``manifest.json``; its base models are in the same results), the parts that the workflow trained
(``results/models/DATASET/backbones/BACKBONE/all``), and what ``hmu import`` makes, which has the
same form.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.provenance.lineage import Lineage

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
    places = [models, *_shared(models)]
    for part in (*PARTS, *_BESIDE):
        folders = places if part in PARTS else [models, models.parent.parent.parent]
        holding = [each for each in folders if (each / part / "model.safetensors").is_file()]
        if holding:
            found |= _files(holding[0] / part)
        elif part in PARTS:
            raise InputError(
                f"{models} has no {part}/model.safetensors: give an unlearned checkpoint, a "
                "results/models/DATASET/backbones/BACKBONE/all, or what `hmu import` made."
            )
    return found


def _shared(models: Path) -> list[Path]:
    """Where the parts are that a backbone shares with another: beside the tokenizer on whose codes
    its masked transformer was trained, by the record of that training."""
    try:
        lineage = Lineage.around(models, tolerant=True)
    except InputError:
        return []
    record = lineage.record(lineage.name(models / "masked" / "model.safetensors"))
    inputs = [PurePosixPath(name) for name in record.inputs] if record else []
    return [
        lineage.path(str(name.parents[1]))
        for name in inputs
        if name.parts[-2:] == ("tokenizer", "config.json")
    ]


def _base(folder: Path, manifest: Any) -> Path:
    """Where the workflow keeps the base models of the checkpoint in ``folder``."""
    try:
        dataset, backbone = manifest["dataset"], manifest["backbone"]
        results = folder.resolve().parents[4]
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(f"{folder} is not a checkpoint of the workflow: pass --base.") from error
    base: Path = results / "models" / dataset / "backbones" / backbone / "all"
    if not base.is_dir():
        raise InputError(f"{folder} was made from models that are not in {base}: pass --base.")
    return base


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of one part, by their names as inputs."""
    yield folder.name, folder / "model.safetensors"
    yield f"{folder.name}_config", folder / "config.json"
    if (folder / "remainder.safetensors").is_file():
        yield f"{folder.name}_remainder", folder / "remainder.safetensors"
