"""The edit: what a method is given and told of a model, with a dataset or without one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu import config as configuration
from hmu import registry
from hmu.backbones import opening
from hmu.errors import InputError
from hmu.generation.bundle import Model
from hmu.jobs.preparing import READABLE
from hmu.run.job import Job
from hmu.unlearning.declaration import Declaration


def job(
    config: Mapping[str, Any],
    address: Mapping[str, str],
    model: Model,
    of_dataset: Mapping[str, Path] | None,
    to: Path,
    results: Path,
    base: str | None = None,
) -> Job:
    """The job that leaves the checkpoint of a variant of a validated configuration in ``to``.

    ``address`` names backbone, concept, dataset and variant; ``of_dataset`` are the files of
    :meth:`hmu.jobs.preparing.Preparing.inputs`, None where there is no dataset; ``base`` is where
    the record is to say that the model lies. Raises InputError for a method that reads what no
    single model has.
    """
    declared = Declaration.of(config["variants"][address["variant"]])
    if "retrained" in declared.inputs:
        raise InputError(
            f"The method {declared.method!r} takes models that are trained again without the "
            "concept: only the workflow trains them, `snakemake results/tables`."
        )
    reads, parts = declared.inputs, registry.literals("backbones", model.kind)["PARTS"]
    changes = declared.changed(parts)
    files = {name: [Path(each) for each in paths] for name, paths in declared.files.items()}
    inputs: dict[str, Any] = {
        **_of_model(model, declared, parts),
        **(of_dataset or {}),
        **{f"file_{name}": paths for name, paths in files.items() if paths},
    }
    words = concepts(declared, address["concept"]) if "keywords" in reads else []
    absent = sorted(READABLE & {*reads}) if of_dataset is None else []
    backbone = config["backbones"][address["backbone"]]
    settings = {
        "method": declared.method,
        "params": declared.params,
        "address": dict(address),
        "transformers": model.transformers,
        "changes": changes,
        "keywords": {
            name: configuration.keywords(config, name, address["dataset"]) for name in words
        },
        "training": {part: backbone[part]["training"] for part in changes if declared.trains},
        "sampling": _sampling(config, model.kind) if "sampling" in reads else None,
        "device": config["device"],
        **({"absent": absent} if absent else {}),
        **({"base": base} if base else {}),
    }
    return Job(
        "unlearn_by_training" if declared.trains else "unlearn",
        inputs,
        {
            "origin": to / "origin.json",
            "training": to / "training",
            "delta": to / "delta.safetensors",
        },
        settings,
        seed=config["seed"],
        plugins=_plugins(model.kind, declared, parts),
        threads=config["threads"],
        results=results,
    )


def check_encoder(declared: Declaration, model: Model) -> None:
    """Raise InputError when the method needs texts and the model has nothing that reads them."""
    if {"text_encoder", "captions"} & {*declared.inputs} and "text_encoder" not in model.inputs:
        raise InputError(
            f"{model.folder} has no text_encoder beside its parts: "
            f"`hmu import ViT-B-32.pt --to {model.folder}`, or copy that of the model."
        )


def concepts(declared: Declaration, concept: str) -> list[str]:
    """The concept to forget, and those that the variant's parameters name beside it."""
    return list(dict.fromkeys([concept, *declared.concepts]))


def _of_model(model: Model, declared: Declaration, parts: Mapping[str, Any]) -> dict[str, Path]:
    """The files of the model that the method reads."""
    reads = declared.inputs
    names = [*declared.parts(parts)]
    if "model" in reads:
        names += [f"{part}_config" for part in declared.parts(parts)]
    if "sampling" in reads:
        names.append("tokenizer_config")
    if "text_encoder" in reads:
        names += ["text_encoder", "text_encoder_config"]
    return {name: model.inputs[name] for name in names}


def _plugins(kind: str, declared: Declaration, parts: Mapping[str, Any]) -> tuple[str, ...]:
    """The method, and what runs a network for a method that asks for that."""
    found = [f"hmu.methods.{declared.method}"]
    if "model" in declared.inputs:
        for part in declared.parts(parts):
            found += opening.declared(kind, part).modules
    if "sampling" in declared.inputs:
        found.append(parts["tokenizer"]["sizes"].rpartition(".")[0])
    if {"model", "sampling"} & {*declared.inputs}:
        found.append("hmu.backbones.opening")
    if "text_encoder" in declared.inputs:
        found.append("hmu.unlearning.encoding")
    return tuple(dict.fromkeys(found))


def _sampling(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What the samplers of a kind of backbone are told."""
    asked = (*registry.literals("backbones", kind)["SETTINGS"], "batch", "precision")
    return {key: config["generation"][key] for key in asked}
