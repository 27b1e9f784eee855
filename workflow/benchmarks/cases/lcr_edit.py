"""LCR: from a Parquet file of codes to the edited codebooks, statistics included."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import torch

from benchmarks import official, pairs, workspace
from benchmarks.timing import Bench, Case
from hmu import registry, rng
from hmu.io import codes, parquet
from hmu.io.codes import CodeTable
from hmu.methods import lcr
from hmu.models.tokenizer import Tokenizer
from hmu.sections.tokenizer import TokenizerSizes
from hmu.unlearning.application import ADDRESS
from hmu.unlearning.code_statistics import code_statistics, forgotten
from hmu.unlearning.context import MethodContext

_TOKENS = 49
_LAYERS = 6
_K = 16


def cases(bench: Bench) -> Iterator[Case]:
    """Ours: what the steps ``code_statistics`` and ``unlearn`` do, without figure and saving.

    Official: what ``main`` of src/methods/lcr.py does between loading the model and saving it. Its
    table of codes is read from Parquet as ours is; its own is CSV, which takes longer. Both sides
    give the codes that they chose, by layer.
    """
    script = official.checkout(bench, "Mamiglia", "hmu") / "src" / "methods" / "lcr.py"
    sizes = TokenizerSizes()
    given = {"np": np, "CODEBOOK_SIZE": sizes.codes, "print": lambda *said: None}
    count_codes, topk_codes = (
        official.function(script, name, **given) for name in ("count_codes", "topk_codes")
    )
    count = bench.size(24_000, 300)
    names = [f"{number:06d}" for number in range(count)]
    forget = np.arange(count) % 10 == 0
    forget_names = [name for name, is_of in zip(names, forget, strict=True) if is_of]
    said = _codes(forget, sizes.codes)
    columns = [[f"codes_{layer}:{token}" for token in range(_TOKENS)] for layer in range(_LAYERS)]
    draw = rng.generator(0, "benchmark target")
    with tempfile.TemporaryDirectory() as place:
        space = workspace.Workspace(Path(place), bench)
        tokenizer = pairs.seeded(lambda: Tokenizer(sizes))
        books = [book.codebook for book in tokenizer.quantizer.books()]
        for layer, book in enumerate(books):
            book.copy_(torch.randn(book.shape, generator=torch.Generator().manual_seed(layer)))
        space.model("tokenizer", tokenizer)
        codes.write(space.path("codes"), {"motion": pa.array(names)}, list(said), _LAYERS)
        space.table("motions", {"motion": names, "clip": names})
        space.table("clips", {"clip": names, "split": "train", "forget": forget})
        by_name = {
            name: said[:, token, layer]
            for layer, own in enumerate(columns)
            for token, name in enumerate(own)
        }
        space.table("their_codes", {"name": names, **by_name})

        def ours() -> list[list[int]]:
            table = CodeTable.read(space.path("codes"))
            clips, motions = (parquet.frame(space.path(name)) for name in ("clips", "motions"))
            statistics = code_statistics(table, forgotten(table, clips, motions), sizes.codes)
            statistics.to_parquet(space.path("statistics"), index=False)
            notes: Any = lcr.unlearn(_context(space)).notes
            return [layer["codes"] for layer in notes["layers"]]

        @torch.no_grad()
        def theirs() -> list[list[int]]:
            table = pd.read_parquet(space.path("their_codes"))
            positive = table["name"].isin(forget_names)
            of_forget, of_rest = (
                [count_codes(rows[own].values) for own in columns]
                for rows in (table[positive], table[~positive])
            )
            chosen = [topk_codes(*each, k=_K) for each in zip(of_forget, of_rest, strict=True)]
            target = 0
            while target in chosen[0]:
                target = int(draw.integers(sizes.codes))
            for book, found in zip(books, chosen, strict=True):
                edited = book.clone()
                edited[found] = book[target]
                edited[found] += torch.randn_like(edited[found]) * book.std()
            return chosen

        size = f"{count} made-up motions, {_TOKENS} tokens, {_LAYERS} layers"
        yield Case("LCR, from codes to the edit", size, ours, theirs, seconds=1.5)


def _codes(forget: np.ndarray, codebook: int) -> np.ndarray:
    """Codes int16 (motions, tokens, layers), some of them rare, and others in the forget set."""
    draw = rng.generator(0, "benchmark codes")
    shares = draw.random((len(forget), _TOKENS, _LAYERS), dtype=np.float32)
    shares **= np.where(forget, 2, 3)[:, None, None]
    return (shares * codebook).astype(np.int16)


def _context(space: workspace.Workspace) -> MethodContext:
    """What the method is given, with the reference's arithmetic."""
    literals = registry.literals("methods", "lcr")["PARAMS"]
    params = {name: each["default"] for name, each in literals.items()}
    params |= {"selection": "reference", "replacement": "reference", "k": _K, "layers": _LAYERS}
    return MethodContext(
        method="lcr",
        inputs={
            "tokenizer": space.path("tokenizer"),
            "statistics/x": space.path("statistics"),
        },
        params=params,
        address=dict.fromkeys(ADDRESS, "x"),
        transformers=(),
        words={},
        training={},
        samplers=None,
        seed=0,
        device=space.bench.device,
        scratch=space.folder / "scratch",
    )
