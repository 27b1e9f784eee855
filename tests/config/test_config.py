"""The configuration: defaults, one message for every fault, and the shipped files."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from snakemake.utils import update_config

from hmu import config, registry
from hmu.cli import main
from hmu.config import schema_file
from hmu.config.schema import schema
from hmu.errors import InputError
from hmu.figures.sweeps import sweeps
from hmu.tables import binding
from support.configurations import changed, minimal

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "config.yaml", *sorted((ROOT / "workflow" / "config").glob("*.yaml"))]
METHODS, EVIDENCE, FAITHFULNESS, JOINTS, EVIDENCE_JOINTS = (
    ROOT / "workflow" / "config" / f"{name}.yaml"
    for name in ("methods", "evidence", "faithfulness", "joints", "evidence-joints")
)
ADDS_TO = {
    **dict.fromkeys((METHODS, EVIDENCE, FAITHFULNESS), ROOT / "config.yaml"),
    EVIDENCE_JOINTS: JOINTS,
}
PAPER = ("humanml3d", "momask")
KEYWORDS = ROOT.parent / "shared" / "paper" / "reference-keywords.json"


def shipped(path: Path) -> dict:
    """A configuration of the repository, with the one that it adds to."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path not in ADDS_TO:
        return given
    whole = shipped(ADDS_TO[path])
    update_config(whole, given)
    return whole


def faults(value: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        config.validate(value, "my.yaml")
    first, *lines = str(caught.value).split("\n")
    plural = "fault" if len(lines) == 1 else "faults"
    assert first == f"my.yaml has {len(lines)} {plural}:"
    return [line.removeprefix("  ") for line in lines]


def properties(node: object, way: str = ""):
    """Every property of the schema, with the way to it."""
    if isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            yield f"{way}.{name}", inner
        for name, inner in node.items():
            if name != "if":
                yield from properties(inner, f"{way}.{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from properties(inner, f"{way}.{number}")


def test_the_schema_is_valid_and_describes_every_key():
    jsonschema.Draft202012Validator.check_schema(schema())
    found = dict(properties(schema()))
    assert len(found) > 100
    shared = schema()["$defs"]

    def description(node: dict) -> str:
        return {**shared.get(node.get("$ref", "").rpartition("/")[2], {}), **node}["description"]

    bare = [way for way, node in found.items() if len(description(node)) < 10]
    assert not bare


def test_the_schema_file_is_what_the_sections_give():
    """For people and editors; the checks use the sections and the plugins themselves."""
    stored = schema_file.FILE.read_text(encoding="utf-8")
    assert stored == schema_file.text(), "run `make schema`"
    assert json.loads(stored) == schema()


def test_every_section_refuses_unknown_keys():
    def sections(node, way=""):
        if isinstance(node, dict):
            if "properties" in node and "allOf" not in node:
                yield way, node
            for name, inner in node.items():
                if name != "allOf":  # the keys of kinds and methods are sections of their own
                    yield from sections(inner, f"{way}.{name}")

    loose = [way for way, node in sections(schema()) if node["additionalProperties"]]
    assert not loose


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


def test_a_source_of_prompts_names_concepts_that_there_are():
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "wafe"}})
    value["prompts"]["theirs"] = {"kind": "phrase_book", "concept": "wave", "without": ["jump"]}
    with pytest.raises(InputError) as error:
        config.validate(value)
    assert "prompts.mine: there is no concept 'wafe'; did you mean 'wave'?" in str(error.value)
    assert "prompts.theirs: there is no concept 'jump'" in str(error.value)


def test_a_concept_of_prompts_has_keywords_where_a_table_asks_for_them():
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "jump"}})
    value["concepts"]["jump"] = {"keywords": {"other": ["jump"]}}
    config.validate(value)
    value["sets"] = {"retain": {"prompts": "mine"}}
    with pytest.raises(InputError, match=r"concepts.jump.keywords: has none for the dataset 'own'"):
        config.validate(value)


def test_a_concept_that_the_phrase_book_does_not_know_is_said_at_planning():
    """Where a table asks for its prompts: a concept with one word that the book has will do."""
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "odd"}})
    value["concepts"]["odd"] = {"keywords": ["knit", "purl"]}
    config.validate(value)
    value["sets"] = {"retain": {"prompts": "mine"}}
    with pytest.raises(InputError) as error:
        config.validate(value)
    assert "prompts.mine.concept: is 'odd', and the phrase book has no motion" in str(error.value)
    assert "knit, purl name; add phrases to it, or take `kind: language_model`" in str(error.value)
    value["concepts"]["odd"]["keywords"] = ["knit", "Kick"]
    config.validate(value)


@pytest.mark.parametrize(
    ("text", "said"), [("a: [1\nb: 2\n", "line 2, column"), (None, "cannot be read")]
)
def test_hmu_cells_says_what_is_wrong_with_a_file(tmp_path, capsys, text, said):
    """Snakemake reads --configfile before this workflow, and does not say where it is wrong."""
    path = tmp_path / "mine.yaml"
    if text:
        path.write_text(text, encoding="utf-8")
    assert main(["cells", "--config", str(path)]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"hmu: {path} ")
    assert said in shown


def test_a_missing_file_of_prompts_is_named_where_a_table_asks_for_it(tmp_path):
    value = changed("prompts", {"mine": {"kind": "file", "path": "mine.jsonl"}})
    (tmp_path / "somewhere").mkdir()
    assert config.missing_paths(config.validate(value), tmp_path) == []
    value["sets"] = {"forget": {"prompts": "mine", "clips": "forget"}}
    (line,) = config.missing_paths(config.validate(value), tmp_path)
    assert line.startswith("prompts.mine.path: mine.jsonl does not exist")


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


@pytest.mark.parametrize("name", ["a/b", ".", "-x", "", "wave\n", "wave b", "é", "x" * 65])
@pytest.mark.parametrize("section", ["concepts", "variants", "tables", "sets", "backbones"])
def test_a_name_that_cannot_be_a_folder_is_refused(section, name):
    entry = {
        "concepts": {"keywords": ["x"]},
        "variants": {"method": "original"},
        "tables": minimal()["tables"]["main"],
        "sets": {},
        "backbones": {},
    }[section]
    value = minimal()
    value[section] = {**value.get(section, {"momask": {}}), name: entry}
    if section == "sets":
        value["sets"].pop("momask")
    (line,) = faults(value)
    assert line.startswith(f"{section}: ")
    assert "a name that can be a folder" in line or "write at most 64 characters" in line


def test_names_that_differ_by_capitals_alone_are_refused():
    value = changed("concepts.Wave", {"keywords": ["x"]})
    (line,) = faults(value)
    assert line.startswith("concepts.Wave: is 'wave' but for capitals, and some file systems")
    value = changed("sets", {"Forget": {}})
    assert faults(value)[0].startswith("sets.Forget: is 'forget' but for capitals")


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


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("sed", 1, "sed: there is no key 'sed'; did you mean 'seed'?"),
        ("generation.stepz", 1, "generation.stepz: there is no key 'stepz'; did you mean 'steps'?"),
        ("seed", "many", 'seed: is "many", not a whole number'),
        ("seed", True, "seed: is true, not a whole number"),
        ("seed", 1.5, "seed: is 1.5, not a whole number"),
        ("threads", 0, "threads: is 0; write at least 1."),
        ("device", "gpu", 'device: is "gpu"; write auto or cpu or cuda.'),
        ("length", None, "length: is null, not a mapping"),
        ("length.training.rate", "1e-4", "a dot, 1.0e-4 (YAML needs the dot)"),
        ("generation.keep", 0, "generation.keep: is 0; write more than 0."),
        ("datasets.own.sauce", "x", "did you mean 'source'?"),
        ("datasets.own.source", "joint", "there is no source 'joint'; did you mean 'joints'?"),
        ("datasets.own.tagger", "rule", "did you mean 'rules'?"),
        ("datasets.own.raw", None, "datasets.own: has neither raw nor demo; give one of them."),
        ("datasets.own.demo", {}, "datasets.own: has both raw and demo; give one of them."),
        ("datasets.own.quarantine_limit", 2, "quarantine_limit: is 2; write at most 1."),
        ("datasets.a/b", {"source": "joints", "raw": "x"}, "a name that can be a folder"),
        ("tables.main.concept", "wve", "there is no concept 'wve'; did you mean 'wave'?"),
        ("tables.main.dataset", "won", "there is no dataset 'won'; did you mean 'own'?"),
        ("tables.main.backbone", "bamm", "there is no backbone 'bamm'; write one of: momask."),
        ("tables.main.layout", "mian", "there is no layout 'mian'; did you mean 'main'?"),
        ("tables.main.rows", ["lrc"], "there is no variant 'lrc'; did you mean 'lcr'?"),
        ("variants.lcr.method", "lrc", "variants.lcr.method: there is no method 'lrc'"),
        ("variants.lcr.K", 3, "variants.lcr.K: there is no key 'K'; did you mean 'k'?"),
        ("length.training.rate", float("nan"), "rate: is nan; write a finite number."),
        ("variants.lcr.alpha", float("inf"), "alpha: is inf; write a finite number."),
        ("variants.lcr.kk", 3, "variants.lcr.kk: there is no key 'kk'; did you mean 'k'?"),
        ("variants.lcr.k", "all", 'variants.lcr.k: is "all", not a whole number'),
        ("variants.lcr", {}, "variants.lcr.method: is missing; add it (Name of the method"),
        ("variants.lcr", {"method": "uce", "words": []}, "words: is empty; write at least one."),
        ("variants.lcr", {"method": "rece", "rho": -1}, "rho: is -1; write at least 0."),
        ("concepts.wave.keywords", "wave", "write a list, or a mapping of lists."),
        ("concepts.wave.keywords", [], "concepts.wave.keywords: is empty; write at least one."),
        ("concepts.wave.keywords", {"own": []}, "concepts.wave.keywords.own: is empty"),
        ("concepts.wave.keywords", {"other": ["x"]}, "has none for the dataset 'own'"),
        ("concepts.wave.matching", "word", "write substring or lemma."),
        ("evaluation.multimodality.pairs", 31, "write at most 30 (draws)."),
        (
            "backbones.momask.masked.heads",
            5,
            "masked.latent: is 384; write a multiple of 5 (heads).",
        ),
        ("backbones.momask.masked.dropout", 1, "is 1; write less than 1."),
        ("backbones.momask.residual", {"latent": 9, "heads": 3}, "is 9; write a multiple of 2."),
        ("backbones.momask.tokenizer.codes", 40_000, "is 40000; write at most 32767."),
        ("backbones.momask.tokenizer.training.window", 200, "is 200; write at most 199, the frame"),
        ("evaluator.movement_training.window", 200, "movement_training.window: is 200; write at "),
        ("backbones.momask.tokenizer.quantizers", 1, "is 1; write at least 2."),
        ("backbones.momask.kind", "bam", "there is no kind 'bam'; did you mean 'bamm'?"),
        ("backbones.momask.shares", "momask", "no backbone with parts of its own 'momask'"),
        ("backbones.momask.masked.training.betas", [0.9], "is [0.9]; write 2 values."),
        ("backbones.momask.masked.training.betas", [0.9, 1], "betas.1: is 1; write less than 1."),
        ("concepts.wave.keywords", ["wave\n"], "a keyword"),
        ("datasets.own.demo", 3, "demo: is 3; write a mapping of keys to values, or null."),
        ("prompts.mine", {"kind": "fil"}, "there is no kind 'fil'; did you mean 'file'?"),
        ("prompts.mine", {"kind": "file"}, "prompts.mine.path: is missing; add it (A file of pro"),
        ("sets.own", {"prompts": "mine"}, "there is no source of prompts 'mine'; write one of: c"),
    ],
)
def test_a_fault_is_named_with_its_remedy(path, value, said):
    lines = faults(changed(path, value))
    assert len(lines) == 1
    assert said in lines[0]
    assert lines[0].startswith(path.rpartition(".")[0])


def test_a_key_that_is_no_text_is_an_answer():
    given = minimal()
    given["datasets"][2024] = next(iter(given["datasets"].values()))
    assert "datasets: has the key 2024; write it in quotes." in faults(given)


def test_all_faults_come_in_one_message():
    broken = changed("sed", 1)
    broken["threads"] = "two"
    broken["variants"]["x"] = {"method": "nothing"}
    broken["tables"]["main"]["concept"] = "nowhere"
    broken["concepts"]["wave"] = None
    assert {line.partition(":")[0] for line in faults(broken)} == {
        "sed", "threads", "variants.x.method", "tables.main.concept", "concepts.wave"
    }  # fmt: skip


@pytest.mark.parametrize("value", [None, True, 3, float("inf"), "x", [], [None], {}, {3: 4}])
def test_any_value_anywhere_is_answered(value):
    """Whatever stands at whatever key: a valid configuration, or one message."""

    def places(node, way=()):
        yield way
        if isinstance(node, dict):
            for name, inner in node.items():
                yield from places(inner, (*way, name))

    given, messages = config.validate(minimal()), []
    for *way, last in filter(None, places(given)):
        broken = copy.deepcopy(given)
        node = broken
        for name in way:
            node = node[name]
        node[last] = value
        try:
            config.validate(broken)
        except InputError as error:
            messages.append(str(error))
    assert len(messages) > 10
    assert all(message.startswith("config.yaml has ") for message in messages)


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_configuration_at_all(value):
    assert "not a mapping" in faults(value)[0]


def test_missing_sections_are_each_named():
    lines = faults({})
    assert [line.partition(":")[0] for line in lines] == [
        "datasets", "concepts", "variants", "tables"
    ]  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configurations_are_valid(path):
    filled = config.load(shipped(path))
    for table in filled["tables"]:
        for cell in binding.addresses(filled, table):
            assert config.keywords(filled, cell.concept, cell.dataset)


def test_one_configuration_has_every_method_on_every_backbone():
    filled = config.load(shipped(METHODS))
    assert {each["method"] for each in filled["variants"].values()} == set(
        registry.names("methods")
    )
    shown = {backbone: set() for backbone in filled["backbones"]}
    for table in filled["tables"]:
        for cell in binding.addresses(filled, table):
            if cell.variant in filled["variants"]:  # and not the real motions
                shown[cell.backbone].add(filled["variants"][cell.variant]["method"])
    trained = {
        kind
        for kind in registry.names("backbones")
        if registry.literals("backbones", kind)["PARTS"]
    }
    assert {filled["backbones"][name]["kind"] for name in shown} == trained
    assert all(found == set(registry.names("methods")) for found in shown.values())


def test_that_one_has_all_of_lcr_and_the_same_curves_on_every_backbone():
    filled = config.load(shipped(METHODS))
    told = registry.literals("methods", "lcr")["PARAMS"]
    found = {backbone: set() for backbone in filled["backbones"]}
    for curve in filled["curves"].values():
        bound = binding.bind(filled, curve["table"])
        for sweep in sweeps(bound, curve["parameter"]):
            values = tuple(point.value for point in sweep.points)
            found[sweep.model.backbone].add((sweep.method, sweep.parameter, values))
    for backbone in filled["backbones"]:
        cells = binding.addresses(filled, f"methods-{backbone}")
        shown = [filled["variants"][name] for name in {cell.variant for cell in cells} - {"real"}]
        lcr = [each for each in shown if each["method"] == "lcr"]
        assert {cell.backbone for cell in cells} == {backbone}
        for name in ("replacement", "selection", "counts"):
            assert {each[name] for each in lcr} == set(told[name]["enum"]), (backbone, name)
        assert {tuple(each["parts"].values()) for each in lcr} == {(), (16, 8), (32, 16)}
        assert found[backbone] >= {
            ("lcr", "k", (4, 8, 16, 32, 64)),
            ("lcr", "retain_budget", (0.02, 0.05, 0.1)),
            ("lcr", "alpha", (0, 1.0, 3)),
            ("uce", "preserve_scale", (0.01, 0.5, 2)),
        }


def test_the_evidence_is_of_every_method():
    """The page has a row of each, and of real motions, in every column that is defined for it."""
    filled = config.load(shipped(EVIDENCE))
    cells = binding.addresses(filled, "evidence")
    methods = {filled["variants"][each.variant]["method"] for each in cells if each.row != "real"}
    assert methods == set(registry.names("methods"))
    columns = {each.column for each in cells}
    measures = [metric for metric in registry.names("metrics") if reads_movement(metric)]
    values = {each.metric for each in cells if each.row == "real"}
    assert len(measures) >= 9
    assert all(values & {*registry.literals("metrics", each)["NAMES"]} for each in measures)
    assert {each.column for each in cells if each.row == "lcr"} == columns
    assert filled["evaluation"]["repeats"] == 16


def test_the_evidence_has_benign_motions_near_the_concept_of_every_method():
    filled = config.load(shipped(EVIDENCE))
    cells = binding.addresses(filled, "evidence-neighbours")
    assert {each.set for each in cells} == {"neighbours"}
    assert {each.variant for each in cells} == {
        each.variant for each in binding.addresses(filled, "evidence") if each.row != "real"
    }


def test_the_evidence_on_own_motions_is_of_every_method_in_every_layout_and_needs_one_training():
    """Beside TMR and what the methods train: the models are joints.yaml's."""
    joints, own, demo = (config.load(shipped(path)) for path in (JOINTS, EVIDENCE_JOINTS, EVIDENCE))
    layouts = {entry["layout"]: name for name, entry in own["tables"].items()}
    assert {entry["layout"] for entry in demo["tables"].values()} & {
        "evidence", "neighbours", "tmr", "edits", "presence",
    } <= layouts.keys()  # fmt: skip
    for layout in ("evidence", "neighbours", "tmr", "presence"):
        variants = {cell.variant for cell in binding.addresses(own, layouts[layout])} - {"real"}
        methods = {own["variants"][each]["method"] for each in variants}
        assert methods == set(registry.names("methods"))
        assert variants >= {"lcr-nearest", "lcr-smoothest", "lcr-budget", "graddiff"}
    edited = {cell.variant for cell in binding.addresses(own, layouts["edits"])} - {"original"}
    assert edited == {name for name, each in own["variants"].items() if each["method"] == "lcr"}
    for section in ("backbones", "length", "evaluator", "detector", "evaluation"):
        assert own[section] == joints[section]


def reads_movement(metric):
    return "generated/movement" in registry.literals("metrics", metric)["READS"].values()


def test_faithfulness_is_of_four_trainings_of_the_demos_model_with_and_without():
    filled = config.load(shipped(FAITHFULNESS))
    momask = filled["backbones"].pop("momask")
    again = {each.pop("seed"): each for each in filled["backbones"].values()}
    assert set(again) == {2, 3, 4}
    assert momask.pop("seed") is None
    assert all(each == momask for each in again.values())
    filled = config.load(shipped(FAITHFULNESS))
    cells = binding.addresses(filled, "demo-faithfulness")
    backbones = {
        variant: {cell.backbone for cell in cells if cell.variant == variant}
        for variant in {cell.variant for cell in cells}
    }
    assert backbones["original"] == backbones["retrained"] == set(filled["backbones"])
    controls = {"frozen", "shuffled", "random-codes", "noise-weights"}
    assert backbones.keys() == {"original", "retrained"} | controls
    assert {cell.set for cell in cells} == {"forget"}
    assert filled["tmr"] == config.load(shipped(EVIDENCE))["tmr"]


@pytest.mark.parametrize("path", [FAITHFULNESS, EVIDENCE], ids=lambda path: path.stem)
def test_presence_in_any_of_n_has_as_many_repeats(path):
    filled = config.load(shipped(path))
    asked = {
        int(cell.metric.removeprefix("presence@"))
        for table in filled["tables"]
        for cell in binding.addresses(filled, table)
        if cell.metric.startswith("presence@")
    }
    assert max(asked - {64}) == filled["evaluation"]["repeats"]


def test_the_paper_is_comparable_and_the_demo_is_not():
    demo = config.load(ROOT / "config.yaml")
    paper = config.load(ROOT / "workflow" / "config" / "paper.yaml")
    assert PAPER in config.paper_comparable(paper)
    assert not config.paper_comparable(demo)
    for section, key, value in (
        ("generation", "steps", 11),
        ("generation", "precision", "bfloat16"),
        ("evaluation", "captions", "one"),
        ("evaluation", "repeats", 3),
        ("text_encoder", "weights", None),
    ):
        other = copy.deepcopy(paper)
        other[section][key] = value
        assert PAPER not in config.paper_comparable(other)
    for section, key, value in (
        ("evaluation", "mm_safe", "reference"),  # the arithmetic of the paper's own numbers
        ("evaluation", "decoded", "reference"),
        ("generation", "batch", 32),  # changes no result
    ):
        other = copy.deepcopy(paper)
        assert other[section][key] != value
        other[section][key] = value
        assert PAPER in config.paper_comparable(other), key
    other = copy.deepcopy(paper)
    other["datasets"]["humanml3d"]["shortest"] = 24
    assert PAPER not in config.paper_comparable(other)
    other = copy.deepcopy(paper)
    other["backbones"]["momask"]["masked"]["layers"] = 7
    assert PAPER not in config.paper_comparable(other)
    assert ("humanml3d", "bamm") in config.paper_comparable(other)


def test_official_weights_are_as_good_as_the_papers_training():
    paper = config.load(ROOT / "workflow" / "config" / "paper.yaml")
    paper["backbones"]["momask"]["weights"] = "download"
    paper["datasets"]["humanml3d"] |= {"evaluator": "download", "length": "download"}
    assert PAPER in config.paper_comparable(config.validate(paper))
    paper["backbones"]["momask"] |= {"weights": "t2m", "file": "UCE_0.5.tar"}
    found = config.paper_comparable(config.validate(paper))
    assert PAPER not in found, "what was unlearned elsewhere is not the paper's original"


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


def test_the_paper_has_the_reference_keywords():
    if not KEYWORDS.is_file():
        pytest.skip("needs ../shared/paper/reference-keywords.json, which is not in the repository")
    paper = config.load(ROOT / "workflow" / "config" / "paper.yaml")
    names = {"HumanML3D": "humanml3d", "Motion-X": "motionx"}
    reference = json.loads(KEYWORDS.read_text(encoding="utf-8"))["splits"]
    for benchmark, concepts in reference.items():
        for concept, content in concepts.items():
            given = config.keywords(paper, concept, names[benchmark])
            assert given == content["forget_texts"]
    single = paper["concepts"].keys() - {name for each in reference.values() for name in each}
    assert single == {"beat", "stab", "squat", "jump", "crawl", "punch"}  # words of Tables 3 and 4


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


def test_the_shortest_motion_fills_a_token_from_any_offset():
    value = changed("backbones.momask.tokenizer.down", 4)
    value["datasets"]["own"]["shortest"] = 19
    config.validate(value)
    value["datasets"]["own"]["shortest"] = 18
    [line] = faults(value)
    assert line.startswith("datasets.own.shortest: is 18; write at least 19 for the tokenizer of")


def test_a_missing_dataset_directory_is_named(tmp_path):
    filled = config.validate(minimal())
    (line,) = config.missing_paths(filled, tmp_path)
    assert line.startswith("datasets.own.raw: somewhere does not exist; give the path")
    (tmp_path / "somewhere").mkdir()
    assert config.missing_paths(filled, tmp_path) == []


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nseed: 2\n", "the key 'seed' is given twice"),
        ("seed: [1\n", "is not valid YAML"),
        ("- a\n", "not a mapping"),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml") as caught:
        config.load(path)
    assert said in str(caught.value)


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        config.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"seed: \xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml cannot be read as UTF-8 text"):
        config.load(tmp_path / "latin.yaml")


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
