"""A text encoder that knows English words and needs no network: the mean of word vectors.

The vectors and their tokenizer are those of the package wordllama (Miller, "WordLlama: Recycled
Token Embeddings from Large Language Models", 2024): 32,000 pieces of words, of which the mean puts
a text near others that mean the same. It knows no order of words. Numbers are of its own: nothing
of CLIP's is read here, nor of this there.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from hmu.errors import InputError
from hmu.models import storage
from hmu.sections.text_encoder import WordSizes

_VECTORS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_START = [1]
"""The piece with which the vocabulary lets a text start."""
_NORM = 10.0
"""Length of every embedding, about that of CLIP's: scales of methods that read them assume it."""


class WordMean(nn.Module):
    """Texts to the mean of the vectors of their words, all of one length."""

    vectors: torch.Tensor

    def __init__(self, sizes: WordSizes) -> None:
        super().__init__()
        self.sizes = sizes
        shape = (sizes.vocabulary, sizes.dim)
        self.register_buffer("vectors", torch.zeros(shape, dtype=torch.float16))

    @property
    def dim(self) -> int:
        """Values in an embedding."""
        return self.sizes.dim

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Embeddings float32 (N, dim) of ``texts``; a text of no words has that of the start.

        A text has the same numbers in any company.
        """
        table, tokenizer = self.vectors.cpu().numpy(), _tokenizer()
        found = np.empty((len(texts), self.dim), np.float32)
        for row, text in zip(found, texts, strict=True):
            pieces = tokenizer.encode(text, add_special_tokens=False).ids
            mean = table[pieces or _START].astype(np.float64).mean(0)
            row[:] = _NORM * mean / np.linalg.norm(mean)
        return found


def read(dim: int) -> WordMean:
    """The encoder of the installed package, with the first ``dim`` values of its vectors.

    They are ordered for that: the first tell most. Raises InputError where the package lacks them.
    """
    (vectors,) = storage.read_tensors(_file(_VECTORS)).values()
    made = WordMean(WordSizes(dim=dim, vocabulary=len(vectors)))
    made.vectors.copy_(vectors[:, :dim])
    return made.eval()


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(_file(_TOKENIZER)))


def _file(name: str) -> Path:
    """A file of the package, which is found, not imported: on import it may ask the network."""
    package = importlib.util.find_spec("wordllama")
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0]) / name if folders else None
    if path is None or not path.is_file():
        raise InputError(f"The word vectors are missing ({name}): pip install wordllama.")
    return path
