"""Erased Stable Diffusion (Gandikota et al., ICCV 2023; paper, appendix E), on codes.

The masked transformer is trained so that what its blocks give under a prompt of the concept becomes
what the frozen model gives without text, less ``eta`` times what the prompt adds to that:

    mean square of h(x, c) - (h0(x, none) - eta * (h0(x, c) - h0(x, none)))

with h the latents before the output projection, over all positions that are no padding. x is a
state of the generation of the prompt by the frozen model. The paper's code has no ESD: the idea is
that of rohitgandikota/erasing, its adaptation that of the paper's text. There eta is the negative
guidance, 1 in the old form; the new form's 2 has the same target.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from hmu.interface.backbones import FirstLayer
from hmu.interface.methods import Context, Edit
from hmu.models.sampling import uniforms
from hmu.sections.training import Schedule
from hmu.unlearning import tuning
from hmu.unlearning.batches import PromptBatch, PromptBatches

INPUTS = ("model", "sampling", "codes", "captions", "clips")
INPUTS_BY = {"target": {"empty": ("text_encoder",)}}
CHANGES = ("masked",)
TRAINS = True
PARAMS = {
    "prompts": {
        "enum": ["train", "test"],
        "default": "train",
        "description": "Whose captions of the concept are trained on. test: those that the tables"
        " measure with, as in the paper.",
    },
    "steps": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "description": "Steps, a prompt each; null takes as many as the test split has prompts.",
    },
    "eta": {
        "type": "number",
        "minimum": 0,
        "default": 1.0,
        "description": "How far beyond the model without text the target lies.",
    },
    "guidance": {
        "type": "number",
        "minimum": 1,
        "default": 3.0,
        "description": "Guidance with which the frozen model makes the states.",
    },
    "target": {
        "enum": ["none", "empty"],
        "default": "none",
        "description": "What no text is. none: zeros, as in guidance; empty: the embedding of an"
        " empty text.",
    },
    "trained": {
        "enum": ["all", "text"],
        "default": "all",
        "description": "What is trained: all of the masked transformer, or (ESD-x) the projection"
        " of the text.",
    },
    "rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 5e-5,
        "description": "Learning rate of Adam.",
    },
}


def unlearn(context: Context) -> Edit:
    """One step a prompt, in a seeded order, with batches of one."""
    params = context.params
    student, teacher = context.model("masked"), tuning.frozen(context, "masked")
    if params["trained"] == "text":
        student.requires_grad_(False)
        student.cond_emb.requires_grad_(True)
    settings = {
        name: params["guidance"] if name.endswith("guidance") else value
        for name, value in context.sampling().items()
    }
    blank = torch.zeros(1, student.sizes.text_dim, device=context.device)
    if params["target"] == "empty":
        blank = torch.from_numpy(context.encode([""])).to(context.device)

    def loss(batch: PromptBatch, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        with tuning.evaluating(student):
            return erase(student, teacher, batch, blank, settings, params["eta"], generator), {}

    batches = PromptBatches(context, params["prompts"], params["steps"])
    schedule = Schedule(epochs=batches.epochs, batch=1, rate=params["rate"], betas=(0.9, 0.999))
    log = tuning.tune(context, "esd", student, loss, batches, schedule)
    notes = {"steps": batches.steps, "schedule": schedule.model_dump()}
    return Edit({"masked": tuning.tensors(student)}, notes, {"masked": log})


def erase(
    student: FirstLayer,
    teacher: FirstLayer,
    batch: PromptBatch,
    blank: Tensor,
    settings: dict[str, float],
    eta: float,
    generator: torch.Generator,
) -> Tensor:
    """The loss of the module's docstring for a state at a random share of the way.

    ``blank`` (1, text_dim) is no text. ``settings``: the sampler's, and ``longest``.
    """
    text, device = batch.text, batch.text.device
    shape = (len(text), *teacher.draws(int(batch.lengths.max()), settings))
    noise, when = uniforms(shape, generator, device), uniforms((1,), generator, device)
    ids, padding, hidden = teacher.visited(text, batch.lengths, noise, settings, float(when))
    with torch.no_grad():
        told, blind = (
            teacher.latents(ids, each, padding, hidden) for each in (text, blank.expand_as(text))
        )
        wanted = blind - eta * (told - blind)
    found = student.latents(ids, text, padding, hidden)
    return F.mse_loss(found[~padding], wanted[~padding])
