"""Training batches, drawn from the memory-mapped features and the tables beside them.

What a sample shows in an epoch (crop, caption, place in the order) is drawn from numbers of its
own, :data:`Draw`, so it does not depend on which other samples there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hmu import rng
from hmu.errors import InputError
from hmu.io.codes import FRAMES_PER_TOKEN, CodeTable
from hmu.io.store import ClipStore
from hmu.motion.normalise import Normaliser
from hmu.run.job import Inputs, one

# Batches are cut from this many, sorted by length, so that little of each is padding.
_BATCHES_SORTED_TOGETHER = 8

Draw = Callable[[np.ndarray, int], np.ndarray]
"""``draw(keys, n)``: n uniforms in [0, 1) for each key, of this epoch; see ``rng.uniforms``."""


@dataclass(frozen=True)
class Rows:
    """The rows of ``motions.parquet`` or ``samples.parquet`` (pandas) that training may see."""

    training: Any
    validation: Any

    @classmethod
    def read(cls, path: Path, concept: Path | None) -> "Rows":
        """Rows of the train and val splits, without the forget set of ``concept`` if given."""
        table = pd.read_parquet(path)
        if concept is not None:
            clips = pd.read_parquet(concept)
            table = table[~table["clip"].isin(clips["clip"][clips["forget"]])]
        training, validation = (table[table["split"] == split] for split in ("train", "val"))
        if training.empty or validation.empty:
            raise InputError(
                f"{path} leaves {len(training)} rows to train on and {len(validation)} to validate "
                "with: both splits need some; check the split lists and the concept's keywords."
            )
        return cls(training, validation)


def caption_table(inputs: Inputs) -> tuple[np.ndarray, dict[str, int]]:
    """Caption embeddings float32 (captions, dim) and each caption's row, from the inputs
    ``embeddings`` and ``captions``."""
    text = np.load(one(inputs, "embeddings"), allow_pickle=False)
    captions = pd.read_parquet(one(inputs, "captions"))
    return text, dict(zip(captions["caption"], captions["row"], strict=True))


class Batches(Protocol):
    """Where the training loop takes its batches from."""

    def training(self, draw: Draw) -> Iterator[Any]:
        """One epoch of training batches, drawn with ``draw``."""
        ...

    def validation(self) -> Iterator[Any]:
        """The validation batches, always the same."""
        ...


class WindowBatches:
    """Windows of fixed length from clips, float32 (batch, window, 263), normalised.

    An epoch holds ``windows_per_clip`` windows of each motion at random starts, or as many as the
    motion has when that is None (reference: MoMask ``MotionDataset``, which leaves out the last
    start of each, and takes whole clips of any length). Validation takes windows side by side.
    """

    def __init__(
        self,
        store: ClipStore,
        normaliser: Normaliser,
        motions: Rows,
        window: int,
        batch: int,
        windows_per_clip: int | None,
        device: torch.device,
    ) -> None:
        self.store, self.normaliser, self.device = store, normaliser, device
        self.window, self.batch, self.per_clip = window, batch, windows_per_clip
        self.train_spans, names = _spans(store, motions.training, window)
        self.validation_spans, _ = _spans(store, motions.validation, window)
        for spans, use in ((self.train_spans, "train"), (self.validation_spans, "validate")):
            if not len(spans):
                raise InputError(
                    f"No motion to {use} on has {window} frames: set a smaller window in the "
                    "section of the training, or give longer motions."
                )
        self.keys = rng.keys(names)

    def _windows(self, starts: np.ndarray) -> Tensor:
        rows = starts[:, None] + np.arange(self.window)
        frames = self.store.frames[rows]
        return torch.from_numpy(self.normaliser.forward(frames)).to(self.device)

    def training(self, draw: Draw) -> Iterator[Tensor]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        first, room = self.train_spans.T
        each = room if self.per_clip is None else np.full(len(room), self.per_clip)
        number = np.arange(each.sum()) - np.repeat(each.cumsum() - each, each)
        drawn = draw(rng.numbered(np.repeat(self.keys, each), number), 2)
        place = number if self.per_clip is None else pick(drawn[:, 0], np.repeat(room, each))
        starts = np.repeat(first, each) + place
        for rows in _full(drawn[:, 1].argsort(kind="stable"), self.batch):
            yield self._windows(starts[rows])

    def validation(self) -> Iterator[Tensor]:
        """Non-overlapping windows of the validation clips."""
        starts = np.concatenate(
            [np.arange(a, a + r, self.window) for a, r in self.validation_spans]
        )
        for begin in range(0, len(starts), self.batch):
            yield self._windows(starts[begin : begin + self.batch])


def _spans(store: ClipStore, motions: Any, window: int) -> tuple[np.ndarray, list[str]]:
    """First row in the store and number of window starts, int64 (n, 2), of motions by name."""
    starts = dict(zip(store.index["clip"], store.index["start"], strict=True))
    long = motions[motions["frames"] >= window]
    spans = [
        (starts[clip] + start, frames - window + 1)
        for clip, start, frames in zip(long["clip"], long["start"], long["frames"], strict=True)
    ]
    return np.array(spans, dtype=np.int64).reshape(-1, 2), list(long["motion"])


def pick(uniform: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """One of 0 … ``counts`` - 1 each, int64 (n,), for uniforms in [0, 1)."""
    return (uniform * counts).astype(np.int64)


def crop(frames: np.ndarray, drawn: np.ndarray, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """First frame and length of a random crop of each motion of ``frames`` (n,), int64 (n,) both.

    ``drawn``: uniforms (n, 2). The crop is as long as the motion, in whole tokens of ``unit``
    frames, or in one of three cases a token shorter, and lies anywhere (reference: MoMask
    ``Text2MotionDataset``, text-to-motion ``Text2MotionDatasetV2``).
    """
    whole = frames // unit
    tokens = whole - ((drawn[:, 0] < 1 / 3) & (whole > 1))
    return pick(drawn[:, 1], frames - tokens * unit + 1), tokens * unit


def _full(order: np.ndarray, batch: int) -> list[np.ndarray]:
    """``order`` cut into full batches; the rest is dropped unless it is all there is."""
    full = max(len(order) // batch * batch, min(batch, len(order)))
    return [order[begin : begin + batch] for begin in range(0, full, batch)]


class _Captions:
    """The captions of motions, of which one is drawn: ``values`` of any kind, by motion."""

    def __init__(self, of: dict[str, list[Any]]) -> None:
        self.keys = rng.keys(of)
        self.counts = np.array([len(each) for each in of.values()], dtype=np.int64)
        self.first = self.counts.cumsum() - self.counts
        self.values = [value for each in of.values() for value in each]

    def drawn(self, uniform: np.ndarray) -> np.ndarray:
        """Where in ``values`` a random caption of each motion stands."""
        return self.first + pick(uniform, self.counts)


@dataclass(frozen=True)
class CodeBatch:
    """Codes int64 (batch, tokens, layers), lengths int64 (batch,), text float32 (batch, dim)."""

    codes: Tensor
    lengths: Tensor
    text: Tensor


class CodeBatches:
    """Codes of motions with the embedding of one of their captions.

    Each epoch takes every motion once, as :func:`crop` cuts it, with a random caption. A crop that
    begins at frame n has the codes that were stored for offset n modulo the frames of a token. Its
    outer codes have seen the few frames that were cut off, where the reference, which encodes crops
    again, pads with zeros.
    """

    def __init__(
        self,
        codes: CodeTable,
        samples: Rows,
        text: np.ndarray,
        text_rows: dict[str, int],
        batch: int,
        device: torch.device,
    ) -> None:
        self.codes, self.text, self.device, self.batch = codes, text, device, batch
        rows_of = codes.keys.groupby("motion", sort=False).indices
        self.training_set, self.validation_set = (
            _CodedMotions(codes, rows_of, table, text_rows)
            for table in (samples.training, samples.validation)
        )

    @classmethod
    def read(
        cls, inputs: Inputs, batch: int, device: torch.device, concept: Path | None
    ) -> "CodeBatches":
        """Batches from the inputs ``codes``, ``samples``, ``captions`` and ``embeddings``."""
        text, rows = caption_table(inputs)
        samples = Rows.read(one(inputs, "samples"), concept)
        return cls(CodeTable.read(one(inputs, "codes")), samples, text, rows, batch, device)

    def _batch(self, chosen: Sequence[np.ndarray], text_rows: np.ndarray) -> CodeBatch:
        lengths = torch.tensor([len(codes) for codes in chosen])
        stacked = np.zeros((len(chosen), int(lengths.max()), self.codes.layers), dtype=np.int64)
        for target, codes in zip(stacked, chosen, strict=True):
            target[: len(codes)] = codes
        return CodeBatch(
            torch.from_numpy(stacked).to(self.device),
            lengths.to(self.device),
            torch.from_numpy(self.text[text_rows]).to(self.device),
        )

    def training(self, draw: Draw) -> Iterator[CodeBatch]:
        """One epoch; each batch holds motions of similar length."""
        motions = self.training_set
        unit = motions.rows.shape[1]
        drawn = draw(motions.captions.keys, 5)
        begin, length = crop(motions.frames, drawn, unit)
        rows = motions.rows[np.arange(len(begin)), begin % unit]
        first, tokens = begin // unit, length // unit
        text_rows = motions.text_rows[motions.captions.drawn(drawn[:, 2])]
        for batch in _similar_lengths(tokens, self.batch, drawn[:, 3], drawn[:, 4]):
            codes = [self.codes.codes[rows[n]][first[n] : first[n] + tokens[n]] for n in batch]
            yield self._batch(codes, text_rows[batch])

    def validation(self) -> Iterator[CodeBatch]:
        """Every motion once, whole, with its first caption."""
        motions = self.validation_set
        for batch in _all(len(motions.frames), self.batch):
            codes = [self.codes.codes[row] for row in motions.rows[batch, 0]]
            yield self._batch(codes, motions.text_rows[motions.captions.first[batch]])


class _CodedMotions:
    """Motions of a split whose codes are stored.

    ``rows``: where the codes of each start offset stand, (n, frames of a token). ``frames``: (n,).
    """

    def __init__(
        self,
        codes: CodeTable,
        rows_of: dict[str, np.ndarray],
        samples: Any,
        text_rows: dict[str, int],
    ) -> None:
        by_motion = samples.groupby("motion", sort=False)["caption"]
        captions = {motion: list(each) for motion, each in by_motion if motion in rows_of}
        if not captions:
            raise InputError(
                "The table of codes has none of the motions of a split: make codes and samples "
                "again from the same motions."
            )
        self.captions = _Captions(captions)
        self.text_rows = np.array([text_rows[each] for each in self.captions.values])
        self.rows = np.array([rows_of[motion] for motion in captions])
        tokens = np.array([[len(codes.codes[row]) for row in rows] for rows in self.rows])
        # n frames are as many tokens from each of the first n % unit + 1 offsets, then one fewer.
        whole = tokens[:, 0]
        self.frames = whole * tokens.shape[1] + (tokens == whole[:, None]).sum(1) - 1


def _all(count: int, batch: int) -> Iterator[np.ndarray]:
    """All of 0 … ``count`` - 1 in order, in batches."""
    for begin in range(0, count, batch):
        yield np.arange(begin, min(begin + batch, count))


def _similar_lengths(
    lengths: np.ndarray, batch: int, place: np.ndarray, turn: np.ndarray
) -> list[np.ndarray]:
    """A random partition of the rows into full batches whose rows have similar lengths.

    ``place`` and ``turn``: uniforms of the rows, for who is with whom and which batch is first.
    """
    order = np.concatenate(_full(place.argsort(kind="stable"), batch))
    batches = []
    for begin in range(0, len(order), batch * _BATCHES_SORTED_TOGETHER):
        chunk = order[begin : begin + batch * _BATCHES_SORTED_TOGETHER]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[start : start + batch] for start in range(0, len(chunk), batch)]
    return sorted(batches, key=lambda rows: turn[rows[0]])


@dataclass(frozen=True)
class MatchingBatch:
    """Motions float32 (batch, frames, 263) with lengths, and captions as word vectors and tags."""

    motions: Tensor
    lengths: Tensor
    words: Tensor
    tags: Tensor
    text_lengths: Tensor


class MatchingBatches:
    """Motions with one of their captions, for the evaluator's text-motion matching.

    Reference: text-to-motion ``Text2MotionDatasetV2`` (random caption, crop to a multiple of 4).
    """

    def __init__(
        self,
        store: ClipStore,
        normaliser: Normaliser,
        samples: Rows,
        encoded: dict[str, tuple[np.ndarray, np.ndarray, int]],
        motions: Any,
        batch: int,
        device: torch.device,
    ) -> None:
        self.store, self.normaliser, self.device = store, normaliser, device
        self.encoded, self.batch = encoded, batch
        columns = (motions[name] for name in ("motion", "clip", "start", "frames"))
        span_of = {
            motion: (clip, start, frames)
            for motion, clip, start, frames in zip(*columns, strict=True)
        }
        self.training_set, self.validation_set = (
            _WordedMotions(table, span_of) for table in (samples.training, samples.validation)
        )

    def _batch(
        self, chosen: Sequence[tuple[str, int]], lengths: np.ndarray, tokens: Sequence[str]
    ) -> MatchingBatch:
        """Motions from (clip, first frame), ``lengths`` frames long."""
        motions = np.zeros((len(chosen), lengths.max(), self.store.frames.shape[1]), np.float32)
        for target, (clip, start), length in zip(motions, chosen, lengths, strict=True):
            target[:length] = self.normaliser.forward(self.store[clip][start : start + length])
        words, tags, counts = zip(*(self.encoded[each] for each in tokens), strict=True)
        return MatchingBatch(
            torch.from_numpy(motions).to(self.device),
            torch.from_numpy(lengths),
            torch.from_numpy(np.stack(words)).to(self.device),
            torch.from_numpy(np.stack(tags)).to(self.device),
            torch.tensor(counts),
        )

    def training(self, draw: Draw) -> Iterator[MatchingBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        motions = self.training_set
        drawn = draw(motions.captions.keys, 4)
        begin, length = crop(motions.frames, drawn, FRAMES_PER_TOKEN)
        caption = motions.captions.drawn(drawn[:, 2])
        for batch in _full(drawn[:, 3].argsort(kind="stable"), self.batch):
            chosen = [(motions.clips[n], motions.starts[n] + begin[n]) for n in batch]
            tokens = [motions.captions.values[row] for row in caption[batch]]
            yield self._batch(chosen, length[batch], tokens)

    def validation(self) -> Iterator[MatchingBatch]:
        """Every motion once, from its start, with its first caption."""
        motions = self.validation_set
        whole = motions.frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
        for batch in _all(len(whole), self.batch):
            chosen = [(motions.clips[n], motions.starts[n]) for n in batch]
            tokens = [motions.captions.values[row] for row in motions.captions.first[batch]]
            yield self._batch(chosen, whole[batch], tokens)


class _WordedMotions:
    """Motions of a split: where each lies in the store, and the tokens of its captions."""

    def __init__(self, samples: Any, span_of: dict[str, tuple[str, int, int]]) -> None:
        tokens = samples.groupby("motion", sort=False)["tokens"].agg(list).to_dict()
        self.captions = _Captions(tokens)
        self.clips = [span_of[motion][0] for motion in tokens]
        self.starts, self.frames = np.array([span_of[motion][1:] for motion in tokens]).T


@dataclass(frozen=True)
class LengthBatch:
    """Embeddings of captions float32 (batch, dim); lengths int64 (batch,), in tokens."""

    text: Tensor
    lengths: Tensor


class LengthBatches:
    """Captions with the lengths of their motions.

    Each epoch takes every sample once, with the whole length of its motion (reference: MoMask
    ``LengthEstTrainer``, whose loader takes one caption a motion, and a token less now and then).
    """

    def __init__(
        self,
        samples: Rows,
        frames_of: dict[str, int],
        text: np.ndarray,
        text_rows: dict[str, int],
        batch: int,
        device: torch.device,
    ) -> None:
        self.text, self.batch, self.device = text, batch, device
        self.keys = rng.keys(samples.training["sample"])
        self.pairs = {
            part: np.array(
                [
                    (text_rows[caption], frames_of[motion] // FRAMES_PER_TOKEN)
                    for caption, motion in zip(table["caption"], table["motion"], strict=True)
                ]
            )
            for part, table in (("training", samples.training), ("validation", samples.validation))
        }

    def _batch(self, pairs: np.ndarray) -> LengthBatch:
        rows, tokens = pairs.T
        text = torch.from_numpy(self.text[rows])
        return LengthBatch(text.to(self.device), torch.from_numpy(tokens).to(self.device))

    def training(self, draw: Draw) -> Iterator[LengthBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        order = draw(self.keys, 1)[:, 0].argsort(kind="stable")
        for rows in _full(order, self.batch):
            yield self._batch(self.pairs["training"][rows])

    def validation(self) -> Iterator[LengthBatch]:
        """Every validation sample, in order."""
        pairs = self.pairs["validation"]
        for rows in _all(len(pairs), self.batch):
            yield self._batch(pairs[rows])
