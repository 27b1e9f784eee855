"""The evaluator's embedding of a motion or of a caption (text-to-motion).

Convolutions take motions of one length at a time. The recurrent layer, which reads its weights
anew for each step, takes a whole batch of similar lengths: there every row ends where it ends.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.models import storage
from hmu.models.evaluator import FRAMES_PER_MOVEMENT, Evaluator
from hmu.models.stored import Stored
from hmu.motion.normalise import Normaliser
from hmu.sections.evaluator import EvaluatorSizes
from hmu.text import vectors

SEES = ("features",)
MODELS = ("evaluator",)
SETTINGS = ("decoded",)

_CONVOLVED = 32
"""Motions of one length that are convolved together: more gain nothing."""


def load(context: DescriptorContext) -> Descriptor:
    """The evaluator among the inputs, and the scale in which it is to see motions.

    ``decoded: reference`` leaves generated motions in the scale of the tokenizer that decoded them,
    as the reference does (``utils/eval_t2m.py``); with equal scales it changes nothing.
    """
    own = Stored.among(context.inputs, "evaluator")
    evaluator = storage.load(Evaluator, EvaluatorSizes, own, context.device)
    as_decoded = context.settings["decoded"] == "reference" and "tokenizer" in context.inputs
    scale = Stored.among(context.inputs, "tokenizer") if as_decoded else own
    return Embedding(
        evaluator,
        vectors.read(context.inputs, context.seed),
        Normaliser.of_model(scale.config),
        context.device,
    )


class Embedding:
    """Embeddings float32 (rows, ``sizes.embedding``)."""

    def __init__(
        self,
        evaluator: Evaluator,
        words: vectors.WordVectors,
        scale: Normaliser,
        device: torch.device,
    ) -> None:
        self.evaluator, self.words, self.device = evaluator, words, device
        self.mean, self.std = (
            torch.from_numpy(each.astype(np.float32)).to(device) for each in (scale.mean, scale.std)
        )

    @torch.no_grad()
    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """Each motion computed without padding, cut to whole movements of four frames; what is
        shorter (a model that finds the end itself may make it) is one."""
        movements: list[Tensor] = []
        for alike in _of_one_length([_features(each) for each in batch]):
            stacked = (torch.stack(alike) - self.mean) / self.std
            count = max(1, stacked.shape[1] // FRAMES_PER_MOVEMENT)
            movements += self.evaluator.movements(stacked)[:, :count]
        counts = torch.tensor([len(each) for each in movements])
        found = self.evaluator.motion_encoder(pad_sequence(movements, batch_first=True), counts)
        embeddings: np.ndarray = found.cpu().numpy()
        return embeddings

    @torch.no_grad()
    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """Captions as their tokens say, words that are hidden being unknown ones."""
        encoded = self.words.encode([text.split(" ") for text in tokens])
        inputs = (torch.from_numpy(each).to(self.device) for each in encoded)
        embeddings: np.ndarray = self.evaluator.embed_text(*inputs).cpu().numpy()
        return embeddings


def _features(motion: Motion) -> Tensor:
    if motion.features is None:
        raise TypeError("the evaluator sees features")
    return motion.features


def _of_one_length(motions: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    for _, group in groupby(motions, key=len):
        alike = list(group)
        for begin in range(0, len(alike), _CONVOLVED):
            yield alike[begin : begin + _CONVOLVED]
