"""Unified Concept Editing: the layer that reads texts lets keywords say something harmless.

Gandikota et al., "Unified Concept Editing in Diffusion Models" (WACV 2024), as the paper adapts it
(section 5) and its code does (Mamiglia/hmu, src/methods/rece.py). Nothing is trained. In both
transformers W, the weight of ``cond_emb``, becomes

    W' = [λW + e Σ v cᵀ + p Σ Wr rᵀ] [λI + e Σ c cᵀ + p Σ r rᵀ]⁻¹

with c the embeddings of the concept's keywords, r those of texts to preserve, v what a keyword is
to say. The unconditional branch of guidance reads a vector of zeros, of which no weight can change
anything: it stays as it was, whatever is erased.
"""

from hmu.interface.methods import Context, Edit
from hmu.unlearning import erasing

INPUTS = ("keywords", "text_encoder", "captions")
INPUTS_BY = {"preserve": {"captions": ("clips",)}}
CHANGES = ("transformers",)
CHECKS = "hmu.unlearning.preserving"
READ_IF = {"words": {"preserve": ("words",)}, "captions": {"preserve": ("captions",)}}
PARAMS = {
    "target": {
        "type": "string",
        "default": "",
        "description": "The text that keywords are to be read as; empty is the text encoder's "
        "embedding of no words.",
    },
    "technique": {
        "enum": ["tensor", "replace"],
        "default": "tensor",
        "description": "replace: a keyword is to say what the target says; tensor: that without "
        "its component along what the keyword said, as the paper's code always has it.",
    },
    "preserve": {
        "enum": ["words", "captions"],
        "default": "words",
        "description": "What is to be read as before: the list words, or captions of the retain "
        "set.",
    },
    "words": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "uniqueItems": True,
        "default": [
            "walk",
            "walking",
            "run",
            "running",
            "jog",
            "step",
            "turn",
            "dance",
            "dancing",
            "move",
            "moving",
            "steps",
            "raise",
            "arm",
            "leg",
            "forward",
            "front",
            "backward",
            "sit",
            "dodge",
            "moves",
        ],
        "description": "Words to preserve, the paper's code's for every concept; one that holds a "
        "keyword, or is its dictionary form, is left out.",
    },
    "captions": {
        "type": "integer",
        "minimum": 1,
        "default": 100,
        "description": "Captions of the retain set to preserve, with preserve: captions.",
    },
    "lambda": {
        "type": "number",
        "minimum": 0,
        "default": 0.1,
        "description": "Weight of keeping the layer as it is.",
    },
    "erase_scale": {
        "type": "number",
        "minimum": 0,
        "default": 0.1,
        "description": "Weight of each keyword.",
    },
    "preserve_scale": {
        "type": "number",
        "minimum": 0,
        "default": 0.5,
        "description": "Weight of each text to preserve: the paper's; its code's own default is "
        "0.1.",
    },
    "bias": {
        "enum": ["exact", "reference"],
        "default": "exact",
        "description": "exact: what texts say is Wx, as in the paper's equations; reference: Wx + "
        "b, as in its code, whose layer then adds b once more, so that preserved texts move by "
        "about b.",
    },
}
REFERENCE = {"bias": "reference"}


def unlearn(context: Context) -> Edit:
    """Edit ``cond_emb.weight`` of every transformer, from the same texts.

    Raises InputError when nothing is left to preserve, a transformer reads texts otherwise, or
    ``lambda`` is too small for the equations to have a solution.
    """
    given = erasing.texts(context)
    with erasing.solving(context):
        edited = erasing.erased(erasing.layers(context), given.erase, given, context.params)
    return erasing.edit(edited, erasing.told(context, given))
