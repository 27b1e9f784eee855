"""Official files of MoMask, BAMM, the evaluator, CLIP and GloVe: read without trust, and written.

They are pickles, and a pickle can run code. Here, and nowhere else, they are read: weights only,
once, into safetensors and JSON.
"""
