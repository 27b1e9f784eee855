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
from hmu.motion.normalise import Normaliser
from hmu.official import archive, layout, options, remainder
from hmu.official.parts import PARTS, Part, tokenizer_options, transformer_options
from hmu.provenance import hashes
from hmu.run.job import Inputs, one
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from hmu.unlearning.checkpoint import load_delta

NAMES = ("official", "short")
"""The folders' names: by the sizes, as in MoMask's download; or rvq, mtrans, rtrans."""
DATASETS = ("t2m", "Motion-X")
"""``dataset_name`` in opt.txt: HumanML3D, or the unlearning reference's Motion-X."""

_EVALUATOR_OPTIONS = {
    "name": layout.EVALUATOR_SCALE,
    "max_text_len": "20",
    "unit_length": "4",
}
_TRAINING = ("opt_", "scheduler")


def write(
    inputs: Inputs, to: Path, names: str, evaluator: bool = False, dataset: str = DATASETS[0]
) -> list[str]:
    """Write the model whose files are ``inputs`` (`bundle.inputs`) into the new directory ``to``.

    ``names`` is one of NAMES; ``evaluator`` adds the evaluator; ``dataset``, one of DATASETS, is
    what was trained on, where no imported options say it. Of a part that a checkpoint changed, what
    training left (optimiser, schedule) stays behind: it belongs to the old weights. ``export.json``
    says what each file was made from. Returns the parts written. Raises InputError when ``to`` has
    files already or cannot be written, for a missing evaluator, or for sizes that the official code
    does not know.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError(f"{to} is there already: give a new directory.")
    if evaluator and "evaluator" not in inputs:
        raise InputError("The model has no evaluator beside its parts: leave out --evaluator.")
    places = _places(inputs, evaluator)
    for part, place in places.items():
        _check(PARTS[place], one(inputs, f"{part}_config"))
    delta, folders, staged = load_delta(inputs), _folders(inputs, places, names), files.staged(to)
    shutil.rmtree(staged, ignore_errors=True)
    try:
        for part, place in places.items():
            file = (
                layout.SHORT_FILE
                if folders[part] in layout.SHORT.values()
                else layout.PLACES[place].files[0]
            )
            path = staged / folders[part] / "model" / file
            path.parent.mkdir(parents=True)
            archive.write(path, _content(PARTS[place], inputs, delta))
            _write_options(part, inputs, staged, folders, dataset)
        _write_record(list(places), inputs, staged)
        os.replace(staged, to)
    except OSError as error:
        raise InputError(f"{to} cannot be written ({error.strerror}): give another.") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return list(places)


def _places(inputs: Inputs, evaluator: bool) -> dict[str, str]:
    """The parts to write, each with what `layout.PLACES` calls it."""
    places = {}
    for place, part in PARTS.items():
        if part.name not in inputs or (part.name == "evaluator" and not evaluator):
            continue
        config = files.read_json(one(inputs, f"{part.name}_config"))
        if part.kind in (None, config.get("kind", "momask")):
            places[part.name] = place
    return places


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


def _content(part: Part, inputs: Inputs, delta: Mapping[str, Tensor]) -> dict[str, Any]:
    """What the official file of a part holds."""
    own = f"{part.name}/"
    changes = {name.removeprefix(own): each for name, each in delta.items() if name.startswith(own)}
    state = {**storage.load_state(one(inputs, part.name)), **changes}
    record = _official(part.name, inputs)
    content: dict[str, Any] = dict.fromkeys(part.counters, 0)
    if "remainder" in record:
        content = _remainder(part, inputs, record["remainder"])
        if changes:
            content = {k: v for k, v in content.items() if not k.startswith(_TRAINING)}
    keys = record.get("keys", [spellings[0] for spellings in part.keys])
    for key in keys:
        prefix = f"{key}." if part.grouped else ""
        mine = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        content[key] = OrderedDict(mine | content.get(key, {}))
    return content


def _official(part: str, inputs: Inputs) -> Mapping[str, Any]:
    """What the import of a part noted of its official files; nothing of a part that was trained."""
    if f"{part}_origin" not in inputs:
        return {}
    found: Mapping[str, Any] = files.read_json(one(inputs, f"{part}_origin")).get("official", {})
    return found


def _remainder(part: Part, inputs: Inputs, record: Any) -> dict[str, Any]:
    """What the import of a part set aside. Raises InputError where its files do not fit."""
    origin = one(inputs, f"{part.name}_origin")
    path = one(inputs, f"{part.name}_training") / remainder.FILE
    tensors = storage.read_tensors(path)
    try:
        content: dict[str, Any] = remainder.join(record, tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} and {origin} are not of one import ({error}): import the model again."
        ) from error
    return content


def _folders(inputs: Inputs, places: Mapping[str, str], names: str) -> dict[str, str]:
    """The folder of each part. MoMask's official names tell the sizes."""
    folders = {part: layout.PLACES[place].folders[0] for part, place in places.items()}
    if names == "short":
        return folders | {part: layout.SHORT.get(places[part], folders[part]) for part in places}
    tokenizer = storage.load_sizes(one(inputs, "tokenizer_config"), TokenizerSizes)
    masked = storage.load_sizes(one(inputs, "masked_config"), TransformerSizes)
    residual = storage.load_sizes(one(inputs, "residual_config"), ResidualSizes)
    layers, dropout = tokenizer.quantizers, options.shown(tokenizer.quantizer_dropout)
    size = f"dc{tokenizer.code_dim}_nc{tokenizer.codes}"
    told = {
        "tokenizer": f"rvq_nq{layers}_{size}_noshare_qdp{dropout}",
        "masked": f"t2m_nlayer{masked.layers}_nhead{masked.heads}_ld{masked.latent}"
        f"_ff{masked.feedforward}_cdp{options.shown(masked.cond_drop)}_rvq{layers}ns",
        "residual": f"tres_nlayer{residual.layers}_ld{residual.latent}_ff{residual.feedforward}"
        f"_rvq{layers}ns_cdp{options.shown(residual.cond_drop)}"
        + ("_sw" if residual.share_weight else ""),
    }
    return folders | {part: name for part, name in told.items() if places[part] != "bamm"}


def _write_options(
    part: str, inputs: Inputs, to: Path, folders: Mapping[str, str], dataset: str
) -> None:
    """Write ``opt.txt``, and the scale of the features into ``meta/``."""
    path = one(inputs, f"{part}_config")
    config = files.read_json(path)
    record = _official(part, inputs).get("options") or {}
    usual = {"checkpoints_dir": "./checkpoints", "dataset_name": dataset}
    folder = to / folders[part]
    match part:
        case "tokenizer":
            sizes = storage.load_sizes(path, TokenizerSizes)
            own = {"name": folders[part], **tokenizer_options(sizes)}
        case "masked" | "residual":
            kind = ResidualSizes if part == "residual" else TransformerSizes
            shape = storage.load_sizes(path, kind)
            own = {"name": folders[part], "vq_name": folders["tokenizer"]}
            own |= transformer_options(shape)
            if isinstance(shape, ResidualSizes):
                own["share_weight"] = options.shown(shape.share_weight)
            elif config.get("kind") == "bamm":
                own["trans"] = "official"
                # BAMM's own code looks elsewhere than the unlearning reference's.
                short = folders[part] in layout.SHORT.values()
                own["checkpoints_dir"] = "./checkpoints" if short else "./log/t2m"
        case "evaluator":
            seen = storage.load_sizes(path, EvaluatorSizes)
            folder = to / layout.EVALUATOR_SCALE
            own = {
                **_EVALUATOR_OPTIONS,
                "dim_movement_enc_hidden": options.shown(seen.movement_hidden),
                "dim_movement_latent": options.shown(seen.movement_latent),
            }
        case _:
            return
    folder.mkdir(exist_ok=True)
    values = {**usual, **record, **own}
    order = [*record, *sorted(values.keys() - record.keys())]
    options.write(folder / "opt.txt", {name: values[name] for name in order})
    if part in ("tokenizer", "evaluator"):
        scale = Normaliser.of_model(path)
        (folder / "meta").mkdir()
        np.save(folder / "meta" / "mean.npy", scale.mean)
        np.save(folder / "meta" / "std.npy", scale.std)


def _check(part: Part, config: Path) -> None:
    """Raise InputError for sizes other than those that the official code has written into it."""
    found = storage.load_sizes(config, part.sizes)
    for name, fixed in _FIXED[part.sizes].items():
        if getattr(found, name) != fixed:
            raise InputError(
                f"{config}: {name} is {getattr(found, name)}, and the official code can only load "
                f"models with {fixed}: train the model with that size to export it."
            )


_FIXED: Mapping[type[Any], Mapping[str, int]] = {
    TokenizerSizes: {"features": 263},
    TransformerSizes: {"text_dim": 512},
    ResidualSizes: {"text_dim": 512},
    LengthSizes: {"text_dim": 512, "classes": 50},
    EvaluatorSizes: {
        "features": 263,
        "word_dim": 300,
        "pos_dim": 15,
        "text_hidden": 512,
        "motion_hidden": 1024,
        "embedding": 512,
    },
}
