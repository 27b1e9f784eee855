"""Texts as the transformers read them, for methods that read ``text_encoder``."""

from collections.abc import Sequence

import numpy as np
import torch

from hmu.models import storage
from hmu.run.job import Inputs
from hmu.sections.text_encoder import ClipSizes
from hmu.text import clip


def encode(inputs: Inputs, texts: Sequence[str], device: torch.device) -> np.ndarray:
    """Embeddings float32 (len(texts), text_dim) by the inputs ``text_encoder`` and
    ``text_encoder_config``, those of the captions being made in the same way."""
    tower = storage.load(clip.TextTower, ClipSizes, "text_encoder", inputs, device)
    return clip.embed(tower, texts)
