"""Put codes of a concept into motions that were made for safe prompts, and draw what they bring."""

from typing import Any

import numpy as np

from hmu import rng
from hmu.backbones import opening
from hmu.backbones.codec import Codec
from hmu.errors import InputError
from hmu.evaluation import asked
from hmu.figures.strongest import strongest
from hmu.generation import injecting
from hmu.generation.sampling import Request
from hmu.io import files, parquet
from hmu.io.codes import CodeTable
from hmu.models.batches.tables import caption_table
from hmu.models.stored import Stored
from hmu.motion import recover, render
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Motions of the original for prompts of the retain set -> the same with other codes in them,
    as a ``picture`` (prompts side by side, codes in rows) and as ``sequences`` of the first layer.

    Settings: those of an `hmu.sections.injection.InjectionSection`, ``sampling`` (those of the
    generation), ``kind`` of the backbone, and ``address``. Raises InputError when no motion is long
    enough, or there is no such code.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    sampler = opening.load_sampler(settings["kind"], job.inputs, where)
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), where)
    text, text_rows = caption_table(job.inputs)
    told = {**settings["sampling"], "longest": codec.tokenizer.sizes.longest}
    predicts = sampler.predicts_length and told.get("predict_length", False)
    statistics = parquet.frame(job.input("statistics"))
    chosen = settings["codes"] or [
        int(code) for code in strongest(statistics, settings["strongest"])["code"]
    ]
    columns, sequences = [], []
    for wanted, before in _motions(job):
        tokens = 0 if predicts else len(before)
        row = text_rows[wanted.caption]
        request = Request(wanted.prompt, wanted.repeat, wanted.draw, tokens, row)
        first = (
            (len(before) - settings["tokens"]) // 2 if settings["at"] is None else settings["at"]
        )
        places = range(first, first + settings["tokens"])
        found = {"before": before}
        for code in chosen:
            put = dict.fromkeys(places, code)
            injecting.check(put, len(before), codec.tokenizer.sizes.codes)
            found[f"code {code}"] = injecting.inject(
                sampler, text, request, before, put, told, job.seed, where
            )
        strips = [_strip(codec, *each, places, wanted.made_frames) for each in found.items()]
        columns.append((wanted.caption, strips))
        sequences.append(
            {
                "prompt": wanted.prompt,
                "caption": wanted.caption,
                "places": [*places],
                "first_layers": {name: codes[:, 0].tolist() for name, codes in found.items()},
            }
        )
    render.grid(columns, job.outputs["picture"], " · ".join(settings["address"]))
    files.write_json(job.outputs["sequences"], sequences)


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
    needed = (settings["at"] or 0) + settings["tokens"]
    wanted = wanted[[len(table.codes[row]) >= needed for row in wanted["made"]]]
    wanted = wanted.drop_duplicates("caption")
    if wanted.empty:
        raise InputError(
            f"{job.input('before')} has no motion of {needed} tokens: put fewer codes, or earlier."
        )
    order = rng.generator(job.seed, "inject", *settings["address"]).permutation(len(wanted))
    rows = wanted.iloc[order[: settings["prompts"]]].itertuples(index=False)
    return [(row, table.codes[row.made]) for row in rows]


def _strip(codec: Codec, label: str, codes: np.ndarray, places: range, frames: int) -> render.Strip:
    joints = recover.to_joints(codec.decode(codes[None])[0][:frames].cpu().numpy())
    marked = () if label == "before" else places
    return render.Strip(label, joints, codes[:, 0].tolist(), marked)
