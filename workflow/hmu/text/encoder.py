"""The text encoder of a run, whichever it is: CLIP's tower, or the mean of word vectors.

Both answer ``dim``, the values in an embedding, and ``embed(texts)``, float32 (N, dim), in which a
text has the same numbers in any company. The ``config.json`` says which it is.
"""

from pathlib import Path

import torch

from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.run.job import Inputs, one
from hmu.sections.text_encoder import ClipSizes, WordSizes
from hmu.text.clip import TextTower
from hmu.text.wordllama import WordMean

TextEncoder = TextTower | WordMean
KINDS = {TextTower: "clip", WordMean: "words"}


def save(weights: Path, config: Path, encoder: TextEncoder) -> None:
    """Write an encoder to the two paths."""
    said = {"kind": KINDS[type(encoder)], "sizes": encoder.sizes.model_dump()}
    storage.save(weights, config, encoder, {"part": "text_encoder", **said})


def load(inputs: Inputs, device: torch.device) -> TextEncoder:
    """The encoder of the inputs ``text_encoder`` and ``text_encoder_config``.

    Raises InputError when a file is missing or damaged, or says no kind.
    """
    path = one(inputs, "text_encoder_config")
    config = files.read_json(path)
    match config.get("kind") if isinstance(config, dict) else None:
        case "clip":
            return storage.load(TextTower, ClipSizes, "text_encoder", inputs, device)
        case "words":
            return storage.load(WordMean, WordSizes, "text_encoder", inputs, device)
        case _:
            raise InputError(f"{path} says no kind of text encoder: make or import it again.")
