"""The reference's UCE and RECE, run as its script is, and its outputs kept in
tests/methods/outputs.

``HMU_REFERENCE=folder PYTHONPATH=tests:workflow python -m support.reference_rece`` runs the script
of the checkout in ``folder`` and writes the outputs again.
"""

import json
import sys
import tempfile
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

import torch
from torch import Tensor, nn

from benchmarks import official
from support.official_outputs import uniform
from support.reference import checkout

STORED = Path(__file__).resolve().parents[1] / "methods" / "outputs" / "reference_rece.json"
KEYWORDS, TARGET = ("kick", "punch", "hit"), "stand"
PARTS = {"masked": "t2m_transformer", "residual": "res_transformer"}


@dataclass(frozen=True)
class Sizes:
    """Of the texts, of the two transformers, and how many words are preserved."""

    text: int = 10
    latents: tuple[int, int] = (6, 5)
    preserved: int = 4
    norm: float = 3.0

    def words(self) -> list[str]:
        """The words to preserve."""
        return [f"word {number}" for number in range(self.preserved)]

    def embeddings(self, texts: Sequence[str]) -> Tensor:
        """Embeddings (texts, text) float32 that belong to the texts."""
        deviation = self.norm / self.text**0.5
        return torch.stack([uniform(text, (self.text,), deviation) for text in texts])

    def layers(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Weight and bias of ``cond_emb`` by part, float32."""
        return {
            part: (
                uniform(f"{part} weight", (latent, self.text), self.text**-0.5),
                uniform(f"{part} bias", (latent,), 0.2),
            )
            for part, latent in zip(PARTS, self.latents, strict=True)
        }


class _Transformer(nn.Module):
    """What the script reads and writes of a transformer."""

    opt = types.SimpleNamespace(device="cpu")

    def __init__(self, sizes: Sizes, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.sizes = sizes
        self.cond_emb = nn.Linear(weight.shape[1], weight.shape[0])
        self.cond_emb.weight = nn.Parameter(weight.to(torch.get_default_dtype()))
        self.cond_emb.bias = nn.Parameter(bias.to(torch.get_default_dtype()))

    def encode_text(self, texts: Sequence[str]) -> Tensor:
        return self.sizes.embeddings(texts).to(torch.get_default_dtype())


@contextmanager
def script() -> Iterator[Any]:
    """The module of the reference's script. Skips the test where its checkout is absent."""
    momask = "src.momask_codes"
    unused = (
        *("models.mask_transformer.transformer", "models.mask_transformer.transformer_trainer"),
        *("models.vq.model", "models.loaders", "options.eval_option", "utils.fixseed"),
        *("utils.get_opt", "utils.motion_process", "utils.paramUtil", "utils.plot_script"),
        "visualization.joints2bvh",
    )
    stubs: dict[str, Any] = {f"{momask}.{name}": MagicMock() for name in unused}
    with official.importing(checkout("Mamiglia+hmu")) as load:
        with patch.dict(sys.modules, stubs):
            found = load("src.methods.rece")
        yield found


def run(
    preserve_scale: float, epochs: int, sizes: Sizes | None = None, dtype: torch.dtype | None = None
) -> dict[str, dict[str, Tensor]]:
    """Edited weights by part, of the two checkpoints that the script writes, ``UCE`` and ``RECE``.

    Skips the test where its checkout is absent.
    """
    sizes, before = sizes or Sizes(), torch.get_default_dtype()
    with tempfile.TemporaryDirectory() as name, script() as rece:
        folders = {part: Path(name) / part for part in PARTS}
        for folder in folders.values():
            (folder / "model").mkdir(parents=True)
        torch.set_default_dtype(dtype or torch.float64)
        try:
            models = [_Transformer(sizes, *given) for given in sizes.layers().values()]
            paths = {"mask_path": str(folders["masked"]), "res_path": str(folders["residual"])}
            given = (*models, None, {"opt": None, "vq_path": "", **paths})
            with patch.object(rece, "load", return_value=given):
                texts = (list(KEYWORDS), sizes.words(), TARGET)
                rece.main(*texts, None, epochs=epochs, preserve_scale=preserve_scale)
        finally:
            torch.set_default_dtype(before)
        made = {"UCE": f"UCE_{preserve_scale}.tar", "RECE": f"RECE{epochs}_{preserve_scale}.tar"}
        return {
            method: {
                part: torch.load(folders[part] / "model" / file, weights_only=True)[key][
                    "cond_emb.weight"
                ]
                for part, key in PARTS.items()
            }
            for method, file in made.items()
        }


CASES = {"paper": (0.5, 1), "paper, 3 rounds": (0.5, 3), "defaults": (0.1, 2)}
"""Preserve scale and rounds."""


def main() -> None:
    """Write the outputs again."""
    found = {
        case: {
            method: {part: weight.tolist() for part, weight in by_part.items()}
            for method, by_part in run(*CASES[case]).items()
        }
        for case in CASES
    }
    STORED.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
