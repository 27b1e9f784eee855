"""Pictures and training curves, copied beside the page, with their captions."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import jinja2

_PICTURES = {".png", ".svg"}


def copy(path: Path, folder: Path, name: str) -> str:
    """Copy a picture to the report's ``folder`` under ``name``; the link to it."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return PurePosixPath(name).as_posix()


def curves(training: Path, folder: Path, name: str) -> list[str]:
    """Copy the curves that a training left; the links to them, in the order of their names."""
    found = sorted(path for path in training.iterdir() if path.suffix in _PICTURES)
    return [copy(path, folder, f"{name}/{path.name}") for path in found]


def caption(path: Path, wildcards: Mapping[str, str]) -> str:
    """The caption that Snakemake's own report has for a picture, as plain text.

    It is a template that knows the picture's ``snakemake.wildcards``.
    """
    text = path.read_text(encoding="utf-8").replace("``", "")  # reStructuredText's marks of names
    template = jinja2.Template(text, undefined=jinja2.StrictUndefined)
    told = SimpleNamespace(wildcards=SimpleNamespace(**wildcards))
    return " ".join(template.render(snakemake=told).split())


def by_category(entries: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Entries under their ``category``, both in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        found.setdefault(entry["category"], []).append(entry)
    return found
