"""The configurations of the repository: what each promises."""

import copy
import json
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from hmu import config, registry
from hmu.figures.sweeps import sweeps
from hmu.tables import binding

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
