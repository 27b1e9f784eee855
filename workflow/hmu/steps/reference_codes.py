"""Write the crops in which the reference counts codes as codes."""

import pyarrow as pa

from hmu.backbones.codec import Codec
from hmu.io import codes, parquet
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning import reference_crops


def run(job: Job) -> None:
    """Features, captions and tokenizer -> one row for each distinct crop, padded to the longest
    motion, and how often it was drawn."""
    store = ClipStore(job.input("data"), job.input("index"))
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), device.choose(job.settings["device"]))
    sizes = codec.tokenizer.sizes
    motions, samples = (parquet.frame(job.input(name)) for name in ("motions", "samples"))
    crops = reference_crops.draw(motions, samples, job.seed)
    longest = sizes.longest * codec.tokenizer.frames_per_token
    encoded = codec.encode_crops(store, crops, longest)
    keys = {name: pa.array(crops[name]) for name in ("motion", "times")}
    codes.write(job.outputs["codes"], keys, encoded, sizes.quantizers)
