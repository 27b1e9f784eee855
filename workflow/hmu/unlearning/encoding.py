"""Texts as the transformers read them, for methods that read ``text_encoder``."""

from collections.abc import Sequence

import numpy as np
import torch

from hmu.models.stored import Stored
from hmu.run.job import Inputs
from hmu.text import encoder


def encode(inputs: Inputs, texts: Sequence[str], device: torch.device) -> np.ndarray:
    """Embeddings float32 (len(texts), text_dim) by the ``text_encoder`` among the inputs, those of
    the captions being made in the same way."""
    return encoder.load(Stored.among(inputs, "text_encoder"), device).embed(texts)
