"""BAMM: first-layer codes from text, written in order, then the first half rewritten.

Pinyoanuntapong et al., "BAMM: Bidirectional Autoregressive Motion Model" (ECCV 2024); reference:
exitudio/BAMM. It finds the length of a motion itself, and uses MoMask's tokenizer and residual
transformer.
"""

PARTS = {
    "tokenizer": {
        "network": "hmu.models.tokenizer.Tokenizer",
        "sizes": "hmu.sections.tokenizer.TokenizerSizes",
        "recipe": "hmu.models.recipes.windows",
        "reads": ("features",),
    },
    "masked": {
        "network": "hmu.backbones.bamm.masked.MaskedTransformer",
        "sizes": "hmu.sections.transformer.TransformerSizes",
        "recipe": "hmu.models.recipes.codes",
        "reads": ("codes", "captions"),
    },
    "residual": {
        "network": "hmu.models.residual.ResidualTransformer",
        "sizes": "hmu.sections.transformer.ResidualSizes",
        "recipe": "hmu.models.recipes.codes",
        "reads": ("codes", "captions"),
    },
}
SAMPLER = "hmu.backbones.momask.sampler"
SETTINGS = (
    "guidance",
    "refinement_guidance",
    "residual_guidance",
    "temperature",
    "keep",
    "predict_length",
)
