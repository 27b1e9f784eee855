"""Where metrics disagree on how much of a concept is left, in sentences with their numbers.

R@1 of a forget set asks whether a motion still fits its text, by the evaluator; presence whether
the concept is seen in it, by a detector that shares nothing with that. A motion that is broken fits
no text and shows no concept. So of each forget set it is said which models the two put into another
order, which columns a control wins, and of which methods more motions are broken than forgotten
well: the detector does not find the concept in them, and they move as real ones do not
(:mod:`hmu.metrics.forgotten_well`).
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

from hmu.tables import controls
from hmu.tables.addresses import REAL, CellAddress, of_motions
from hmu.tables.binding import Bound
from hmu.tables.claims import Values
from hmu.tables.detection import agreement
from hmu.tables.writers import number

FITS, SHOWS, WELL = "r@1", "presence", "forgotten_well"

Place = tuple[str, str, str, str]
"""Dataset, backbone, concept and set."""
Measured = dict[str, float]
"""The values of a row by metric."""


def sentences(bound: Bound, records: Values) -> list[str]:
    """What is said of each forget set that has presence, one text each: one without presence has
    nothing that R@1 could disagree with."""
    said = []
    for place, rows in _rows(bound, records).items():
        if not any(SHOWS in values for values in rows.values()):
            continue
        dataset, backbone, _, name = place
        parts = [_order(bound, rows), _won(bound, records, place), _broken(bound, rows)]
        told = " ".join(part for part in parts if part)
        if told:
            said.append(
                f"Where metrics disagree on the {name.rpartition('/')[2]} set (dataset {dataset}, "
                f"backbone {backbone}). {told}"
            )
    return said


def swapped(values: Mapping[str, tuple[float, float]]) -> list[tuple[str, str]]:
    """The pairs of rows that two metrics put into opposite orders, the clearest first: by the
    smaller of the two differences. What is equal by one of them is in no order."""
    found: dict[tuple[str, str], float] = {}
    for one, other in combinations(values, 2):
        first, second = (a - b for a, b in zip(values[one], values[other], strict=True))
        if first * second < 0:
            found[one, other] = min(abs(first), abs(second))
    return sorted(found, key=lambda pair: -found[pair])


def _rows(bound: Bound, records: Values) -> dict[Place, dict[str, Measured]]:
    """Of each forget set, the values of each variant by metric; real motions left out."""
    found: dict[Place, dict[str, Measured]] = {}
    for cell in of_motions(bound.cells):
        record = records.get((cell.row, cell.column))
        named = cell.set.rpartition("/")[2] in bound.forget_sets
        if not named or cell.variant == REAL or record is None or record["value"] is None:
            continue
        rows = found.setdefault(_place(cell), {})
        rows.setdefault(cell.variant, {})[cell.metric] = float(record["value"])
    return found


def _place(cell: CellAddress) -> Place:
    return cell.dataset, cell.backbone, cell.concept, cell.set


def _labels(bound: Bound) -> dict[str, str]:
    """The label of each variant's first row."""
    labels = {row.name: row.label for row in bound.rows}
    found: dict[str, str] = {}
    for cell in bound.cells:
        found.setdefault(cell.variant, labels[cell.row])
    return found


def _order(bound: Bound, rows: Mapping[str, Measured]) -> str:
    """Whether R@1 and presence bring the models, controls left out, into one order."""
    labels = _labels(bound)
    values = {
        variant: (each[FITS], each[SHOWS])
        for variant, each in rows.items()
        if variant not in bound.controls and FITS in each and SHOWS in each
    }
    if len(values) < 2:
        return ""
    tau = agreement(*zip(*values.values(), strict=True))
    if tau is None:
        return f"R@1 or presence gives all {len(values)} models the same value."
    about = f"Kendall's τ is {tau:.2f}, of {len(values)} models"
    pairs = swapped(values)
    if not pairs:
        return f"R@1 and presence put no two models into opposite orders: {about}."
    one, other = (
        f"“{labels[variant]}” (R@1 {number(values[variant][0])}, presence "
        f"{number(values[variant][1])})"
        for variant in pairs[0]
    )
    return (
        f"R@1 and presence put {len(pairs)} of {len(values) * (len(values) - 1) // 2} pairs of "
        f"models into opposite orders: {about}. Most clearly so {one} and {other}."
    )


def _won(bound: Bound, records: Values, place: Place) -> str:
    """Which columns of the set a control wins, and in which it is as good as the best method;
    nothing where none is shown."""
    here = [each for each in controls.contests(bound, records) if _of(each) == place]
    won = _columns(each for each in here if each.match.won)
    tied = _columns(each for each in here if each.match.tied)
    said = [
        f"A control, whose motions are broken, wins {won}." if won else "",
        f"A control is as good as the best method in {tied}." if tied else "",
    ]
    nothing = "No control wins a column of it." if here else ""
    return " ".join(filter(None, said)) or nothing


def _columns(contests: Iterable[controls.Contest]) -> str:
    return ", ".join(
        f"{each.column.header} {each.column.arrow} (“{each.match.control[0]}”, "
        f"{number(each.match.control[1])})"
        for each in contests
    )


def _of(contest: controls.Contest) -> Place:
    at = contest.address
    return at.dataset, at.backbone, at.concept, at.set


def _broken(bound: Bound, rows: Mapping[str, Measured]) -> str:
    """Of which methods more motions without the concept are unlike real ones than like them, beside
    the retrained model."""
    labels = _labels(bound)
    shares = {
        variant: (1 - each[SHOWS], 1 - each[SHOWS] - each[WELL])
        for variant, each in rows.items()
        if SHOWS in each and WELL in each
    }
    methods = [variant for variant in shares if variant not in bound.anchors]
    if not methods:
        return ""
    broken = [variant for variant in methods if shares[variant][1] > rows[variant][WELL]]
    aim = [variant for variant in (bound.reference,) if variant in shares]

    def told(variants: list[str]) -> str:
        return ", ".join(
            f"“{labels[name]}” {shares[name][0]:.1%}, {shares[name][1]:.1%}" for name in variants
        )

    if not broken:
        return (
            "No method breaks the motion rather than the concept: of each, at least half of the "
            "motions in which the detector does not find it are within the real motions' range."
        )
    beside = f" For comparison: {told(aim)}." if aim else ""
    return (
        "Methods that break the motion rather than the concept, each with the share of motions in "
        "which the detector does not find it, and the share that is also outside the real motions' "
        f"range: {told(broken)}.{beside}"
    )
