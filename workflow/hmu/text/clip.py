"""CLIP's text tower and tokenizer (openai/CLIP, clip/model.py and clip/clip.py).

The tower is causal and its answer stands at the end token, so positions behind it are never
computed. Weights have the official names. The vocabulary and byte-pair encoding are the official
ones, from the package clip-anytorch.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.errors import InputError
from hmu.models.linear import Linear, linear
from hmu.run.side_by_side import side_by_side
from hmu.sections.text_encoder import ClipSizes


class _Attention(nn.Module):
    """Causal self-attention with the weight names of nn.MultiheadAttention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.zeros(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        joint = linear(x, self.in_proj_weight, self.in_proj_bias)
        split = joint.view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        out: Tensor = self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class _Feedforward(nn.Module):
    """Two linear layers around CLIP's approximation of GELU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = Linear(width, 4 * width)
        self.c_proj = Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.c_fc(x)
        out: Tensor = self.c_proj(inner * torch.sigmoid(1.702 * inner))
        return out


class _Block(nn.Module):
    """One pre-norm block."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = _Attention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = _Feedforward(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        out: Tensor = x + self.mlp(self.ln_2(x))
        return out


class _Blocks(nn.Module):
    def __init__(self, sizes: ClipSizes) -> None:
        super().__init__()
        self.resblocks = nn.Sequential(
            *(_Block(sizes.width, sizes.heads) for _ in range(sizes.layers))
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.resblocks(x)
        return out


class TextTower(nn.Module):
    """Tokens to one embedding a text."""

    def __init__(self, sizes: ClipSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.token_embedding = nn.Embedding(sizes.vocabulary, sizes.width)
        self.positional_embedding = nn.Parameter(torch.zeros(sizes.context, sizes.width))
        self.transformer = _Blocks(sizes)
        self.ln_final = nn.LayerNorm(sizes.width)
        self.text_projection = nn.Parameter(torch.zeros(sizes.width, sizes.dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """Embeddings (B, dim) of ``tokens`` (B, L) that all end at their last position."""
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        last = self.ln_final(self.transformer(x)[:, -1])
        return linear(last, self.text_projection.t())

    def encode(self, tokens: Tensor, batch: int = 256) -> Tensor:
        """Embeddings (N, dim) of ``tokens`` (N, context): int64, zeros behind the end of a text.

        Texts of equal length share a batch, so that none has padding, and each gets the same
        numbers in any company and on any number of cores.
        """
        lengths = tokens.argmax(-1) + 1
        parts = [
            rows
            for length in sorted(set(lengths.tolist()))
            for rows in (lengths == length).nonzero().squeeze(1).split(batch)
        ]

        @torch.no_grad()
        def encoded(rows: Tensor) -> Tensor:
            out: Tensor = self(tokens[rows, : lengths[rows[0]]])
            return out

        out = torch.empty(len(tokens), self.sizes.dim, device=tokens.device)
        for rows, found in zip(parts, side_by_side(encoded, parts, tokens.device), strict=True):
            out[rows] = found
        return out

    @property
    def dim(self) -> int:
        """Values in an embedding."""
        return self.sizes.dim

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Embeddings float32 (N, dim) of ``texts``, computed on the tower's device."""
        tokens = torch.from_numpy(tokenize(texts, self.sizes.context))
        return self.encode(tokens.to(self.text_projection.device)).float().cpu().numpy()


def tokenize(texts: Sequence[str], context: int = ClipSizes().context) -> np.ndarray:
    """Token numbers int64 (N, context): start, text, end, zeros; long texts are cut."""
    encoder = _encoder()
    start, end = encoder.encoder["<|startoftext|>"], encoder.encoder["<|endoftext|>"]
    out = np.zeros((len(texts), context), dtype=np.int64)
    for row, text in zip(out, texts, strict=True):
        tokens = [start, *encoder.encode(text)[: context - 2], end]
        row[: len(tokens)] = tokens
    return out


def count_tokens(text: str) -> int:
    """Tokens of a text, start and end not counted; what does not fit, `tokenize` cuts."""
    return len(_encoder().encode(text))


@cache
def _encoder() -> Any:
    """The official byte-pair encoder, loaded by place: its package would import torchvision."""
    package = importlib.util.find_spec("clip")
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0]) / "simple_tokenizer.py" if folders else None
    if path is None or not path.is_file():
        raise InputError("CLIP's tokenizer is missing: pip install --no-deps clip-anytorch.")
    spec = importlib.util.spec_from_file_location("_hmu_clip_tokenizer", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} cannot be imported: reinstall clip-anytorch.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SimpleTokenizer()
