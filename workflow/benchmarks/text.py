"""CLIP's text tower of ViT-B/32 with random weights, ours and the official one."""

import math
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import nn

from benchmarks import official
from benchmarks.timing import Bench
from hmu.sections.text_encoder import ClipSizes
from hmu.text import clip


def random_tower(sizes: ClipSizes, seed: int) -> clip.TextTower:
    """A tower of random weights that tells texts apart: a random projection of words in context.

    Official training starts from weights so small that all texts are nearly alike. Here words
    and what a block adds have unit scale.
    """
    generator = torch.Generator().manual_seed(seed)
    tower = clip.TextTower(sizes)
    plain = sizes.width**-0.5
    scales = {"token_embedding.weight": 1.0, "positional_embedding": 0.5, "text_projection": plain}
    for name, parameter in tower.named_parameters():
        if name.endswith("c_proj.weight"):
            scale = 0.5 * plain
        elif name.endswith("out_proj.weight"):
            # Attention averages words; this brings the mean of about eight back to unit scale.
            scale = math.sqrt(8) * plain
        else:
            scale = scales.get(name, plain)
        if parameter.dim() == 2:
            nn.init.normal_(parameter, std=scale, generator=generator)
        else:
            nn.init.constant_(parameter, 1.0 if name.endswith("weight") else 0.0)
    with torch.no_grad():
        # Start and end are in every text: what they add would only make texts alike.
        tower.token_embedding.weight[-2:] = 0
        for block in tower.transformer.resblocks:
            # Scores of deviation 1/2: sharper attention hides words, flatter hides their order.
            block.get_parameter("attn.in_proj_weight")[: 2 * sizes.width] *= math.sqrt(0.5)
    return tower.eval()


def towers(bench: Bench) -> tuple[clip.TextTower, ModuleType]:
    """Our tower, and the official package ``clip`` whose ``load`` gives the same weights.

    The official models ask that package for CLIP and put it on their device. What differs from a
    real run: nothing is downloaded, and the image tower, which never runs, is as small as it gets.
    """
    sizes = ClipSizes()
    ours = random_tower(sizes, 0)
    clip.tokenize([""])  # finds its vocabulary before the official package takes the name
    package = official.clip(bench)

    def load(name: str, device: Any = "cpu", jit: bool = True) -> tuple[Any, None]:
        state = ours.state_dict()
        with torch.random.fork_rng(devices=[]):
            model = package.model.CLIP(
                sizes.dim, 32, 1, 64, 32, sizes.context, sizes.vocabulary, sizes.width,
                sizes.heads, sizes.layers,
            )  # fmt: skip
        missing, unexpected = model.load_state_dict(state, strict=False)
        unknown = [name for name in missing if not name.startswith(("visual.", "logit_scale"))]
        if unknown or unexpected:
            raise ValueError(f"CLIP's weights differ: {unknown}, {unexpected}")
        return model.eval(), None

    stub = SimpleNamespace(load=load, tokenize=package.tokenize, model=package.model)
    return ours.to(bench.device), stub  # type: ignore[return-value]
