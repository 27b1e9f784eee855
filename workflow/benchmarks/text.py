"""CLIP's text tower of ViT-B/32 with random weights, ours and the official one."""

from types import ModuleType, SimpleNamespace
from typing import Any

import torch

from benchmarks import official
from benchmarks.timing import Bench
from hmu.sections.text_encoder import ClipSizes
from hmu.text import clip


def towers(bench: Bench) -> tuple[clip.TextTower, ModuleType]:
    """Our tower, and the official package ``clip`` whose ``load`` gives the same weights.

    The official models ask that package for CLIP and put it on their device. What differs from a
    real run: nothing is downloaded, and the image tower, which never runs, is as small as it gets.
    """
    sizes = ClipSizes()
    ours = clip.init(sizes, 0)
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
