"""One optimiser step of each model, official recipe and batch size.

The official steps are those of its trainers, spared what ours does once and stores: the codes of
the batch and the embeddings of its captions are given to both sides.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks import inputs, official, pairs, text
from benchmarks.timing import Bench, Case
from hmu.models.batches.codes import CodeBatch
from hmu.models.batches.matching import MatchingBatch
from hmu.models.stepping import Loss, Stepper
from hmu.sections.training import Schedule


def _case(
    name: str,
    size: str,
    ours: tuple[nn.Module, Loss, Any],
    theirs: tuple[list[nn.Module], Callable[[], Tensor]],
    schedule: Schedule,
    steps: int,
    clip_norm: float | None = None,
) -> Case:
    """A case from our (model, loss, batch) and the official (networks, loss of the batch)."""
    model, loss, batch = ours
    networks, their_loss = theirs
    optimisers = [
        torch.optim.AdamW(
            network.parameters(), schedule.rate, schedule.betas, weight_decay=schedule.weight_decay
        )
        for network in networks
    ]
    for network in networks:
        network.train()

    stepper = Stepper(name, model.train(), loss, schedule, 0)

    def our_steps() -> None:
        for number in range(steps):
            parts = stepper.step(batch, number)
        parts["loss"].item()

    def their_steps() -> None:
        for _ in range(steps):
            value = their_loss()
            for optimiser in optimisers:
                optimiser.zero_grad()
            value.backward()
            if clip_norm is not None:
                for network in networks:
                    nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
            for optimiser in optimisers:
                optimiser.step()
            value.item()

    each = f"{steps} steps of {size}" if steps > 1 else f"1 step of {size}"
    return Case(f"training: {name}", each, our_steps, their_steps, ratio=1.0)


def _schedule(rate: float, betas: tuple[float, float], **more: Any) -> Schedule:
    return Schedule(epochs=1, batch=1, rate=rate, betas=betas, precision="float32", **more)


_MOMASK, _ADAM = (0.9, 0.99), (0.9, 0.999)


def cases(bench: Bench) -> Iterator[Case]:
    """MoMask's models first, then BAMM, then the evaluator's."""
    folder = official.checkout(bench, "EricGuo5513", "momask-codes")
    _, package = text.towers(bench)
    with official.importing(folder, {"clip": package}) as load:
        yield _tokenizer(load, bench)
        yield from _transformers(load, bench)
    folder = official.checkout(bench, "exitudio", "BAMM")
    with official.importing(folder, {"clip": package}) as load:
        yield _bamm(load, bench)
    folder = official.checkout(bench, "EricGuo5513", "text-to-motion")
    with official.importing(folder) as load:
        yield _movement(load, bench)
        yield _matching(load, bench)


def _tokenizer(load: official.Importer, bench: Bench) -> Case:
    """models/vq/vq_trainer.py, RVQTokenizerTrainer."""
    model, their_model = pairs.tokenizer(load, bench)
    windows = torch.from_numpy(inputs.motions(bench.size(256, 8), 64)).to(bench.device)

    def loss() -> Tensor:
        rebuilt, commitment, _ = their_model(windows)
        features = F.smooth_l1_loss(rebuilt, windows)
        positions = F.smooth_l1_loss(rebuilt[..., 4:67], windows[..., 4:67])
        total: Tensor = features + 0.5 * positions + 0.02 * commitment
        return total

    size = f"{len(windows)} windows"
    ours = model, model.batch_loss, windows
    return _case("tokenizer", size, ours, ([their_model], loss), _schedule(2e-4, _MOMASK), 1)


def _coded(bench: Bench) -> tuple[CodeBatch, Tensor, list[str]]:
    """Motions as our transformers take them; their codes, of one length, and captions as theirs."""
    count = bench.size(64, 8)
    lengths = torch.from_numpy(inputs.tokens(count)).to(bench.device)
    noise = torch.Generator().manual_seed(0)
    codes = torch.randint(512, (count, 49, 6), generator=noise).to(bench.device)
    caption = torch.randn(count, 512, generator=noise).to(bench.device)
    return CodeBatch(codes[:, : int(lengths.max())], lengths, caption), codes, [""] * count


def _bamm(load: official.Importer, bench: Bench) -> Case:
    """models/mask_transformer/transformer_trainer.py of BAMM."""
    batch, codes, captions = _coded(bench)
    model, their_model = pairs.masked_of_bamm(load, bench)
    pairs.given_text(their_model, batch.text)
    theirs = [their_model], lambda: their_model(codes[..., 0], captions, batch.lengths)[0]
    schedule = _schedule(2e-4, _MOMASK, weight_decay=1e-5)
    size = f"{len(captions)} motions"
    return _case("BAMM", size, (model, model.batch_loss, batch), theirs, schedule, 1)


def _transformers(load: official.Importer, bench: Bench) -> Iterator[Case]:
    """models/mask_transformer/transformer_trainer.py, and LengthEstTrainer of vq_trainer.py."""
    batch, codes, captions = _coded(bench)
    lengths, caption, size = batch.lengths, batch.text, f"{len(captions)} motions"
    schedule = _schedule(2e-4, _MOMASK, weight_decay=1e-5)

    masked, their_masked = pairs.masked(load, bench)
    pairs.given_text(their_masked, caption)
    theirs = [their_masked], lambda: their_masked(codes[..., 0], captions, lengths)[0]
    yield _case("masked", size, (masked, masked.batch_loss, batch), theirs, schedule, 1)

    residual, their_residual = pairs.residual(load, bench)
    pairs.given_text(their_residual, caption)
    theirs = [their_residual], lambda: their_residual(codes, captions, lengths)[0]
    yield _case("residual", size, (residual, residual.batch_loss, batch), theirs, schedule, 1)

    length, their_length = pairs.length_estimator(load, bench)
    theirs = [their_length], lambda: F.cross_entropy(their_length(caption), lengths)
    schedule = _schedule(1e-4, _ADAM, clip_norm=0.5)
    yield _case(
        "length", size, (length, length.batch_loss, batch), theirs, schedule, 50, clip_norm=0.5
    )


def _movement(load: official.Importer, bench: Bench) -> Case:
    """networks/trainers.py, DecompTrainerV3."""
    model, their_model = pairs.movement_autoencoder(load, bench)
    encoder, decoder = their_model["encoder"], their_model["decoder"]
    windows = torch.from_numpy(inputs.motions(bench.size(128, 8), 24)).to(bench.device)

    def loss() -> Tensor:
        latents = encoder(windows[..., :-4])
        rebuilt = F.l1_loss(decoder(latents), windows)
        smooth = F.l1_loss(latents[:, 1:], latents[:, :-1])
        return rebuilt + 0.001 * latents.abs().mean() + 0.001 * smooth

    ours, theirs = (model, model.loss, windows), ([encoder, decoder], loss)
    size = f"{len(windows)} windows"
    return _case("movement autoencoder", size, ours, theirs, _schedule(1e-4, _ADAM), 2)


def _matching(load: official.Importer, bench: Bench) -> Case:
    """networks/trainers.py, TextMotionMatchTrainer: motions padded to 196 frames."""
    model, their_model = pairs.evaluator(load, bench, "networks.modules")
    encoder, text_encoder = their_model["movement_encoder"], their_model["text_encoder"]
    motion_encoder = their_model["motion_encoder"]
    contrast = load("networks.modules").ContrastiveLoss(10.0)
    model.movement_encoder.requires_grad_(False)
    count = bench.size(32, 4)
    lengths = torch.from_numpy(np.sort(inputs.tokens(count))[::-1].copy() * 4)
    motions = torch.from_numpy(inputs.motions(count, 196)).to(bench.device)
    for motion, length in zip(motions, lengths, strict=True):
        motion[length:] = 0
    words, tags, counts = (torch.from_numpy(each) for each in inputs.words(count))
    words, tags = words.to(bench.device), tags.to(bench.device)
    batch = MatchingBatch(motions[:, : int(lengths.max())], lengths, words, tags, counts)

    def loss() -> Tensor:
        encoder.eval()
        order = np.argsort(lengths.tolist())[::-1].copy()
        movements = encoder(motions[order][..., :-4]).detach()
        motion = motion_encoder(movements, lengths[order] // 4)
        found = text_encoder(words, tags, counts)[order]
        same = torch.zeros(count, device=bench.device)
        shift = np.random.default_rng(0).integers(1, count)
        other = motion[np.arange(shift, count + shift) % count]
        total: Tensor = contrast(found, motion, same) + contrast(found, other, same + 1)
        return total

    ours, theirs = (model, model.batch_loss, batch), ([text_encoder, motion_encoder], loss)
    schedule = _schedule(1e-4, _ADAM, clip_norm=0.5)
    return _case("matching", f"{count} pairs", ours, theirs, schedule, 1, clip_norm=0.5)
