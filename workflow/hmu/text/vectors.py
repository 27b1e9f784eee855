"""Word vectors and parts of speech, as the evaluator reads them (text-to-motion's WordVectorizer).

A caption is a list of tokens "word/POS". Words that matter for motion carry a category of their
own (places, body parts, objects, actions, manners) instead of their part of speech.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from hmu import rng
from hmu.errors import InputError
from hmu.io import files
from hmu.models.stored import Stored
from hmu.run.job import Inputs
from hmu.text.words import MOST_WORDS

DIM = 300

TAGS = (
    *("VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV"),
    *("Loc_VIP", "Body_VIP", "Obj_VIP", "Act_VIP", "Desc_VIP", "OTHER"),
)
"""Parts of speech and categories, in the order of the one-hot vector."""

_CATEGORIES = {
    "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down "
    "straight curve",
    "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "Act_VIP": "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop "
    "sit lift lower raise wash stand kneel stroll rub bend balance flap jog shuffle lean rotate "
    "spin spread climb",
    "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
CATEGORY = {word: name for name, words in _CATEGORIES.items() for word in words.split()}
"""Category of each word that has one."""

_TAG = {name: index for index, name in enumerate(TAGS)}
_OTHER = _TAG["OTHER"]
MASK = "***"
"""Stands for a hidden word, or for the hidden part of one."""


class WordVectors:
    """A vector for each known word; all others share that of "unk"."""

    def __init__(self, vectors: np.ndarray, rows: dict[str, int], seed: int | None = None) -> None:
        """``vectors`` (V, dim); ``rows`` maps a word to its row and has unk, sos and eos.

        With a ``seed`` the vocabulary is open: a new word gets a random vector of its own.
        """
        self._vectors = [*vectors.astype(np.float32)]
        self._rows = rows
        self._seed = seed
        self._tokens: dict[str, tuple[int, int]] = {}
        self.dim: int = vectors.shape[1]

    @classmethod
    def from_words(cls, words: Iterable[str], dim: int = DIM, seed: int = 0) -> "WordVectors":
        """Exactly these words (and unk, sos, eos), each with a random unit vector of its own."""
        known = sorted({*words, "unk", "sos", "eos"})
        vectors = np.stack([_random(word, dim, seed) for word in known])
        return cls(vectors, {word: row for row, word in enumerate(known)})

    @classmethod
    def open(cls, dim: int = DIM, seed: int = 0) -> "WordVectors":
        """Any word is known, with a random unit vector of its own, unless it is masked."""
        words = cls.from_words((), dim, seed)
        words._seed = seed
        return words

    @classmethod
    def read(cls, model: Stored) -> "WordVectors":
        """A vocabulary that was imported. Raises InputError when a file is missing or damaged."""
        try:
            vectors = load_file(model.weights)["vectors"]
        except (OSError, SafetensorError, KeyError) as error:
            raise InputError(
                f"{model.weights} holds no word vectors ({error}): import them again."
            ) from error
        return cls(vectors, files.read_json(model.config)["rows"])

    def encode(
        self, captions: Sequence[Sequence[str]]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Encode captions, each a list of tokens "word/POS".

        Returns word vectors float32 (N, 22, dim), one-hot tags float32 (N, 22, 15) and lengths
        int64 (N,), start and end counted. Raises InputError for a token without a "/".
        """
        width = MOST_WORDS + 2
        unknown = self._token("unk/OTHER")
        found = np.empty((len(captions), width, 2), dtype=np.int64)
        found[:] = unknown
        lengths = np.empty(len(captions), dtype=np.int64)
        for caption, tokens in enumerate(captions):
            framed = ["sos/OTHER", *tokens[:MOST_WORDS], "eos/OTHER"]
            found[caption, : len(framed)] = [self._token(token) for token in framed]
            lengths[caption] = len(framed)
        used, where = np.unique(found[..., 0], return_inverse=True)
        table = np.stack([self._vectors[row] for row in used])
        words = table[where.reshape(found.shape[:2])]
        return words, np.eye(len(TAGS), dtype=np.float32)[found[..., 1]], lengths

    def _token(self, token: str) -> tuple[int, int]:
        """Row of the vector and number of the tag of a token "word/POS"."""
        if token not in self._tokens:
            word, slash, tag = token.rpartition("/")
            if not slash:
                raise InputError(
                    f"The token {token!r} is not of the form word/POS: fix the caption file."
                )
            row = self._row(word)
            named = CATEGORY.get(word, tag)
            self._tokens[token] = (
                (self._rows["unk"], _OTHER) if row is None else (row, _TAG.get(named, _OTHER))
            )
        return self._tokens[token]

    def _row(self, word: str) -> int | None:
        if word not in self._rows and self._seed is not None and MASK not in word:
            self._rows[word] = len(self._vectors)
            self._vectors.append(_random(word, self.dim, self._seed))
        return self._rows.get(word)


def read(inputs: Inputs, seed: int) -> WordVectors:
    """The vocabulary among the ``inputs``, or an open one of random vectors if there is none."""
    if "word_vectors" not in inputs:
        return WordVectors.open(seed=seed)
    return WordVectors.read(Stored.among(inputs, "word_vectors"))


def mask_tokens(tokens: str, keywords: Sequence[str]) -> str:
    """Put ``***`` for every keyword inside the words of space-separated tokens "word/POS".

    Upper and lower case are alike, and a keyword may be part of a word, as in the reference's
    evaluation (Mamiglia/hmu, src/eval/eval_fn_t2m.py). Parts of speech stay as they are.
    """
    wanted = [re.escape(keyword) for keyword in keywords if keyword]
    if not wanted:
        return tokens
    pattern = re.compile("|".join(wanted), re.IGNORECASE)

    def masked(token: str) -> str:
        word, slash, tag = token.rpartition("/")
        return pattern.sub(MASK, word) + slash + tag

    return " ".join(masked(token) for token in tokens.split(" "))


def _random(word: str, dim: int, seed: int) -> np.ndarray:
    """A unit vector float32 (dim,) that belongs to the word."""
    drawn = rng.generator(seed, "word vector", word).standard_normal(dim)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)
