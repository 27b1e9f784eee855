"""What the numbers of a table can show, and what not: how far apart two rows must be to differ."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from hmu.tables.differences import Difference
from hmu.tables.layouts import Column

BENCHMARK = 20
"""The repeats of the benchmark's evaluation."""

FEW = 100
"""Of fewer clips than so many a table says that they are few."""


def limits(columns: Sequence[Column], differences: Iterable[tuple[str, Difference]]) -> list[str]:
    """The sentences, of the differences of a table by the names of its columns; none where no two
    rows can be compared."""
    by_column: dict[str, list[Difference]] = {}
    for column, each in differences:
        if each.interval is not None:
            by_column.setdefault(column, []).append(each)
    told = [
        f"{column.group} {column.header} {_told(by_column[column.name])}".strip()
        for column in columns
        if column.name in by_column
    ]
    if not told:
        return []
    found = [each for all_of in by_column.values() for each in all_of]
    said = (
        "Pairs of rows that differ, by a paired bootstrap (95%, each by itself: of twenty pairs "
        "that differ in nothing one is called different), and how far apart half of the pairs must "
        f"be for that: {'; '.join(told)}."
    )
    return [said, *_small(found)]


def _told(pairs: Sequence[Difference]) -> str:
    differ = sum(each.differ() is True for each in pairs)
    half = median((each.interval[1] - each.interval[0]) / 2 for each in pairs if each.interval)
    return f"{differ} of {len(pairs)} (±{half:.3g})"


def _small(differences: Iterable[Difference]) -> Iterator[str]:
    units: dict[str, set[int]] = {"clips": set(), "repeats": set()}
    for each in differences:
        units[each.over].add(each.units)
    clips, repeats = (sorted(units[name]) for name in ("clips", "repeats"))
    few = [
        f"{_listed(counts)} {name}"
        for name, counts, enough in (("clips", clips, FEW), ("repeats", repeats, BENCHMARK))
        if counts and counts[0] < enough
    ]
    if few:
        yield (
            f"This is a small run ({', '.join(few)}). It can show that rows differ by as much as "
            "said, on clips like these. It cannot show smaller differences, how another training "
            "would come out, or which method is better on other data."
        )


def _listed(counts: Sequence[int]) -> str:
    """Sorted counts: all of two, of more the first and the last."""
    if len(counts) > 2:
        return f"{counts[0]} to {counts[-1]}"
    return " and ".join(map(str, counts))
