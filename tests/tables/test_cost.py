"""What a row's model took to make, from records that lie about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmu import config as configuration
from hmu.errors import InputError
from hmu.io import files
from hmu.provenance.lineage import Lineage
from hmu.tables import addresses, binding, cells, cost
from hmu.tables.notes import notes
from hmu.tables.table import assemble
from hmu.tables.writers import csv, latex, markdown, number, webpage
from support.records import write_record

ROOT = Path(__file__).resolve().parents[2]

JOBS: dict[str, tuple[str, list[str], float]] = {
    "results/models/all": ("train_part", ["raw"], 100.0),
    "results/codes/all": ("codes", ["raw", "results/models/all"], 7.0),
    "results/models/all-masked": ("train_part", ["results/codes/all"], 50.0),
    "results/concept": ("concept", ["raw"], 0.5),
    "results/models/without": ("train_part", ["raw", "results/concept"], 90.0),
    "results/statistics": ("code_statistics", ["results/codes/all", "results/concept"], 2.0),
    "results/lcr": ("unlearn", ["results/models/all", "results/statistics"], 0.25),
    "results/retrained": ("unlearn", ["results/models/without"], 0.125),
}
"""Each output with the step that made it, what that read, and its seconds."""
ORIGINAL = ("results/models/all", "results/models/all-masked")


def written(root: Path, **changes: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    """Records of JOBS, changed where ``changes`` says so; the cost of a file by its name."""
    lineage = Lineage(root / "results")
    content = {"sha256": "0" * 64, "bytes": 1}
    for output, (step, read, seconds) in JOBS.items():
        told = {"seconds": seconds, "device": "a processor", "threads": 2, "machine": {"cores": 2}}
        inputs = [{"path": each, **content} for each in read]
        changed = {**told, **changes.get(Path(output).name, {})}
        write_record(lineage, step, inputs, [{"path": output, **content}], **changed)
    original = [root / each for each in ORIGINAL]
    return lambda name: cost.of_model(root / "results" / name, original)


def test_a_model_cost_what_the_original_did_not_need(tmp_path: Path) -> None:
    of = written(tmp_path)
    edited, trained = of("lcr"), of("retrained")
    assert edited["seconds"] == 0.5 + 2 + 0.25
    assert [each["rule"] for each in edited["jobs"]] == ["code_statistics", "concept", "unlearn"]
    assert trained["seconds"] == 0.5 + 90 + 0.125
    assert edited["jobs"][0]["record"] == "results/lineage/statistics.json"
    assert trained["seconds"] == 0.5 + 90 + 0.125
    assert edited["jobs"][0]["record"] == "results/lineage/results/statistics.json".replace(
        "lineage/results", "lineage"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"without": {"step": "import_part"}}, "results/models/without was imported"),
        ({"without": {"resumed": True}}, "results/models/without was made in several runs"),
    ],
)
def test_a_time_that_nobody_recorded_is_no_number(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    found = written(tmp_path, **changes)("retrained")
    assert found["seconds"] is None
    assert found["reason"].startswith(reason)


@pytest.mark.parametrize("name", ["concept", "retrained"])
def test_a_lost_or_damaged_record_is_no_zero(tmp_path: Path, name: str) -> None:
    of = written(tmp_path)
    record = tmp_path / "results/lineage" / f"{name}.json"
    for damage in (lambda: record.write_text("{"), record.unlink):
        damage()
        found = of("retrained")
        assert found["seconds"] is None
        assert name in found["reason"]


def test_times_are_shown_as_times(tmp_path: Path) -> None:
    assert [number(each, "seconds") for each in (0.0123, 14.96, 600, 126_000)] == [
        "0.0123 s", "15 s", "10 min", "35 h"
    ]  # fmt: skip
    path = tmp_path / "cost.json"
    path.write_text('{"seconds": null, "reason": "lost", "jobs": []}')
    assert cells.cost(path)["value"] is None


def test_a_page_shows_times_with_the_records_that_they_sum(tmp_path: Path) -> None:
    """In every form; one that is not known is empty, with its reason, and nobody's best."""
    config = configuration.load(ROOT / "config.yaml")
    bound = binding.bind(config, "demo-violence-times")
    of = written(tmp_path)
    lost = {"seconds": None, "reason": "esd has no record.", "jobs": []}
    costs = {"retrained": of("retrained"), "lcr": of("lcr"), "uce": of("statistics"), "esd": lost}
    cells_of = {cell.row: cell for cell in bound.cells}
    assert "original" not in cells_of
    records = {}
    for row, found in costs.items():
        path = tmp_path / f"{row}.json"
        files.write_json(path, found)
        told = {**cells_of[row].record(), **cells.cost(path), "path": path.name}
        records[row, "time"] = {**told, "paper": None}
    told = notes(bound, records, 0)
    assert not any(note.startswith(("Values are mean", "Measured")) for note in told)
    (said,) = (note for note in told if "“w/ LCR”" in note and note.startswith("Time of"))
    assert "beyond the original: 2.75 s (a processor, threads: 2), the sum of" in said
    assert "results/lineage/statistics.json 2 s" in said
    assert "Time of “w/ ESD”: unknown. esd has no record." in told
    table = assemble(bound, records, told)
    best, second = table.best()
    assert (best, second) == ({("uce", "time")}, frozenset())
    text = markdown.text(table)
    assert "| w/ LCR | 2.75 s |" in text
    assert "| w/ ESD | – |" in text
    assert "| Original | – |" in text
    assert "w/ UCE & \\textbf{2.5 s} \\\\" in latex.text(table)
    assert ",lcr,w/ LCR,2.75,,,,," in csv.text(table)
    assert ",esd,w/ ESD,–,,,,,unknown: esd has no record." in csv.text(table)
    assert "–: has no value, for a reason said above, or means nothing for that row" in "".join(
        told
    )
    assert '<span class="value">1.51 min</span>' in webpage.page(table)


def test_a_metric_of_a_costs_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.check("seconds")
    literals = {"NAMES": ("seconds",)}
    monkeypatch.setattr(addresses.registry, "literals", lambda kind, name: literals)
    with pytest.raises(InputError, match="'seconds', which is the name of a cost: give the metric"):
        addresses.check("seconds")
