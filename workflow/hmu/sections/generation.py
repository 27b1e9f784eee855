"""How motions are generated."""

from typing import Literal

from pydantic import Field

from hmu.sections.base import Section


class GenerationSection(Section):
    """How motions are generated."""

    steps: int = Field(default=10, ge=1, description="Iterations of unmasking (MoMask).")
    guidance: float = Field(
        default=4.0, ge=0, description="Classifier-free guidance of the masked transformer."
    )
    refinement_guidance: float = Field(
        default=3.0, ge=0, description="Classifier-free guidance of BAMM's second pass."
    )
    predict_length: bool = Field(
        default=True,
        description="Whether BAMM finds the lengths of its motions, as in its own evaluation; "
        "false gives them the lengths of the real ones, as MoMask's have.",
    )
    residual_guidance: float = Field(
        default=5.0, ge=0, description="Classifier-free guidance of the residual transformer."
    )
    temperature: float = Field(
        default=1.0, gt=0, description="Temperature at which tokens are drawn."
    )
    keep: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Share of the codes, the likeliest, that a token is drawn from; BAMM draws "
        "from all.",
    )
    batch: int = Field(
        default=20,
        ge=1,
        description="Prompts generated together. It changes speed and memory; in float32 on a "
        "processor never the result, elsewhere a near-tie may fall otherwise. A processor is "
        "slower with more than its caches hold, a GPU with few.",
    )
    precision: Literal["float32", "bfloat16", "auto"] = Field(
        default="float32",
        description="Numbers in which the transformers compute. bfloat16 is faster where the "
        "processor or GPU has it, and draws other motions: rounding moves every score a little. "
        "auto takes it on a GPU that has it.",
    )
    sets: Literal["apart", "together"] = Field(
        default="apart",
        description="What a model that forgot a concept generates at once. apart: the motions of a "
        "set, so that a cell of the forget set costs no motion of the retain set; together: those "
        "of all prompts of a source, which are also described at once, in half as many jobs: for "
        "models so small that a job takes as long to start as to generate. No value depends on it.",
    )
