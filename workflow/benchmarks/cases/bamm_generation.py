"""BAMM: from captions to the codes of motions of the lengths that it finds, CLIP included.

Without the decoder, which is MoMask's: BAMM's copy of it builds on a GPU only.
"""

from collections.abc import Iterator

import numpy as np
import torch

from benchmarks import inputs, official, pairs, text
from benchmarks.timing import Bench, Case
from hmu.generation.sampling import Request, generate
from hmu.models.layered import LayeredSampler


def cases(bench: Bench) -> Iterator[Case]:
    """Official: all prompts in one batch. Random weights seldom end a motion before its limit."""
    folder = official.checkout(bench, "exitudio", "BAMM")
    tower, package = text.towers(bench)
    with official.importing(folder, {"clip": package}) as load:
        masked, their_masked = pairs.masked_of_bamm(load, bench)
        residual, their_residual = pairs.residual(load, bench)
        prompts = inputs.prompts(bench.size(32, 4))
        requests = [Request(prompt, 0, 0, 0, row) for row, prompt in enumerate(prompts)]

        def ours() -> list[np.ndarray]:
            embeddings = tower.embed(prompts)
            return generate(
                LayeredSampler(masked, residual),
                embeddings,
                requests,
                inputs.SAMPLING,
                0,
                bench.device,
            )

        @torch.no_grad()
        def theirs() -> None:
            lengths = torch.full((len(prompts),), 49, device=bench.device)
            ids, _ = their_masked.generate(prompts, lengths, 10, 4)
            first, found = their_masked.pad_when_end(ids)
            their_residual.generate(first, prompts, found.clamp(1, 49), cond_scale=5).cpu()

        yield Case("BAMM generation", f"{len(prompts)} prompts", ours, theirs, ratio=8, rounds=3)
