"""Write every motion as codes, from each of the starts that training may crop to."""

import numpy as np
import pyarrow as pa

from hmu.backbones.codec import Codec
from hmu.io import codes, parquet
from hmu.io.progress import Progress
from hmu.io.store import ClipStore
from hmu.run import device
from hmu.run.job import Job

_BATCH = 64


def run(job: Job) -> None:
    """Features and tokenizer -> one row for each motion and start offset 0, 1, 2, 3."""
    where = device.choose(job.settings["device"])
    store = ClipStore(job.input("data"), job.input("index"))
    codec = Codec.open(job.inputs, where)
    unit = codec.tokenizer.frames_per_token
    motions = parquet.frame(job.input("motions"))
    rows = motions.loc[motions.index.repeat(unit)].reset_index(drop=True)
    rows["offset"] = np.tile(np.arange(unit, dtype=np.int8), len(motions))
    tokens = ((rows["frames"] - rows["offset"]) // unit).to_numpy()
    encoded: list[np.ndarray] = [np.empty(0, np.int16)] * len(rows)
    progress = Progress(len(rows), "codes", "motions")
    for chosen in codes.by_length(tokens, _BATCH):
        crops = []
        for clip, start, offset, length in zip(
            rows["clip"][chosen],
            rows["start"][chosen],
            rows["offset"][chosen],
            tokens[chosen],
            strict=True,
        ):
            begin = start + offset
            crops.append(store[clip][begin : begin + length * unit])
        for row, found in zip(chosen, codec.encode(np.stack(crops)), strict=True):
            encoded[row] = found.astype(np.int16)
        progress.update(len(chosen))
    progress.close()
    keys = {name: pa.array(rows[name]) for name in ("motion", "offset")}
    codes.write(job.outputs["codes"], keys, encoded, codec.tokenizer.sizes.quantizers)
