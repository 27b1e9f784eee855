"""Layouts, addresses, cells and the forms of tables."""

import csv
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Job
from hmu.steps import cell as cell_step
from hmu.steps import tables as tables_step
from hmu.tables import layouts
from hmu.tables.table import Column, Row, Table, csv_text, markdown_text, tex, tex_text

PACKAGE = Path(layouts.__file__).parents[2]
PAPER = Path(__file__).parents[2] / "shared" / "paper" / "paper.txt"
LAYOUTS = sorted(layouts.FOLDER.glob("*.yaml"))
VARIANTS: dict[str, Any] = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "finetuned": {"method": "finetune"},
    "lcr": {"method": "lcr", "k": 16},
    **{f"lcr-{k}": {"method": "lcr", "k": k} for k in (4, 8, 16, 32, 64)},
}
ENTRY: dict[str, Any] = {
    "layout": "main",
    "dataset": "demo",
    "backbone": "momask",
    "concept": "violence",
}
PAPERS = {**ENTRY, "dataset": "humanml3d"}


def layout(name: str = "main") -> layouts.Layout:
    return layouts.load(layouts.path_of(name))


def config(**changes: Any) -> dict[str, Any]:
    named = {"demo-violence": ENTRY, "demo-k": {**ENTRY, "layout": "k"}}
    return {"tables": named, "variants": VARIANTS, **changes}


# --- Layouts and addresses -----------------------------------------------------------------------


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_every_layout_loads(path: Path) -> None:
    loaded = layouts.load(path)
    assert loaded.reference in {row.row for row in loaded.rows}
    assert loaded.anchors <= {row.row for row in loaded.rows}


def test_addresses_of_the_main_table() -> None:
    found = layouts.addresses(config(), "demo-violence")
    assert [each.row for each in found][::8][:2] == ["real", "retrained"]
    shown = list(dict.fromkeys(each.row for each in found))
    assert shown == ["real", "retrained", "original", "finetuned", "lcr"]
    assert len(found) == 5 * 8 - 2  # FID has no meaning for real motions
    first = next(each for each in found if (each.row, each.metric) == ("lcr", "r@1"))
    assert first.path() == "cells/demo-violence/lcr/forget-r@1.json"
    assert first.wildcards() == {
        "dataset": "demo",
        "backbone": "momask",
        "concept": "violence",
        "variant": "lcr",
        "set": "forget",
        "metric": "r_precision",
    }
    assert first.record()["paper"] is None


def test_addresses_of_the_table_of_k() -> None:
    found = layouts.addresses(config(), "demo-k")
    shown = list(dict.fromkeys(each.row for each in found))
    assert shown == ["real", "retrained", "original", *(f"lcr-{k}" for k in (4, 8, 16, 32, 64))]
    assert all(each.table == "demo-k" for each in found)


def test_the_main_variant_stands_in_the_table_of_k_for_its_own_k() -> None:
    """K = 32 is then measured once, under one name, with the paper's values of K = 32."""
    few = {"lcr-4": {"method": "lcr", "k": 4}, "lcr": {"method": "lcr", "k": 32, "alpha": 1.0}}
    shown = layouts.rows("t", PAPERS, layout("k"), few)
    assert [row.row for row in shown] == ["real", "lcr-4", "lcr"]
    assert shown[2].label == "LCR, K = 32"
    last = layouts.expand("t", PAPERS, layout("k"), few)[-1]
    assert (last.row, last.metric, last.paper) == ("lcr", "r@1", (0.507, None))
    other = {**few, "lcr": {"method": "lcr", "k": 24}}
    assert [row.row for row in layouts.rows("t", ENTRY, layout("k"), other)] == ["real", "lcr-4"]


def test_a_row_whose_variant_is_not_configured_is_left_out() -> None:
    few = {"original": {"method": "original"}, "lcr-64": {"method": "lcr"}}
    found = layouts.addresses(config(variants=few), "demo-k")
    assert {each.row for each in found} == {"real", "original", "lcr-64"}


def test_a_new_method_enters_the_main_table_by_its_config_entry_alone() -> None:
    more = {**VARIANTS, "mine": {"method": "mine", "label": "w/ Mine"}}
    shown = layouts.rows("t", ENTRY, layout(), more)
    assert shown[-1] == Row("mine", "w/ Mine")
    assert "mine" not in {row.row for row in layouts.rows("t", ENTRY, layout("k"), more)}
    assert "lcr-64" not in {row.row for row in shown}


def test_an_entry_may_list_rows_of_its_own() -> None:
    extra = {**ENTRY, "rows": ["lcr-64", {"variant": "lcr-8", "label": "eight"}, "lcr"]}
    shown = layouts.rows("t", extra, layout(), VARIANTS)
    assert shown[-2:] == [Row("lcr-64", "lcr-64"), Row("lcr-8", "eight")]
    with pytest.raises(InputError, match=r"tables\.t\.rows names 'lcr-5'"):
        layouts.rows("t", {**ENTRY, "rows": ["lcr-5"]}, layout(), VARIANTS)


@pytest.mark.parametrize("name", ["../secret", "a/b", ".hidden", ""])
def test_row_names_stay_inside_their_directory(name: str) -> None:
    with pytest.raises(InputError, match="cannot be part of a path"):
        layouts.rows(
            "t", {**ENTRY, "rows": [name]}, layout(), {**VARIANTS, name: {"method": "lcr"}}
        )


def test_the_name_of_real_motions_is_kept_for_them() -> None:
    with pytest.raises(InputError, match=r"variants\.real"):
        layouts.rows("t", ENTRY, layout(), {**VARIANTS, "real": {"method": "lcr"}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "unknown keys colour"),
        ({"columns": [{"column": "forget-fud", "header": "F", "arrow": "↓"}]}, "gives 'fud'"),
        ({"columns": [{"column": "all-fid", "header": "F", "arrow": "↓"}]}, "is not forget-"),
        ({"columns": [{"column": "forget-fid", "header": "F", "arrow": "v"}]}, "is not forget-"),
        ({"columns": [{"column": "forget-fid"}]}, "is not a table layout"),
        ({"rows": 5}, "is not a table layout"),
    ],
)
def test_a_wrong_layout_is_an_answer(tmp_path: Path, change: Any, message: str) -> None:
    raw = yaml.safe_load(layouts.path_of("k").read_text(encoding="utf-8"))
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**raw, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong\.yaml") as caught:
        layouts.load(path)
    assert message in str(caught.value)


def test_an_unknown_layout_is_an_answer() -> None:
    with pytest.raises(InputError, match=r"no table layout 'nine'.*main"):
        layouts.path_of("nine")


@pytest.mark.skipif(not PAPER.exists(), reason="the text of the paper is not beside the checkout")
@pytest.mark.parametrize("name", ["main", "full", "k", "single", "epochs"])
def test_the_values_of_the_paper_stand_in_the_paper(name: str) -> None:
    """Each row of a layout's values stands, in its order, in one line of the paper's tables."""
    lines = PAPER.read_text(encoding="utf-8").splitlines()
    rows = [re.findall(r"\d+\.\d+(?:±\d*\.\d+)?", line) for line in lines if line.startswith("|")]
    printed = [[each.replace("±0.", "±.") for each in row] for row in rows]
    # The narrow tables print both sets in one line, the others one below the other.
    together = (
        [("forget", "retain")] if name in ("single", "epochs") else [("forget",), ("retain",)]
    )

    def stands(values: list[str], run: bool) -> bool:
        return any(
            row[: len(values)] == values if run else set(values) <= set(row) for row in printed
        )

    loaded = layout(name)
    for rows_of in loaded.paper.values():
        for row, given in rows_of.items():
            for sets in together:
                texts: dict[str, str] = {}
                for column in loaded.columns:
                    if column.set in sets:
                        value, interval = given[column.column]
                        half = "" if interval is None else f"±{interval:.3f}".replace("±0.", "±.")
                        texts[column.column] = f"{value:.3f}{half}"
                if name != "main":
                    assert stands(list(texts.values()), run=True), (row, sets, texts)
                elif "retain" in sets or row == "original":
                    assert stands(list(texts.values()), run=False), (row, sets, texts)
                else:  # Diversity comes from another table, which rounds some intervals differently
                    spread = texts.pop("forget-diversity")
                    safe = texts["forget-mm_safe"].partition("±")[0]
                    owners = [line for line in printed if spread in line]
                    assert any(each.startswith(safe) for line in owners for each in line), row
                    assert stands(list(texts.values()), run=False), (row, sets, texts)


# --- Cells ---------------------------------------------------------------------------------------


def metric_file(folder: Path, values: list[float], name: str = "r@1", n: int = 64) -> Path:
    path = folder / "r_precision.parquet"
    count = len(values)
    data = {
        "repeat": [*range(count), *range(count)],
        "name": [name] * count + ["other"] * count,
        "value": [*values, *([99.0] * count)],
        "n": [n] * count * 2,
    }
    pq.write_table(pa.table(data), path)
    return path


def cell_job(folder: Path, values: list[float], comparable: bool, **where: str) -> Job:
    entry = {**PAPERS, **where}
    found = layouts.expand("t", entry, layout(), VARIANTS)
    address = next(each for each in found if (each.row, each.column) == ("lcr", "forget-r@1"))
    return Job(
        step="cell",
        inputs={"metric": metric_file(folder, values)},
        outputs={"cell": folder / "cell.json"},
        settings={**address.record(), "paper_comparable": comparable},
    )


def test_a_cell_has_its_mean_and_interval(tmp_path: Path) -> None:
    values = [0.1, 0.2, 0.4, 0.7]
    job = cell_job(tmp_path, values, comparable=False)
    cell_step.run(job)
    record = files.read_json(tmp_path / "cell.json")
    assert record["value"] == pytest.approx(np.mean(values))
    assert record["interval"] == pytest.approx(1.96 * np.std(values) / 2)
    assert (record["repeats"], record["n"], record["paper"]) == (4, 64, None)
    assert (record["table"], record["row"], record["column"]) == ("t", "lcr", "forget-r@1")
    assert (record["set"], record["metric"], record["variant"]) == ("forget", "r@1", "lcr")


def test_a_cell_has_the_papers_value_only_where_it_is_comparable(tmp_path: Path) -> None:
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True))
    record = files.read_json(tmp_path / "cell.json")
    assert record["paper"] == {"value": 0.124, "interval": 0.005}
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True, dataset="demo"))
    assert files.read_json(tmp_path / "cell.json")["paper"] is None


@pytest.mark.parametrize("values", [[], [0.1, float("nan")], [float("inf")]])
def test_a_cell_without_finite_values_is_an_answer(tmp_path: Path, values: list[float]) -> None:
    with pytest.raises(InputError, match=r"r_precision\.parquet has no finite value of 'r@1'"):
        cell_step.run(cell_job(tmp_path, values, comparable=False))
    assert not (tmp_path / "cell.json").exists()


def test_a_cell_of_a_file_that_is_no_metric_is_an_answer(tmp_path: Path) -> None:
    job = cell_job(tmp_path, [1.0], comparable=False)
    job.input("metric").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"r_precision\.parquet cannot be read"):
        cell_step.run(job)


@pytest.mark.parametrize("module", ["hmu.steps.cell", "hmu.steps.tables"])
def test_cells_and_tables_import_nothing_heavy(module: str) -> None:
    """There are hundreds of cells: each must start at once."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env={"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert module in done.stdout.split()
    assert not {"torch", "pandas", "scipy", "matplotlib"} & set(done.stdout.split())


# --- Forms ---------------------------------------------------------------------------------------


def small(**changes: Any) -> Table:
    """Two columns, an anchor, the reference and three methods; one cell missing."""
    columns = [Column("forget-fid", "FID", "→"), Column("retain-r@1", "R@1", "↑")]
    rows = [Row("real", "Real"), Row("retrained", "Ref & <co>"), *(Row(n, n) for n in "abc")]
    values = {
        ("real", "retain-r@1"): 0.9,
        ("retrained", "forget-fid"): 10.0,
        ("retrained", "retain-r@1"): 0.8,
        ("a", "forget-fid"): 12.0,
        ("a", "retain-r@1"): 0.5,
        ("b", "forget-fid"): 7.0,
        ("b", "retain-r@1"): 0.7,
        ("c", "retain-r@1"): 0.7,
    }
    made: dict[tuple[str, str], dict[str, Any]] = {
        key: {"value": value, "interval": 0.25, "repeats": 3, "n": 64, "paper": None}
        for key, value in values.items()
    }
    made["a", "forget-fid"]["paper"] = {"value": 12.5, "interval": 0.5}
    made["b", "forget-fid"]["paper"] = {"value": 6.5, "interval": None}
    fields: dict[str, Any] = {
        "name": "small",
        "title": "A_title",
        "columns": columns,
        "rows": rows,
        "cells": made,
        "expected": frozenset({*values, ("c", "forget-fid")}),
        "reference": "retrained",
        "anchors": frozenset({"real", "retrained"}),
        "notes": ["Seed 1."],
    }
    return Table(**{**fields, **changes})


def test_the_best_is_by_the_arrow_and_among_the_methods() -> None:
    assert small().best() == {("a", "forget-fid"), ("b", "retain-r@1"), ("c", "retain-r@1")}
    lower = [Column("forget-fid", "FID", "↓")]
    assert small(columns=lower).best() == {("b", "forget-fid")}


def test_nothing_is_best_without_a_reference_or_a_rival() -> None:
    arrow = [Column("forget-fid", "FID", "→")]
    assert small(columns=arrow, reference="gone").best() == frozenset()
    rows = [Row("real", "Real"), Row("retrained", "Ref"), Row("a", "a")]
    assert small(rows=rows).best() == frozenset()


def test_csv_has_full_precision() -> None:
    table = small()
    table.cells["a", "forget-fid"]["value"] = 1 / 3  # type: ignore[index]
    rows = list(csv.DictReader(csv_text(table).splitlines()))
    by_row = {row["row"]: row for row in rows}
    assert float(by_row["a"]["forget-fid"]) == 1 / 3
    assert float(by_row["a"]["forget-fid paper"]) == 12.5
    assert by_row["b"]["forget-fid paper ±"] == ""
    assert by_row["real"]["forget-fid"] == "–"
    assert by_row["c"]["forget-fid"] == "n/a"
    assert by_row["retrained"]["label"] == "Ref & <co>"


def test_markdown() -> None:
    text = markdown_text(small())
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0] == "|  | forget FID → | retain R@1 ↑ |"
    assert lines[4] == "| a | **12.000 ± 0.250** (12.500 ± 0.500) | 0.500 ± 0.250 |"
    assert lines[6] == "| c | n/a | **0.700 ± 0.250** |"
    assert len({line.count("|") for line in lines}) == 1
    assert "- Seed 1." in text


def test_latex() -> None:
    text = tex_text(small())
    assert r"Ref \& <co> & $10.000^{\pm 0.250}$ & $0.800^{\pm 0.250}$ \\" in text
    assert r"a & $\mathbf{12.000}^{\pm 0.250}$ & $0.500^{\pm 0.250}$ \\" in text
    assert r" & {\footnotesize (12.500 $\pm$ 0.500)} &  \\" in text
    assert r"\caption{A\_title. Seed 1.}" in text
    assert r"\cmidrule(lr){2-2} \cmidrule(lr){3-3}" in text
    assert text.count("{") == text.count("}")
    body = [line for line in text.splitlines() if line.endswith(r"\\") and "&" in line]
    assert {line.replace(r"\&", "").count("&") for line in body} == {2}


def test_latex_escapes_everything_special() -> None:
    assert tex(r"50% of $x_1^2 & {y}~\#") == (
        r"50\% of \$x\_1\textasciicircum{}2 \& \{y\}\textasciitilde{}\textbackslash{}\#"
    )


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


def run_tables(folder: Path, comparable: bool, skip: tuple[str, str] | None = None) -> Path:
    """Write every cell of two tables and all tables under ``folder``, as the workflow does."""
    where = "humanml3d" if comparable else "demo"
    named = {
        "violence": {**ENTRY, "dataset": where},
        "k": {**ENTRY, "dataset": where, "layout": "k"},
    }
    draw = np.random.Generator(np.random.Philox(2))
    paths = []
    for name, entry in named.items():
        for each in layouts.expand(name, entry, layout(str(entry["layout"])), VARIANTS):
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
                    settings={**each.record(), "paper_comparable": comparable},
                )
            )
            paths.append(path)
    tables_step.run(
        Job(
            step="tables",
            inputs={"cells": paths, "layouts": LAYOUTS},
            outputs={"tables": folder / "tables"},
            settings={"tables": named, "variants": VARIANTS},
            seed=11,
        )
    )
    return folder / "tables"


def test_step_writes_every_form_and_working_links(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    forms = {
        f"{name}.{suffix}" for name in ("violence", "k") for suffix in ("csv", "md", "tex", "html")
    }
    assert {path.name for path in folder.iterdir()} == {*forms, "index.html"}
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        reader = Reader()
        reader.feed(text)
        assert reader.open == []
        assert not reader.sources
        assert "http" not in text
        assert len(text) < 60_000
        cell_links = {link: hint for link, hint in reader.links.items() if "cells/" in link}
        assert cell_links
        for link in reader.links:
            assert (folder / link).exists(), link
        for link, hint in cell_links.items():
            assert hint is not None
            assert hint.endswith((folder / link).resolve().as_posix())
            assert "\nhmu lineage " in hint
    text = (folder / "violence.html").read_text(encoding="utf-8")
    assert "(15.659 ±0.128)" in text
    assert "seed 11" in text
    assert "The paper&#x27;s values are in brackets: Table 1" in text
    markdown = (folder / "k.md").read_text(encoding="utf-8")
    assert "(4.655)" in markdown
    assert "3 repeats with 64 samples of the forget set and 64 samples of the retain" in markdown


def test_step_is_honest_about_what_is_missing(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=False, skip=("lcr", "forget-fid"))
    text = (folder / "violence.md").read_text(encoding="utf-8")
    assert "| w/ LCR | n/a | " in text
    assert "n/a: not computed yet (1 of the cells)." in text
    assert "| Real motions | – | " in text
    assert "This configuration is not the paper's" in text
    assert "15.659" not in text


def test_step_leaves_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "old.html").write_text("x", encoding="utf-8")
    assert not (run_tables(tmp_path, comparable=False) / "old.html").exists()


def test_step_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder = run_tables(tmp_path, comparable=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_step_refuses_what_is_not_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "cell.json"
    path.write_text(json.dumps({"value": 1}), encoding="utf-8")
    job = Job(
        step="tables",
        inputs={"cells": [path], "layouts": LAYOUTS},
        outputs={"tables": tmp_path / "tables"},
        settings={"tables": {}, "variants": {}},
    )
    with pytest.raises(InputError, match=r"cell\.json is not the record of a cell"):
        tables_step.run(job)
