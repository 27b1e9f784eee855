"""`hmu unlearn`: a model forgets a concept, in one command."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu import config as configuration
from hmu import paths
from hmu.errors import InputError
from hmu.generation import bundle
from hmu.io import files, yaml_document
from hmu.jobs import unlearning
from hmu.jobs.asked import NO_DATASET, Asked, named
from hmu.jobs.preparing import Preparing
from hmu.official import writing
from hmu.provenance.lineage import Lineage
from hmu.run.done import is_needed
from hmu.run.job import Job
from hmu.run.runner import perform, warn
from hmu.unlearning.checkpoint import load_delta
from hmu.unlearning.declaration import Declaration

RULE = "hmu unlearn"
"""What records name as the rule of the jobs of this command."""


def unlearn_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="see above")
    what = parser.add_argument_group("what to forget, and how")
    what.add_argument("--concept", required=True, metavar="NAME")
    what.add_argument(
        "--keywords",
        nargs="+",
        metavar="WORD",
        help="of the concept (default: the configuration's)",
    )
    how = what.add_mutually_exclusive_group(required=True)
    how.add_argument("--method", metavar="NAME", help="lcr, uce or another in hmu/methods")
    how.add_argument("--variant", metavar="NAME", help="a method as the configuration has it")
    what.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of the method, as YAML: k=16 (repeatable)",
    )  # fmt: skip
    what.add_argument(
        "--codes", metavar="FILE", help="the codes that lcr replaces, a YAML list for each layer"
    )
    what.add_argument("--seed", type=int, metavar="N", help="(default: the configuration's)")
    told = parser.add_argument_group("what it is learned from")
    which = told.add_mutually_exclusive_group()
    which.add_argument(
        "--data", type=Path, metavar="DIR",
        help="a dataset at any stage: raw, joints or features (hmu data check says which)",
    )  # fmt: skip
    which.add_argument("--dataset", metavar="NAME", help="or one of the configuration")
    told.add_argument(
        "--config", type=Path, metavar="FILE",
        help="a configuration of the workflow, with its concepts, datasets, variants and settings"
        " (default: the paper's settings)",
    )  # fmt: skip
    where = parser.add_argument_group("where to")
    where.add_argument(
        "--to", type=Path, metavar="FOLDER",
        help="of the checkpoint (default RESULTS/checkpoints/DATASET/MODEL/CONCEPT/METHOD)",
    )  # fmt: skip
    where.add_argument("--results", type=Path, default=Path(paths.RESULTS), metavar="RESULTS")
    where.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write the official files too, as hmu export"
    )
    where.add_argument("--device", choices=("auto", "cpu", "cuda"), help="(default: auto)")


def unlearn(arguments: Namespace) -> int:
    """Make a model forget a concept; what must be read of a dataset is made first.

    CHECKPOINT is what `hmu import` made, or what the workflow trained
    (results/models/DATASET/backbones/BACKBONE/all). lcr with --codes needs no dataset, and uce and
    rece none unless they preserve captions; the other methods need one.

    The checkpoint gets delta.safetensors (the tensors that differ), origin.json (how it was made)
    and training/ (the log of methods that train). It is the one that the workflow makes of the same
    model, data, settings and names, to the byte, and `hmu generate`, `hmu export`, `hmu lineage`
    and `hmu verify` take it. What is there already is not made again, and what the workflow made
    is never replaced by something else.
    """
    if (arguments.checkpoint / "delta.safetensors").is_file():
        raise InputError(
            f"{arguments.checkpoint} has forgotten something already: give the model that it was "
            "made from."
        )
    model, asked = bundle.find(arguments.checkpoint), _asked(arguments)
    given, where = _given(arguments.config)
    config, address = asked.configured(given, where, model)
    declared = Declaration.of(config["variants"][address["variant"]])
    concepts = unlearning.concepts(declared, address["concept"])
    unlearning.check_encoder(declared, model)
    if arguments.export is not None and declared.alters:
        raise InputError(
            f"The control {declared.method!r} is no model but alters motions that one made, and "
            "the official code would not: leave out --export."
        )
    if arguments.export is not None:
        writing.refuse(arguments.export)
    of_dataset = None
    if address["dataset"] != NO_DATASET:
        names = address["dataset"], address["backbone"]
        preparing = Preparing(config, *names, model, arguments.results)
        of_dataset = preparing.inputs(declared.inputs, concepts)
        for job in preparing.jobs(declared.inputs, concepts):
            _make(job)
    to = arguments.to or _inside(arguments, _checkpoint(address))
    base = _base(arguments, address)
    job = unlearning.job(config, address, model, of_dataset, to, arguments.results, base)
    _make(job)
    changed = files.read_json(job.outputs["origin"])["changed"]
    print(f"{to}: {len(changed)} of the tensors in {model.folder} are others")
    if arguments.export is not None:
        whole = bundle.find(to, model.folder)
        delta = load_delta(whole.inputs)
        writing.write(whole.kind, whole.inputs, delta, arguments.export, writing.NAMES[0])
        print(f"{arguments.export}: the official files")
    return 0


def _asked(arguments: Namespace) -> Asked:
    codes = {} if arguments.codes is None else {"codes": arguments.codes}
    return Asked(
        _backbone(arguments.checkpoint),
        arguments.concept,
        arguments.variant or arguments.method,
        arguments.method,
        {**dict(map(_parameter, arguments.set)), **codes},
        arguments.keywords,
        arguments.data,
        arguments.dataset,
        arguments.seed,
        arguments.device,
    )


def _backbone(checkpoint: Path) -> str:
    """How results call the model: as the workflow does, or as its folder."""
    folder = checkpoint.resolve()
    of_workflow = folder.name == paths.EVERYTHING and folder.parents[1].name == "backbones"
    return folder.parent.name if of_workflow else named(folder)


def _parameter(text: str) -> tuple[str, Any]:
    """NAME=VALUE. Raises InputError."""
    name, equals, value = text.partition("=")
    try:
        found = yaml_document.parse(value)
    except ValueError as error:
        raise InputError(f"--set {text}: the value is not YAML ({error}): correct it.") from error
    if not name or not equals:
        raise InputError(f"--set {text}: write NAME=VALUE, k=16 say.")
    return name, found


def _given(path: Path | None) -> tuple[Mapping[str, Any], str]:
    """What a configuration says, unchecked, and how messages call it and what the options add."""
    if path is None:
        return {}, "The command line"
    return configuration.read(path), f"{path} with the command line"


def _checkpoint(address: Mapping[str, str]) -> str:
    names = (address[name] for name in ("dataset", "backbone", "concept", "variant"))
    return paths.checkpoint(*names)


def _inside(arguments: Namespace, path: str) -> Path:
    """A path of the workflow in the folder of results."""
    found: Path = arguments.results / Path(path).relative_to(paths.RESULTS)
    return found


def _base(arguments: Namespace, address: Mapping[str, str]) -> str | None:
    """Where the record is to say that the model lies; None where the workflow has it, and the
    checkpoint too."""
    own = paths.backbone(address["dataset"], address["backbone"], paths.EVERYTHING)
    usual = arguments.to is None and _inside(arguments, own).resolve()
    if usual == arguments.checkpoint.resolve():
        return None
    return Lineage(arguments.results).name(arguments.checkpoint)


def _make(job: Job) -> None:
    """Run a job unless its outputs are there. Raises InputError when they are another's."""
    other = "give another folder, --to FOLDER for a checkpoint and --results FOLDER for all"
    if is_needed(job, RULE, other):
        print(f"{next(iter(job.outputs.values())).parent}: {job.step}", flush=True)
        warn(job.results)
        perform(job._replace(rule=RULE))
