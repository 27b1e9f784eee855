"""All cells, and all differences of a table, in long form: one row each, for who wants to plot.

Each column of these Parquet files has its meaning in its metadata, under "description".
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hmu.io import files, parquet
from hmu.tables.addresses import CellAddress
from hmu.tables.differences import Difference
from hmu.tables.table import Record, Table


def _schema(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, kind, metadata={"description": said}) for name, kind, said in columns]
    )


_VALUE, _NAME = pa.float64(), pa.string()

CELLS = _schema(
    ("table", _NAME, "the table"),
    ("row", _NAME, "the row, as in paths of cells"),
    ("column", _NAME, "the column, as in paths of cells"),
    ("group", _NAME, "the heading above the row, or nothing"),
    ("label", _NAME, "what the row is called in the table"),
    ("header", _NAME, "what the column is called in the table"),
    ("arrow", _NAME, "↓ lower, ↑ higher, → closer to the reference is better"),
    ("dataset", _NAME, "address: the dataset"),
    ("backbone", _NAME, "address: the backbone"),
    ("concept", _NAME, "address: what the variant forgot"),
    ("variant", _NAME, "address: the variant; real are the dataset's own motions"),
    ("set", _NAME, "address: the prompts, CONCEPT/SET where of another concept; null of a cost"),
    ("metric", _NAME, "address: the value that was measured"),
    ("value", _VALUE, "mean over the repeats, or a cost in seconds; null where there is none"),
    ("why", _NAME, "why there is no value: not computed, undefined or unknown; null where one is"),
    ("interval", _VALUE, "the benchmark's ±: 1.96 · population standard deviation / √repeats"),
    ("t_interval", _VALUE, "half the width of Student's 95% interval over the repeats"),
    ("repeats", pa.int32(), "how many repeats"),
    ("n", pa.int64(), "motions in each repeat"),
    ("values", pa.list_(_VALUE), "the value in each repeat"),
    ("paper", _VALUE, "the value that the paper prints for this address"),
    ("paper_interval", _VALUE, "its ±, where the paper prints one"),
    ("paper_source", _NAME, "where in the paper it stands"),
)

DIFFERENCES = _schema(
    ("table", _NAME, "the table"),
    ("column", _NAME, "the column"),
    ("first", _NAME, "a row"),
    ("second", _NAME, "another row, measured on the same motions by the same metric"),
    ("difference", _VALUE, "value of the first row minus that of the second"),
    ("low", _VALUE, "lower end of the 95% interval of the difference, by paired bootstrap"),
    ("high", _VALUE, "upper end"),
    ("differ", pa.bool_(), "whether the interval leaves out 0; null where it cannot be said"),
    ("over", _NAME, "what was drawn again: clips, with all their captions and repeats, or repeats"),
    ("units", pa.int32(), "how many of these there are"),
    ("flipped", _VALUE, "p by flipping whole clips, where each motion has yes or no"),
    ("mcnemar", _VALUE, "p by McNemar's exact test on one motion a clip, there too"),
)


def write_cells(path: Path, tables: Iterable[Table]) -> None:
    """Write the cells of all tables, also those that are not computed, with the columns CELLS."""
    rows = [
        _cell(table, key, address, table.cells.get(key))
        for table in tables
        for key, address in table.addresses.items()
    ]
    _write(path, rows, CELLS)


def write_differences(
    path: Path, table: str, differences: Iterable[tuple[str, Difference]]
) -> None:
    """Write those of a table, each with its column, with the columns DIFFERENCES."""
    rows = []
    for column, each in differences:
        low, high = each.interval or (None, None)
        rows.append(
            {
                "table": table,
                "column": column,
                "first": each.first,
                "second": each.second,
                "difference": each.value,
                "low": low,
                "high": high,
                "differ": each.differ(),
                "over": each.over,
                "units": each.units,
                "flipped": each.flipped,
                "mcnemar": each.mcnemar,
            }
        )
    _write(path, rows, DIFFERENCES)


def read_differences(path: Path) -> list[tuple[str, Difference]]:
    """What `write_differences` wrote. Raises InputError when it is missing or damaged."""
    rows = parquet.read(path, DIFFERENCES.names).to_pylist()
    return [(row["column"], _difference(row)) for row in rows]


def _cell(
    table: Table, key: tuple[str, str], address: CellAddress, record: Record | None
) -> dict[str, Any]:
    row = next(each for each in table.rows if each.name == key[0])
    column = next(each for each in table.columns if each.name == key[1])
    kept: Mapping[str, Any] = record or {}
    paper = kept.get("paper") or {}
    return {
        **{name: getattr(address, name, None) or None for name in CELLS.names},
        "group": row.group or None,
        "label": row.label,
        "header": column.header,
        "arrow": column.arrow,
        "why": None if record else table.why_absent(key),
        **{name: kept.get(name) for name in ("value", "interval", "t_interval", "repeats", "n")},
        "values": kept.get("values"),
        "paper": paper.get("value"),
        "paper_interval": paper.get("interval"),
        "paper_source": paper.get("source"),
    }


def _difference(row: Mapping[str, Any]) -> Difference:
    interval = None if row["low"] is None else (row["low"], row["high"])
    kept = [row[name] for name in ("over", "units", "flipped", "mcnemar")]
    return Difference(row["first"], row["second"], row["difference"], interval, *kept)


def _write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    with files.atomic(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), temporary)
