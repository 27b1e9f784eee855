"""Results as the workflow leaves them, of a small random model, for tests that generate."""

from pathlib import Path

import numpy as np
import torch

from benchmarks.text import random_tower
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.io import files
from hmu.models import storage
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.sections.length import LengthSizes
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

SHAPE = TransformerSizes(
    codes=16, code_dim=8, latent=16, heads=2, layers=1, feedforward=16, quantizers=2, text_dim=16
)
CODEBOOK = "tokenizer/quantizer.layers.0.codebook"


def save(folder: Path, part: str, model: torch.nn.Module, sizes: object, **more: object) -> None:
    where = folder / part
    values = {"part": part, "sizes": sizes.model_dump(), **more}
    storage.save(where / "model.safetensors", where / "config.json", model, values)


def write(root: Path) -> Path:
    """Write a model into the results directory ``root``, and checkpoints of it: the same, one of
    LCR, and a control."""
    models = root / "models" / "demo"
    base = models / "backbones" / "momask" / "all"
    torch.manual_seed(3)
    tokenizer = TokenizerSizes(codes=16, code_dim=8, width=8, depth=1, quantizers=2)
    lengths, tower = (
        LengthSizes(text_dim=16, classes=50),
        ClipSizes(width=16, heads=2, layers=1, dim=16),
    )
    scale = Normaliser(np.full(263, 0.01, np.float32), np.full(263, 0.03, np.float32))
    rvq = Tokenizer(tokenizer)
    for name, tensor in rvq.state_dict().items():
        if name.endswith("codebook"):
            tensor.normal_()
    save(base, "tokenizer", rvq, tokenizer, kind="momask", normalisation=scale.as_json())
    save(base, "masked", MaskedTransformer(SHAPE), SHAPE, kind="momask")
    residual = ResidualSizes.of(SHAPE)
    save(base, "residual", ResidualTransformer(residual), residual, kind="momask")
    save(models, "length", LengthEstimator(lengths), lengths)
    save(models, "text_encoder", random_tower(tower, 0), tower, kind="clip")
    state = storage.load_state(base / "tokenizer" / "model.safetensors")
    codebook = state["quantizer.layers.0.codebook"]
    address = {"dataset": "demo", "backbone": "momask", "concept": "kick"}
    for variant, change in (("same", 0.0), ("lcr", 1.0)):
        folder = root / "checkpoints" / "demo" / "momask" / "kick" / variant
        storage.save_state(folder / "delta.safetensors", {CODEBOOK: codebook + change})
        made_from = {"tokenizer": {"sha256": files.sha256(base / "tokenizer/model.safetensors")}}
        files.write_json(folder / "origin.json", {**address, "from": made_from})
    frozen = root / "checkpoints" / "demo" / "momask" / "kick" / "frozen"
    storage.save_state(frozen / "delta.safetensors", {})
    control = {"method": "frozen", "alters": "features"}
    files.write_json(frozen / "origin.json", {**address, **control, "from": {}})
    return root
