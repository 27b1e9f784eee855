"""Train the transformers a little longer, on the retain set only."""

from hmu.interface.methods import Context, Edit
from hmu.models.training import train
from hmu.sections.training import Schedule
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
        base = Schedule.of(context.schedule(part))
        schedule = Schedule.of(
            base,
            epochs=context.params["epochs"],
            rate=base.rate * base.gamma ** len(base.milestones),
            warmup=0,
            milestones=(),
            patience=None,
        )
        model = context.model(part)
        logs[part] = train(
            f"finetune {part}",
            model,
            model.batch_loss,
            code_batches(context, schedule.batch, forget=False),
            schedule,
            context.seed,
            context.scratch / f"{part}.safetensors",
            keep_best=False,
        )
        schedules[part] = schedule.model_dump()
        tensors[part] = {name: value.cpu() for name, value in model.state_dict().items()}
    return Edit(tensors, {"schedules": schedules}, logs)
