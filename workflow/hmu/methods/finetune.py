"""Train the transformers a little longer, on the retain set only."""

from hmu.interface.methods import Context, Edit
from hmu.unlearning import tuning
from hmu.unlearning.batches import code_batches

INPUTS = ("model", "codes", "captions", "clips")
CHANGES = ("transformers",)
TRAINS = True
PARAMS = {
    "epochs": {
        "type": "integer",
        "minimum": 1,
        "default": 5,
        "description": "Epochs of training on the retain set.",
    },
}


def unlearn(context: Context) -> Edit:
    """Continue the training of the masked and the residual transformer (paper, appendix E).

    The learning rate is the one that the base training ended with, as when the reference continues
    its run; the weights after the last epoch are taken.
    """
    tensors, schedules, logs = {}, {}, {}
    for part in context.transformers:
        schedule = tuning.schedule(context, part, context.params["epochs"])
        model = context.model(part)
        batches = code_batches(context, schedule.batch, forget=False)
        name = f"finetune {part}"
        logs[part] = tuning.tune(context, name, model, model.batch_loss, batches, schedule)
        schedules[part] = schedule.model_dump()
        tensors[part] = tuning.tensors(model)
    return Edit(tensors, {"schedules": schedules}, logs)
