"""Which files of a raw directory are read: jobs know it by the content of these, of no others."""

MOTIONS = ("*.npy", "*.npz", "*.pkl", "*.csv", "train.txt", "val.txt", "test.txt")
"""Motions, with the lists for what there should be."""
TEXTS = ("*.txt", "texts.zip")
"""Captions and lists."""
