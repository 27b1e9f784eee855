"""Official files of MoMask, BAMM, the evaluator, CLIP and GloVe: imported and exported.

They are pickles, and a pickle can run code. Only tensors, numbers and text are read from them,
once, into safetensors and JSON; everything else in the pipeline reads those.
"""
