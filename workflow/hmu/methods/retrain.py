"""Train everything again on the retain set: the reference that unlearning tries to reach."""

from hmu.unlearning.context import PARTS, Context, Edit

INPUTS = (
    "tokenizer",
    "masked",
    "residual",
    "retrained_tokenizer",
    "retrained_masked",
    "retrained_residual",
)
CHANGES = ("tokenizer", "masked", "residual")
PARAMS: dict[str, object] = {}


def unlearn(context: Context) -> Edit:
    """Take tokenizer and both transformers of the models trained without the forget set.

    Paper, section 6 and appendix E: the upper bound, MoMask trained on the retain set.
    """
    return Edit({part: context.state(f"retrained_{part}") for part in PARTS})
