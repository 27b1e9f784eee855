"""The notes below a table: what each block measures, how to read it, and what it lacks."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hmu import registry
from hmu.tables import claims, controls
from hmu.tables.addresses import CellAddress, of_motions
from hmu.tables.binding import Bound
from hmu.tables.cells import student_to_protocol
from hmu.tables.table import MISSING, UNDEFINED, Key, Record, why_empty
from hmu.tables.writers import number


def notes(bound: Bound, records: Mapping[Key, Record], seed: int) -> list[str]:
    """The notes of a table, from the records of its cells that exist."""
    found = {(cell.row, cell.column): cell for cell in bound.cells}
    kept = {key: record for key, record in records.items() if key in found}
    written = [
        *_blocks(bound, kept),
        *_spread(kept, seed),
        _reading(bound, kept),
        *claims.meanings(cell.metric for cell in bound.cells),
        *claims.explanations(cell.metric for cell in bound.cells),
        *_against(bound, kept),
        *_contradictions(bound, kept),
        *_controls(bound, kept),
        *_costs(bound, kept),
        *_undefined(bound, kept),
        *_arithmetic(bound),
        *_parameters(bound),
        *bound.left_out,
        _paper(kept),
    ]
    if missing := len(found) - len(kept):
        written.append(f"{MISSING}: not computed yet ({missing} of the cells).")
    dashes = []
    if any(why_empty(each) for each in kept.values()):
        dashes.append("has no value, for a reason said above")
    if len(found) < len(bound.rows) * len(bound.columns):
        dashes.append("means nothing for that row, as FID of the real motions would")
    if dashes:
        written.append(f"{UNDEFINED}: {', or '.join(dashes)}.")
    return written


def _blocks(bound: Bound, records: Mapping[Key, Record]) -> list[str]:
    """What was measured: a line for each group of rows, dataset, backbone and concept."""
    groups = {row.name: row.group for row in bound.rows}
    blocks: dict[tuple[str, str, str, str], list[CellAddress]] = {}
    for cell in of_motions(bound.cells):
        where = (groups[cell.row], cell.dataset, cell.backbone, cell.concept)
        blocks.setdefault(where, []).append(cell)
    lines = []
    for (group, dataset, backbone, concept), cells in blocks.items():
        measured = [
            (cell, records[cell.row, cell.column])
            for cell in cells
            if (cell.row, cell.column) in records
        ]
        sizes: dict[str, list[int]] = {}
        for cell, record in measured:
            sizes.setdefault(_set(cell.set), []).append(record["n"])
        samples = [f"{_range(counts)} samples of {name}" for name, counts in sizes.items()]
        repeats = _range(record["repeats"] for _, record in measured)
        lines.append(
            f"{group or 'Measured'}: dataset {dataset}, backbone {backbone}, concept {concept}; "
            f"{repeats} repeats with {' and '.join(samples) or 'no samples'} each."
        )
    return lines


def _arithmetic(bound: Bound) -> Iterator[str]:
    """What methods do by default where the paper's text and its code differ, and rows do so."""
    told: dict[str, dict[str, None]] = {}
    for cell in bound.cells:
        variant = bound.variants.get(cell.variant)
        if variant is None:  # real motions
            continue
        literals = registry.literals("methods", variant["method"])
        for name in literals.get("REFERENCE", ()):
            default = literals["PARAMS"][name]["default"]
            if variant.get(name, default) == default:
                told.setdefault(variant["method"], {})[f"{name} {json.dumps(default)}"] = None
    if told:
        methods = "; ".join(f"{method} {', '.join(choices)}" for method, choices in told.items())
        yield (
            "Where the paper's text and its code differ, rows do as the text says, unless their "
            f"parameters say otherwise: {methods}."
        )


def _parameters(bound: Bound) -> Iterator[str]:
    """What the method of each row was told beside its defaults: how it counts, say."""
    labels = {row.name: row.label for row in bound.rows}
    told: dict[str, None] = {}
    for cell in bound.cells:
        variant = bound.variants.get(cell.variant)
        if variant is None:  # real motions
            continue
        known = registry.literals("methods", variant["method"])["PARAMS"]
        given = [
            f"{name} {json.dumps(variant[name], ensure_ascii=False)}"
            for name, each in known.items()
            if name in variant and variant[name] != each.get("default")
        ]
        if given:
            told[f"“{labels[cell.row]}”: {', '.join(given)}"] = None
    if told:
        yield f"Parameters that are not their method's defaults: {'; '.join(told)}."


def _set(name: str) -> str:
    """ "the forget set", or "the forget set of kick" where it is of another concept."""
    concept, _, own = name.rpartition("/")
    return f"the {own} set of {concept}" if concept else f"the {own} set"


def _spread(records: Mapping[Key, Record], seed: int) -> Iterator[str]:
    """What ± is, and what it is not; nothing where all is times, which were not repeated."""
    repeats = sorted({each["repeats"] for each in records.values() if each["repeats"]})
    if records and not repeats:
        return
    times = [f"{wider:.1f}" for count in repeats if (wider := student_to_protocol(count))]
    student = ""
    if times:
        wide = " to ".join(dict.fromkeys((times[-1], times[0])))
        student = f" (Student's 95% interval, in the cells and in CSV, is {wide} times as wide)"
    yield (
        "Values are mean ± 1.96·std/√repeats with the population's std, as the benchmark has it"
        f"{student}. That is how far the repeats of one trained model differ; how far another "
        f"training would, it does not say. Seed {seed}."
    )


def _against(bound: Bound, records: Mapping[Key, Record]) -> Iterator[str]:
    """The numbers that values are measured against, of each set; those of all models are one."""
    headers = {column.name: column.header for column in bound.columns}
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for cell in of_motions(bound.cells):
        record = records.get((cell.row, cell.column), {})
        if "against" in record:
            _, numbers = found.setdefault(cell.metric, (headers[cell.column], {}))
            where = f"on {_set(cell.set)} (dataset {cell.dataset}, concept {cell.concept})"
            numbers.setdefault(where, number(record["against"]))
    for metric, (header, numbers) in found.items():
        told = ", ".join(f"{value} {where}" for where, value in numbers.items())
        yield f"{header} is measured against {claims.measured_against(metric)}: {told}."


def _contradictions(bound: Bound, records: Mapping[Key, Record]) -> Iterator[str]:
    """Where nobody is marked, because to forget all is worse than to forget nothing."""
    for each in claims.contradictions(bound, records):
        where, column = each.address, each.column
        yield (
            f"{column.header} {column.arrow} contradicts itself on {_set(where.set)} (dataset "
            f"{where.dataset}, backbone {where.backbone}): “{where.variant}”, which never saw the "
            f"concept, has {number(each.reference)}, and “{bound.original}”, which forgot nothing, "
            f"{number(each.original)}. Nobody is marked as best there."
        )


def _controls(bound: Bound, records: Mapping[Key, Record]) -> Iterator[str]:
    """Why columns of forget sets mark nobody, which rows are controls, and what these win."""
    labels = {row.name: row.label for row in bound.rows}
    cells = of_motions(bound.cells)
    shown = dict.fromkeys(
        labels[cell.row]
        for cell in cells
        if cell.variant in bound.controls and (cell.row, cell.column) in records
    )
    if shown:
        yield f"Controls, which must not win: {', '.join(f'“{label}”' for label in shown)}."
    if controls.deciding_nothing(bound):
        headers = {column.name: column.header for column in bound.columns}
        alone = dict.fromkeys(headers[each.column] for each in cells if controls.alone(each.metric))
        but = f" but {', '.join(f'“{header}”' for header in alone)}" if alone else ""
        yield (
            "What breaks a motion does well on a forget set too, so no column of one marks a best"
            f"{but}."
        )
    contests = list(controls.contests(bound, records))
    if won := [each for each in contests if each.match.won]:
        yield f"{controls.MARK} A control wins {_places(won)}. Nobody is marked as best there."
    if tied := [each for each in contests if each.match.tied]:
        yield (
            f"No method is better than a control in {_places(tied)}. Nobody is marked as best "
            "there."
        )


def _places(contests: Iterable[controls.Contest]) -> str:
    """The columns of contests, each with who met there, by set, dataset and backbone."""
    found: dict[str, list[str]] = {}
    for each in contests:
        where = each.address
        (control, theirs), (method, best) = each.match.control, each.match.rival
        found.setdefault(
            f"on {_set(where.set)} (dataset {where.dataset}, backbone {where.backbone})", []
        ).append(
            f"{each.column.header} {each.column.arrow} (“{control}” {number(theirs)}, the best "
            f"method, “{method}”, {number(best)})"
        )
    return "; ".join(f"{', '.join(columns)} {place}" for place, columns in found.items())


def _costs(bound: Bound, records: Mapping[Key, Record]) -> Iterator[str]:
    """Which records the time of each row is the sum of, or why it is not known."""
    labels = {row.name: row.label for row in bound.rows}
    for cell in bound.cells:
        if cell.is_cost and (cell.row, cell.column) in records:
            yield _cost(labels[cell.row], records[cell.row, cell.column]["cost"])


def _cost(label: str, cost: Mapping[str, Any]) -> str:
    if cost["seconds"] is None:
        return f"Time of “{label}”: unknown. {cost['reason']}"
    parts = [f"{each['record']} {number(each['seconds'], 'seconds')}" for each in cost["jobs"]]
    where = dict.fromkeys(f"{each['device']}, threads: {each['threads']}" for each in cost["jobs"])
    return (
        f"Time of “{label}”, beyond the original: {number(cost['seconds'], 'seconds')} "
        f"({'; '.join(where)}), the sum of {', '.join(parts)}."
    )


def _undefined(bound: Bound, records: Mapping[Key, Record]) -> Iterator[str]:
    """Which cells stand for fewer motions than the set has, or for none, and why. Where a whole
    column has no value for one reason, its rows are not listed."""
    labels = {row.name: row.label for row in bound.rows}
    titles = {each.name: f"{each.group} {each.header}".strip() for each in bound.columns}
    filled = {column for (_, column), record in records.items() if record["value"] is not None}
    found: dict[tuple[str, str], list[str]] = {}
    for (row, column), record in records.items():
        if lacking := record.get("undefined"):
            left = lacking["of"] - lacking["motions"]
            said = f"“{labels[row]}” {left} of {lacking['of']}" if left else f"“{labels[row]}” none"
            found.setdefault((column, lacking["why"]), []).append(said)
    reasons = Counter(column for column, _ in found)
    for (column, why), rows in found.items():
        if column in filled or reasons[column] > 1:
            yield (
                f"{titles[column]} stands for fewer motions than were measured, because it is "
                f"undefined where {why}: {', '.join(rows)}."
            )
        else:
            yield f"{titles[column]} has no value in any row, because {why}."


def _reading(bound: Bound, records: Mapping[Key, Record]) -> str:
    variants = {(cell.row, cell.column): cell.variant for cell in bound.cells}
    shown = any(variants[key] == bound.reference for key in records)
    labels = {row.name: row.label for row in bound.rows}
    aims = {row.label for row in bound.rows if row.address.get("variant") == bound.reference}
    aim = aims.pop() if len(aims) == 1 else bound.reference
    unknown = "" if shown else " (which has no value here, so none is best there)"
    anchors = dict.fromkeys(
        labels[row] for (row, _), variant in variants.items() if variant in bound.anchors
    )
    compared = f" Not competing: {', '.join(f'“{label}”' for label in anchors)}." if anchors else ""
    grouped = " of a group" if any(row.group for row in bound.rows) else ""
    return (
        f"↓ lower, ↑ higher, → closer to the row “{aim}”{unknown} is better. Bold: the best of "
        f"the methods{grouped}; underlined: the second best of three or more.{compared}"
    )


def _paper(records: Mapping[Key, Record]) -> str:
    sources = dict.fromkeys(
        record["paper"]["source"] for record in records.values() if record["paper"]
    )
    if sources:
        return f"The paper's values are in brackets: {'; '.join(sources)}."
    return (
        "This configuration is not the paper's, or the paper has no such table: its values are "
        "not shown, because they would not be comparable."
    )


def _range(values: Iterable[Any]) -> str:
    """ "20", or "5 to 20" where values differ."""
    known = sorted(set(values))
    if not known:
        return "no"
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,} to {known[-1]:,}"
