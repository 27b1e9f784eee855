"""MoMask: first-layer codes from text by repeated unmasking, the others by a residual transformer.

Guo et al., "MoMask: Generative Masked Modeling of 3D Human Motions" (CVPR 2024); reference:
EricGuo5513/momask-codes.
"""

SETTINGS = ("steps", "guidance", "temperature", "keep")
