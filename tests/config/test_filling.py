"""What a configuration becomes: its defaults, and what its sections have of each other."""

import copy
import subprocess
import sys
from pathlib import Path

import yaml

from hmu import config
from support.configurations import changed, faults, minimal

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_reach_every_level():
    filled = config.validate(minimal())
    masked = filled["backbones"]["momask"]["masked"]
    residual = filled["backbones"]["momask"]["residual"]
    assert (masked["cond_drop"], residual["cond_drop"]) == (0.1, 0.2)
    assert "share_weight" not in masked
    assert masked["training"]["milestones"] == [48000]
    assert masked["training"]["weight_decay"] == 1e-5
    assert filled["backbones"]["momask"]["tokenizer"]["training"]["window"] == 64
    assert filled["variants"]["lcr"]["k"] == 32
    assert filled["datasets"]["own"]["on_bad_clip"] == "stop"
    assert filled["tables"]["main"]["names"] == {}
    assert list(filled["sets"]) == ["forget", "retain", "all"]
    assert filled["seed"] == 3407


def test_a_set_of_all_prompts_for_each_source_of_ones_own():
    value = changed("prompts", {"mine": {"kind": "file", "path": "mine.jsonl"}})
    value["sets"] = {"own": {"prompts": "mine", "clips": "forget"}, "all": {"clips": "retain"}}
    filled = config.validate(value)
    assert filled["prompts"] == {
        "captions": {"kind": "captions"},
        "mine": {"kind": "file", "path": "mine.jsonl", "concept": None, "without": []},
    }
    assert filled["sets"] == {
        "forget": {"prompts": "captions", "clips": "forget"},
        "retain": {"prompts": "captions", "clips": "retain"},
        "all": {"prompts": "captions", "clips": "retain"},
        "mine": {"prompts": "mine", "clips": "all"},
        "own": {"prompts": "mine", "clips": "forget"},
    }
    value["sets"]["mine"] = {"prompts": "mine", "clips": "forget"}
    assert config.validate(value)["sets"]["mine"]["clips"] == "forget"


def test_a_partly_given_section_keeps_the_other_defaults():
    given = changed("backbones.big.masked.training.epochs", 3)
    given["tables"]["main"]["backbone"] = "big"
    filled = config.validate(given)
    assert list(filled["backbones"]) == ["big"]
    training = filled["backbones"]["big"]["masked"]["training"]
    assert (training["epochs"], training["batch"]) == (3, 64)


def test_a_backbone_takes_the_parts_that_it_shares():
    given = changed("backbones.momask.tokenizer.codes", 64)
    given["backbones"]["bamm"] = {"kind": "bamm", "shares": "momask", "masked": {"layers": 3}}
    given["tables"]["main"]["backbone"] = "bamm"
    filled = config.validate(given)
    assert filled["backbones"]["bamm"]["tokenizer"]["codes"] == 64
    assert filled["backbones"]["bamm"]["masked"]["layers"] == 3
    assert filled["backbones"]["momask"]["masked"]["layers"] == 8
    assert config.validate(filled) == filled
    given["backbones"]["bamm"]["tokenizer"] = {"codes": 32}
    assert faults(given) == [
        "backbones.bamm.tokenizer: is shared with 'momask'; leave it out, or leave out shares."
    ]
    del given["backbones"]["bamm"]["tokenizer"]
    given["backbones"]["third"] = {"shares": "bamm"}
    (line,) = faults(given)
    assert line.startswith("backbones.third.shares: there is no backbone with parts of its own")


def test_a_backbone_may_have_a_training_seed_of_its_own():
    value = changed("backbones", {"momask": {}, "momask-seed-2": {"seed": 2}})
    filled = config.validate(value)
    assert [each["seed"] for each in filled["backbones"].values()] == [None, 2]


def test_sections_come_as_they_are_for_the_library():
    parsed = config.parse(changed("backbones.momask.masked.layers", 3))
    assert parsed.backbones["momask"].parts()["masked"].layers == 3
    assert parsed.evaluation.multimodality.draws == 30
    assert parsed.plain() == config.validate(changed("backbones.momask.masked.layers", 3))


def test_filling_is_idempotent_and_leaves_the_input_alone():
    given = minimal()
    kept = copy.deepcopy(given)
    filled = config.validate(given)
    assert given == kept
    assert config.validate(filled) == filled
    filled["generation"]["steps"] = 1
    assert config.validate(minimal())["generation"]["steps"] == 10


def test_keywords_of_the_dataset_come_before_its_benchmark():
    value = changed("concepts.wave.keywords", {"HumanML3D": ["a"], "own": ["b"]})
    value["datasets"]["own"]["benchmark"] = "HumanML3D"
    assert config.keywords(config.validate(value), "wave", "own") == ["b"]
    del value["concepts"]["wave"]["keywords"]["own"]
    assert config.keywords(config.validate(value), "wave", "own") == ["a"]


def test_the_shortest_motion_is_the_benchmarks():
    value = minimal()
    (own,) = value["datasets"].values()
    name = next(iter(value["datasets"]))
    for benchmark, frames in (("HumanML3D", 40), ("Motion-X", 24), (None, 40)):
        own["benchmark"] = benchmark
        assert config.shortest(config.validate(value), name) == frames
    own["shortest"] = 60
    assert config.shortest(config.validate(value), name) == 60


def test_yaml_and_mapping_give_the_same(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(minimal()), encoding="utf-8")
    assert config.load(path) == config.load(minimal()) == config.load(str(path))


def test_reading_a_configuration_imports_no_models():
    """Planning reads every section, of every kind of backbone, and every method's literals."""
    code = (
        "import sys; from hmu import config; config.load('workflow/config/paper.yaml');"
        "print(sorted({'torch', 'pandas', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT / "workflow")},
    )  # fmt: skip
    assert result.stdout.strip() == "[]"
