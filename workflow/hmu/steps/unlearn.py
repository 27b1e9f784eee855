"""Make one unlearned checkpoint: what differs from the base models, and how it was made."""

from hmu import registry
from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.models.training import write_logs
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.context import PARTS, Context, difference


def run(job: Job) -> None:
    """Run the variant's method; write its delta and manifest, and the log of its training."""
    settings = job.settings
    method = registry.load("methods", settings["method"])
    context = Context(
        inputs={name: job.input(name) for name in job.inputs},
        params={name: settings[name] for name in method.PARAMS},
        training=settings["training"],
        address=settings["address"],
        seed=job.seed,
        device=device.choose(settings["device"]),
        scratch=job.scratch,
    )
    edit = method.unlearn(context)
    if bool(edit.logs) != ("training" in job.outputs):
        raise InputError(
            f"The method {settings['method']} must return logs if it says TRAINS = True, and only "
            "then: correct one of the two."
        )
    base = {part: storage.load_state(job.input(part)) for part in PARTS if part in edit.tensors}
    delta = difference(base, edit.tensors)
    storage.save_state(job.outputs["delta"], delta)
    manifest = {
        **context.address,
        "method": settings["method"],
        "params": context.params,
        "seed": job.seed,
        "changed": sorted(delta),
        "base": {part: files.sha256(job.input(part)) for part in base},
        "notes": edit.notes,
    }
    files.write_json(job.outputs["manifest"], manifest)
    if edit.logs:
        write_logs(job.outputs["training"], job.outputs["curve"], edit.logs)
