"""The evaluator's vocabulary: GloVe vectors of the words of the captions (text-to-motion)."""

import re
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, pickles
from hmu.run.job import Inputs, one
from hmu.text.vectors import DIM

_LONGEST = 100
"""Characters of a word."""


def read(inputs: Inputs) -> tuple[np.ndarray, dict[str, int]]:
    """Vectors (V, dim), and the row of each word, from the files that `layout.glove` lists.

    The pickles may hold only plain text, numbers, lists and dictionaries. Raises InputError naming
    the file that is missing, damaged or holds anything else.
    """
    path, words_path, rows_path = (one(inputs, name) for name in ("vectors", "words", "rows"))
    try:
        vectors = np.array(arrays.read_array(path), order="C")  # as safetensors take it
    except arrays.BadArray as error:
        raise InputError(f"{path} {error.told('copy it again')}.") from error
    kind = vectors.dtype
    if vectors.ndim != 2 or kind.kind != "f" or kind.itemsize > 8 or not np.isfinite(vectors).all():
        raise InputError(f"{path} is not a table of finite word vectors: copy it again.")
    if vectors.shape[1] != DIM:
        raise InputError(
            f"{path} has vectors of {vectors.shape[1]} numbers, and the evaluator reads {DIM}: "
            "give the glove download."
        )
    words, index = pickles.read(words_path), pickles.read(rows_path)
    if not isinstance(words, list) or not all(map(_is_word, words)):
        raise InputError(f"{words_path} is not a list of words: copy it again.")
    if not isinstance(index, dict):
        raise InputError(f"{rows_path} is not a dictionary of rows: copy it again.")
    rows = {}
    for word in (*words, "unk", "sos", "eos"):
        row = index.get(word)
        if type(row) is not int or not 0 <= row < len(vectors):
            raise InputError(
                f"{rows_path} gives no row of {path.name} for {word!r}: "
                "copy the three files of one vocabulary."
            )
        rows[word] = row
    return vectors, rows


def _is_word(value: Any) -> bool:
    """Whether it can be written, in a file and in a message: UTF-8 has no half characters."""
    return type(value) is str and len(value) <= _LONGEST and not re.search("[\ud800-\udfff]", value)
