"""Official files of backbones, the length estimator, the evaluator, CLIP and GloVe: in and out.

They are pickles, and a pickle can run code. Only tensors, numbers and text are read from them,
once, into safetensors and JSON; everything else in the pipeline reads those.
"""
