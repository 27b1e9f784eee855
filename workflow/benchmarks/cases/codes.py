"""Every motion as codes: our step, files read and written, beside the reference's script."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks import inputs, official, pairs, workspace
from benchmarks.timing import Bench, Case
from hmu import rng
from hmu.models.batches.drawing import crop
from hmu.steps import codes

_PASSES = 20
_LONGEST = 196


def cases(bench: Bench) -> Iterator[Case]:
    """Official: ``collect_codes`` of src/methods/lcr.py, 20 random passes, clip by clip.

    Its data set is stood in for by one that crops and pads alike but looks up no words.
    """
    script = official.checkout(bench, "Mamiglia", "hmu") / "src" / "methods" / "lcr.py"
    given = {"np": np, "pd": pd, "torch": torch, "RVQVAE": SimpleNamespace}
    collect = official.function(script, "collect_codes", **given)
    folder = official.checkout(bench, "EricGuo5513", "momask-codes")
    count = bench.size(100, 5)
    frames = inputs.tokens(count) * 4 + np.arange(count) % 4
    with official.importing(folder) as load, tempfile.TemporaryDirectory() as place:
        tokenizer, their_tokenizer = pairs.tokenizer(load, bench)
        space = workspace.Workspace(Path(place), bench)
        clips = [each[:length] for each, length in zip(
            inputs.motions(count, _LONGEST + 3), frames, strict=True
        )]  # fmt: skip
        space.motions(clips)
        space.model("tokenizer", tokenizer)

        def ours() -> None:
            codes.run(space.job("data index motions tokenizer tokenizer_config", "codes", {}))

        @torch.no_grad()
        def theirs() -> pd.DataFrame:
            tables = []
            for number in range(_PASSES):
                found = collect(_Cropped(clips, number), their_tokenizer, device=bench.device)
                tables.append(found.assign(repeat=number))
            return pd.concat(tables)

        size = f"{count} made-up clips, {_PASSES} passes"
        yield Case("codes of a data set", size, ours, theirs, ratio=5.0, rounds=2)


class _Cropped:
    """Random crops, padded to the longest, as the reference's Text2MotionDatasetEval gives them."""

    def __init__(self, clips: list[np.ndarray], number: int) -> None:
        frames = np.array([len(clip) for clip in clips])
        drawn = rng.uniforms((number, "crops"), rng.keys(range(len(clips))), 2)
        spans = zip(*crop(frames, drawn), strict=True)
        self.name_list = [f"x_0%{number}" for number in range(len(clips))]
        item = {"text": [{"caption": "a person walks"}]}
        self.data_dict: dict[str, Any] = dict.fromkeys(self.name_list, item)
        self.items = [
            (None, None, None, None, np.pad(clip[b : b + n], ((0, _LONGEST - n), (0, 0))))
            for clip, (b, n) in zip(clips, spans, strict=True)
        ]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)
