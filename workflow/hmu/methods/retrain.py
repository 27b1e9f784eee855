"""Train everything again on the retain set: the reference that unlearning tries to reach."""

from hmu.interface.methods import Context, Edit

INPUTS = ("retrained",)
CHANGES = ("tokenizer", "transformers")
PARAMS: dict[str, object] = {}


def unlearn(context: Context) -> Edit:
    """Take tokenizer and transformers of the models trained without the forget set.

    Paper, section 6 and appendix E: the upper bound, MoMask trained on the retain set.
    """
    parts = ("tokenizer", *context.transformers)
    return Edit({part: context.state(part, retrained=True) for part in parts})
