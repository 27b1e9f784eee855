"""BAMM: first-layer codes from text, written in order, then the first half rewritten.

Pinyoanuntapong et al., "BAMM: Bidirectional Autoregressive Motion Model" (ECCV 2024); reference:
exitudio/BAMM. It finds the length of a motion itself, and uses MoMask's tokenizer and residual
transformer.
"""

SETTINGS = ("guidance", "refinement_guidance", "temperature", "predict_length")
