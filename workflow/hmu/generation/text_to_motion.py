"""A whole text-to-motion model, opened from a directory: from words to motion."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hmu import rng
from hmu.backbones import opening
from hmu.backbones.codec import Codec
from hmu.errors import InputError
from hmu.generation import bundle
from hmu.generation.injecting import Put, check, inject
from hmu.generation.prompts import Prompt
from hmu.generation.sampling import Request, generate
from hmu.interface.backbones import Sampler
from hmu.models import storage
from hmu.models.length import LengthEstimator
from hmu.models.stored import Stored
from hmu.run.job import Inputs
from hmu.run.side_by_side import side_by_side
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import LONGEST_MOTION, UNIT_LENGTH, Vocabulary
from hmu.text import encoder
from hmu.text.encoder import TextEncoder
from hmu.unlearning import altering
from hmu.unlearning.altering import Alteration
from hmu.unlearning.checkpoint import load_delta


@dataclass(frozen=True)
class Asked:
    """A motion to make: its text, which one of those with that text, and its length in frames.

    With 0 frames the model finds the length while it makes the motion.
    """

    text: str
    repeat: int
    frames: int


@dataclass(frozen=True)
class TextToMotion:
    """The parts of a model on their device; ``inputs`` are the files that they came from."""

    inputs: Inputs
    tower: TextEncoder
    sampler: Sampler
    codec: Codec
    length: LengthEstimator | None
    device: torch.device

    @classmethod
    def open(cls, folder: Path, device: torch.device, base: Path | None = None) -> "TextToMotion":
        """Load the model in ``folder``; ``base`` as `hmu.generation.bundle.inputs` has it.

        Raises InputError, naming the file, when one is missing, damaged, or of another model.
        """
        model = bundle.find(folder, base)
        inputs = {
            name: path
            for name, path in model.inputs.items()
            if not name.startswith("evaluator") and not name.endswith("_training")
        }
        if "text_encoder" not in inputs:
            models = model.folder
            raise InputError(
                f"{models} has no text_encoder beside its parts: "
                f"`hmu import ViT-B-32.pt --to {models}`, or copy that of the model."
            )
        delta = load_delta(inputs)
        transformers = {
            name: opening.part(Stored.among(inputs, name), device, delta)
            for name in model.transformers
        }
        codec = Codec.open(Stored.among(inputs, "tokenizer"), device, delta)
        tower = encoder.load(Stored.among(inputs, "text_encoder"), device)
        _check_sizes(inputs, codec.tokenizer.sizes, tower.dim, transformers)
        return cls(
            inputs,
            tower,
            opening.sampler(model.kind, transformers),
            codec,
            storage.load(LengthEstimator, LengthSizes, Stored.among(inputs, "length"), device)
            if "length" in inputs
            else None,
            device,
        )

    def plan(self, prompts: Sequence[Prompt], repeats: int, seed: int) -> list[Asked]:
        """The motions to make: each prompt ``repeats`` times, lengths cut to multiples of
        ``UNIT_LENGTH``.

        A length that a prompt leaves open is drawn from what the length estimator finds likely,
        unless the model finds it itself. Raises InputError when there is no estimator.
        """
        asked, seen = [], Counter[str]()
        for prompt in prompts:
            for _ in range(repeats):
                repeat = seen[prompt.text]
                if prompt.frames is None and self.sampler.predicts_length:
                    asked.append(Asked(prompt.text, repeat, 0))
                else:
                    frames = prompt.frames or self._predict(prompt.text, repeat, seed)
                    whole = max(UNIT_LENGTH, frames - frames % UNIT_LENGTH)
                    asked.append(Asked(prompt.text, repeat, whole))
                seen[prompt.text] += 1
        return asked

    def _predict(self, text: str, repeat: int, seed: int) -> int:
        """Frames of a motion. The estimator counts in ``UNIT_LENGTH``, not in tokens."""
        if self.length is None:
            raise InputError("The model has no length estimator: set a length with --length.")
        own = rng.generator(seed, "length", text, repeat)
        uniform = torch.tensor([own.random()], dtype=torch.float32, device=self.device)
        embedding = torch.from_numpy(self.tower.embed([text])).to(self.device)
        tokens = int(self.length.predict(embedding, uniform))
        return min(tokens * UNIT_LENGTH, LONGEST_MOTION)

    def codes(
        self,
        asked: Sequence[Asked],
        settings: Mapping[str, Any],
        seed: int,
    ) -> list[np.ndarray]:
        """Codes (tokens, quantizers) of each motion; ``settings`` as `sampling.generate` has."""
        texts = list(dict.fromkeys(each.text for each in asked))
        requests = [self._request(each, texts.index(each.text)) for each in asked]
        told = {**settings, "longest": self.codec.tokenizer.sizes.longest}
        embeddings = self.tower.embed(texts)
        return generate(self.sampler, embeddings, requests, told, seed, self.device)

    def inject(
        self,
        asked: Asked,
        codes: np.ndarray,
        put: Put,
        settings: Mapping[str, Any],
        seed: int,
    ) -> np.ndarray:
        """The ``codes`` that were made for what was ``asked``, with those of ``put`` in their first
        layer and the further layers made anew.

        Raises InputError for a place or a code that there is not, and for a control that alters
        motions.
        """
        altering.refuse(self.inputs, "there is nothing to put codes into")
        sizes = self.codec.tokenizer.sizes
        check(put, len(codes), sizes.codes)
        text, told = self.tower.embed([asked.text]), {**settings, "longest": sizes.longest}
        request = self._request(asked, 0)
        return inject(self.sampler, text, request, codes, put, told, seed, self.device)

    def _request(self, asked: Asked, row: int) -> Request:
        """What is asked of the sampler, the text in that row of the embeddings."""
        tokens = self.codec.tokenizer.sizes.tokens(asked.frames)
        return Request(asked.text, asked.repeat, 0, tokens, row)

    def motions(
        self, asked: Sequence[Asked], codes: Sequence[np.ndarray], seed: int
    ) -> list[np.ndarray]:
        """Features (frames, 263) float32, not normalised, of codes (tokens, quantizers) each.

        As long as they were asked for; where that was open, as their tokens are. ``seed`` is that
        of the noise of a control that alters them.
        """
        alteration = Alteration.among(self.inputs, self.codec.tokenizer.sizes.codes, seed)

        def decoded(made: tuple[Asked, np.ndarray]) -> np.ndarray:
            wanted, codes = made
            key = (wanted.text, wanted.repeat, 0)
            codes = alteration.codes(codes, key)
            motion: np.ndarray = self.codec.decode(codes[None])[0].cpu().numpy()
            cut = motion[: wanted.frames or LONGEST_MOTION]
            return np.ascontiguousarray(alteration.features(cut, key))

        return list(side_by_side(decoded, list(zip(asked, codes, strict=True)), self.device))


def _check_sizes(
    inputs: Inputs, tokenizer: Vocabulary, told: int, transformers: Mapping[str, Any]
) -> None:
    """Raise InputError when a transformer speaks other codes than the tokenizer has, or reads
    other embeddings than the text encoder gives."""
    for part, network in transformers.items():
        for name in Vocabulary.model_fields:
            own, other = getattr(tokenizer, name), getattr(network.sizes, name, None)
            if other not in (None, own):
                raise InputError(
                    f"{inputs['tokenizer']} has {name} {own} and {inputs[part]} {other}: they are "
                    "of different models."
                )
        read = getattr(network.sizes, "text_dim", told)
        if read != told:
            raise InputError(
                f"{inputs['text_encoder']} gives {told} values for a text and "
                f"{inputs[part]} reads {read}: they are of different models."
            )
