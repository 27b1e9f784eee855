"""What is wrong with a configuration is known before anything runs, as far as its plugins and its
files tell."""

import json
from pathlib import Path
from typing import Any

import pytest

from hmu import config, registry
from hmu.config import planning
from support.configurations import minimal

ROOT = Path(__file__).resolve().parents[2]
Given = dict[str, Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a run, with raw data of the form that :func:`minimal` says."""
    (tmp_path / "somewhere/joints").mkdir(parents=True)
    return tmp_path


def faults(given: Given, root: Path) -> list[str]:
    return planning.faults(config.validate(given), root)


def with_lcr(**params: Any) -> Given:
    given = minimal()
    given["variants"]["lcr"] |= params
    return given


def with_edit(method: str, **params: Any) -> Given:
    """With words of kicks, in a table of a layout that has the row."""
    given = minimal()
    given["concepts"]["wave"]["keywords"] = ["kick", "punch"]
    given["variants"][method] = {"method": method, **params}
    given["tables"]["main"]["rows"] = [method]
    return given


def test_nothing_is_wrong_with_a_plain_configuration(root: Path) -> None:
    assert faults(minimal(), root) == []


# Methods


def test_a_missing_list_of_codes_is_named_with_its_key(root: Path) -> None:
    given = with_lcr(codes=["mine.yaml", "theirs.yaml"])
    (root / "mine.yaml").write_text("[[3]]", encoding="utf-8")
    (line,) = faults(given, root)
    assert line.startswith("variants.lcr.codes: theirs.yaml does not exist; give the path that")
    (root / "theirs.yaml").mkdir()
    assert faults(given, root) == ["variants.lcr.codes: theirs.yaml is a folder; give a file."]


def test_files_of_variants_that_no_table_shows_may_be_absent(root: Path) -> None:
    given = minimal()
    given["variants"]["other"] = {"method": "lcr", "codes": "nowhere.yaml"}
    assert faults(given, root) == []


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ([[3, 999]], "has code 999 in layer 0, and the codebook has 0 to 511: it belongs to anoth"),
        ([[1]] * 7, "has codes of 7 layers, and the tokenizer has 6 quantizers: it belongs to an"),
        ([[1], list(range(512))], "all 512 codes of layer 1 are to be replaced, and one must stay"),
        ([[], []], "there is no code to replace; name some."),
        ({"kick": [1]}, "write a list of codes for each layer, [[3, 14], [15]]."),
    ],
)
def test_a_list_of_codes_that_does_not_fit_the_tokenizer_is_named(
    root: Path, lists: Any, said: str
) -> None:
    given = with_lcr(codes="mine.yaml")
    (root / "mine.yaml").write_text(json.dumps(lists), encoding="utf-8")
    (line,) = faults(given, root)
    assert line.startswith("variants.lcr.codes: ")
    assert "mine.yaml" in line
    assert said in line


def test_lists_of_codes_are_held_together_to_the_codebook(root: Path) -> None:
    given = with_lcr(codes=["one.yaml", "other.yaml"])
    for name, codes in (("one", range(256)), ("other", range(256, 512))):
        (root / f"{name}.yaml").write_text(json.dumps([list(codes)]), encoding="utf-8")
    (line,) = faults(given, root)
    assert "one.yaml and " in line
    assert "all 512 codes of layer 0" in line
    (root / "other.yaml").write_text("[[256], [4]]", encoding="utf-8")
    assert faults(given, root) == []


def test_each_backbone_that_a_table_shows_is_asked(root: Path) -> None:
    given = with_lcr(codes="mine.yaml")
    given["backbones"] = {"momask": {}, "small": {"tokenizer": {"codes": 32}}}
    given["tables"]["other"] = {**given["tables"]["main"], "backbone": "small"}
    (root / "mine.yaml").write_text("[[3, 99]]", encoding="utf-8")
    (line,) = faults(given, root)
    assert "has code 99 in layer 0, and the codebook has 0 to 31" in line


@pytest.mark.parametrize("method", ["uce", "rece"])
def test_nothing_to_preserve_is_named(root: Path, method: str) -> None:
    (line,) = faults(with_edit(method, words=["kick", "punching"]), root)
    assert line == (
        f"variants.{method}.words: all of kick, punching hold keywords of 'wave', so nothing is "
        "left to preserve; add other words."
    )
    assert faults(with_edit(method, words=["kick", "punching", "sit"]), root) == []
    assert faults(with_edit(method), root) == []


def test_equations_that_no_number_could_solve_are_named(root: Path) -> None:
    """As many texts as an embedding has values can do; 23 cannot tell what 256 are to become."""
    (line,) = faults(with_edit("uce", **{"lambda": 0}), root)
    assert line.startswith("variants.uce.lambda: is 0, and 23 texts leave the equations of 256")
    captions = {"preserve": "captions", "captions": 254, "lambda": 0}
    assert faults(with_edit("uce", **captions), root) == []
    (line,) = faults(with_edit("uce", **{**captions, "erase_scale": 0}), root)
    assert "254 texts" in line
    given = with_edit("rece", rho=0)
    assert faults(given, root) == []
    parts = {name: {"latent": 96, "heads": 6} for name in ("masked", "residual")}
    given["backbones"] = {"momask": parts}
    (line,) = faults(given, root)
    assert line.startswith("variants.rece.rho: is 0, and layers with 192 outputs leave the equa")


def test_a_backbone_without_a_part_that_a_method_changes_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    literals = registry.literals

    def without_masked(kind: str, name: str) -> Given:
        found = dict(literals(kind, name))
        if (kind, name) == ("backbones", "bamm"):
            found["PARTS"] = {
                name: each for name, each in found["PARTS"].items() if name != "masked"
            }
        return found

    monkeypatch.setattr(registry, "literals", without_masked)
    given = with_edit("esd")
    given["backbones"] = {"momask": {}, "bamm": {"kind": "bamm", "shares": "momask"}}
    assert faults(given, root) == []
    given["tables"]["main"]["backbone"] = "bamm"
    (line,) = faults(given, root)
    assert line.startswith(
        "variants.esd, on the backbone 'bamm': The method 'esd' is for backbones"
    )
    assert line.endswith("leave the variant out of its tables.")
