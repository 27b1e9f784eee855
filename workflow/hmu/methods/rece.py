"""Reliable and Efficient Concept Erasure: UCE, then again on what still reaches the concept.

Gong et al., "Reliable and Efficient Concept Erasure of Text-to-Image Diffusion Models" (ECCV 2024),
as the paper adapts it (section 5) and its code does (Mamiglia/hmu, src/methods/rece.py). After
:mod:`hmu.methods.uce`, each round takes for every keyword's embedding c the one that the edited
layers W' send nearest to where the untouched layers W sent c,

    c' = (ρI + Σ W'ᵀW')⁻¹ (Σ W'ᵀW) c

with sums over the ``cond_emb`` of all transformers, and erases that as well. The unconditional
branch of guidance reads a vector of zeros, and stays as it was.
"""

from collections.abc import Mapping
from typing import Any

from hmu.interface.methods import Context, Edit
from hmu.methods.uce import PARAMS as UCE
from hmu.methods.uce import READ_IF as READ
from hmu.unlearning import closed_form, erasing
from hmu.unlearning.erasing import Layer, Texts

INPUTS = ("keywords", "text_encoder", "captions")
INPUTS_BY = {"preserve": {"captions": ("clips",)}}
CHANGES = ("transformers",)
CHECKS = "hmu.unlearning.preserving"
READ_IF = {**READ}
PARAMS = {
    **UCE,
    "epochs": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Rounds of erasing what still reaches the concept.",
    },
    "adversarial": {
        "enum": ["paper", "reference"],
        "default": "paper",
        "description": "paper: what the edited layers still send where the untouched ones sent a "
        "keyword; reference: the arithmetic of the paper's code, which keeps no untouched copy, "
        "so that it finds the keyword again, a little shorter.",
    },
    "rho": {
        "type": "number",
        "minimum": 0,
        "default": 1e-3,
        "description": "Weight of keeping short what is found.",
    },
}
REFERENCE = {"bias": "reference", "adversarial": "reference"}


def unlearn(context: Context) -> Edit:
    """Edit ``cond_emb.weight`` of every transformer. Raises InputError as UCE does, and for a
    ``rho`` that is too small."""
    given = erasing.texts(context)
    with erasing.solving(context):
        edited, lengths = rounds(erasing.layers(context), given, context.params)
    return erasing.edit(edited, {**erasing.told(context, given), "adversarial_lengths": lengths})


def rounds(
    untouched: Mapping[str, Layer], given: Texts, params: Mapping[str, Any]
) -> tuple[dict[str, Layer], list[list[float]]]:
    """The layers by part after UCE and all rounds; for each of these, ‖c'‖ / ‖c‖ by keyword.

    Raises IllConditionedError.
    """
    edited, lengths = erasing.erased(untouched, given.erase, given, params), []
    for _ in range(params["epochs"]):
        sources = untouched if params["adversarial"] == "paper" else edited
        found = closed_form.still_reaching(
            [layer.weight for layer in edited.values()],
            [layer.weight for layer in sources.values()],
            given.erase,
            params["rho"],
        )
        lengths.append((found.norm(dim=1) / given.erase.norm(dim=1)).tolist())
        edited = erasing.erased(edited, found, given, params)
    return edited, lengths
