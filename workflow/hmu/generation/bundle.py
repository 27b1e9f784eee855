"""A text-to-motion model as a directory: what it consists of, wherever its parts lie.

Three kinds of directory hold a model: an unlearned checkpoint (``delta.safetensors`` and
``origin.json``; its base models are in the same results), the parts that the workflow trained
(``results/models/DATASET/backbones/BACKBONE/all``), and what ``hmu import`` makes, which has the
same form.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.io import files
from hmu.models.stored import Stored
from hmu.provenance.lineage import Lineage
from hmu.sections.backbone import with_parts

_BESIDE = ("length", "text_encoder", "evaluator")
"""What a model may have beside the parts of its backbone."""
_GIVE = (
    "give an unlearned checkpoint, a results/models/DATASET/backbones/BACKBONE/all, or what "
    "`hmu import` made."
)


@dataclass(frozen=True)
class Model:
    """The files of a model.

    ``kind`` is that of its backbone, and ``folder`` where its parts lie. ``inputs`` are the files
    by the names that jobs give them: those of each part (:class:`hmu.models.stored.Stored`), and
    ``delta`` and ``delta_origin`` for an unlearned checkpoint.
    """

    kind: str
    folder: Path
    inputs: dict[str, Path]

    @property
    def transformers(self) -> list[str]:
        """The parts that generate: all but the tokenizer."""
        return [part for part in _parts(self.kind) if part != "tokenizer"]


def find(folder: Path, base: Path | None = None) -> Model:
    """The model in ``folder``.

    The base models of an unlearned checkpoint are looked for in its results directory unless
    ``base`` says where they are. `checkpoint.load_delta` checks that they belong together. Raises
    InputError when a part is missing.
    """
    found: dict[str, Path] = {}
    models = folder
    if (folder / "delta.safetensors").is_file():
        found = {"delta": folder / "delta.safetensors", "delta_origin": folder / "origin.json"}
        models = base or _base(folder, files.read_json(found["delta_origin"]))
    kind = _kind(models)
    places = [models, *_shared(models, kind)]
    for part in (*_parts(kind), *_BESIDE):
        folders = [models, models.parent.parent.parent] if part in _BESIDE else places
        holding = [each for each in folders if (each / part / "model.safetensors").is_file()]
        if holding:
            found |= Stored.inside(holding[0] / part).inputs()
        elif part not in _BESIDE:
            raise InputError(f"{models} has no {part}/model.safetensors: {_GIVE}")
    return Model(kind, models, found)


def detectors(model: Model) -> dict[str, dict[str, Path]]:
    """The detectors in the same results as a model, or beside its parts, by their concepts: the
    files of each by the names that jobs give them, with its ``calibration``."""
    found = {}
    for models in (model.folder.parent.parent.parent, model.folder):
        for folder in sorted(models.glob("detectors/*")):
            calibration = folder / "calibration.json"
            if calibration.is_file():
                stored = Stored("detector", folder / "model.safetensors", folder / "config.json")
                found[folder.name] = {**stored.inputs(), "calibration": calibration}
    return found


def _parts(kind: str) -> list[str]:
    """The parts of a kind of backbone."""
    return list(registry.literals("backbones", kind)["PARTS"])


def _own(kind: str) -> list[str]:
    """Those that are never another backbone's."""
    shared = registry.load("backbones", kind, "sections").Section.shared
    return [part for part in _parts(kind) if part not in shared]


def _kind(models: Path) -> str:
    """The kind of backbone of the parts in ``models``: the one that its own parts say."""
    for kind in with_parts():
        configs = [models / part / "config.json" for part in _own(kind)]
        if all(path.is_file() and _said(path) == kind for path in configs):
            return kind
    raise InputError(f"{models} has no transformer of {' or '.join(with_parts())}: {_GIVE}")


def _said(config: Path) -> Any:
    """The kind that the ``config.json`` of a part says."""
    found = files.read_json(config)
    return found.get("kind") if isinstance(found, dict) else None


def _shared(models: Path, kind: str) -> list[Path]:
    """Where the parts are that a backbone shares with another: beside the tokenizer on whose codes
    its own part was trained, by the record of that training."""
    try:
        lineage = Lineage.around(models, tolerant=True)
    except InputError:
        return []
    record = lineage.record(lineage.name(models / _own(kind)[-1] / "model.safetensors"))
    inputs = [PurePosixPath(name) for name in record.inputs] if record else []
    return [
        lineage.path(str(name.parents[1]))
        for name in inputs
        if name.parts[-2:] == ("tokenizer", "config.json")
    ]


def _base(folder: Path, origin: Any) -> Path:
    """Where the base models of the checkpoint in ``folder`` are: where it says, or where the
    workflow keeps them."""
    try:
        if "base" in origin:
            return Lineage.around(folder).path(origin["base"])
        dataset, backbone = origin["dataset"], origin["backbone"]
        results = folder.resolve().parents[4]
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(f"{folder} is not a checkpoint of the workflow: pass --base.") from error
    base: Path = results / "models" / dataset / "backbones" / backbone / "all"
    if not base.is_dir():
        raise InputError(f"{folder} was made from models that are not in {base}: pass --base.")
    return base
