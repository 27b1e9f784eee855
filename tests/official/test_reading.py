"""Parts from their official files compute what the official code computes from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hmu.backbones.codec import Codec
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.descriptors import embedding
from hmu.evaluation import describe
from hmu.evaluation.made import Made
from hmu.interface.descriptors import DescriptorContext
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from support.official_files import (
    MASKED,
    RESIDUAL,
    RVQ,
    TOLERANCE,
    asked,
    make_download,
    official_evaluator,
    official_length,
    official_masked,
    official_models,
    official_residual,
    official_tokenizer,
    part,
    scale,
    take,
)
from support.reference import gap


def test_tokenizer_from_its_files_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "tokenizer", Tokenizer, TokenizerSizes)
    official = official_tokenizer(momask, download, RVQ, "net_best_fid.tar")
    motions = torch.randn(8, 64, 263, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        codes, _ = official.encode(motions)
        assert codes.unique().numel() > 12
        assert float((ours.encode(motions) == codes).float().mean()) >= 0.9999
        assert gap(ours.decode(codes), official.forward_decoder(codes)) < TOLERANCE


def test_masked_transformer_from_its_files_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "masked", MaskedTransformer, TransformerSizes)
    official = official_masked(momask, download, MASKED, "latest.tar")
    ids, text, padding = asked()
    with torch.no_grad():
        expected = official.forward_with_cond_scale(ids, text, padding, cond_scale=4)
        assert expected.std() > 0.1
        found = ours.guided(ids, text, padding, 4)
        assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE
        for hidden in (False, True):
            expected = official.trans_forward(ids, text, padding, force_mask=hidden)
            found = ours.scores(ids, torch.zeros_like(text) if hidden else text, padding)
            assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE


@pytest.mark.parametrize("share_weight", [True, False])
def test_residual_transformer_from_its_files_equals_official(
    momask: Any, tmp_path: Path, share_weight: bool
) -> None:
    models = official_models(momask, share_weight)
    root = make_download(models, tmp_path / "t2m", share_weight)
    ours = part(take(root, tmp_path / "results"), "residual", ResidualTransformer, ResidualSizes)
    official = official_residual(momask, root, RESIDUAL, "net_best_fid.tar")
    ids, text, padding = asked()
    official.process_embed_proj_weight()
    with torch.no_grad():
        history = torch.zeros(())
        for layer in range(1, 4):
            codes = (ids + layer) % 24
            history = history + ours.embed(codes, layer - 1)
            expected = official.forward_with_cond_scale(history, layer, text, padding, cond_scale=2)
            found = ours.guided(history, layer, text, padding, 2)
            assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE


def test_length_estimator_from_its_file_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "length", LengthEstimator, LengthSizes)
    text = asked()[1]
    with torch.no_grad():
        assert gap(ours(text), official_length(momask, download)(text)) < TOLERANCE


def test_evaluator_from_its_files_equals_the_official_evaluation(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "evaluator", Evaluator, EvaluatorSizes)
    official = official_evaluator(momask, download)
    generator = torch.Generator().manual_seed(4)
    lengths = torch.tensor([196, 120, 44])
    features = torch.randn(3, 196, 263, generator=generator)
    # As the official data set does it (data/t2m_dataset.py): its own mean and std, then padding.
    mean, std = (np.load(download / "Comp_v6_KLD005/meta" / f"{n}.npy") for n in ("mean", "std"))
    motions = torch.from_numpy((features.numpy() - mean) / std)
    mine = torch.from_numpy(
        Normaliser.of_model(imported / "evaluator/config.json").forward(features.numpy())
    )
    for row, length in enumerate(lengths):
        motions[row, length:] = 0
        mine[row, length:] = 0
    words = torch.randn(3, 22, 300, generator=generator)
    tags = torch.eye(15)[torch.randint(0, 15, (3, 22), generator=generator)]
    counts = torch.tensor([22, 14, 3])
    text, motion = official.get_co_embeddings(words, tags, counts, motions, lengths)
    with torch.no_grad():
        assert gap(ours.embed_motion(mine, lengths), motion) < TOLERANCE
        assert gap(ours.embed_text(words, tags, counts), text) < TOLERANCE


def test_generated_motions_reach_the_evaluator_in_its_own_scale(
    momask: Any, download: Path, imported: Path
) -> None:
    """As if the official data set had loaded the generated features (mean and std differ here)."""
    tokenizer = part(imported, "tokenizer", Tokenizer, TokenizerSizes)
    codes = torch.randint(0, 24, (3, 49, 4), generator=torch.Generator().manual_seed(6))
    own = Normaliser.of_model(imported / "tokenizer" / "config.json")
    cpu = torch.device("cpu")
    inputs: dict[str, Path] = {}
    for name in ("tokenizer", "evaluator"):
        inputs[name] = imported / name / "model.safetensors"
        inputs[f"{name}_config"] = imported / name / "config.json"

    def embedded(decoded: str) -> torch.Tensor:
        descriptor = embedding.load(DescriptorContext(inputs, {"decoded": decoded}, 0, cpu))
        codec, frames = Codec(tokenizer, own, cpu), np.full(len(codes), 196)
        found = describe.generated(
            descriptor, embedding.SEES, Made(codec, list(codes.numpy()), frames)
        )
        return torch.from_numpy(found)

    rescaled, reference = embedded("rescaled"), embedded("reference")
    (mean, std), (other_mean, other_std) = scale(1), scale(2)
    with torch.no_grad():
        decoded = official_tokenizer(momask, download, RVQ, "net_best_fid.tar").forward_decoder(
            codes
        )
    features = decoded.numpy() * std + mean
    motions = torch.from_numpy((features - other_mean) / other_std)
    official, lengths = official_evaluator(momask, download), torch.full((3,), 196)
    # The official code turns round motions of equal length.
    expected = official.get_motion_embeddings(motions, lengths).flip(0)
    assert gap(rescaled, expected) < TOLERANCE
    as_they_are = official.get_motion_embeddings(decoded, lengths).flip(0)
    assert gap(reference, as_they_are) < TOLERANCE
    assert gap(expected, as_they_are) > 0.1
