"""`hmu import` and `hmu export`: official files into checkpoints, and checkpoints back."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.generation import bundle
from hmu.official import layout, writing
from hmu.run.job import Job
from hmu.run.runner import perform


def take_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, nargs="+", metavar="SOURCE", help="see above")
    parser.add_argument(
        "--to", type=Path, default=Path("results/imported"), metavar="FOLDER",
        help="new directory, inside the results (default results/imported)",
    )  # fmt: skip
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    parser.add_argument(
        "--backbone",
        choices=layout.MASKED,
        help="whose masked transformer to take where there are several (default momask)",
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
    else in the file, for an export). Hashes of every file read and written are in the lineage.
    """
    results, to = arguments.results, arguments.to
    if not to.resolve().is_relative_to(results.resolve()):
        raise InputError(f"{to} is not inside {results}, which keeps the lineage: correct --to.")
    jobs = [job for source in arguments.source for job in _jobs(source, to, arguments)]
    _check(jobs, arguments)
    for job in jobs:
        try:
            perform(job)
        except OSError as error:
            raise InputError(f"{to} cannot be written ({error}): give another --to.") from error
        print(f"{job.outputs['model'].parent} from {', '.join(map(str, job.all_inputs()))}")
    return 0


def _jobs(source: Path, to: Path, arguments: Namespace) -> list[Job]:
    """What there is to import in ``source``. Raises InputError when there is nothing."""
    kind = _kind(arguments)

    def job(step: str, part: str, inputs: dict[str, Path], *more: str, place: str = "") -> Job:
        outputs = {
            Path(file).stem: to / part / file
            for file in ("model.safetensors", "config.json", *more)
        }
        settings: dict[str, Any] = {"part": place} if place else {}
        plugins: tuple[str, ...] = ()
        parts = registry.literals("backbones", kind)["PARTS"]
        if part in parts:
            settings["kind"] = kind
            named = (parts[part]["network"], parts[part]["sizes"])
            plugins = tuple(name.rpartition(".")[0] for name in named)
        return Job(step, inputs, outputs, settings, plugins=plugins, results=arguments.results)

    if source.is_file():
        return [job("text_encoder", "text_encoder", {"weights": source})]
    if (source / layout.GLOVE["vectors"]).is_file():
        return [job("word_vectors", "word_vectors", layout.glove(source))]
    found = _chosen(layout.parts(source), arguments.backbone)
    if not found:
        raise InputError(
            f"{source} has no official files: give the directory that the download makes (with "
            f"folders {', '.join(place.folders[0] for place in layout.PLACES.values())}), the "
            "folder glove, or ViT-B-32.pt."
        )
    tokenizer = next((each for each in arguments.source if "tokenizer" in layout.parts(each)), None)
    return [
        job(
            "import_part",
            "masked" if place in layout.MASKED.values() else place,
            layout.inputs(source, place, arguments.file, tokenizer),
            "origin.json",
            "training",
            place=place,
        )
        for place in found
    ]


def _kind(arguments: Namespace) -> str:
    """The kind of backbone whose parts are imported."""
    found = {place for source in arguments.source for place in layout.parts(source)}
    there = (kind for kind, place in layout.MASKED.items() if place in found)
    return arguments.backbone or next(there, "momask")


def _check(jobs: list[Job], arguments: Namespace) -> None:
    """Raise InputError when a part comes twice, or what was asked for does not come at all."""
    seen: dict[Path, Job] = {}
    for job in jobs:
        model = job.outputs["model"]
        if model in seen:
            both = " and from ".join(str(each.all_inputs()[0]) for each in (seen[model], job))
            raise InputError(
                f"{model.parent} would come from {both}: give one of them, or pass --backbone."
            )
        seen[model] = job
    if arguments.file and all(
        path.name != arguments.file for job in jobs for path in job.all_inputs()
    ):
        raise InputError(f"No part has weights named {arguments.file}: correct --file.")
    wanted = layout.MASKED.get(arguments.backbone)
    if wanted and all(job.settings.get("part") != wanted for job in jobs):
        raise InputError(
            f"There is no masked transformer of {arguments.backbone}: correct --backbone."
        )


def _chosen(found: list[str], backbone: str | None) -> list[str]:
    """The places to import: one masked transformer at most."""
    masked = [each for each in layout.MASKED.values() if each in found]
    taken = layout.MASKED[backbone] if backbone else next(iter(masked), None)
    return [each for each in found if each not in masked or each == taken]


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
    inputs = bundle.find(arguments.checkpoint, arguments.base).inputs
    written = writing.write(
        inputs, arguments.to, arguments.names, arguments.evaluator, arguments.dataset_name
    )
    print(f"{arguments.to} from {arguments.checkpoint}: {', '.join(written)}")
    return 0
