"""A checkpoint in the official layout, for the official code to load strictly."""

import os
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.motion.normalise import Normaliser
from hmu.official import archive, options, releases, remainder
from hmu.official.parts import Export, Part
from hmu.provenance import hashes
from hmu.run.job import Inputs, one

NAMES = ("official", "short")
"""The folders' names: by the sizes, as in the authors' download; or those of the unlearning
reference."""
SHORT_FILE = "base.tar"
"""The weights in a folder with a short name."""
DATASETS = ("t2m", "Motion-X")
"""``dataset_name`` in opt.txt: HumanML3D, or the unlearning reference's Motion-X."""
_TRAINING = ("opt_", "scheduler")


def refuse(to: Path) -> None:
    """Raise InputError where :func:`write` would: when ``to`` has files already."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError(f"{to} is there already: give a new directory.")


def write(
    kind: str,
    inputs: Inputs,
    delta: Mapping[str, Tensor],
    to: Path,
    names: str,
    evaluator: bool = False,
    dataset: str = DATASETS[0],
) -> list[str]:
    """Write the model of a ``kind`` of backbone whose files are ``inputs`` (`bundle.Model`) into
    the new directory ``to``.

    ``delta`` are the tensors that a checkpoint changed, by ``part/name``. ``names`` is one of
    NAMES; ``evaluator`` adds the evaluator; ``dataset``, one of DATASETS, is what was trained on,
    where no imported options say it. Of a part that a checkpoint changed, what training left
    (optimiser, schedule) stays behind: it belongs to the old weights. ``export.json`` says what
    each file was made from. Returns the parts written. Raises InputError when ``to`` has files
    already or cannot be written, for a kind without official files, for a missing evaluator, or for
    sizes that the official code does not know.
    """
    refuse(to)
    if evaluator and "evaluator" not in inputs:
        raise InputError("The model has no evaluator beside its parts: leave out --evaluator.")
    known = {**releases.parts(kind), **releases.parts(None)}
    left_out = set() if evaluator else {"evaluator"}
    parts = {name: known[name] for name in known if name in inputs and name not in left_out}
    models = {name: Stored.among(inputs, name) for name in parts}
    sizes = {
        name: storage.load_sizes(models[name].config, part.sizes) for name, part in parts.items()
    }
    for name, part in parts.items():
        _check(part, sizes[name], models[name].config)
    export, staged = _named(kind, parts, sizes, names), files.staged(to)
    shutil.rmtree(staged, ignore_errors=True)
    try:
        for name, part in parts.items():
            short = export.short and part.place.short is not None
            file = SHORT_FILE if short else part.place.files[0]
            path = staged / export.folders[name] / "model" / file
            path.parent.mkdir(parents=True)
            archive.write(path, _content(part, models[name], delta))
            _write_options(part, models[name], sizes[name], staged, export, dataset)
        _write_record(list(parts), inputs, staged)
        os.replace(staged, to)
    except OSError as error:
        raise InputError(f"{to} cannot be written ({error.strerror}): give another.") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return list(parts)


def _named(kind: str, parts: Mapping[str, Part], sizes: Mapping[str, Any], names: str) -> Export:
    """The folder of each part."""
    if names == "short":
        folders = {name: part.place.folders[-1] for name, part in parts.items()}
        return Export(folders, short=True)
    folders = {name: part.place.folder for name, part in parts.items()}
    return Export(folders | releases.of(kind).folders(sizes), short=False)


def _write_record(wanted: list[str], inputs: Inputs, to: Path) -> None:
    """Write ``export.json``: the hash of every file, and of what they were made from."""
    made = {name: files.sha256(path) for name, path in hashes.listing(to).items()}
    sources = {
        name: {"path": os.fspath(path), "sha256": hashes.content(path).sha256}
        for name, path in ((name, one(inputs, name)) for name in inputs)
        if name.partition("_")[0] in {*wanted, "delta"}
    }
    checkpoint = files.read_json(one(inputs, "delta_origin")) if "delta" in inputs else None
    record = {"files": made, "made_from": sources, "checkpoint": checkpoint}
    files.write_json(to / "export.json", record)


def _content(part: Part, model: Stored, delta: Mapping[str, Tensor]) -> dict[str, Any]:
    """What the official file of a part holds."""
    own = f"{model.name}/"
    changes = {key.removeprefix(own): each for key, each in delta.items() if key.startswith(own)}
    state = {**storage.load_state(model.weights), **changes}
    record = _official(model)
    content: dict[str, Any] = dict.fromkeys(part.counters, 0)
    if "remainder" in record:
        content = _remainder(model, record["remainder"])
        if changes:
            content = {k: v for k, v in content.items() if not k.startswith(_TRAINING)}
    keys = record.get("keys", [spellings[0] for spellings in part.keys])
    for key in keys:
        prefix = f"{key}." if part.grouped else ""
        mine = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        content[key] = OrderedDict(mine | content.get(key, {}))
    return content


def _official(model: Stored) -> Mapping[str, Any]:
    """What the import of a part noted of its official files; nothing of a part that was trained."""
    if model.origin is None:
        return {}
    found: Mapping[str, Any] = files.read_json(model.origin).get("official", {})
    return found


def _remainder(model: Stored, record: Any) -> dict[str, Any]:
    """What the import of a part set aside. Raises InputError where its files do not fit."""
    path = (model.training or model.weights.with_name("training")) / remainder.FILE
    tensors = storage.read_tensors(path)
    try:
        content: dict[str, Any] = remainder.join(record, tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} and {model.origin} are not of one import ({error}): import the model again."
        ) from error
    return content


def _write_options(
    part: Part, model: Stored, sizes: Any, to: Path, export: Export, dataset: str
) -> None:
    """Write ``opt.txt``, and the scale of the features into ``meta/``."""
    if part.place.described is None:
        return
    own = to / export.folders[model.name]
    folder = own if part.place.described == "." else own.with_name(part.place.described)
    record = _official(model).get("options") or {}
    usual = {"checkpoints_dir": "./checkpoints", "dataset_name": dataset}
    values = {**usual, **record, "name": folder.name, **part.options(sizes, export)}
    order = [*record, *sorted(values.keys() - record.keys())]
    folder.mkdir(exist_ok=True)
    options.write(folder / "opt.txt", {key: values[key] for key in order})
    if part.place.scaled:
        scale = Normaliser.of_model(model.config)
        (folder / "meta").mkdir()
        np.save(folder / "meta" / "mean.npy", scale.mean)
        np.save(folder / "meta" / "std.npy", scale.std)


def _check(part: Part, sizes: Any, config: Path) -> None:
    """Raise InputError for sizes other than those that the official code has written into it."""
    for name, fixed in part.fixed.items():
        if getattr(sizes, name) != fixed:
            raise InputError(
                f"{config}: {name} is {getattr(sizes, name)}, and the official code can only load "
                f"models with {fixed}: train the model with that size to export it."
            )
