"""The reference's LCR, run as its script is, and its outputs kept in tests/methods/outputs.

``HMU_REFERENCE=folder PYTHONPATH=tests:workflow python -m support.reference_lcr`` runs the script
of the checkout in ``folder`` and writes the outputs again.
"""

import argparse
import json
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

import numpy as np
import pandas as pd
import torch

from benchmarks import official
from support.official_outputs import uniform
from support.reference import checkout

STORED = Path(__file__).resolve().parents[1] / "methods" / "outputs" / "reference_lcr.json"
ROWS, TOKENS, LAYERS, CODES, DIM = 300, 49, 2, 512, 4
"""The script counts with a codebook of 512 codes, and 49 tokens a row."""
WAYS: dict[str, list[str]] = {
    "k-16": ["--code_prune", "16"],
    "k-3": ["--code_prune", "3", "--layer_prune", "2", "--num_layers", "2"],
    "orthogonal": ["--code_prune", "16", "--orth", "--alpha", "0.7"],
    "target": ["--code_prune", "8"],
}


def codebooks() -> list[torch.Tensor]:
    """Float64 codebooks that belong to their names."""
    return [uniform(f"codebook {layer}", (CODES, DIM)).double() for layer in range(LAYERS)]


def counted() -> tuple[np.ndarray, np.ndarray]:
    """Codes (rows, tokens, layers), and whether each row is of the forget set. No codes tie where
    the script cuts: which of them its sort takes depends on the processor."""
    shares = uniform("codes", (ROWS, TOKENS, LAYERS)).numpy() / 3**0.5 / 2 + 0.5
    codes = (shares**3 * CODES).astype(np.int64)
    return codes, np.arange(ROWS) % 4 == 0


class _Quantizer:
    def __init__(self) -> None:
        self.layers = [types.SimpleNamespace(codebook=book) for book in codebooks()]

    @property
    def codebooks(self) -> torch.Tensor:
        return torch.stack([layer.codebook for layer in self.layers])


class _Net:
    """What the script reads and writes of a tokenizer."""

    def __init__(self) -> None:
        self.quantizer = _Quantizer()

    def eval(self) -> "_Net":
        return self

    def to(self, device: Any) -> "_Net":
        return self

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {str(n): layer.codebook for n, layer in enumerate(self.quantizer.layers)}


class _Options:
    """The evaluation options that the script adds its own to."""

    def __init__(self) -> None:
        self.parser = argparse.ArgumentParser()
        for name, value in {"checkpoints_dir": "", "dataset_name": "", "vq_name": ""}.items():
            self.parser.add_argument(f"--{name}", default=value)
        for name in ("gpu_id", "seed", "which_epoch"):
            self.parser.add_argument(f"--{name}", type=int, default=-1)

    def parse(self) -> argparse.Namespace:
        return self.parser.parse_args()


@contextmanager
def _double() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def run(words: list[str]) -> dict[str, Any]:
    """What the script wrote with these words: the codes, and the edited codebooks.

    Skips the test where its checkout is absent.
    """
    folder = checkout("Mamiglia+hmu")
    package = "src.momask_codes"
    unused = ("models.vq.model", "motion_loaders.dataset_motion_loader", "utils.get_opt")
    stubs: dict[str, Any] = {
        f"{package}.{name}": MagicMock() for name in (*unused, "utils.fixseed")
    }
    stubs[f"{package}.models.loaders"] = types.SimpleNamespace(
        load_vq_model=lambda *given, **named: (_Net(), 0)
    )
    stubs[f"{package}.options.eval_option"] = types.SimpleNamespace(EvalT2MOptions=_Options)
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "model").mkdir()
        codes, forget = counted()
        names = [f"clip{row}" for row in range(ROWS)]
        (here / "forget.txt").write_text(
            "\n".join(each for each, is_of in zip(names, forget, strict=True) if is_of),
            encoding="utf-8",
        )
        columns = {"name": names, "rep": names, "text": names}
        tokens = {
            f"codes_{layer}:{token}": codes[:, token, layer]
            for layer in range(LAYERS)
            for token in range(TOKENS)
        }
        pd.DataFrame({**columns, **tokens}).to_csv(here / "codes.csv", index=False)
        told = ["--checkpoints_dir", name, "--codes_csv", str(here / "codes.csv"), *words]
        split = ["--split", str(here / "forget"), "--run_name", "made"]
        with (
            official.importing(folder) as load,
            patch.dict(sys.modules, stubs),
            patch.object(sys, "argv", ["lcr", *told, *split]),
            _double(),
        ):
            load("src.methods.lcr").main()
        made = torch.load(next((here / "model").glob("*.tar")), weights_only=True)
    return {
        "codes": made["removed_codes"],
        "codebooks": [made["vq_model"][str(n)].tolist() for n in range(LAYERS)],
    }


def outputs(way: str) -> dict[str, Any]:
    """What the script does in one of ``WAYS``: the codes, and the vectors that they became.

    Where it adds noise, which is another one here, it is told to add none.
    """
    words = WAYS[way]
    made = run(words if "--alpha" in words else [*words, "--alpha", "0"])
    edited = made["codebooks"]
    vectors = [[edited[layer][code] for code in codes] for layer, codes in enumerate(made["codes"])]
    return {"codes": made["codes"], "vectors": vectors}


def main() -> None:
    """Write the outputs of all ways."""
    STORED.parent.mkdir(exist_ok=True)
    found = {way: outputs(way) for way in WAYS}
    STORED.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
