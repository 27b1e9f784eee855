"""Training batches, drawn from the memory-mapped features and the tables beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hmu.codes import FRAMES_PER_TOKEN, CodeTable
from hmu.errors import InputError
from hmu.job import Inputs, one
from hmu.motion.normalise import Normaliser
from hmu.store import ClipStore

# Batches are cut from this many, sorted by length, so that little of each is padding.
_BATCHES_SORTED_TOGETHER = 8


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

    def training(self, generator: np.random.Generator) -> Iterator[Any]:
        """One epoch of training batches, drawn with ``generator``."""
        ...

    def validation(self) -> Iterator[Any]:
        """The validation batches, always the same."""
        ...


class WindowBatches:
    """Windows of fixed length from clips, float32 (batch, window, 263), normalised.

    An epoch holds ``windows_per_clip`` windows of each clip at random starts, or as many as the
    clip has when that is None (reference: MoMask ``MotionDataset``). Validation takes windows at
    even distance.
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
        self.train_spans = _spans(store, motions.training, window)
        self.validation_spans = _spans(store, motions.validation, window)

    def _windows(self, starts: np.ndarray) -> Tensor:
        rows = starts[:, None] + np.arange(self.window)
        frames = self.store.frames[rows]
        return torch.from_numpy(self.normaliser.forward(frames)).to(self.device)

    def training(self, generator: np.random.Generator) -> Iterator[Tensor]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        first, room = self.train_spans.T
        if self.per_clip is None:
            starts = np.concatenate([np.arange(a, a + r) for a, r in self.train_spans])
        else:
            draws = generator.integers(0, np.repeat(room, self.per_clip))
            starts = np.repeat(first, self.per_clip) + draws
        starts = generator.permutation(starts)
        full = max(len(starts) // self.batch * self.batch, min(self.batch, len(starts)))
        for begin in range(0, full, self.batch):
            yield self._windows(starts[begin : begin + self.batch])

    def validation(self) -> Iterator[Tensor]:
        """Non-overlapping windows of the validation clips."""
        starts = np.concatenate(
            [np.arange(a, a + r, self.window) for a, r in self.validation_spans]
            or [np.empty(0, dtype=np.int64)]
        )
        for begin in range(0, len(starts), self.batch):
            yield self._windows(starts[begin : begin + self.batch])


def _spans(store: ClipStore, motions: Any, window: int) -> np.ndarray:
    """First row of each motion in the store and how many window starts it has, int64 (n, 2)."""
    starts = dict(zip(store.index["clip"], store.index["start"], strict=True))
    spans = [
        (starts[clip] + start, frames - window + 1)
        for clip, start, frames in zip(
            motions["clip"], motions["start"], motions["frames"], strict=True
        )
        if frames >= window
    ]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


@dataclass(frozen=True)
class CodeBatch:
    """Codes int64 (batch, tokens, layers), lengths int64 (batch,), text float32 (batch, dim)."""

    codes: Tensor
    lengths: Tensor
    text: Tensor


class CodeBatches:
    """Codes of motions with the embedding of one of their captions.

    Each epoch takes every motion once, at a random offset, in one of three cases a token shorter,
    with a random caption (reference: MoMask ``Text2MotionDataset``, whose random crop covers the
    same offsets).
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
        self.rows_of = codes.keys.groupby("motion", sort=False).indices
        self.captions = {
            part: {
                motion: [text_rows[caption] for caption in captions]
                for motion, captions in table.groupby("motion", sort=False)["caption"]
                if motion in self.rows_of
            }
            for part, table in (("training", samples.training), ("validation", samples.validation))
        }

    @classmethod
    def read(
        cls, inputs: Inputs, batch: int, device: torch.device, concept: Path | None
    ) -> "CodeBatches":
        """Batches from the inputs ``codes``, ``samples``, ``captions`` and ``embeddings``."""
        text, rows = caption_table(inputs)
        samples = Rows.read(one(inputs, "samples"), concept)
        return cls(CodeTable.read(one(inputs, "codes")), samples, text, rows, batch, device)

    def _batch(self, chosen: list[tuple[np.ndarray, int]]) -> CodeBatch:
        longest = max(len(codes) for codes, _ in chosen)
        stacked = np.zeros((len(chosen), longest, self.codes.layers), dtype=np.int64)
        for target, (codes, _) in zip(stacked, chosen, strict=True):
            target[: len(codes)] = codes
        text = self.text[[row for _, row in chosen]]
        return CodeBatch(
            torch.from_numpy(stacked).to(self.device),
            torch.tensor([len(codes) for codes, _ in chosen], device=self.device),
            torch.from_numpy(text).to(self.device),
        )

    def training(self, generator: np.random.Generator) -> Iterator[CodeBatch]:
        """One epoch; each batch holds motions of similar length."""
        chosen = []
        for motion, captions in self.captions["training"].items():
            offset, shorter, caption = generator.random(3)
            rows = self.rows_of[motion]
            codes = self.codes.codes[rows[int(offset * len(rows))]]
            if shorter < 1 / 3 and len(codes) > 1:
                codes = codes[:-1]
            chosen.append((codes, captions[int(caption * len(captions))]))
        for rows in _similar_lengths([len(codes) for codes, _ in chosen], self.batch, generator):
            yield self._batch([chosen[row] for row in rows])

    def validation(self) -> Iterator[CodeBatch]:
        """Every motion once, whole, with its first caption."""
        chosen = [
            (self.codes.codes[self.rows_of[motion][0]], captions[0])
            for motion, captions in self.captions["validation"].items()
        ]
        for begin in range(0, len(chosen), self.batch):
            yield self._batch(chosen[begin : begin + self.batch])


def _similar_lengths(
    lengths: list[int], batch: int, generator: np.random.Generator
) -> list[np.ndarray]:
    """A random partition of the rows into full batches whose rows have similar lengths."""
    order = generator.permutation(len(lengths))
    order = order[: max(len(order) // batch * batch, min(batch, len(order)))]
    sizes = np.asarray(lengths)
    batches = []
    for begin in range(0, len(order), batch * _BATCHES_SORTED_TOGETHER):
        chunk = order[begin : begin + batch * _BATCHES_SORTED_TOGETHER]
        chunk = chunk[np.argsort(sizes[chunk], kind="stable")]
        batches += [chunk[start : start + batch] for start in range(0, len(chunk), batch)]
    return [batches[index] for index in generator.permutation(len(batches))]


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
        self.span_of = {
            motion: (clip, start, frames)
            for motion, clip, start, frames in zip(*columns, strict=True)
        }
        self.tokens_of = {
            part: table.groupby("motion", sort=False)["tokens"].agg(list).to_dict()
            for part, table in (("training", samples.training), ("validation", samples.validation))
        }

    def _batch(self, chosen: list[tuple[str, int, int, str]]) -> MatchingBatch:
        longest = max(length for _, _, length, _ in chosen)
        motions = np.zeros((len(chosen), longest, self.store.frames.shape[1]), dtype=np.float32)
        for target, (clip, start, length, _) in zip(motions, chosen, strict=True):
            target[:length] = self.normaliser.forward(self.store[clip][start : start + length])
        words, tags, lengths = zip(*(self.encoded[tokens] for *_, tokens in chosen), strict=True)
        return MatchingBatch(
            torch.from_numpy(motions).to(self.device),
            torch.tensor([length for _, _, length, _ in chosen]),
            torch.from_numpy(np.stack(words)).to(self.device),
            torch.from_numpy(np.stack(tags)).to(self.device),
            torch.tensor(lengths),
        )

    def training(self, generator: np.random.Generator) -> Iterator[MatchingBatch]:
        """One epoch; the last batch that is not full is dropped unless it is the only one."""
        chosen = []
        for motion, captions in self.tokens_of["training"].items():
            clip, start, frames = self.span_of[motion]
            shorter, offset, caption = generator.random(3)
            length = (frames // FRAMES_PER_TOKEN - (shorter < 1 / 3)) * FRAMES_PER_TOKEN
            begin = start + int(offset * (frames - length + 1))
            chosen.append((clip, begin, length, captions[int(caption * len(captions))]))
        order = generator.permutation(len(chosen))
        full = max(len(order) // self.batch * self.batch, min(self.batch, len(order)))
        for begin in range(0, full, self.batch):
            yield self._batch([chosen[row] for row in order[begin : begin + self.batch]])

    def validation(self) -> Iterator[MatchingBatch]:
        """Every motion once, from its start, with its first caption, in a fixed shuffled order."""
        chosen = []
        for motion, captions in self.tokens_of["validation"].items():
            clip, start, frames = self.span_of[motion]
            length = frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
            chosen.append((clip, start, length, captions[0]))
        for begin in range(0, len(chosen), self.batch):
            yield self._batch(chosen[begin : begin + self.batch])


class LengthBatches:
    """Caption embeddings float32 (batch, dim) and their motions' lengths in tokens int64 (batch,).

    Each epoch takes every sample once (reference: MoMask ``LengthEstTrainer``).
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
        self.pairs = {
            part: np.array(
                [
                    (text_rows[caption], frames_of[motion] // FRAMES_PER_TOKEN)
                    for caption, motion in zip(table["caption"], table["motion"], strict=True)
                ]
            )
            for part, table in (("training", samples.training), ("validation", samples.validation))
        }

    def _cut(self, pairs: np.ndarray) -> Iterator[tuple[Tensor, Tensor]]:
        for begin in range(0, len(pairs), self.batch):
            rows, tokens = pairs[begin : begin + self.batch].T
            text = torch.from_numpy(self.text[rows])
            yield text.to(self.device), torch.from_numpy(tokens).to(self.device)

    def training(self, generator: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch in random order."""
        return self._cut(generator.permutation(self.pairs["training"]))

    def validation(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Every validation sample, in order."""
        return self._cut(self.pairs["validation"])
