"""Step: the report that people look at, one folder that works from the disk."""

import itertools
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hmu.evaluation import asked
from hmu.evaluation.made import Made
from hmu.figures import examples, gallery
from hmu.io import arrays, csv_table, files, npz, parquet
from hmu.io.store import ClipStore
from hmu.motion import recover, render
from hmu.motion.skeleton import CHAINS, FPS, LEFT_FEET, RIGHT_FEET
from hmu.report import (
    ancestry,
    overview,
    packing,
    page,
    pictures,
    scene_plan,
    scenes,
    tabular,
    times,
)
from hmu.report.choosing import Choice, different
from hmu.report.scenes import REAL, Model, Shown
from hmu.run import device
from hmu.run.job import Job
from hmu.tables import audit, detection
from hmu.tables.gathering import gather
from hmu.tables.table import Table
from hmu.tables.writers import audit as audit_page
from hmu.text import shares
from hmu.unlearning import code_lists

_MOST_ROWS = 200  # of a list of clips that were set aside
_DATA = "data"
_FORGET_RETAIN = "Forget against retain"

SKELETON = {
    "chains": CHAINS,
    "head": render.HEAD,
    "feet": [*LEFT_FEET, *RIGHT_FEET],
    "fps": FPS,
}
"""What the page knows of bodies; its style says in which colours."""


def run(job: Job) -> None:
    """Everything that a run made for people -> ``report``: index.html, its looks and scripts, data
    as scripts (``data/``), and copies of pictures.

    Inputs and settings of tables are those of `hmu.tables.gathering.gather`, of figures those of
    `hmu.figures.gallery.figures`. ``shares`` are CSV files of the concepts in ``forgotten``,
    ``aside/NAME`` those of the datasets in ``aside``, ``curves`` the folders of ``training``,
    ``configfiles`` what the run was asked for with. Of the scene number 0 of ``scenes`` (address,
    models, and keywords where prompts that show its concept come first) it reads the tables
    ``requests/0``, ``prompts/0`` and ``plan/0``, features (``data/0``, ``index/0``), the tokenizer
    and, of the original, the codes ``before/0``; of another model ``after/MODEL/0`` with its
    checkpoint; of one that made its motions elsewhere their store (``came_data/MODEL/0``,
    ``came_index/MODEL/0``); and
    ``values/MODEL/0``, values of motions, with ``calibration/0`` where these say in which of them
    the concept is found.
    """
    findings = audit.load(job.input("audit"))
    tables = gather(job, findings)
    folder = job.outputs["report"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, told in enumerate(job.settings["scenes"]):
        packing.write(
            folder / _DATA / f"motions/{number}.js", f"motions/{number}", _scene(job, number, told)
        )
    details = tabular.details(tables, job.settings["scenes"])
    packing.write(folder / _DATA / "cells.js", "cells", details)
    cells = [record["path"] for table in tables for record in table.cells.values()]
    graph = ancestry.graph(job.results / "cells", cells)
    packing.write(folder / _DATA / "lineage.js", "lineage", graph)
    shown = gallery.by_category(gallery.figures(job))
    sheets = {
        figure.name: pictures.copy(figure.path, folder, figure.name)
        for figure in itertools.chain.from_iterable(shown.values())
    }
    sections = ["overview", "motions", "tables", "figures", "training", "audit", "data", "time"]
    absent = {"figures": not shown, "training": not job.settings["training"]}
    page.write(
        folder,
        {
            "title": "Human motion unlearning",
            "told": _told(job),
            "sections": [(each, each.capitalize()) for each in sections if not absent.get(each)],
            "sentences": overview.sentences(
                tables, _concepts(job), job.settings["scenes"], dict(job.settings["variants"])
            ),
            "lead": _lead(shown, tables),
            "disagreements": [
                (table.name, each) for table in tables for each in table.disagreements
            ],
            "tables": [tabular.view(table) for table in tables],
            "pictures": shown,
            "sheets": sheets,
            "training": _training(job, folder),
            "training_caption": gallery.caption(job.input("training_caption"), {}),
            "findings": findings,
            "audit_about": audit_page.ABOUT,
            "quarantined": [
                {
                    "dataset": name,
                    "rows": [
                        row for path in job.input_list(f"aside/{name}") for row in _rows(path)
                    ],
                }
                for name in job.settings["aside"]
            ],
            "most_rows": _MOST_ROWS,
            **times.section(graph["jobs"]),
        },
    )


def _told(job: Job) -> dict[str, Any]:
    """What the scripts know from the beginning."""
    return {
        "scenes": scene_plan.titles(job.settings["scenes"]),
        "skeleton": SKELETON,
        "options": _options(job.settings["configfiles"]),
    }


def _options(configfiles: Sequence[str]) -> str:
    """What stands behind the target of a command that makes a result of this run again: nothing
    where the configuration is the one that Snakemake takes by itself."""
    if configfiles in ([], ["config.yaml"]):
        return ""
    return f" --configfile {shlex.join(configfiles)}"


def _lead(
    shown: Mapping[str, list[gallery.Figure]], tables: Sequence[Table]
) -> gallery.Figure | None:
    """The picture of forget against retain of the first table that has one."""
    drawn = {each.wildcards["table"]: each for each in shown.get(_FORGET_RETAIN, [])}
    return next((drawn[table.name] for table in tables if table.name in drawn), None)


def _concepts(job: Job) -> list[dict[str, Any]]:
    found = []
    for told, path in zip(job.settings["forgotten"], job.input_list("shares"), strict=True):
        table = shares.read(path)
        whole = table[(table["split"] == "all") & (table["keyword"] == "")].iloc[0]
        found.append({**told, "clips": int(whole["clips"]), "of": int(whole["of"])})
    return found


def _training(job: Job, folder: Path) -> list[dict[str, Any]]:
    found = [
        {"title": name, "files": pictures.curves(path, folder, f"training/{name}")}
        for name, path in zip(job.settings["training"], job.input_list("curves"), strict=True)
    ]
    return [each for each in found if each["files"]]


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv_table.read(path))


def _scene(job: Job, number: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the viewer reads of one scene."""
    models = [Model(**each) for each in told["models"]]
    wanted = _wanted(job, number)
    prompts = _prompts(job, number, told, wanted)
    values = {model.name: _values(job, f"values/{model.name}/{number}") for model in models}
    beside = [model.name for model in models if model.role in ("real", "original")]
    choice = Choice.of(prompts, [model.name for model in models], values, beside)
    motions = {}
    for model in models:
        rows = _shown(choice, model, wanted)
        shown = _motions(job, number, model, wanted.iloc[rows])
        motions[model.name] = dict(zip(rows, shown, strict=True))
    said = wanted.iloc[list(choice.models)]
    asked_for = {
        row: {"caption": each.caption, "clip": _name(each.clip), "repeat": int(each.repeat)}
        for row, each in zip(choice.models, said.itertuples(index=False), strict=True)
    }
    measured = scene_plan.PRESENCE
    seen = {name: each[measured] for name, each in values.items() if measured in each}
    data = scenes.as_data(told["address"], models, choice, asked_for, motions, seen)
    if calibration := job.optional(f"calibration/{number}"):
        data["detector"] = detection.worth(told["address"][2], files.read_json(calibration)[0])
    return data


def _name(clip: Any) -> str | None:
    """A clip's name; of a prompt that stands for none, however pandas has that, None."""
    return clip if isinstance(clip, str) else None


def _shown(choice: Choice, model: Model, wanted: Any) -> list[int]:
    """The rows of a model's motions; real ones only where a prompt stands for one."""
    rows = choice.rows(model.name)
    if model.name != REAL:
        return rows
    return [row for row in rows if isinstance(wanted["clip"].iloc[row], str)]


def _wanted(job: Job, number: int) -> Any:
    """The motions of the set in the order of its plan, with their captions."""
    prompts = parquet.frame(job.input(f"prompts/{number}"), ["caption", "tokens"])
    plan = job.input(f"plan/{number}")
    wanted = asked.read(job.input(f"requests/{number}"), plan)
    wanted["request"] = parquet.read(plan, ["request"])["request"].to_numpy()
    return wanted.join(prompts, on="row")


def _prompts(job: Job, number: int, told: Mapping[str, Any], wanted: Any) -> list[int]:
    """Different captions of the first repeat: the clearest of a concept, or as the plan shuffled
    them."""
    first = wanted[wanted["repeat"] == wanted["repeat"].min()]
    if told["keywords"]:
        embeddings = [
            arrays.read_result(job.input(f"embedded_{name}/{number}"))[first[key]]
            for name, key in (("motions", "request"), ("texts", "row"), ("masked", "row"))
        ]
        first = examples.clearest_first(first, told["keywords"], *embeddings)
    return [int(first.index[place]) for place in different(first["caption"].tolist())]


def _values(job: Job, name: str) -> dict[str, np.ndarray]:
    """Values of motions, (repeats, n), by metric."""
    found = {}
    for path in job.input_list(name) if name in job.inputs else []:
        for metric in npz.names(path):
            (found[metric],) = npz.read(path, metric)
    return found


def _motions(job: Job, number: int, model: Model, wanted: Any) -> list[Shown]:
    """Those of a model for the motions ``wanted``, in their order."""
    if model.role == "real":
        return _real(job, number, wanted)
    if model.role == "elsewhere":
        return _elsewhere(job, number, model, wanted)
    return _generated(job, number, model, wanted)


def _real(job: Job, number: int, wanted: Any) -> list[Shown]:
    store = ClipStore(job.input(f"data/{number}"), job.input(f"index/{number}"))
    return [
        Shown(
            recover.to_joints(np.asarray(store[each.clip][each.start : each.start + each.frames]))
        )
        for each in wanted.itertuples(index=False)
    ]


def _elsewhere(job: Job, number: int, model: Model, wanted: Any) -> list[Shown]:
    index = job.input(f"came_index/{model.name}/{number}")
    store = ClipStore(job.input(f"came_data/{model.name}/{number}"), index)
    clips = store.index["clip"].iloc[asked.rows_among(wanted, store.index, index)]
    return [Shown(recover.to_joints(np.array(store[clip]))) for clip in clips]


def _generated(job: Job, number: int, model: Model, wanted: Any) -> list[Shown]:
    inputs = {key: job.input(f"{key}/{number}") for key in ("tokenizer", "tokenizer_config")}
    layers: list[list[int]] = []
    if model.role == "original":
        path = job.input(f"before/{number}")
    else:
        path = job.input(f"after/{model.name}/{number}")
        for key in ("delta", "delta_origin"):
            inputs[key] = job.input(f"{key}/{model.name}/{number}")
        layers = code_lists.replaced(files.read_json(inputs["delta_origin"]))
    made = Made.of(inputs, path, wanted, job.seed, device.choose(job.settings["device"]))
    decoded = made.features(np.arange(len(wanted)))
    return [
        Shown(
            recover.to_joints(features.cpu().numpy()),
            len(codes),
            scenes.replaced_tokens(codes, layers),
        )
        for codes, features in zip(made.codes, decoded, strict=True)
    ]
