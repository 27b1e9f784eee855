"""Step: the report that people look at, one folder that works from the disk."""

import itertools
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hmu.figures import gallery
from hmu.io import csv_table
from hmu.motion import render
from hmu.motion.skeleton import CHAINS, FPS, LEFT_FEET, RIGHT_FEET
from hmu.report import (
    ancestry,
    overview,
    packing,
    page,
    pictures,
    scene_motions,
    scene_plan,
    tabular,
    times,
)
from hmu.run.job import Job
from hmu.tables import audit
from hmu.tables.gathering import gather
from hmu.tables.table import Table
from hmu.tables.writers import audit as audit_page
from hmu.text import shares

_MOST_ROWS = 200  # of a list of clips that were set aside
_DATA = "data"
_FORGET_RETAIN = "Forget against retain"

SKELETON = {
    "chains": CHAINS,
    "head": render.HEAD,
    "feet": [*LEFT_FEET, *RIGHT_FEET],
    "fps": FPS,
}
"""What the page knows of bodies; its style says in which colours."""


def run(job: Job) -> None:
    """Everything that a run made for people -> ``report``: index.html, its looks and scripts, data
    as scripts (``data/``), and copies of pictures.

    Inputs and settings of tables are those of `hmu.tables.gathering.gather`, of figures those of
    `hmu.figures.gallery.figures`. ``shares`` are CSV files of the concepts in ``forgotten``,
    ``aside/NAME`` those of the datasets in ``aside``, ``curves`` the folders of ``training``,
    ``configfiles`` what the run was asked for with; of the ``scenes`` those of
    `hmu.report.scene_motions.read`.
    """
    findings = audit.load(job.input("audit"))
    tables = gather(job, findings)
    folder = job.outputs["report"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, told in enumerate(job.settings["scenes"]):
        data = scene_motions.read(job, number, told)
        packing.write(folder / _DATA / f"motions/{number}.js", f"motions/{number}", data)
    details = tabular.details(tables, job.settings["scenes"])
    packing.write(folder / _DATA / "cells.js", "cells", details)
    cells = [record["path"] for table in tables for record in table.cells.values()]
    graph = ancestry.graph(job.results / "cells", cells)
    packing.write(folder / _DATA / "lineage.js", "lineage", graph)
    shown = gallery.by_category(gallery.figures(job))
    sheets = {
        figure.name: pictures.copy(figure.path, folder, figure.name)
        for figure in itertools.chain.from_iterable(shown.values())
    }
    sections = ["overview", "motions", "tables", "figures", "training", "audit", "data", "time"]
    absent = {"figures": not shown, "training": not job.settings["training"]}
    page.write(
        folder,
        {
            "title": "Human motion unlearning",
            "told": _told(job),
            "sections": [(each, each.capitalize()) for each in sections if not absent.get(each)],
            "sentences": overview.sentences(
                tables, _concepts(job), job.settings["scenes"], dict(job.settings["variants"])
            ),
            "lead": _lead(shown, tables),
            "disagreements": [
                (table.name, each) for table in tables for each in table.disagreements
            ],
            "tables": [tabular.view(table) for table in tables],
            "pictures": shown,
            "sheets": sheets,
            "training": _training(job, folder),
            "training_caption": gallery.caption(job.input("training_caption"), {}),
            "findings": findings,
            "audit_about": audit_page.ABOUT,
            "quarantined": [
                {
                    "dataset": name,
                    "rows": [
                        row for path in job.input_list(f"aside/{name}") for row in _rows(path)
                    ],
                }
                for name in job.settings["aside"]
            ],
            "most_rows": _MOST_ROWS,
            **times.section(graph["jobs"]),
        },
    )


def _told(job: Job) -> dict[str, Any]:
    """What the scripts know from the beginning."""
    return {
        "scenes": scene_plan.titles(job.settings["scenes"]),
        "skeleton": SKELETON,
        "options": _options(job.settings["configfiles"]),
    }


def _options(configfiles: Sequence[str]) -> str:
    """What stands behind the target of a command that makes a result of this run again: nothing
    where the configuration is the one that Snakemake takes by itself."""
    if configfiles in ([], ["config.yaml"]):
        return ""
    return f" --configfile {shlex.join(configfiles)}"


def _lead(
    shown: Mapping[str, list[gallery.Figure]], tables: Sequence[Table]
) -> gallery.Figure | None:
    """The picture of forget against retain of the first table that has one."""
    drawn = {each.wildcards["table"]: each for each in shown.get(_FORGET_RETAIN, [])}
    return next((drawn[table.name] for table in tables if table.name in drawn), None)


def _concepts(job: Job) -> list[dict[str, Any]]:
    found = []
    for told, path in zip(job.settings["forgotten"], job.input_list("shares"), strict=True):
        table = shares.read(path)
        whole = table[(table["split"] == "all") & (table["keyword"] == "")].iloc[0]
        found.append({**told, "clips": int(whole["clips"]), "of": int(whole["of"])})
    return found


def _training(job: Job, folder: Path) -> list[dict[str, Any]]:
    found = [
        {"title": name, "files": pictures.curves(path, folder, f"training/{name}")}
        for name, path in zip(job.settings["training"], job.input_list("curves"), strict=True)
    ]
    return [each for each in found if each["files"]]


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv_table.read(path))
