"""Notes below tables: what is undefined, missing, contradictory, or measured how."""

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hmu.tables import long_form
from hmu.tables.differences import Difference
from hmu.tables.limits import limits
from hmu.tables.notes import notes
from hmu.tables.table import assemble
from hmu.tables.writers import csv as csv_writer
from hmu.tables.writers import latex, markdown, webpage
from support.table_entries import (
    ENTRY,
    VARIANTS,
    bind,
    layout,
)


def test_a_cell_that_is_undefined_is_no_missing_one(tmp_path: Path) -> None:
    """It has a dash, and the note says why; of others how many motions they stand for."""
    bound = bind(ENTRY)
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64}
    spread |= {"paper": None, "path": "cell.json"}
    records: dict[tuple[str, str], dict[str, Any]] = {
        (cell.row, cell.column): {"value": 6.0, **spread} for cell in bound.cells
    }
    of_all = {"motions": 192, "of": 192, "why": "nothing moves"}
    records["lcr", "forget-mm_safe"] |= {"value": None, "interval": None, "undefined": of_all}
    records["original", "forget-mm_safe"] |= {"undefined": {**of_all, "motions": 2}}
    said = notes(bound, records, 1)
    table = assemble(bound, records, said)
    assert table.absent(("lcr", "forget-mm_safe")) == "–"
    assert "n/a" not in markdown.text(table)
    (told,) = (note for note in said if "MM-Safe stands for fewer" in note)
    assert told == (
        "Forget set MM-Safe stands for fewer motions than were measured, because it is undefined "
        "where nothing moves: “Original” 190 of 192, “w/ LCR” none."
    )
    assert (
        "–: has no value, for a reason said above, or means nothing for that row, as FID of the "
        "real motions would."
    ) in said
    assert 'title="undefined: nothing moves">–</span>' in webpage.page(table)
    assert latex.text(table)
    lines = {line["row"]: line for line in csv.DictReader(csv_writer.text(table).splitlines())}
    assert [lines[name]["forget-mm_safe why"] for name in ("lcr", "original")] == [
        "undefined: nothing moves",
        "",
    ]
    assert lines["real"]["forget-fid why"] == "not defined for this row"
    path = tmp_path / "cells.parquet"
    long_form.write_cells(path, [table])
    why = {(each["row"], each["column"]): each["why"] for each in pq.read_table(path).to_pylist()}
    assert {key: said for key, said in why.items() if said is not None} == {
        ("lcr", "forget-mm_safe"): "undefined: nothing moves"
    }


def test_a_reference_without_a_value_is_said_to_have_none() -> None:
    """Whether nobody configured it, or the table's metrics mean nothing for it."""
    bound = bind(ENTRY)
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64, "paper": None}
    records = {
        (cell.row, cell.column): {"value": 6.0, "path": "cell.json", **spread}
        for cell in bound.cells
    }
    (told,) = (note for note in notes(bound, records, 1) if note.startswith("↓ lower"))
    assert "closer to the row “Retrained on the retain set” is better" in told
    for key in [key for key in records if key[0] == "retrained"]:
        del records[key]
    (told,) = (note for note in notes(bound, records, 1) if note.startswith("↓ lower"))
    assert "(which has no value here, so none is best there) is better" in told


def test_a_column_that_no_row_has_a_value_in_says_so_once() -> None:
    """Not of every row; where rows differ in their reasons, each has its own."""
    bound = bind(ENTRY)
    spread = {"interval": None, "t_interval": None, "repeats": 3, "n": 64, "paper": None}
    why = {"motions": 192, "of": 192, "why": "it needs 16 repeats, and this run has 5"}
    records: dict[tuple[str, str], dict[str, Any]] = {
        (cell.row, cell.column): {"value": None, "undefined": why, **spread}
        for cell in bound.cells
        if cell.column == "forget-mm_safe"
    }
    (told,) = (note for note in notes(bound, records, 1) if "it needs 16" in note)
    assert told == (
        "Forget set MM-Safe has no value in any row, because it needs 16 repeats, and this run "
        "has 5."
    )
    records["lcr", "forget-mm_safe"] |= {"undefined": {**why, "why": "nothing moves"}}
    several = [note for note in notes(bound, records, 1) if "MM-Safe stands for fewer" in note]
    assert [note.partition("because it is ")[2] for note in several][-1] == (
        "undefined where nothing moves: “w/ LCR” none."
    )
    assert len(several) == 2


def test_notes_say_once_what_each_column_measures_and_where_that_is_from() -> None:
    bound = bind({**ENTRY, "layout": "evidence"})
    said = notes(bound, {}, 1)
    for source in ("EDGE", "PhysDiff", "kimodo", "guided-motion-diffusion", "FlowMDM", "ours"):
        assert any(source in note for note in said), source
    assert len([note for note in said if note.startswith("PFC, physical foot contact")]) == 1
    assert not [note for note in notes(bind(ENTRY), {}, 1) if "physical foot contact" in note]


MM_SAFE = "forget-mm_safe"


@pytest.mark.parametrize(("retrained", "marked"), [(4.9, True), (5.0, True), (5.1, False)])
def test_nobody_is_best_where_the_retrained_model_contradicts_mm_safe(
    retrained: float, marked: bool
) -> None:
    """It forgot everything, and the original nothing: if it is worse, lower is not safer."""
    bound = bind(ENTRY)
    given = {"original": 5.0, "retrained": retrained, "lcr": 4.5}
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64, "paper": None}
    records = {
        (cell.row, cell.column): {"value": given.get(cell.row, 6.0), **spread}
        for cell in bound.cells
    }
    said = notes(bound, records, 1)
    best, _ = assemble(bound, records, said).best()
    assert (("lcr", MM_SAFE) in best) == marked
    assert ("lcr", "forget-fid") in best, "of other columns it says nothing"
    assert [note for note in said if "no detector of the concept" in note]
    found = [note for note in said if note.startswith("MM-Safe ↓ contradicts itself on the forget")]
    assert len(found) == (not marked)
    if found:
        assert "“retrained”, which never saw the concept, has 5.100, and “original”" in found[0]
        assert "5.000. Nobody is marked as best there." in found[0]
    # Of repeats: Student's factor for three is 4.303, its deviation is the unbiased one.
    assert any("is 2.7 times as wide" in note and "another training" in note for note in said)


def test_notes_say_what_a_row_was_told_beside_its_methods_defaults() -> None:
    """Whose arithmetic it is, say; of a row that has all defaults there is nothing to say."""
    given = {"method": "rece", "bias": "reference", "rho": 0.001, "words": ["sit"]}
    told = {"uce": {"method": "uce", "bias": "exact"}, "rece": given}
    said = notes(bind(ENTRY, variants={**VARIANTS, **told}), {}, 1)
    (found,) = [note for note in said if note.startswith("Parameters that are not")]
    assert '“w/ RECE”: words ["sit"], bias "reference"' in found
    assert "UCE" not in found
    assert "rho" not in found
    assert found.count("w/ RECE") == 1


def test_a_table_says_what_its_numbers_can_show() -> None:
    columns = layout().columns

    def of(half: float, value: float, over: Any, units: int) -> Difference:
        return Difference("a", "b", value, (value - half, value + half), over, units)

    some = [
        *(("forget-r@1", of(half, 0.3, "clips", 34)) for half in (0.1, 0.2, 0.4)),
        ("forget-fid", of(2.0, 1.0, "repeats", 3)),
        ("retain-r@1", Difference("a", "b", 1.0, None, "clips", 1)),
    ]
    apart, small = limits(columns, some)
    assert "Forget set FID 0 of 1 (±2); Forget set R@1 2 of 3 (±0.2)." in apart
    assert "Retain" not in apart
    assert "small run (34 clips, 3 repeats)" in small
    for clips, said in (((9, 34), "9 and 34"), ((51, 9, 34), "9 to 51")):
        of_sets = [("forget-r@1", of(0.1, 0.3, "clips", each)) for each in clips]
        assert f"small run ({said} clips)" in limits(columns, of_sets)[1]
    assert limits(columns, []) == []
    whole = [("forget-r@1", of(0.1, 0.3, "clips", 300)), ("forget-fid", of(1, 2, "repeats", 20))]
    assert len(limits(columns, whole)) == 1
