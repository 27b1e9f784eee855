"""The evaluator's vocabulary: GloVe vectors of the words of the captions (text-to-motion)."""

import numpy as np

from hmu import arrays, pickles
from hmu.errors import InputError
from hmu.job import Inputs, one
from hmu.text.vectors import DIM


def read(inputs: Inputs) -> tuple[np.ndarray, dict[str, int]]:
    """Vectors (V, dim), and the row of each word, from the files that `layout.glove` lists.

    The pickles may hold only plain text, numbers, lists and dictionaries. Raises InputError naming
    the file that is missing, damaged or holds anything else.
    """
    path, words_path, rows_path = (one(inputs, name) for name in ("vectors", "words", "rows"))
    try:
        vectors = np.array(arrays.read_array(path))
    except arrays.BadArray as error:
        raise InputError(f"{path} {error}: copy it again.") from error
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or not np.isfinite(vectors).all():
        raise InputError(f"{path} is not a table of finite word vectors: copy it again.")
    if vectors.shape[1] != DIM:
        raise InputError(
            f"{path} has vectors of {vectors.shape[1]} numbers, and the evaluator reads {DIM}: "
            "give the glove download."
        )
    words, index = pickles.read(words_path), pickles.read(rows_path)
    if not isinstance(words, list) or not all(type(word) is str for word in words):
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
