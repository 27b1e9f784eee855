"""MoMask: first-layer codes from text by repeated unmasking, the others by a residual transformer.

Guo et al., "MoMask: Generative Masked Modeling of 3D Human Motions" (CVPR 2024); reference:
EricGuo5513/momask-codes.
"""

PARTS = {
    "tokenizer": {
        "network": "hmu.models.tokenizer.Tokenizer",
        "sizes": "hmu.sections.tokenizer.TokenizerSizes",
        "recipe": "hmu.models.recipes.windows",
        "reads": ("features",),
    },
    "masked": {
        "network": "hmu.backbones.momask.masked.MaskedTransformer",
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
SETTINGS = ("steps", "guidance", "residual_guidance", "temperature", "keep")
