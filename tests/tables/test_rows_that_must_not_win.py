"""Controls in tables: never the best, nobody beside them on a forget set, and what they win."""

from typing import Any

import pytest
import yaml

from hmu import registry
from hmu.figures import trade_off_plan
from hmu.tables import binding, controls, layout_files
from hmu.tables.notes import notes
from hmu.tables.table import Table, assemble
from hmu.tables.writers import latex, markdown, webpage

VARIANTS = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "lcr": {"method": "lcr"},
    "uce": {"method": "uce"},
    "frozen": {"method": "frozen"},
    "noise": {"method": "noise_weights"},
}
SETS = {
    "forget": {"prompts": "captions", "clips": "forget"},
    "retain": {"prompts": "captions", "clips": "retain"},
    "neighbours": {"prompts": "neighbours", "clips": "all"},
}
COLUMNS = [
    {"set": "forget", "metric": "r@1", "header": "R@1", "arrow": "↓"},
    {"set": "forget", "metric": "fid", "header": "FID", "arrow": "→"},
    {"set": "retain", "metric": "r@1", "header": "R@1", "arrow": "↑"},
    {"set": "neighbours", "metric": "diversity", "header": "Diversity", "arrow": "↑"},
]
BROKEN = ("frozen", "noise")
NO_BEST = "What breaks a motion does well on a forget set too, so no column of one marks a best"
VALUES = {
    "forget-r@1": {"original": 0.6, "retrained": 0.2, "lcr": 0.3, "uce": 0.2, "frozen": 0.25},
    "forget-fid": {"retrained": 5.0, "lcr": 6.0, "uce": 9.0, "frozen": 40.0, "noise": 60.0},
    "retain-r@1": {"original": 0.6, "lcr": 0.55, "uce": 0.5, "frozen": 0.1, "noise": 0.05},
    "neighbours-diversity": {"lcr": 3.0, "uce": 2.0, "frozen": 1.0, "noise": 3.0},
}


def bind(
    tmp_path: Any, shown: tuple[str, ...] = BROKEN, more: tuple[dict[str, str], ...] = ()
) -> binding.Bound:
    """A table of two methods beside the controls that are shown, with ``more`` columns."""
    rows = [
        {"variant": name, "label": name.capitalize()}
        for name in VARIANTS
        if name not in BROKEN or name in shown
    ]
    layout = {
        "title": "Own",
        "reference": "retrained",
        "anchors": ["original", "retrained"],
        "columns": [*COLUMNS, *more],
        "rows": rows,
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(layout, allow_unicode=True), encoding="utf-8")
    config = {
        "tables": {"t": {"layout": "own", "dataset": "demo", "concept": "kick"}},
        "datasets": {"demo": None},
        "backbones": {"momask": None},
        "concepts": {"kick": None},
        "variants": VARIANTS,
        "sets": SETS,
    }
    layout_files.load.cache_clear()
    return binding.bind(config, "t", layout_files.load(path))


def made(bound: binding.Bound, values: dict[str, dict[str, float]]) -> tuple[Table, list[str]]:
    """The table of these values, and its notes."""
    spread: dict[str, Any] = {
        "interval": 0.1,
        "t_interval": 0.3,
        "repeats": 3,
        "n": 64,
        "paper": None,
    }
    spread["path"] = "results/cells/t/row/column.json"
    there = {(cell.row, cell.column) for cell in bound.cells}
    records = {
        (row, column): {"value": value, **spread}
        for column, own in values.items()
        for row, value in own.items()
        if (row, column) in there
    }
    said = notes(bound, records, 1)
    return assemble(bound, records, said), said


def test_no_control_is_best_whatever_it_has(tmp_path: Any) -> None:
    values = {column: dict.fromkeys(own, 1.0) for column, own in VALUES.items()}
    for column in values:
        values[column] |= {"frozen": -100.0, "noise": 100.0, "lcr": 1.0, "uce": 2.0}
    best, second = made(bind(tmp_path), values)[0].best()
    assert not {row for row, _ in best | second} & set(BROKEN)


def test_a_forget_column_marks_nobody_beside_a_control(tmp_path: Any) -> None:
    """Nor where no control wins it, or it is to come close to the reference: who breaks more would
    be called the best. One control that has a value anywhere is enough."""
    for shown in (BROKEN, ("noise",)):
        table, said = made(bind(tmp_path, shown), VALUES)
        assert table.best() == ({("lcr", "retain-r@1")}, set())
        labels = ", ".join(f"“{name.capitalize()}”" for name in shown)
        assert f"Controls, which must not win: {labels}." in said
        assert NO_BEST + "." in said
    without, told = made(bind(tmp_path, shown=()), VALUES)
    assert without.best()[0] >= {("uce", "forget-r@1"), ("lcr", "forget-fid")}
    assert not [each for each in told if "control" in each.lower() or each.startswith(NO_BEST)]


def test_beside_forgotten_well_no_other_forget_column_marks_a_best(tmp_path: Any) -> None:
    """Also where no control is shown."""
    well = {"set": "forget", "metric": "forgotten_well", "header": "Forgotten well", "arrow": "↑"}
    values = {**VALUES, "forget-forgotten_well": {"retrained": 0.5, "lcr": 0.4, "uce": 0.3}}
    for shown in ((), BROKEN):
        table, said = made(bind(tmp_path, shown, (well,)), values)
        best = {key for key in table.best()[0] if key[1] != "neighbours-diversity"}
        assert best == {("lcr", "retain-r@1"), ("lcr", "forget-forgotten_well")}
        assert f"{NO_BEST} but “Forgotten well”." in said


def test_a_metric_may_say_that_no_broken_motion_wins_it(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    literals = registry.literals

    def alone(kind: str, name: str) -> dict[str, Any]:
        found = literals(kind, name)
        return {**found, "ALONE": ("r@1",)} if name == "r_precision" else found

    monkeypatch.setattr(registry, "literals", alone)
    table, _ = made(bind(tmp_path), VALUES)
    assert ("uce", "forget-r@1") in table.best()[0]
    won = {**VALUES, "forget-r@1": {**VALUES["forget-r@1"], "frozen": 0.2}}
    assert ("uce", "forget-r@1") not in made(bind(tmp_path), won)[0].best()[0]


def test_a_column_that_a_control_wins_says_so(tmp_path: Any) -> None:
    bound = bind(tmp_path)
    better = {**VALUES["neighbours-diversity"], "noise": 3.5}
    table, said = made(bound, {**VALUES, "neighbours-diversity": better})
    headers = {column.name: column.header for column in table.columns}
    assert headers == {
        "forget-r@1": "R@1",
        "forget-fid": "FID",
        "retain-r@1": "R@1",
        "neighbours-diversity": "Diversity†",
    }
    (note,) = [each for each in said if each.startswith("† ")]
    assert note == (
        "† A control wins Diversity ↑ (“Noise” 3.500, the best method, “Lcr”, 3.000) on the "
        "neighbours set (dataset demo, backbone momask). Nobody is marked as best there."
    )
    assert not {key for key in table.best()[0] if key[1] == "neighbours-diversity"}
    for text, mark in ((markdown.text, "Diversity† ↑"), (webpage.page, "Diversity† ↑")):
        assert mark in text(table)
    assert r"Diversity\dag{} $\uparrow$" in latex.text(table)


def test_a_tie_is_no_win_and_still_nobody_is_the_best(tmp_path: Any) -> None:
    """A method that is no better than a broken motion has not earned a mark."""
    table, said = made(bind(tmp_path), VALUES)
    assert "Diversity" in {column.header for column in table.columns}
    assert not [each for each in said if each.startswith("†")]
    (note,) = [each for each in said if each.startswith("No method is better")]
    assert note == (
        "No method is better than a control in Diversity ↑ (“Noise” 3.000, the best method, “Lcr”, "
        "3.000) on the neighbours set (dataset demo, backbone momask). Nobody is marked as best "
        "there."
    )
    assert not {key for key in table.best()[0] if key[1] == "neighbours-diversity"}


def test_all_columns_that_a_control_wins_or_shares_stand_in_a_sentence_each(tmp_path: Any) -> None:
    shared = {"frozen": 0.55, "lcr": 0.55, "uce": 0.5}
    won = {"retrained": 5.0, "lcr": 6.0, "uce": 7.0, "frozen": 5.0}
    low = {"retrained": 0.2, "lcr": 0.3, "uce": 0.4, "frozen": 0.1}
    _, said = made(
        bind(tmp_path), {**VALUES, "retain-r@1": shared, "forget-fid": won, "forget-r@1": low}
    )
    first, second = (each for each in said if each.startswith(("† ", "No method")))
    assert first == (
        "† A control wins R@1 ↓ (“Frozen” 0.100, the best method, “Lcr”, 0.300), FID → (“Frozen” "
        "5.000, the best method, “Lcr”, 6.000) on the forget set (dataset demo, backbone momask). "
        "Nobody is marked as best there."
    )
    assert second == (
        "No method is better than a control in R@1 ↑ (“Frozen” 0.550, the best method, “Lcr”, "
        "0.550) on the retain set (dataset demo, backbone momask); Diversity ↑ (“Noise” 3.000, the "
        "best method, “Lcr”, 3.000) on the neighbours set (dataset demo, backbone momask). Nobody "
        "is marked as best there."
    )


@pytest.mark.parametrize(
    ("ideal", "lcr", "frozen", "wins"),
    [
        (5.0, 6.0, 5.5, True),
        (5.0, 6.0, 4.5, True),
        (5.0, 6.0, 6.1, False),
        (5.0, 6.0, 4.0, False),  # as far, on the other side
        (0.2, 0.3, 0.1, False),  # as far, but for rounding: 0.3 - 0.2 is less than 0.1
        (0.2, 0.1, 0.3, False),
    ],
)
def test_closer_to_the_reference_is_won_by_distance(
    tmp_path: Any, ideal: float, lcr: float, frozen: float, wins: bool
) -> None:
    values = {"forget-fid": {"retrained": ideal, "lcr": lcr, "uce": 9.0, "frozen": frozen}}
    found = controls.contests(bind(tmp_path), _records(values))
    assert [(each.match.control, each.match.rival, each.match.won) for each in found] == [
        (("Frozen", frozen), ("Lcr", lcr), wins)
    ]


def test_what_is_no_method_keeps_no_control_from_winning(tmp_path: Any) -> None:
    """The original and the retrained model are not ranked: a control before all methods wins."""
    values = {"retain-r@1": {"original": 0.9, "retrained": 0.8, "lcr": 0.3, "frozen": 0.4}}
    (found,) = controls.contests(bind(tmp_path), _records(values))
    assert (found.match.control, found.match.won) == (("Frozen", 0.4), True)


def test_a_picture_tells_controls_from_methods(tmp_path: Any) -> None:
    told = trade_off_plan.settings(bind(tmp_path), [])
    assert told is not None
    (model,) = told["models"]
    roles = {spot["variant"]: spot["role"] for spot in model["spots"]}
    assert roles == {
        "original": "original",
        "retrained": "reference",
        "lcr": "method",
        "uce": "method",
        "frozen": "control",
        "noise": "control",
    }


def test_nothing_is_won_where_no_method_is_or_the_aim_is_unknown(tmp_path: Any) -> None:
    bound = bind(tmp_path)
    assert not list(
        controls.contests(bound, _records({"retain-r@1": {"original": 0.1, "frozen": 1}}))
    )
    aimless = {name: value for name, value in VALUES["forget-fid"].items() if name != "retrained"}
    assert not list(controls.contests(bound, _records({"forget-fid": aimless})))


def _records(values: dict[str, dict[str, float]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (row, column): {"value": value}
        for column, own in values.items()
        for row, value in own.items()
    }
