"""`hmu import` and `hmu export`: official files into checkpoints, and checkpoints back."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.backbones import opening
from hmu.errors import InputError
from hmu.generation import bundle
from hmu.official import layout, releases, writing
from hmu.official.parts import TOKENIZER
from hmu.run.done import is_needed
from hmu.run.job import Job
from hmu.run.runner import perform, warn
from hmu.sections.backbone import of_kind
from hmu.unlearning import altering
from hmu.unlearning.checkpoint import load_delta

RULE = "hmu import"
"""What records call what makes these."""


def take_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, nargs="+", metavar="SOURCE", help="see above")
    parser.add_argument(
        "--to", type=Path, default=Path("results/imported"), metavar="FOLDER",
        help="new directory, inside the results (default results/imported)",
    )  # fmt: skip
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    parser.add_argument(
        "--backbone",
        choices=releases.kinds(),
        help="whose parts to take where there are those of several",
    )
    parser.add_argument(
        "--file",
        metavar="NAME",
        help="weights to take where a part has some of this name: lcr_kick.tar",
    )


def take(arguments: Namespace) -> int:
    """Turn official files into safetensors and JSON, without running anything in them.

    SOURCE is one or more of
      a directory of parts     as MoMask's, BAMM's or the evaluator's download gives it, or with
                               the unlearning reference's names (rvq, mtrans, rtrans, bamm)
      ViT-B-32.pt              CLIP, as OpenAI publishes it, or its plain state dict
      a folder glove           our_vab_data.npy, our_vab_words.pkl, our_vab_idx.pkl

    Each part becomes FOLDER/<part>/: model.safetensors (the weights), config.json (sizes, scale of
    the features), origin.json (what it is from, official options) and training/ (optimiser and all
    else in the file, for an export). Hashes of every file read and written are in the lineage. What
    lies there and was made by anything but this command is never replaced.
    """
    results, to = arguments.results, arguments.to
    if not to.resolve().is_relative_to(results.resolve()):
        raise InputError(f"{to} is not inside {results}, which keeps the lineage: correct --to.")
    jobs = _jobs(arguments.source, to, arguments)
    _check(jobs, arguments)
    needed = [job for job in jobs if is_needed(job, RULE, "give another --to")]
    for job in jobs:
        try:
            if job in needed:
                warn(job.results)
                perform(job._replace(rule=RULE))
        except OSError as error:
            raise InputError(f"{to} cannot be written ({error}): give another --to.") from error
        print(f"{job.outputs['model'].parent} from {', '.join(map(str, job.all_inputs()))}")
    return 0


def _jobs(sources: list[Path], to: Path, arguments: Namespace) -> list[Job]:
    """What there is to import. Raises InputError for a source in which there is nothing."""

    def job(step: str, name: str, inputs: Mapping[str, Path], *more: str, **how: Any) -> Job:
        files = ("model.safetensors", "config.json", "origin.json", *more)
        outputs = {Path(file).stem: to / name / file for file in files}
        return Job(step, inputs, outputs, results=arguments.results, **how)

    kind, made = _kind(sources, arguments.backbone), []
    for source in sources:
        if source.is_file():
            made.append(job("text_encoder", "text_encoder", {"weights": source}))
            continue
        if (source / layout.GLOVE["vectors"]).is_file():
            made.append(job("word_vectors", "word_vectors", layout.glove(source)))
            continue
        found = [
            (of, name) for of in dict.fromkeys((kind, None)) for name in _present(of, [source])
        ]
        if not found:
            raise InputError(
                f"{source} has no official files: give the directory that the download of "
                f"{' or '.join(releases.kinds())} or of the evaluator makes, the folder glove, or "
                "ViT-B-32.pt."
            )
        for of, name in found:
            with_tokenizer = (each for each in sources if TOKENIZER in _present(of, [each]))
            inputs = layout.inputs(
                releases.parts(of), name, source, arguments.file, next(with_tokenizer, None)
            )
            told: dict[str, Any] = {"settings": {"part": name}}
            if of is not None:
                plugins = (*opening.declared(of, name).modules, releases.module(of))
                told = {"settings": {"part": name, "kind": of}, "plugins": plugins}
            made.append(job("import_part", name, inputs, "training", **told))
    return made


def _present(kind: str | None, sources: list[Path]) -> list[str]:
    """The parts of a kind of backbone (None: the models that all share) that are in ``sources``."""
    found = {name for each in sources for name in layout.present(releases.parts(kind), each)}
    return [name for name in releases.parts(kind) if name in found]


def _kind(sources: list[Path], asked: str | None) -> str | None:
    """The kind of backbone whose parts are in ``sources``, None where there are no such parts.

    Raises InputError where it is another than the one that is asked for, or cannot be told: where
    there are the own parts of several kinds, or only such as they share.
    """
    present = {kind: _present(kind, sources) for kind in releases.kinds()}
    partly = [kind for kind, parts in present.items() if parts]
    own = [kind for kind in partly if {*present[kind]} - {*of_kind(kind).shared}]
    candidates = own or partly
    if asked is not None and asked not in candidates:
        raise InputError(f"There are no files of {asked}: correct --backbone.")
    if asked is None and len(candidates) > 1:
        raise InputError(
            f"The files may be those of {' or of '.join(candidates)}: pass --backbone."
        )
    return asked or next(iter(candidates), None)


def _check(jobs: list[Job], arguments: Namespace) -> None:
    """Raise InputError when a part comes twice, or what was asked for does not come at all."""
    seen: dict[Path, Job] = {}
    for job in jobs:
        model = job.outputs["model"]
        if model in seen:
            both = " and from ".join(str(each.all_inputs()[0]) for each in (seen[model], job))
            raise InputError(f"{model.parent} would come from {both}: give one of them.")
        seen[model] = job
    if arguments.file and all(
        path.name != arguments.file for job in jobs for path in job.all_inputs()
    ):
        raise InputError(f"No part has weights named {arguments.file}: correct --file.")


def give_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="see above")
    parser.add_argument("to", type=Path, metavar="FOLDER", help="new directory")
    parser.add_argument(
        "--names", choices=writing.NAMES, default="official",
        help="of folders: by the sizes, as in the download, or rvq, mtrans, rtrans",
    )  # fmt: skip
    parser.add_argument("--evaluator", action="store_true", help="write the evaluator too")
    parser.add_argument(
        "--dataset-name", choices=writing.DATASETS, default=writing.DATASETS[0],
        help="what a model trained here is to say in opt.txt (default t2m, which is HumanML3D)",
    )  # fmt: skip
    parser.add_argument(
        "--base", type=Path, metavar="FOLDER", help="the models that an unlearned one was made from"
    )


def give(arguments: Namespace) -> int:
    """Write a checkpoint as the official code reads it: opt.txt, meta/, model/*.tar.

    CHECKPOINT is an unlearned one (results/checkpoints/...), a trained one
    (results/models/DATASET/backbones/BACKBONE/all) or what `hmu import` made. FOLDER then goes
    where the official code looks, its ./checkpoints/t2m. BAMM's own code looks for the transformer,
    2024-02-…, in log/t2m/t2m, and for the tokenizer in log/vq/t2m too. FOLDER/export.json has the
    hash of every file, what it was made from, and how the checkpoint was made.
    """
    model = bundle.find(arguments.checkpoint, arguments.base)
    altering.refuse(model.inputs, "the official code would not")
    written = writing.write(
        model.kind,
        model.inputs,
        load_delta(model.inputs),
        arguments.to,
        arguments.names,
        arguments.evaluator,
        arguments.dataset_name,
    )
    print(f"{arguments.to} from {arguments.checkpoint}: {', '.join(written)}")
    return 0
