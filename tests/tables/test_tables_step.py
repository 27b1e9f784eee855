"""The step that writes every table, from cells that its own step wrote."""

import csv
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Job
from hmu.steps import cell as cell_step
from hmu.steps import tables as tables_step
from hmu.tables import audit, binding, layout_files, long_form
from hmu.tables.addresses import KEYS
from hmu.tables.differences import Difference
from support.table_entries import (
    ENTRY,
    config,
    metric_file,
)

LAYOUTS = sorted(layout_files.FOLDER.glob("*.yaml"))


class Reader(HTMLParser):
    """Collects links, hovers, and whether tags are closed in their order."""

    void = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str | None] = {}
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "a":
            self.links[str(known["href"])] = known.get("title")
        self.sources += [str(known[name]) for name in ("src",) if name in known]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made_up_differences(configured: dict[str, Any], table: str) -> list[tuple[str, Difference]]:
    """Of every two rows that stand next to each other, in every column that both have."""
    rows: dict[str, list[str]] = {}
    for each in binding.addresses(configured, table):
        rows.setdefault(each.column, []).append(each.row)
    return [
        (column, Difference(first, second, 0.1234, (0.0234, 0.2234), "clips", 34))
        for column, those in rows.items()
        for first, second in pairwise(those)
    ]


def sources(folder: Path) -> list[Path]:
    """What the captions of each dataset gave."""
    paths = [folder / f"prompts/{name}/captions/origin.json" for name in config()["datasets"]]
    for path in paths:
        origin = {"kind": "captions", "params": {}, "concepts": {}, "prompts": 5, "rejected": 0}
        files.write_json(path, origin)
    return paths


def run_tables(folder: Path, comparable: bool, skip: tuple[str, str] | None = None) -> Path:
    """Write every cell of two tables and all tables under ``folder``, as the workflow does."""
    # The second is called as the page of all tables is.
    named: dict[str, dict[str, Any]] = {"violence": ENTRY, "index": {**ENTRY, "layout": "k"}}
    if comparable:
        named = {"violence": {"layout": "table-2"}, "index": {"layout": "table-5"}}
    configured = config(tables=named)
    draw = np.random.Generator(np.random.Philox(2))
    paths, differences = [], []
    for name in named:
        for each in binding.addresses(configured, name):
            if (each.row, each.column) == skip:
                continue
            path = folder / each.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            metric = metric_file(path.parent, draw.random(3).tolist(), each.metric)
            cell_step.run(
                Job(
                    step="cell",
                    inputs={"metric": metric},
                    outputs={"cell": path},
                    settings={"cell": each.record(), "paper_comparable": comparable},
                )
            )
            paths.append(path)
        apart = folder / "results/differences" / f"{name}.parquet"
        long_form.write_differences(apart, name, made_up_differences(configured, name))
        differences.append(apart)
    tables_step.run(
        Job(
            step="tables",
            inputs={
                "cells": paths,
                "differences": differences,
                "detections": [],
                "layouts": LAYOUTS,
                "sources": sources(folder),
                "audit": audit.PATH,
                "pictures": [],
                "captions": [],
                "brought": [],
            },
            outputs={"tables": folder / "results/tables"},
            settings={
                **binding.settings(configured),
                "cuts": dict.fromkeys(configured["tables"], ()),
                "evaluators": dict.fromkeys(configured["tables"], ()),
                "arithmetic": ["Whose arithmetic."],
                "pictures": [],
                "injections": [],
            },
            seed=11,
        )
    )
    return folder / "results/tables"


def test_step_writes_every_form_and_working_links(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    forms = [
        f"pages/{name}.{suffix}"
        for name in ("violence", "index")
        for suffix in ("csv", "md", "tex", "html")
    ]
    files_made = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert files_made == {
        *forms,
        "index.html",
        "figures.html",
        "audit.html",
        "cells.parquet",
    }
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        reader = Reader()
        reader.feed(text)
        assert reader.open == []
        assert not reader.sources
        assert "http" not in text
        assert len(text) < 60_000
        cell_links = {link: hint for link, hint in reader.links.items() if "cells/" in link}
        assert cell_links or page.name in ("audit.html", "figures.html")
        assert ("../report/index.html" in reader.links) == (page == folder / "index.html")
        for link in reader.links.keys() - {"../report/index.html"}:  # of another step
            assert (page.parent / link.partition("#")[0]).exists(), link
        for link, hint in cell_links.items():
            assert hint is not None
            assert hint.endswith((page.parent / link).resolve().as_posix())
            assert "\nhmu lineage " in hint
    text = (folder / "pages/violence.html").read_text(encoding="utf-8")
    assert "(7.078 ±0.307)" in text
    assert "Seed 11" in text
    assert "<li>Whose arithmetic.</li>" in text
    assert "The paper&#x27;s values are in brackets: Table 2" in text
    text = (folder / "pages/index.md").read_text(encoding="utf-8")
    assert "(4.655)" in text
    assert "3 repeats with 64 samples of the forget set and 64 samples of the retain set" in text


def test_page_tells_its_script_all_differences(tmp_path: Path) -> None:
    """By the numbers of two rows, the lower first, whose values stand beside them."""
    folder = run_tables(tmp_path, comparable=False, skip=("lcr", "forget-fid"))
    text = (folder / "pages/violence.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="told">(.*)</script>', text)
    assert found is not None
    told = json.loads(found[1])
    assert told["rows"][:3] == ["Real motions", "Retrained on the retain set", "Original"]
    first, mm_safe = told["columns"][:2]
    assert (first["heading"], mm_safe["heading"]) == (
        "Forget set · FID →",
        "Forget set · MM-Safe ↓",
    )
    assert first["differences"]["1 2"] == [0.1234, 0.1, "34 clips"]
    assert "0 1" not in first["differences"]  # no FID of real motions
    assert mm_safe["differences"]["0 1"] == [0.1234, 0.1, "34 clips"]
    assert [value is None for value in first["values"]] == [True, False, False, False, True]
    assert told["shown"] == [3, 4]
    with (folder / "pages/violence.csv").open(encoding="utf-8") as stream:
        values = next(row for row in csv.DictReader(stream) if row["row"] == "original")
    assert first["values"][2].startswith(f"{float(values['forget-fid']):.3f} ±")


def test_all_cells_stand_in_one_table_in_long_form(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True, skip=("lcr", "forget-fid"))
    cells = pq.read_table(folder / "cells.parquet")
    assert cells.schema.equals(long_form.CELLS)
    assert all(field.metadata[b"description"] for field in cells.schema)
    rows = {(each["table"], each["row"], each["column"]): each for each in cells.to_pylist()}
    named = config(tables={"violence": {"layout": "table-2"}, "index": {"layout": "table-5"}})
    expected = [each for name in named["tables"] for each in binding.addresses(named, name)]
    assert list(rows) == [(each.table, each.row, each.column) for each in expected]
    for each in expected:
        row = rows[each.table, each.row, each.column]
        assert {key: row[key] for key in KEYS} == {key: getattr(each, key) for key in KEYS}
        if (each.row, each.column) == ("lcr", "forget-fid"):
            assert (row["value"], row["values"], row["paper"]) == (None, None, None)
            assert row["why"] == "not computed"
            continue
        record = files.read_json(tmp_path / each.path())
        assert row["why"] is None
        assert row["value"] == pytest.approx(np.mean(row["values"]))
        assert row["values"] == record["values"]
        assert [row[key] for key in ("interval", "t_interval", "repeats", "n")] == [
            record[key] for key in ("interval", "t_interval", "repeats", "n")
        ]
        printed = each.paper
        assert row["paper"] == (printed and printed.value)
        assert row["paper_interval"] == (printed and printed.interval)
    labels = {(row["group"], row["label"], row["header"], row["arrow"]) for row in rows.values()}
    assert (None, "Original", "FID", "↓") in labels or ("MoMask", "Original", "FID", "↓") in labels


def test_step_is_honest_about_what_is_missing(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=False, skip=("lcr", "forget-fid"))
    text = (folder / "pages/violence.md").read_text(encoding="utf-8")
    assert "| w/ LCR | n/a | " in text
    assert "n/a: not computed yet (1 of the cells)." in text
    assert "| Real motions | – | " in text
    assert "This configuration is not the paper's" in text
    assert "paper's values are in brackets" not in text


def test_step_leaves_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "results/tables").mkdir(parents=True)
    (tmp_path / "results/tables/old.html").write_text("x", encoding="utf-8")
    assert not (run_tables(tmp_path, comparable=False) / "old.html").exists()


def test_step_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    before = {path.name: path.read_bytes() for path in folder.rglob("*.*")}
    folder = run_tables(tmp_path, comparable=True)
    assert {path.name: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_step_refuses_what_is_not_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "cell.json"
    path.write_text(json.dumps({"value": 1}), encoding="utf-8")
    job = Job(
        step="tables",
        inputs={
            "cells": [path],
            "differences": [],
            "detections": [],
            "layouts": LAYOUTS,
            "sources": [],
            "audit": audit.PATH,
        },
        outputs={"tables": tmp_path / "tables"},
        settings={**binding.settings(config(tables={})), "cuts": {}, "evaluators": {}},
    )
    with pytest.raises(InputError, match=r"cell\.json is not the record of a cell"):
        tables_step.run(job)
