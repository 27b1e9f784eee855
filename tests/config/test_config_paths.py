"""Paths of a configuration: what is missing, and what Snakemake would misread."""

import pytest

from hmu import config
from support.configurations import changed, minimal


def test_a_missing_dataset_directory_is_named(tmp_path):
    filled = config.validate(minimal())
    (line,) = config.missing_paths(filled, tmp_path)
    assert line.startswith("datasets.own.raw: somewhere does not exist; give the path")
    (tmp_path / "somewhere").mkdir()
    assert config.missing_paths(filled, tmp_path) == []


def test_a_missing_file_of_prompts_is_named_where_a_table_asks_for_it(tmp_path):
    value = changed("prompts", {"mine": {"kind": "file", "path": "mine.jsonl"}})
    (tmp_path / "somewhere").mkdir()
    assert config.missing_paths(config.validate(value), tmp_path) == []
    value["sets"] = {"forget": {"prompts": "mine", "clips": "forget"}}
    (line,) = config.missing_paths(config.validate(value), tmp_path)
    assert line.startswith("prompts.mine.path: mine.jsonl does not exist")


@pytest.mark.parametrize(
    ("section", "entry", "key"),
    [
        ("datasets", {"source": "joints"}, "raw"),
        ("datasets", {"source": "joints", "raw": "."}, "word_vectors"),
        ("datasets", {"source": "joints", "raw": ".", "word_vectors": "."}, "evaluator"),
        ("datasets", {"source": "joints", "raw": ".", "token_embeddings": "."}, "tmr"),
        ("datasets", {"source": "joints", "raw": "."}, "token_embeddings"),
        ("datasets", {"source": "joints", "raw": "."}, "length"),
        ("backbones", {}, "weights"),
        ("backbones", {"kind": "generations"}, "motions"),
        ("prompts", {"kind": "file"}, "path"),
    ],
)
def test_a_path_that_snakemake_would_take_for_a_pattern_is_named(tmp_path, section, entry, key):
    """Also one that no table needs, as whoever asks for a file by its name may."""
    given = minimal()
    given["datasets"]["own"]["raw"] = "."
    given["text_encoder"] = {"weights": "download"}
    given["backbones"] = {"momask": {}}
    given.setdefault(section, {})["mine"] = {**entry, key: "take{2}"}
    (line,) = config.missing_paths(config.validate(given), tmp_path)
    assert line.startswith(f"{section}.mine.{key}: take{{2}} has braces in its name")
    assert "rename it" in line


def test_clips_weights_in_a_folder_with_braces_are_named(tmp_path):
    given = changed("text_encoder.weights", "take{2}.pt")
    given["datasets"]["own"]["raw"] = "."
    (tmp_path / "take{2}.pt").touch()
    (line,) = config.missing_paths(config.validate(given), tmp_path)
    assert line.startswith("text_encoder.weights: take{2}.pt has braces in its name")


def test_weights_whose_own_name_has_braces_are_named(tmp_path):
    """A folder is fine and a file in it is not."""
    for folder, weights in (
        ("rvq", "base.tar"),
        ("mtrans", "UCE_{k}.tar"),
        ("rtrans", "base.tar"),
    ):
        for name in ("opt.txt", "meta/mean.npy", "meta/std.npy", f"model/{weights}"):
            path = tmp_path / "t2m" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    given = changed("backbones.momask", {"weights": "t2m", "file": "UCE_{k}.tar"})
    given["text_encoder"] = {"weights": "download"}
    given["datasets"]["own"]["raw"] = "."
    (line,) = config.missing_paths(config.validate(given), tmp_path)
    assert line.startswith("backbones.momask.weights: ")
    assert "UCE_{k}.tar has braces in its name" in line
