"""Entries of tables as tests configure them, bound without a project."""

from pathlib import Path
from typing import Any

from hmu.io import files
from hmu.tables import binding, layout_files, layouts

VARIANTS: dict[str, Any] = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "finetuned": {"method": "finetune"},
    "lcr": {"method": "lcr", "k": 16},
    **{f"lcr-{k}": {"method": "lcr", "k": k} for k in (4, 8, 16, 32, 64)},
}
SETS: dict[str, Any] = {
    "forget": {"prompts": "captions", "clips": "forget"},
    "retain": {"prompts": "captions", "clips": "retain"},
    "all": {"prompts": "captions", "clips": "all"},
}
ENTRY: dict[str, Any] = {
    "layout": "main",
    "dataset": "demo",
    "backbone": "momask",
    "concept": "violence",
}
PAPERS = {"layout": "table-2"}


def layout(name: str = "main") -> layouts.Layout:
    return layout_files.load(layout_files.path_of(name))


def config(**changes: Any) -> dict[str, Any]:
    """What tables read of a configuration."""
    named = {"demo-violence": ENTRY, "demo-k": {**ENTRY, "layout": "k"}}
    return {
        "tables": named,
        "datasets": dict.fromkeys(("demo", "humanml3d", "motionx")),
        "backbones": dict.fromkeys(("momask", "bamm")),
        "concepts": dict.fromkeys(("violence", "kick")),
        "variants": VARIANTS,
        "sets": SETS,
        **changes,
    }


def bind(entry: dict[str, Any], **changes: Any) -> binding.Bound:
    """The table "t" of an entry."""
    return binding.bind(config(tables={"t": entry}, **changes), "t")


def declared(folder: Path, text: str, **changes: Any) -> binding.Bound:
    """The table "t" of a layout in a file of its own, of the entry and configuration given."""
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    entry = {"layout": "own", **changes.pop("entry", {})}
    return binding.bind(config(tables={"t": entry}, **changes), "t", layout_files.load(path))


def metric_file(folder: Path, values: list[float | None], name: str = "r@1") -> Path:
    path = folder / "values.json"
    rows = [
        {"repeat": repeat, "name": key, "value": value, "n": 64}
        for repeat, each in enumerate(values)
        for key, value in ((name, each), ("other", 99.0))
    ]
    files.write_json(path, rows)
    return path
