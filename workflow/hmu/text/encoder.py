"""The text encoder of a run, whichever it is: CLIP's tower, or the mean of word vectors.

Both answer ``dim``, the values in an embedding, and ``embed(texts)``, float32 (N, dim), in which a
text has the same numbers in any company. The ``config.json`` says which it is.
"""

from pathlib import Path

import torch

from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.sections.text_encoder import ClipSizes, WordSizes
from hmu.text.clip import TextTower
from hmu.text.wordllama import WordMean

TextEncoder = TextTower | WordMean
KINDS = {TextTower: "clip", WordMean: "words"}


def save(weights: Path, config: Path, encoder: TextEncoder) -> None:
    """Write an encoder to the two paths."""
    said = {"kind": KINDS[type(encoder)], "sizes": encoder.sizes.model_dump()}
    storage.save(weights, config, encoder, {"part": "text_encoder", **said})


def load(model: Stored, device: torch.device) -> TextEncoder:
    """The encoder in the files. Raises InputError when one is missing or damaged, or says no
    kind."""
    config = files.read_json(model.config)
    match config.get("kind") if isinstance(config, dict) else None:
        case "clip":
            return storage.load(TextTower, ClipSizes, model, device)
        case "words":
            return storage.load(WordMean, WordSizes, model, device)
        case _:
            raise InputError(
                f"{model.config} says no kind of text encoder: make or import it again."
            )
