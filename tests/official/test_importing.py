"""`hmu import`: which parts of which backbone it takes from where."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from hmu.errors import InputError
from hmu.io import files
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.official import layout, releases
from hmu.run.job import Job
from hmu.steps import import_part
from hmu.text.vectors import WordVectors
from support.official_files import (
    MASKED_FILE,
    RVQ,
    VQ_FILE,
    WORDS,
    hmu,
    load,
    official_folder,
    take,
)


def test_everything_is_imported_at_once(lookalike: Path, tmp_path: Path) -> None:
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    words = [source / "t2m", source / "ViT-B-32.pt", source / "glove"]
    words += ["--backbone", "momask", "--to", results / "all", "--results", results]
    assert hmu("import", *words) == 0
    parts = {"tokenizer", "masked", "residual", "length", "evaluator"}
    assert {path.name for path in (results / "all").iterdir()} == {
        *parts,
        "text_encoder",
        "word_vectors",
    }
    folder = results / "all" / "word_vectors"
    stored = Stored("word_vectors", folder / "model.safetensors", folder / "config.json")
    vectors = WordVectors.read(stored)
    for name in (*parts, "text_encoder", "word_vectors"):
        origin = files.read_json(results / "all" / name / "origin.json")
        assert origin["how"] == "imported"
        assert all(
            files.sha256(Path(each["path"])) == each["sha256"] for each in origin["from"].values()
        )
    table = np.load(source / "glove" / "our_vab_data.npy")
    assert np.array_equal(vectors.encode([["kick/VERB"]])[0][0, 1], table[WORDS.index("kick")])


def test_weights_of_a_name_are_preferred(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, results = tmp_path / "t2m", tmp_path / "results"
    shutil.copytree(lookalike, root)
    content = load(root / VQ_FILE)
    content["vq_model"]["encoder.model.0.bias"] += 1
    torch.save(content, root / RVQ / "model" / "lcr_kick.tar")
    words = ["import", root, "--to", results / "x", "--results", results, "--file"]
    assert hmu(*words, "lcr_kick.tar") == 0
    state = storage.load_state(results / "x/tokenizer/model.safetensors")
    assert torch.equal(state["encoder.model.0.bias"], content["vq_model"]["encoder.model.0.bias"])
    assert hmu(*words, "lcr_kik.tar") == 2
    assert "No part has weights named lcr_kik.tar" in capsys.readouterr().err


def test_a_part_comes_from_one_place(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    words = ["--to", results / "x", "--results", results]
    assert hmu("import", lookalike, lookalike, *words) == 2
    assert "tokenizer would come from" in capsys.readouterr().err
    assert hmu("import", lookalike, *words, "--backbone", "bamm") == 2
    assert "There are no files of bamm: correct --backbone" in capsys.readouterr().err
    assert not (results / "x").exists()


def test_whose_parts_they_are_is_asked_where_it_cannot_be_told(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where two backbones lie beside each other, or only what both may use."""
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    (tmp_path / "parts").mkdir()
    shutil.copytree(lookalike / RVQ, tmp_path / "parts" / RVQ)
    words = ["--to", results / "x", "--results", results]
    for folder in (source / "t2m", tmp_path / "parts"):
        assert hmu("import", folder, *words) == 2
        assert "those of bamm or of momask: pass --backbone" in capsys.readouterr().err
    assert hmu("import", tmp_path / "parts", *words, "--backbone", "bamm") == 0
    config = files.read_json(results / "x/tokenizer/config.json")
    assert (config["kind"], config["part"]) == ("bamm", "tokenizer")
    assert hmu("import", lookalike, "--to", results / "y", "--results", results) == 0
    assert files.read_json(results / "y/masked/config.json")["kind"] == "momask"


def test_nothing_to_import_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hmu("import", tmp_path, "--to", tmp_path / "r/x", "--results", tmp_path / "r") == 2
    assert "has no official files" in capsys.readouterr().err
    assert hmu("import", tmp_path, "--to", tmp_path / "x", "--results", tmp_path / "r") == 2
    assert "is not inside" in capsys.readouterr().err


def test_lineage_knows_the_official_files(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = take(lookalike, tmp_path / "results") / "masked" / "model.safetensors"
    assert hmu("verify", weights) == 0
    capsys.readouterr()
    assert hmu("lineage", "--json", weights) == 0
    way = capsys.readouterr().out
    assert files.sha256(lookalike / MASKED_FILE) in way
    assert files.sha256(lookalike / RVQ / "opt.txt") in way


def test_sizes_that_do_not_fit_the_official_ones_are_refused(
    lookalike: Path, tmp_path: Path
) -> None:
    expected = {"codes": 24, "code_dim": 64}
    job = Job(
        "import_part",
        layout.inputs(releases.parts("momask"), "tokenizer", lookalike),
        {name: tmp_path / name for name in ("model", "config", "origin", "training")},
        {
            "part": "tokenizer",
            "kind": "momask",
            "section": "backbones.big.tokenizer",
            "expected": expected,
        },
    )
    with pytest.raises(InputError, match=r"big\.tokenizer\.code_dim is 64; write code_dim: 20"):
        import_part.run(job)
