"""Put codes of a concept into motions that were made for safe prompts; draw and measure what they
bring."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hmu import rng
from hmu.backbones import opening
from hmu.backbones.codec import Codec
from hmu.errors import InputError
from hmu.evaluation import asked
from hmu.figures.strongest import strongest
from hmu.generation import brought, detected, injecting
from hmu.generation.sampling import Request
from hmu.io import files, parquet
from hmu.io.codes import CodeTable
from hmu.io.progress import Progress
from hmu.models.batches.tables import caption_table
from hmu.models.stored import Stored
from hmu.motion import recover, render
from hmu.run import device
from hmu.run.job import Job
from hmu.run.side_by_side import side_by_side
from hmu.sections import injection
from hmu.tables import detection


@dataclass(frozen=True)
class Injected:
    """What was made for a prompt, before and with each code in the same ``places``: ``codes``
    (tokens, quantizers) and ``joints`` (frames, 22, 3), by name."""

    wanted: Any
    places: range
    codes: dict[str, np.ndarray]
    joints: dict[str, np.ndarray]


def run(job: Job) -> None:
    """Motions of the original for prompts of the retain set -> the same with other codes in them,
    as a ``picture`` (prompts side by side, codes in rows), as ``sequences`` of the first layer, and
    what the concept's detector finds in them (``presence``, `hmu.generation.detected.record`), also
    for prompts that are not drawn.

    Settings: those of an `hmu.sections.injection.InjectionSection`, ``sampling`` (those of the
    generation), ``kind`` of the backbone, and ``address``. Raises InputError when no motion is long
    enough, or there is no such code.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    made = _injected(job, where)
    names = [*made[0].joints]
    joints = [each.joints[name] for name in names for each in made]
    found = detected.margins(job.inputs, joints, job.seed, where)
    margins = dict(zip(names, np.split(found, len(names)), strict=True))
    told = [
        {"prompt": w.prompt, "caption": w.caption, "repeat": int(w.repeat)}
        for w in (each.wanted for each in made)
    ]
    concept, calibration = settings["address"][2], files.read_json(job.input("calibration"))
    record = detected.record(concept, told, margins, calibration)
    files.write_json(job.outputs["presence"], record)
    labels = {name: f"{name}: {counted}" for name, counted in brought.of_all(record).items()}
    shown = made[: settings["prompts"]]
    columns = [
        (
            each.wanted.caption,
            [
                render.Strip(
                    label,
                    each.joints[name],
                    each.codes[name][:, 0].tolist(),
                    () if name == brought.BEFORE else each.places,
                    f"in this one {brought.of_one(margins[name][row, 0])}",
                )
                for name, label in labels.items()
            ],
        )
        for row, each in enumerate(shown)
    ]
    title, about = " · ".join(settings["address"]), detection.worth(concept, calibration[0])
    render.grid(columns, job.outputs["picture"], title, about=about)
    sequences = [
        {
            "prompt": each.wanted.prompt,
            "caption": each.wanted.caption,
            "places": [*each.places],
            "first_layers": {name: codes[:, 0].tolist() for name, codes in each.codes.items()},
        }
        for each in shown
    ]
    files.write_json(job.outputs["sequences"], sequences)


def _injected(job: Job, where: torch.device) -> list[Injected]:
    """What is made for each prompt, those that are drawn first."""
    settings = job.settings
    sampler = opening.load_sampler(settings["kind"], job.inputs, where)
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), where)
    sizes = codec.tokenizer.sizes
    text, text_rows = caption_table(job.inputs)
    told = {**settings["sampling"], "longest": sizes.longest}
    predicts = sampler.predicts_length and told.get("predict_length", False)
    statistics = parquet.frame(job.input("statistics"))
    chosen = settings["codes"] or [
        int(code) for code in strongest(statistics, settings["strongest"])["code"]
    ]

    def injected(motion: tuple[Any, np.ndarray]) -> Injected:
        wanted, before = motion
        tokens = 0 if predicts else len(before)
        row = text_rows[wanted.caption]
        request = Request(wanted.prompt, wanted.repeat, wanted.draw, tokens, row)
        first = settings["at"]
        if first is None:
            first = (len(before) - settings["tokens"]) // 2
        places = range(first, first + settings["tokens"])
        codes = {brought.BEFORE: before}
        for code in chosen:
            put = dict.fromkeys(places, code)
            injecting.check(put, len(before), sizes.codes)
            codes[f"code {code}"] = injecting.inject(
                sampler, text, request, before, put, told, job.seed, where
            )
        joints = {name: _joints(codec, own, wanted.made_frames) for name, own in codes.items()}
        return Injected(wanted, places, codes, joints)

    motions = _motions(job)
    made = []
    with Progress(len(motions), "inject", "prompts") as progress:
        for each in side_by_side(injected, motions, where):
            made.append(each)
            progress.update(1)
    return made


def _motions(job: Job) -> list[tuple[Any, np.ndarray]]:
    """The motions to put codes into, drawn by the seed: what was asked, and the codes."""
    settings = job.settings
    captions = parquet.frame(job.input("prompts"), ["caption"])
    wanted = asked.read(job.input("requests"), job.input("plan"))
    wanted = wanted[wanted["repeat"] == wanted["repeat"].min()]
    wanted = wanted.merge(captions, left_on="row", right_index=True)
    table = CodeTable.read(job.input("before"))
    wanted["made"] = asked.rows_among(wanted, table.keys, job.input("before"))
    wanted["made_frames"] = table.keys["frames"].to_numpy()[wanted["made"]]
    needed = injection.needed(settings["at"], settings["tokens"])
    wanted = wanted[[len(table.codes[row]) >= needed for row in wanted["made"]]]
    wanted = wanted.drop_duplicates("caption")
    if wanted.empty:
        raise InputError(
            f"{job.input('before')} has no motion of {needed} tokens: put fewer codes, or earlier."
        )
    order = rng.generator(job.seed, "inject", *settings["address"]).permutation(len(wanted))
    most = max(settings["prompts"], settings["measured"])
    rows = wanted.iloc[order[:most]].itertuples(index=False)
    return [(row, table.codes[row.made]) for row in rows]


def _joints(codec: Codec, codes: np.ndarray, frames: int) -> np.ndarray:
    return recover.to_joints(codec.decode(codes[None])[0][:frames].cpu().numpy())
