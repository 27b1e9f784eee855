"""Write every motion as codes, from each of the starts that training may crop to."""

import math

import numpy as np
import pyarrow as pa

from hmu.backbones.codec import Codec
from hmu.io import codes, parquet
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import UNIT_LENGTH


def run(job: Job) -> None:
    """Features and tokenizer -> one row for each motion and each start offset in a token.

    ``frames`` are those from the offset to the end of the motion. Coded are as many as crops that
    begin there, or whole tokens later, reach: crops are multiples of ``UNIT_LENGTH``.
    """
    store = ClipStore(job.input("data"), job.input("index"))
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), device.choose(job.settings["device"]))
    unit = codec.tokenizer.frames_per_token
    motions = parquet.frame(job.input("motions"))
    rows = motions.loc[motions.index.repeat(unit)].reset_index(drop=True)
    rows["offset"] = np.tile(np.arange(unit, dtype=np.int8), len(motions))
    rows["start"] += rows["offset"]
    rows["frames"] -= rows["offset"]
    reached = rows["frames"] - rows["frames"] % math.gcd(unit, UNIT_LENGTH)
    encoded = codec.encode_crops(store, rows.assign(frames=reached))
    keys = {name: pa.array(rows[name]) for name in ("motion", "offset", "frames")}
    codes.write(job.outputs["codes"], keys, encoded, codec.tokenizer.sizes.quantizers)
