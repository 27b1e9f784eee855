"""Train both transformers a little longer, on the retain set only."""

from dataclasses import asdict, replace

from hmu import backbones
from hmu.models.batches.codes import CodeBatches
from hmu.models.training import Schedule, train
from hmu.unlearning.context import Context, Edit

INPUTS = ("masked", "residual", "codes", "captions", "concept")
CHANGES = ("masked", "residual")
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
    models = backbones.load(context.inputs, context.device)
    for part, model in zip(CHANGES, models, strict=True):
        base = Schedule.of(context.training[part])
        schedule = replace(
            base,
            epochs=context.params["epochs"],
            rate=base.rate * base.gamma ** len(base.milestones),
            warmup=0,
            milestones=(),
            patience=None,
        )
        logs[part] = train(
            f"finetune {part}",
            model,
            model.batch_loss,
            CodeBatches.read(
                context.inputs, schedule.batch, context.device, context.inputs["concept"]
            ),
            schedule,
            context.seed,
            context.scratch / f"{part}.safetensors",
            keep_best=False,
        )
        schedules[part] = asdict(schedule)
        tensors[part] = {name: value.cpu() for name, value in model.state_dict().items()}
    return Edit(tensors, {"schedules": schedules}, logs)
