"""Texts as the transformers read them, for methods that read ``text_encoder``."""

from collections.abc import Sequence

import numpy as np
import torch

from hmu.run.job import Inputs
from hmu.text import encoder


def encode(inputs: Inputs, texts: Sequence[str], device: torch.device) -> np.ndarray:
    """Embeddings float32 (len(texts), text_dim) by the inputs ``text_encoder`` and
    ``text_encoder_config``, those of the captions being made in the same way."""
    return encoder.load(inputs, device).embed(texts)
