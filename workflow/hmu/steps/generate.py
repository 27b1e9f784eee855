"""Generate the codes of every motion that is asked for."""

import pyarrow as pa

from hmu.backbones import opening
from hmu.evaluation import asked
from hmu.generation import earlier
from hmu.generation.sampling import Request, generate
from hmu.io import codes, parquet
from hmu.models.batches.tables import caption_table
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import LONGEST_MOTION
from hmu.unlearning.checkpoint import load_delta

KEEPS_ACROSS = ("requests", "plan")
# No motion depends on how many make the others.
RESUMES_ACROSS = ("threads",)


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), prompts, embeddings of their captions
    and transformers -> generations, in the order of the requests.

    Lengths are those of the requests, in as many tokens of the tokenizer that the transformers
    were trained with as hold them; or the model's own, when it predicts them and
    ``predict_length`` is set. ``frames`` says how long each motion is when it is decoded and cut.
    Motions that a smaller job made with all else the same are not made again.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    delta = load_delta(job.inputs)
    sampler = opening.load_sampler(settings["kind"], job.inputs, where, delta)
    tokenizer = opening.sizes(job.input("tokenizer_config"))
    text, text_rows = caption_table(job.inputs)
    captions = parquet.read(job.input("prompts"), ["caption"])["caption"].to_pylist()
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    predicts = sampler.predicts_length and settings["predict_length"]
    requests = [
        Request(
            prompt,
            repeat,
            draw,
            0 if predicts else tokenizer.tokens(frames),
            text_rows[captions[row]],
        )
        for repeat, prompt, draw, row, frames in wanted[
            ["repeat", "prompt", "draw", "row", "frames"]
        ].itertuples(index=False)
    ]
    told = {**settings, "longest": tokenizer.longest}
    found = earlier.find(job.kept, requests)
    missing = [row for row in range(len(requests)) if row not in found]
    new = generate(sampler, text, [requests[row] for row in missing], told, job.seed, where)
    found |= dict(zip(missing, new, strict=True))
    made = [found[row] for row in range(len(requests))]
    own = [min(len(each) * tokenizer.frames_per_token, LONGEST_MOTION) for each in made]
    keys = {
        "repeat": pa.array([request.repeat for request in requests], pa.int16()),
        "draw": pa.array([request.draw for request in requests], pa.int16()),
        "prompt": pa.array([request.prompt for request in requests]),
        "frames": pa.array(own if predicts else wanted["frames"], pa.int16()),
    }
    codes.write(job.outputs["generations"], keys, made, sampler.quantizers)
    earlier.keep(job.kept, job.outputs["generations"])
