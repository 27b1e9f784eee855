"""Whose motions a scene of the report shows for which prompts, read from the files of a step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.evaluation import asked
from hmu.evaluation.made import Made
from hmu.figures import examples
from hmu.io import arrays, files, npz, parquet
from hmu.io.store import ClipStore
from hmu.motion import recover
from hmu.report import scene_plan, scenes
from hmu.report.choosing import Choice, different
from hmu.report.scenes import REAL, Model, Shown
from hmu.run import device
from hmu.run.job import Job
from hmu.tables import detection
from hmu.unlearning import code_lists


def read(job: Job, number: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the viewer reads of the scene ``number`` of a step's ``scenes``, from 0.

    ``told``: its address, its models, and keywords where prompts that show its concept come first,
    by the embeddings ``embedded_motions/0``, ``embedded_texts/0`` and ``embedded_masked/0``. Of the
    scene 0 it reads the tables ``requests/0``, ``prompts/0`` and ``plan/0``, features (``data/0``,
    ``index/0``), the tokenizer and, of the original, the codes ``before/0``; of another model
    ``after/MODEL/0`` with its checkpoint; of one that made its motions elsewhere their store
    (``came_data/MODEL/0``, ``came_index/MODEL/0``); and ``values/MODEL/0``, values of motions, with
    ``calibration/0`` where these say in which of them the concept is found.
    """
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
