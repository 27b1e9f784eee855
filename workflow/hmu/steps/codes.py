"""Write every motion as codes, from each of the starts that training may crop to."""

import numpy as np
import pyarrow as pa

from hmu.backbones.codec import Codec
from hmu.io import codes, parquet
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Features and tokenizer -> one row for each motion and start offset 0, 1, 2, 3."""
    store = ClipStore(job.input("data"), job.input("index"))
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), device.choose(job.settings["device"]))
    unit = codec.tokenizer.frames_per_token
    motions = parquet.frame(job.input("motions"))
    rows = motions.loc[motions.index.repeat(unit)].reset_index(drop=True)
    rows["offset"] = np.tile(np.arange(unit, dtype=np.int8), len(motions))
    rows["start"] += rows["offset"]
    rows["frames"] = (rows["frames"] - rows["offset"]) // unit * unit
    encoded = codec.encode_crops(store, rows)
    keys = {name: pa.array(rows[name]) for name in ("motion", "offset")}
    codes.write(job.outputs["codes"], keys, encoded, codec.tokenizer.sizes.quantizers)
