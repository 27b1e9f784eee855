"""Draw the strongest codes of a concept: alone, and in the contexts in which they occur most."""

import numpy as np

from hmu.backbones.codec import Codec
from hmu.figures import code_sheet as sheet
from hmu.figures.strongest import strongest
from hmu.io import parquet
from hmu.io.codes import ABSENT, CodeTable
from hmu.models.stored import Stored
from hmu.motion import recover
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.code_statistics import forgotten


def run(job: Job) -> None:
    """Codes of the training clips, their statistics and the tokenizer -> a sheet of pictures.

    Contexts are those in motions of the forget set, from their first frame, and are drawn as the
    whole motion is decoded, from the token before to the token after. Settings: ``codes`` and
    ``contexts`` to draw, ``address``.
    """
    settings = job.settings
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), device.choose(settings["device"]))
    each_token = codec.tokenizer.frames_per_token
    table = CodeTable.read(job.input("codes"))
    statistics = parquet.frame(job.input("statistics"))
    clips, motions = (parquet.frame(job.input(name)) for name in ("clips", "motions"))
    forget = forgotten(table, clips, motions)
    seen = np.flatnonzero(forget.eq(True) & (table.keys["offset"] == 0)).tolist()
    of = tuple(table.keys["motion"][forget.eq(side)].nunique() for side in (True, False))

    def joints(codes: np.ndarray) -> np.ndarray:
        return recover.to_joints(codec.decode(codes[None])[0].cpu().numpy())

    rows = []
    for found in strongest(statistics, settings["codes"]).itertuples(index=False):
        alone = np.full((1, table.layers), ABSENT)
        alone[:, 0] = found.code
        contexts = []
        for each in sheet.contexts(table, seen, found.code, settings["contexts"]):
            whole = joints(table.codes[each.row])
            first, last = max(each.start - 1, 0) * each_token, (each.end + 1) * each_token
            contexts.append((each, whole[first:last]))
        rows.append(sheet.Row.of(found, of, joints(alone), contexts))
    sheet.draw(rows, job.outputs["picture"], " · ".join(settings["address"]))
