"""MoMask: from captions to motions, CLIP included, as a user of either code runs it."""

from collections.abc import Iterator

import numpy as np
import torch

from benchmarks import inputs, official, pairs, text
from benchmarks.timing import Bench, Case
from hmu.generation.sampling import Request, generate
from hmu.io import codes
from hmu.models.layered import LayeredSampler


def cases(bench: Bench) -> Iterator[Case]:
    """Official: all prompts in one batch, as gen_t2m.py takes them from a file."""
    folder = official.checkout(bench, "EricGuo5513", "momask-codes")
    tower, package = text.towers(bench)
    with official.importing(folder, {"clip": package}) as load:
        masked, their_masked = pairs.masked(load, bench)
        residual, their_residual = pairs.residual(load, bench)
        tokenizer, their_tokenizer = pairs.tokenizer(load, bench)
        prompts = inputs.prompts(bench.size(256, 16))
        tokens = inputs.tokens(len(prompts))

        def ours() -> list[np.ndarray]:
            embeddings = tower.embed(prompts)
            requests = [
                Request(prompt, 0, 0, int(length), row)
                for row, (prompt, length) in enumerate(zip(prompts, tokens, strict=True))
            ]
            found = generate(
                LayeredSampler(masked, residual),
                embeddings,
                requests,
                inputs.SAMPLING,
                0,
                bench.device,
            )
            motions: list[np.ndarray] = [np.empty(0)] * len(found)
            for rows in codes.by_length(tokens, inputs.BATCH):
                stacked = np.stack([found[row] for row in rows]).astype(np.int64)
                with torch.no_grad():
                    decoded = tokenizer.decode(torch.from_numpy(stacked).to(bench.device))
                for row, motion in zip(rows, decoded.cpu().numpy(), strict=True):
                    motions[row] = motion
            return motions

        @torch.no_grad()
        def theirs() -> None:
            lengths = torch.from_numpy(tokens).to(bench.device)
            first = their_masked.generate(prompts, lengths, 10, 4, gsample=True)
            filled = their_residual.generate(first, prompts, lengths, cond_scale=5)
            their_tokenizer.forward_decoder(filled).cpu()

        yield Case("MoMask generation", f"{len(prompts)} prompts", ours, theirs, ratio=2.5)
