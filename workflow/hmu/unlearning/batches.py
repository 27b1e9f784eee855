"""Training batches of the forget and of the retain set, for methods that train."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu import rng
from hmu.errors import InputError
from hmu.interface.methods import Captions, Context
from hmu.models.batches.codes import CodeBatch, CodeBatches
from hmu.models.batches.drawing import Draw
from hmu.models.batches.tables import Rows


def code_batches(context: Context, batch: int, forget: bool) -> CodeBatches:
    """Codes and captions of the clips to forget, or of those to retain, from their train and val
    splits.

    The method reads ``codes``, ``captions`` and ``clips``. Raises InputError when a split is empty.
    """
    captions = context.captions()
    samples = _samples(context, captions, forget)
    training, validation = (samples[samples["split"] == split] for split in ("train", "val"))
    if training.empty or validation.empty:
        side = "forget" if forget else "retain"
        raise InputError(
            f"The {side} set of the concept {context.address['concept']!r} leaves {len(training)} "
            f"captions to train on and {len(validation)} to validate with: both splits need some; "
            "check the split lists and the concept's keywords."
        )
    rows = dict(zip(samples["caption"], samples["row"], strict=True))
    return CodeBatches(
        context.codes(),
        Rows(training, validation),
        captions.embeddings,
        rows,
        batch,
        context.device,
    )


def _samples(context: Context, captions: Captions, forget: bool) -> Any:
    """The samples of the clips to forget, or of those to retain."""
    samples, clips = captions.samples, context.clips()
    return samples[samples["clip"].isin(clips["clip"][clips["forget"] == forget])]


@dataclass(frozen=True)
class Pair:
    """What a step that forgets and retains sees."""

    forget: CodeBatch
    retain: CodeBatch


class Pairs:
    """A batch to retain beside each batch to forget: an epoch takes the forget set once.

    The retain set is the larger one as a rule, and each epoch draws other batches of it; where it
    is not, its batches come again.
    """

    def __init__(self, context: Context, batch: int) -> None:
        """Reads as :func:`code_batches`."""
        self.forget, self.retain = (code_batches(context, batch, side) for side in (True, False))

    def training(self, draw: Draw) -> Iterator[Pair]:
        """One epoch of the forget set."""
        again = chain.from_iterable(self.retain.training(draw) for _ in repeat(None))
        return map(Pair, self.forget.training(draw), again)

    def validation(self) -> Iterator[Pair]:
        """The forget set's batches, each with one of the retain set."""
        again = chain.from_iterable(self.retain.validation() for _ in repeat(None))
        return map(Pair, self.forget.validation(), again)


@dataclass(frozen=True)
class PromptBatch:
    """Text float32 (batch, text_dim), and lengths int64 (batch,) of motions for it, in tokens."""

    text: Tensor
    lengths: Tensor


class PromptBatches:
    """Captions of the forget set, one a step, each again when all have been seen.

    ``each`` steps are an epoch, of ``steps`` in all.
    """

    each = 50

    def __init__(self, context: Context, split: str, steps: int | None) -> None:
        """``split``: whose captions; ``steps``: None means as many as the test split has.

        The method reads ``codes``, ``captions`` and ``clips``. Raises InputError when the split has
        none.
        """
        captions = context.captions()
        samples = _samples(context, captions, forget=True)
        self.device, self.embeddings = context.device, captions.embeddings
        codes = context.codes()
        lengths = np.array([len(each) for each in codes.codes])
        # A motion's first row is that from its start: turned round, it is the one that stays.
        longest = dict(zip(codes.keys["motion"][::-1], lengths[::-1], strict=True))
        self.rows: dict[str, np.ndarray] = {}
        self.tokens: dict[str, np.ndarray] = {}
        for own in (split, "val"):
            listed = samples[samples["split"] == own]
            if listed.empty:
                raise InputError(
                    f"The forget set of the concept {context.address['concept']!r} has no captions "
                    f"in the {own} split: check the split lists and the concept's keywords."
                )
            self.rows[own] = listed["row"].to_numpy()
            self.tokens[own] = listed["motion"].map(longest).to_numpy()
        self.split = split
        self.steps = steps or int((samples["split"] == "test").sum())
        self.seed, self.address = context.seed, ("prompts", *context.address.values())

    @property
    def epochs(self) -> int:
        """Epochs that all steps are."""
        return -(-self.steps // self.each)

    def training(self, draw: Draw) -> Iterator[PromptBatch]:
        """The steps of one epoch."""
        begin = draw.epoch * self.each
        for step in range(begin, min(begin + self.each, self.steps)):
            count = len(self.rows[self.split])
            order = rng.generator(self.seed, *self.address, step // count).permutation(count)
            yield self._batch(self.split, order[step % count])

    def validation(self) -> Iterator[PromptBatch]:
        """Some captions of the val split, always the same."""
        for row in range(min(len(self.rows["val"]), 8)):
            yield self._batch("val", row)

    def _batch(self, split: str, row: int) -> PromptBatch:
        text = torch.from_numpy(self.embeddings[self.rows[split][row]][None])
        lengths = torch.tensor([int(self.tokens[split][row])])
        return PromptBatch(text.to(self.device), lengths.to(self.device))
