"""Official weights in a configuration: what they need beside them, and what is missing."""

import pytest

from hmu import config
from support.configurations import changed, faults


@pytest.mark.parametrize("weights", [None, "download"])
def test_a_name_of_weights_is_of_a_directory(weights):
    given = changed("backbones.momask", {"weights": weights, "file": "UCE_0.5.tar"})
    given["text_encoder"] = {"weights": "download"}
    (line,) = faults(given)
    assert line.startswith("backbones.momask.file: is 'UCE_0.5.tar', a file in the directory")


def test_a_name_that_no_weights_have_is_known_before_anything_runs(tmp_path):
    """The paper's evaluation takes the original then, without a word."""
    for folder, weights in (("rvq", "base.tar"), ("mtrans", "base.tar"), ("rtrans", "UCE_0.5.tar")):
        (tmp_path / "t2m" / folder / "model").mkdir(parents=True)
        (tmp_path / "t2m" / folder / "meta").mkdir()
        names = ("opt.txt", "meta/mean.npy", "meta/std.npy", f"model/{weights}")
        for name in {*names, "model/base.tar"}:
            (tmp_path / "t2m" / folder / name).touch()
    given = changed("backbones.momask", {"weights": "t2m", "file": "UCE_0.5.tar"})
    given["text_encoder"] = {"weights": "download"}
    given["datasets"]["own"]["raw"] = "."
    assert config.missing_paths(config.validate(given), tmp_path) == []
    given["backbones"]["momask"]["file"] = "UCE_0.1.tar"
    (line,) = config.missing_paths(config.validate(given), tmp_path)
    assert line.startswith("backbones.momask.file: no part in t2m has weights named 'UCE_0.1.tar'")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("backbones.momask.weights", "t2m", "backbones.momask.weights: official transformers read"),
        ("datasets.own.length", "t2m", "datasets.own.length: the official length estimator reads"),
        ("datasets.own.evaluator", "t2m", "datasets.own.evaluator: the official evaluator reads"),
        ("datasets.own.tmr", "t2m", "datasets.own.tmr: a TMR checkpoint reads DistilBERT's token"),
    ],
)
def test_official_models_need_official_encoders(path, value, said):
    (line,) = faults(changed(path, value))
    assert line.startswith(said)


@pytest.mark.parametrize(
    ("momask", "bamm", "fine"),
    [
        ("download", "download", True),
        ("one", "other", True),
        ("one", None, True),
        (None, "download", False),
        ("one", "download", False),
        ("download", "one", False),
    ],
)
def test_official_transformers_need_their_tokenizer(momask, bamm, fine):
    given = changed("text_encoder.weights", "download")
    given["backbones"] = {
        "momask": {"weights": momask},
        "bamm": {"kind": "bamm", "shares": "momask", "weights": bamm},
    }
    if fine:
        config.validate(given)
    else:
        (line,) = faults(given)
        assert line.startswith("backbones.bamm.weights: the tokenizer of 'momask' must be official")


def test_a_directory_without_official_files_is_named(tmp_path):
    given = changed("backbones.momask.weights", "t2m")
    given["text_encoder"] = {"weights": "download"}
    filled = config.validate(given)
    (tmp_path / "somewhere").mkdir()
    (line,) = config.missing_paths(filled, tmp_path)
    assert line.startswith("backbones.momask.weights: t2m does not exist")
    (tmp_path / "t2m" / "rvq" / "model").mkdir(parents=True)
    lines = config.missing_paths(filled, tmp_path)
    assert len(lines) == 3
    assert "has no folder t2m_nlayer8" in lines[1]
    assert "has no net_best_fid.tar" in lines[0]


def test_files_that_a_tmr_checkpoint_lacks_are_named(tmp_path):
    """Its scale may lie where TMR's repository has it, two folders above."""
    given = changed("datasets.own", {"source": "humanml3d", "raw": "."})
    given["datasets"]["own"] |= {"tmr": "TMR/models/theirs", "token_embeddings": "tokens"}
    own, tokens = tmp_path / "TMR/models/theirs", tmp_path / "tokens"
    (own / "last_weights").mkdir(parents=True)
    tokens.mkdir()
    validated = config.validate(given)
    first, second = config.missing_paths(validated, tmp_path)
    assert first.startswith("datasets.own.tmr: ")
    assert "motion_encoder.pt is missing: give the whole folder of a TMR checkpoint" in first
    assert second.startswith("datasets.own.token_embeddings: ")
    assert "distilbert-base-uncased.npy is missing: give the folder token_embeddings" in second
    for name in ("motion_encoder", "text_encoder"):
        (own / f"last_weights/{name}.pt").touch()
    (own / "config.json").touch()
    for name in (".npy", "_slice.npy", "_index.json"):
        (tokens / f"distilbert-base-uncased{name}").touch()
    (line,) = config.missing_paths(validated, tmp_path)
    assert "theirs/mean.pt is missing: copy it from stats/humanml3d/guoh3dfeats" in line
    scale = tmp_path / "TMR/stats/humanml3d/guoh3dfeats"
    scale.mkdir(parents=True)
    for name in ("mean", "std"):
        (scale / f"{name}.pt").touch()
    assert config.missing_paths(validated, tmp_path) == []
