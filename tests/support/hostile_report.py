"""Reports whose names mean harm, written without a run: what stands in each section is made up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing

from hmu.figures.gallery import Figure
from hmu.report import packing, page, pictures, scenes, tabular, times
from hmu.report.choosing import Choice
from hmu.report.scenes import Model, Shown
from hmu.steps.report import SKELETON
from hmu.tables.audit import Finding
from hmu.tables.table import Table
from support.gaits import walk

ADDRESS = (
    '<img src=x onerror="window.harmed=1"></script><script>window.harmed=1</script>\'"&{{7*7}}'
    "#?%41 ß漢字🕺" + 80 * "W"
)
"""A name that would run, that ends quotes, that has marks of addresses, letters of all kinds, and
one word that is wider than a phone."""

HARM = ADDRESS + "\u202eskcik\u202c\x1b[31m"
"""And turns the direction of writing, which no address does, since names of files have no such."""

FRAMES = 61  # three seconds


def scene_of(seen: dict[str, np.ndarray]) -> dict[str, Any]:
    """Three prompts in two repeats by the original and LCR, of which the first repeat is shown:
    somebody walks, another way each time."""
    models = [Model("original", "Original", "original"), Model("lcr", "w/ LCR", "method")]
    motions = {
        model.name: {row: Shown(walk(FRAMES, 10 * number + row), 15) for row in range(6)}
        for number, model in enumerate(models)
    }
    choice = Choice.of([2, 0, 1], [each.name for each in models], {}, [])
    asked = {row: {"caption": f"prompt {row}", "clip": None, "repeat": 0} for row in range(3)}
    return scenes.as_data(
        ["demo", "momask", "kick", "forget"], models, choice, asked, motions, seen
    )


def write_page(
    folder: Path,
    scene: dict[str, Any],
    jobs: list[dict[str, Any]] | None = None,
    tables: Sequence[Table] = (),
) -> None:
    """A report whose only motions are those of a scene, and whose other names all mean harm; its
    section on time is of one such job, or of ``jobs``; ``tables`` follow a table of such names."""
    packing.write(folder / "data/motions/0.js", "motions/0", scene)
    cell = {"value": 1.0, "text": HARM, "interval": HARM, "paper": HARM, "findings": HARM}
    cell |= {"mark": "", "command": HARM, "at": ADDRESS}
    record = {"path": HARM, "row": HARM, "column": HARM, "arrow": "→", "text": HARM, "paper": HARM}
    record |= {"source": HARM, "findings": [HARM], "scene": None, "address": [HARM], "n": 1}
    record |= {"interval": None, "t_interval": None, "repeats": 1, "values": [1.0]}
    details = tabular.details(tables, [])
    details["cells"][ADDRESS] = record
    packing.write(folder / "data/cells.js", "cells", details)
    job = {"outputs": {HARM: HARM}, "rule": HARM, "seed": 0, "code": HARM, "commit": HARM}
    job |= {"device": HARM, "machine": HARM, "seconds": 1.0, "started": HARM, "read": [HARM]}
    job |= {"settings": {HARM: {HARM: HARM}}, "energy": {"nvml": 1500.0}}
    graph = {"jobs": [job], "cells": {HARM: 0}, "raw": {HARM: HARM}}
    packing.write(folder / "data/lineage.js", "lineage", graph)
    column = {"name": HARM, "header": HARM, "arrow": "→", "title": HARM}
    row = {"name": HARM, "label": HARM, "training_free": True, "cells": [cell]}
    table = {"name": "hostile", "title": HARM, "notes": [HARM], "headings": [(HARM, 1)]}
    table |= {"columns": [column], "starts": {0}, "has_paper": True, "has_differences": False}
    figure = Figure(HARM, HARM, f"figures/{HARM}.png", {}, _picture(folder / "figure.png"), HARM)
    curve = _picture(folder / "curves" / f"{HARM.rpartition('/')[2]}.png")
    page.write(
        folder,
        {
            "title": HARM,
            "told": {"scenes": [HARM], "skeleton": SKELETON, "options": HARM},
            "sections": [("motions", "Motions")],
            "sentences": [HARM],
            "lead": figure,
            "disagreements": [("hostile", HARM)],
            "tables": [{**table, "groups": [(HARM, [row])]}, *map(tabular.view, tables)],
            "pictures": {HARM: [figure]},
            "sheets": {figure.name: pictures.copy(figure.path, folder, figure.name)},
            "training": [
                {"title": HARM, "files": pictures.curves(curve.parent, folder, f"training/{HARM}")}
            ],
            "training_caption": HARM,
            "findings": [Finding(1, HARM, HARM, HARM, (), frozenset(), (HARM,), (HARM,))],
            "audit_about": HARM,
            "quarantined": [
                {"dataset": HARM, "rows": [dict.fromkeys(("clip", "file", "reason"), HARM)]}
            ],
            "most_rows": 5,
            **times.section([job] if jobs is None else jobs),
        },
    )


def _picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Drawing(figsize=(1, 1)).savefig(path)
    return path
