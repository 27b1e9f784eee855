"""Train one part of a backbone, as its recipe says."""

from hmu.backbones import opening
from hmu.models import fitting
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """What the recipe reads -> the part: features of motions, or their codes and captions."""
    settings = job.settings
    part = opening.declared(settings["kind"], settings["part"])
    where = device.choose(settings["device"])
    recipe = part.recipe(part.sizes, job.inputs, settings["section"], where)
    model = fitting.initialise(lambda: part.network(recipe.sizes), job, settings["part"])
    fitting.fit(job, settings["part"], model, model.batch_loss, recipe, settings["kind"])
