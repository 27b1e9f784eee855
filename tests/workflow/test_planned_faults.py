"""What a run would find out only at its end is said before it begins, once, and without Snakemake's
errors."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.project import Project, copy_repository, shown


@pytest.fixture
def clean(root: Path, tmp_path: Path) -> Project:
    """The repository without results."""
    copy_repository(root, tmp_path / "hmu")
    return Project(tmp_path / "hmu")


def test_faults_that_only_methods_and_files_know_end_the_plan(clean: Project) -> None:
    def change(config: dict[str, Any]) -> None:
        config["variants"]["lcr"] = {"method": "lcr", "codes": "codes.yaml"}
        config["variants"]["uce"] = {"method": "uce", "words": ["kick", "punching"]}
        config["prompts"] = {"neighbours": {"kind": "neighbours", "near": ["duck"]}}
        table = {"dataset": "demo", "concept": "violence"}
        config["tables"] = {
            "main": {"layout": "main", **table, "rows": ["uce"]},
            "near": {"layout": "neighbours", **table},
        }
        del config["curves"]

    clean.configure(change)
    refused = shown(clean.snakemake("results/tables"))
    assert "\nvariants.lcr.codes: codes.yaml does not exist; give the path that it has" in refused
    (clean.root / "codes.yaml").write_text(yaml.safe_dump([[3, 999]]), encoding="utf-8")
    said = [
        "variants.lcr.codes: codes.yaml has code 999 in layer 0, and the codebook has 0 to 31",
        "variants.uce.words: all of kick, punching hold keywords of 'violence'",
        "prompts.neighbours: has ",
    ]
    done = clean.snakemake("results/tables")
    assert done.returncode != 0
    assert [shown(done).count(each) for each in said] == [1, 1, 1]
    for text in (refused, shown(done)):
        assert "Traceback" not in text
        assert "Exception" not in text
        assert "rule " not in text
    assert not (clean.root / "results/data").exists()
