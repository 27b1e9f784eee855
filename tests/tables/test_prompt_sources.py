"""What a table says of prompts that are no captions of its dataset."""

from pathlib import Path
from typing import Any

from hmu.io import files
from hmu.tables import binding, layout_files, prompt_sources

CAPTIONS = {"kind": "captions", "params": {}, "concepts": {}, "prompts": 90, "rejected": 0}
BOOK = {
    "kind": "phrase_book",
    "params": {"concept": "kick"},
    "concepts": {"kick": ["kick"], "violence": ["kick", "hit"]},
    "prompts": 57,
    "rejected": 3,
}
SETS = {
    name: {"prompts": source, "clips": "forget"}
    for name, source in {"explicit": "captions", "implicit": "book"}.items()
}
LAYOUT = """
title: Own
reference: lcr
anchors: []
columns:
  - {name: explicit, header: R@1, arrow: ↓, set: explicit, metric: r@1}
  - {name: implicit, header: R@1, arrow: ↓, set: implicit, metric: r@1}
rows:
  - {name: lcr, variant: lcr}
"""


def said(folder: Path, **changes: Any) -> list[str]:
    """The notes of a table on captions, and on prompts by a phrase book, which is changed so."""
    layout = folder / "own.yaml"
    layout.write_text(LAYOUT, encoding="utf-8")
    configured: dict[str, Any] = {
        "tables": {
            "t": {"layout": "own", "dataset": "demo", "backbone": "momask", "concept": "kick"}
        },
        "datasets": {"demo": None},
        "backbones": {"momask": None},
        "concepts": {"kick": None},
        "variants": {"original": {"method": "original"}, "lcr": {"method": "lcr"}},
        "sets": SETS,
    }
    bound = binding.bind(configured, "t", layout_files.load(layout))
    origins = {"captions": CAPTIONS, "book": {**BOOK, **changes}}
    paths = [folder / f"results/prompts/demo/{name}/origin.json" for name in origins]
    for path, origin in zip(paths, origins.values(), strict=True):
        files.write_json(path, origin)
    return [*prompt_sources.notes(bound, SETS, prompt_sources.read(paths))]


def test_a_table_says_how_many_prompts_were_rejected(tmp_path: Path) -> None:
    (several,) = said(tmp_path)
    assert several == (
        "Prompts “book” of demo (phrase_book): 57, none with a word of kick or violence; 3 were "
        "rejected, each with its reason in rejected.csv."
    )
    (one,) = said(tmp_path, rejected=1, concepts={})
    assert one.endswith("(phrase_book): 57; 1 was rejected, each with its reason in rejected.csv.")


def test_none_rejected_is_said_and_captions_are_as_they_are(tmp_path: Path) -> None:
    (only,) = said(tmp_path, rejected=0)
    assert only.endswith("none with a word of kick or violence; none was rejected.")
