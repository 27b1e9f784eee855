"""Step: every table in every form, from the cells."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Job
from hmu.tables import layouts, webpage
from hmu.tables.table import MISSING, SETS, Table, csv_text, markdown_text, tex_text

FIELDS = ("table", "row", "column", "value", "interval", "repeats", "n", "paper")


def run(job: Job) -> None:
    """Write {table}.csv, .md, .tex and .html, and index.html, into the directory ``tables``.

    Inputs: cells (their JSON files) and layouts (YAML). Settings: tables and variants of the
    configuration. A cell that is not among the inputs shows as n/a. Raises InputError when a file
    is not a cell's or a layout's.
    """
    records, paths = _records(job.input_list("cells"))
    declared = {path.stem: layouts.load(path) for path in job.input_list("layouts")}
    folder = job.outputs["tables"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = []
    for name, entry in job.settings["tables"].items():
        table = assemble(
            name,
            entry,
            declared[entry["layout"]],
            job.settings["variants"],
            records.get(name, {}),
            job.seed,
        )
        made.append(table)
        links = paths.get(name, {})
        for suffix, text in (
            ("csv", csv_text(table)),
            ("md", markdown_text(table)),
            ("tex", tex_text(table)),
            ("html", webpage.page(table, links)),
        ):
            (folder / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    text = webpage.index(made, {table.name: paths.get(table.name, {}) for table in made})
    (folder / "index.html").write_text(text, encoding="utf-8")


def _records(
    cells: Sequence[Path],
) -> tuple[dict[str, dict[tuple[str, str], Any]], dict[str, dict[tuple[str, str], str]]]:
    """The records of the cells and their paths, by table and (row, column)."""
    records: dict[str, dict[tuple[str, str], Any]] = {}
    paths: dict[str, dict[tuple[str, str], str]] = {}
    for path in cells:
        record = files.read_json(path)
        if not isinstance(record, dict) or any(name not in record for name in FIELDS):
            raise InputError(f"{path} is not the record of a cell: delete it and make it again.")
        key = (record["row"], record["column"])
        records.setdefault(record["table"], {})[key] = record
        paths.setdefault(record["table"], {})[key] = path.as_posix()
    return records, paths


def assemble(
    name: str,
    entry: Mapping[str, Any],
    layout: layouts.Layout,
    variants: Mapping[str, Any],
    records: Mapping[tuple[str, str], Mapping[str, Any]],
    seed: int,
) -> Table:
    """A table with its notes, from the records of its cells by (row, column)."""
    addresses = layouts.expand(name, entry, layout, variants)
    expected = frozenset((each.row, each.column) for each in addresses)
    kept = {key: record for key, record in records.items() if key in expected}
    return Table(
        name=name,
        title=layout.title,
        columns=layout.columns,
        rows=layouts.rows(name, entry, layout, variants),
        cells=kept,
        expected=expected,
        reference=layout.reference,
        anchors=layout.anchors,
        notes=_notes(entry, layout, kept, len(expected) - len(kept), seed),
    )


def _notes(
    entry: Mapping[str, Any],
    layout: layouts.Layout,
    records: Mapping[tuple[str, str], Mapping[str, Any]],
    missing: int,
    seed: int,
) -> list[str]:
    """What was measured, how to read it, and what is missing."""
    repeats = _range(record["repeats"] for record in records.values())
    sizes = []
    for subset, title in SETS.items():
        counts = [each["n"] for (_, column), each in records.items() if column.startswith(subset)]
        if counts:
            sizes.append(f"{_range(counts)} samples of the {title.lower()}")
    aim = layout.label(layout.reference)
    shown = any(row == layout.reference for row, _ in records)
    measured = (
        f"Measured: dataset {entry['dataset']}, backbone {entry['backbone']}, concept "
        f"{entry['concept']}; {repeats} repeats with {' and '.join(sizes) or 'no samples'} each; "
        f"seed {seed}. Values are mean ± 1.96·std/√repeats."
    )
    reading = (
        f"↓ lower, ↑ higher, → closer to the row “{aim}”"
        f"{'' if shown else ' (not configured, so no value is best there)'} is better. Bold: the "
        "best of the methods; real motions, the retrained and the original model are shown for "
        "comparison."
    )
    notes = [measured, reading]
    where = (entry["dataset"], entry["backbone"], entry["concept"])
    if any(record["paper"] for record in records.values()):
        notes.append(f"The paper's values are in brackets: {layout.sources[where]}.")
    else:
        notes.append(
            "This configuration is not the paper's, or the paper has no such table: its values are "
            "not shown, because they would not be comparable."
        )
    if missing:
        notes.append(f"{MISSING}: not computed yet ({missing} of the cells).")
    return notes


def _range(values: Any) -> str:
    """ "20", or "5 to 20" where values differ."""
    known = sorted(set(values))
    if not known:
        return "no"
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,} to {known[-1]:,}"
