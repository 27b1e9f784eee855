"""No layout is only ever planned: each is in a configuration that a test makes whole."""

from pathlib import Path

import yaml

from support import project

WHOLE = {
    "tests/tiny.yaml": "tests/support/project.py",
    "tests/sixteen.yaml": "tests/workflow/test_sixteen.py",
    "tests/evidence.yaml": "tests/workflow/test_evidence.py",
    "tests/official.yaml": "tests/workflow/test_official_layout.py",
}
"""Configurations, and where the run of all of their tables is."""


def test_every_layout_is_in_a_configuration_that_is_run(root: Path) -> None:
    made = {
        entry["layout"]
        for name in WHOLE
        for entry in yaml.safe_load((root / name).read_text(encoding="utf-8"))["tables"].values()
    }
    there = {path.stem for path in (root / "workflow/tables").glob("*.yaml")}
    assert made == there, f"made by no test: {sorted(there - made)}"


def test_these_configurations_are_those_that_tests_run(root: Path) -> None:
    assert {f"tests/{path.name}" for path in (root / "tests").glob("*.yaml")} == {*WHOLE}
    assert project.CONFIG in WHOLE
    for name, where in WHOLE.items():
        text = (root / where).read_text(encoding="utf-8")
        assert f'"{name}"' in text
        assert "snakemake" in text if name == project.CONFIG else '"results/tables"' in text
