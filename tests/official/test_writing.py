"""What goes out: the same files for what came in, and files that the official code loads."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hmu.backbones.momask.masked import MaskedTransformer
from hmu.errors import InputError
from hmu.generation import bundle
from hmu.io import files
from hmu.models import storage
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.official import options, writing
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from support.official_files import (
    MASKED,
    MASKED_FILE,
    RESIDUAL,
    RVQ,
    TOLERANCE,
    asked,
    hmu,
    load,
    official_files,
    official_length,
    official_masked,
    official_residual,
    official_tokenizer,
    scale,
    take,
    trees_equal,
)
from support.reference import gap


@pytest.mark.parametrize("source", ["download", "lookalike"])
def test_what_was_imported_goes_out_unchanged(
    request: pytest.FixtureRequest, tmp_path: Path, source: str
) -> None:
    root = request.getfixturevalue(source)
    imported, out = take(root, tmp_path / "results"), tmp_path / "t2m"
    assert hmu("export", imported, out, "--evaluator") == 0
    assert official_files(out) == official_files(root)
    for name in official_files(root):
        if name.endswith(".tar"):
            assert trees_equal(load(root / name), load(out / name)), name
        else:
            assert (root / name).read_bytes() == (out / name).read_bytes(), name
    again = take(out, tmp_path / "other" / "results")
    for path in sorted(imported.rglob("*.safetensors")):
        assert path.read_bytes() == (again / path.relative_to(imported)).read_bytes(), path


def test_tensors_that_no_model_uses_go_out_too(lookalike: Path, tmp_path: Path) -> None:
    """CLIP in a transformer's file, say, and what training left, in whatever type."""
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    content = load(root / MASKED_FILE)
    content["t2m_transformer"]["clip_model.text_projection"] = torch.randn(3, 4).half()
    content["best"] = {"fid": float("inf"), "history": [(1, 0.5), None], "seen": torch.arange(3)}
    torch.save(content, root / MASKED_FILE)
    assert hmu("export", take(root, tmp_path / "results"), tmp_path / "out") == 0
    assert trees_equal(load(tmp_path / "out" / MASKED_FILE), content)


def test_names_that_look_alike_stay_apart(lookalike: Path, tmp_path: Path) -> None:
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    content = load(root / MASKED_FILE)
    content |= {"a": {"b/c": torch.ones(2)}, "a/b": {"c": torch.zeros(2)}}
    content["x"] = {1: torch.ones(3), "1": torch.zeros(3)}
    shared = torch.randn(6)
    content["views"] = [shared[:4], shared[2:], shared[::2], torch.ones(1).expand(3)]
    torch.save(content, root / MASKED_FILE)
    assert hmu("export", take(root, tmp_path / "results"), tmp_path / "out") == 0
    assert trees_equal(load(tmp_path / "out" / MASKED_FILE), content)


@pytest.fixture
def unlearned(imported: Path) -> Iterator[tuple[Path, dict[str, Tensor]]]:
    """A checkpoint that changed one codebook and one layer of a transformer."""
    results = imported.parents[1]
    base = results / "models" / "own" / "backbones" / "momask" / "all"
    folder = results / "checkpoints" / "own" / "momask" / "violence" / "edited"
    shutil.copytree(imported, base)
    names = {"tokenizer": "quantizer.layers.0.codebook", "masked": "cond_emb.weight"}
    delta = {
        f"{part}/{name}": storage.load_state(base / part / "model.safetensors")[name] + 1
        for part, name in names.items()
    }
    storage.save_state(folder / "delta.safetensors", delta)
    files.write_json(
        folder / "origin.json",
        {
            "dataset": "own",
            "backbone": "momask",
            "from": {
                name: {"sha256": files.sha256(base / name / "model.safetensors")} for name in names
            },
        },
    )
    yield folder, delta
    shutil.rmtree(results / "models" / "own")
    shutil.rmtree(results / "checkpoints")


@pytest.mark.parametrize("names", ["official", "short"])
def test_an_unlearned_checkpoint_loads_strictly(
    momask: Any, download: Path, unlearned: tuple[Path, dict[str, Tensor]], tmp_path: Path,
    names: str,
) -> None:  # fmt: skip
    folder, delta = unlearned
    out = tmp_path / "t2m"
    assert hmu("export", folder, out, "--names", names) == 0
    short = names == "short"
    rvq, masked, residual = ("rvq", "mtrans", "rtrans") if short else (RVQ, MASKED, RESIDUAL)
    best, latest = ("base.tar",) * 2 if short else ("net_best_fid.tar", "latest.tar")
    tokenizer = official_tokenizer(momask, out, rvq, best)
    edited = tokenizer.get_buffer("quantizer.layers.0.codebook")
    assert torch.equal(edited, delta["tokenizer/quantizer.layers.0.codebook"])
    transformer = official_masked(momask, out, masked, latest)
    assert torch.equal(transformer.cond_emb.weight, delta["masked/cond_emb.weight"])
    official_residual(momask, out, residual, best)
    official_length(momask, out)
    # Nothing of the old training is left that would lead back, and the rest is as it was.
    assert set(load(out / masked / "model" / latest)) == {"t2m_transformer", "ep", "total_it"}
    old = load(download / RESIDUAL / "model" / "net_best_fid.tar")
    assert trees_equal(old, load(out / residual / "model" / best))
    again = take(out, tmp_path / "results")
    for part in ("tokenizer", "masked", "residual", "length"):
        state = storage.load_state(bundle.find(folder).inputs[part])
        edited = {k.removeprefix(f"{part}/"): v for k, v in delta.items() if k.startswith(part)}
        assert trees_equal(
            {**state, **edited}, storage.load_state(again / part / "model.safetensors")
        )
    record = json.loads((out / "export.json").read_text())
    assert set(record["files"]) == set(official_files(out))
    for name, sha256 in record["files"].items():
        assert files.sha256(out / name) == sha256
    assert record["checkpoint"]["backbone"] == "momask"


def test_what_the_pipeline_trained_loads_strictly(momask: Any, tmp_path: Path) -> None:
    """Models of our own making, with no official file behind them."""
    sizes = TransformerSizes(
        latent=32, heads=4, layers=1, feedforward=40, codes=24, code_dim=12, quantizers=3
    )
    residual_sizes = ResidualSizes.of(sizes, cond_drop=0.1, share_weight=False)
    shape = TokenizerSizes(codes=24, code_dim=12, width=12, depth=1, down=1, quantizers=3)
    models: dict[str, tuple[nn.Module, Any]] = {
        "tokenizer": (Tokenizer(shape), shape),
        "masked": (MaskedTransformer(sizes), sizes),
        "residual": (ResidualTransformer(residual_sizes), residual_sizes),
        "length": (LengthEstimator(LengthSizes()), LengthSizes()),
    }
    for name, (model, size) in models.items():
        own = tmp_path / "all" / name
        config: dict[str, Any] = {"part": name, "kind": "momask", "sizes": size.model_dump()}
        if name == "tokenizer":
            config["normalisation"] = Normaliser(*scale(5)).as_json()
        storage.save(own / "model.safetensors", own / "config.json", model, config)
    out = tmp_path / "t2m"
    assert hmu("export", tmp_path / "all", out) == 0
    tokenizer, masked, residual = sorted(
        path.name for path in out.iterdir() if path.name.startswith(("rvq", "t2m", "tres"))
    )
    assert tokenizer == "rvq_nq3_dc12_nc24_noshare_qdp0.2"
    assert masked == "t2m_nlayer1_nhead4_ld32_ff40_cdp0.1_rvq3ns"
    assert residual == "tres_nlayer1_ld32_ff40_rvq3ns_cdp0.1"
    assert np.load(out / tokenizer / "meta/std.npy").tobytes() == scale(5)[1].tobytes()
    ids, text, padding = asked()
    official = official_masked(momask, out, masked, "latest.tar")
    with torch.no_grad():
        expected = official.trans_forward(ids, text, padding, force_mask=False).transpose(1, 2)
        found = models["masked"][0].eval().scores(ids, text, padding)
        assert gap(found[~padding], expected[~padding]) < TOLERANCE
    official_tokenizer(momask, out, tokenizer, "net_best_fid.tar")
    official_residual(momask, out, residual, "net_best_fid.tar")
    official_length(momask, out)


def test_what_official_code_cannot_load_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its width of the text is that of CLIP, and nothing in a file can tell it another."""
    sizes = TransformerSizes(latent=8, heads=2, layers=1, feedforward=8, codes=4, code_dim=4)
    shape = TokenizerSizes(codes=4, code_dim=4, width=4, depth=1)
    narrow, whole = TransformerSizes.of(sizes, text_dim=16), ResidualSizes.of(sizes)
    models: dict[str, tuple[nn.Module, Any]] = {
        "tokenizer": (Tokenizer(shape), shape),
        "masked": (MaskedTransformer(narrow), narrow),
        "residual": (ResidualTransformer(whole), whole),
    }
    for name, (model, size) in models.items():
        own = tmp_path / "all" / name
        config = {"part": name, "kind": "momask", "sizes": size.model_dump()}
        storage.save(own / "model.safetensors", own / "config.json", model, config)
    assert hmu("export", tmp_path / "all", tmp_path / "out") == 2
    assert "text_dim is 16, and the official code can only load models with 512" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("stride", [1, 3])
def test_a_tokenizer_of_another_stride_has_no_official_layout(tmp_path: Path, stride: int) -> None:
    sizes = TokenizerSizes(codes=4, code_dim=4, width=4, depth=1, stride=stride)
    own = tmp_path / "all" / "tokenizer"
    config = {"part": "tokenizer", "kind": "momask", "sizes": sizes.model_dump()}
    storage.save(own / "model.safetensors", own / "config.json", Tokenizer(sizes), config)
    inputs = {
        "tokenizer": own / "model.safetensors",
        "tokenizer_config": own / "config.json",
    }
    said = f"stride is {stride}, and the official code can only load models with 2"
    with pytest.raises(InputError, match=said):
        writing.write("momask", inputs, {}, tmp_path / "out", "official")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda own: (own / "masked/training/remainder.safetensors").unlink(),
            "training/remainder.safetensors is missing",
        ),
        (
            lambda own: shutil.copy(
                own / "length/training/remainder.safetensors",
                own / "masked/training/remainder.safetensors",
            ),
            "masked/training/remainder.* and .*masked/origin.json are not of one import",
        ),
        (
            lambda own: (own / "masked/model.safetensors").write_bytes(b"short"),
            "masked/model.safetensors is not a whole safetensors file",
        ),
        (lambda own: shutil.rmtree(own / "evaluator"), "has no evaluator"),
        (lambda own: shutil.rmtree(own / "residual"), "has no residual/model.safetensors"),
    ],
    ids=["no remainder", "another's remainder", "short weights", "no evaluator", "no residual"],
)  # fmt: skip
def test_what_cannot_be_exported_is_said_and_nothing_written(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object], message: str,
) -> None:  # fmt: skip
    imported = take(lookalike, tmp_path / "results")
    damage(imported)
    capsys.readouterr()
    assert hmu("export", imported, tmp_path / "out", "--evaluator") == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(message, said), said
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_places_that_cannot_be_written_are_named(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = take(lookalike, tmp_path / "results")
    (tmp_path / "file").write_text("mine")
    assert hmu("export", imported, tmp_path / "file" / "out") == 2
    assert "file/out cannot be written" in capsys.readouterr().err
    words = ["--to", tmp_path / "file" / "x", "--results", tmp_path / "file"]
    assert hmu("import", lookalike, *words) == 2
    assert "file/x cannot be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_an_export_says_what_it_holds(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = take(lookalike, tmp_path / "results")
    shutil.rmtree(imported / "length")
    capsys.readouterr()
    assert hmu("export", imported, tmp_path / "out") == 0
    assert capsys.readouterr().out.endswith(": tokenizer, masked, residual\n")


def test_a_model_of_our_own_names_the_data_it_was_trained_on(
    lookalike: Path, tmp_path: Path
) -> None:
    """The reference looks for the files of a model in a folder named so."""
    imported = take(lookalike, tmp_path / "results")
    for path in imported.glob("*/origin.json"):
        path.unlink()
    for words, name in (((), "t2m"), (("--dataset-name", "Motion-X"), "Motion-X")):
        assert hmu("export", imported, tmp_path / name, "--names", "short", *words) == 0
        for folder in ("rvq", "mtrans", "rtrans"):
            values = options.Options.read(tmp_path / name / folder / "opt.txt").values
            assert values["dataset_name"] == name


def test_an_export_overwrites_nothing(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported, full = take(lookalike, tmp_path / "results"), tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("mine")
    assert hmu("export", imported, full) == 2
    assert "give a new directory" in capsys.readouterr().err
    assert [path.name for path in full.iterdir()] == ["kept"]
    assert hmu("export", full, tmp_path / "new") == 2
    assert "has no transformer of bamm or momask" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
