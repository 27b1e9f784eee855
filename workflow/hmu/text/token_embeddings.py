"""The token embeddings of captions that TMR reads: the user's, or those of the run's text encoder.

The user's are files as TMR's ``prepare/text_embeddings.py`` writes them, into
``token_embeddings/``: MODEL.npy, float (tokens, dim), the tokens of all captions one after the
other; MODEL_slice.npy, integers (captions, 2), where those of each begin and end; MODEL_index.json,
which says by its text the number of each caption. The run's encoder says one vector of a caption,
and that is its only token.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, files
from hmu.models.batches.tables import caption_table
from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class TokenEmbeddings:
    """``vectors`` float (tokens, dim); of each caption the first token and the one after its last.

    ``source`` is the file that says which captions there are.
    """

    vectors: np.ndarray
    spans: Mapping[str, tuple[int, int]]
    source: Path

    @classmethod
    def read(cls, inputs: Inputs) -> Self:
        """From the inputs ``token_vectors``, ``token_slices`` and ``token_index``, or else from
        ``embeddings`` and ``captions``. Raises InputError when they are not what they should be."""
        if "token_vectors" in inputs:
            return cls._of_user(*(one(inputs, f"token_{each}") for each in _FILES))
        vectors, rows = caption_table(inputs)
        spans = {caption: (row, row + 1) for caption, row in rows.items()}
        return cls(vectors, spans, one(inputs, "captions"))

    @classmethod
    def _of_user(cls, vectors: Path, slices: Path, index: Path) -> Self:
        found = {}
        for path in (vectors, slices):
            try:
                found[path] = arrays.read_array(path)
            except arrays.BadArray as error:
                raise InputError(f"{path} {error.told(_REMEDY)}.") from error
        tokens, places = found[vectors], found[slices]
        if tokens.ndim != 2 or tokens.dtype.kind != "f" or not tokens.size:
            raise InputError(f"{vectors} holds {tokens.dtype} {tokens.shape}: {_REMEDY}.")
        ordered = places.ndim == 2 and places.shape[1] == 2 and places.dtype.kind in "iu"
        if not ordered or not _inside(places, len(tokens)):
            raise InputError(f"{slices} does not say where in {vectors} captions lie: {_REMEDY}.")
        numbers = files.read_json(index, _REMEDY)
        known = isinstance(numbers, dict) and all(
            type(each) is int and 0 <= each < len(places) for each in numbers.values()
        )
        if not known:
            raise InputError(f"{index} does not number the captions of {slices}: {_REMEDY}.")
        begins, ends = places.T.tolist()
        return cls(tokens, {text: (begins[n], ends[n]) for text, n in numbers.items()}, index)

    @property
    def dim(self) -> int:
        """Values in the embedding of a token."""
        return int(self.vectors.shape[1])

    def check(self, captions: Collection[str]) -> None:
        """Raise InputError when some captions have no embeddings."""
        lacking = sorted({*captions} - self.spans.keys())
        if lacking:
            raise InputError(
                f"{self.source} has no embeddings of {len(lacking)} captions, the first being "
                f"{lacking[0]!r}: {_REMEDY}, of these too."
            )

    def of(self, caption: str) -> np.ndarray:
        """The tokens of a caption that is there, float32 (tokens, dim), at least one."""
        begin, end = self.spans[caption]
        return np.array(self.vectors[begin:end], dtype=np.float32)


_FILES = ("vectors", "slices", "index")
_REMEDY = "make the three files by TMR's prepare/text_embeddings.py"


def _inside(places: np.ndarray, tokens: int) -> bool:
    begins, ends = places.T
    return bool((begins >= 0).all() and (begins < ends).all() and (ends <= tokens).all())
