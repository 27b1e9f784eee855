"""What was unlearned from what, with which data, and where metrics disagree, in a few sentences."""

from collections.abc import Iterable, Sequence
from typing import Any

from hmu.tables.addresses import REAL, CellAddress
from hmu.tables.table import Table


def sentences(tables: Sequence[Table], concepts: Iterable[dict[str, Any]]) -> list[str]:
    """One for what each dataset's models forgot, one for how, one for how it was measured; and the
    tables' own on where their metrics disagree.

    ``concepts`` are those of the tables: ``dataset``, ``concept``, its ``keywords``, the number of
    ``clips`` and ``of`` how many that is.
    """
    addresses = [address for table in tables for address in table.addresses.values()]
    of_dataset: dict[str, list[dict[str, Any]]] = {}
    for each in concepts:
        of_dataset.setdefault(each["dataset"], []).append(each)
    said = [_forgot(dataset, told, addresses) for dataset, told in of_dataset.items()]
    methods = {
        address.variant
        for table in tables
        for address in table.addresses.values()
        if address.variant != REAL and address.variant not in table.anchors
    }
    said.append(
        f"{_ways(len(methods))} between the original model, which forgot nothing, and the one "
        "retrained without these clips, which is what forgetting aims at."
    )
    records = [cell for table in tables for cell in table.cells.values() if cell["repeats"]]
    if records:
        repeats = _range(cell["repeats"] for cell in records)
        samples = _range(cell["n"] for cell in records)
        said.append(
            f"Each was asked for {samples} motions a set in {repeats} repeats; every number leads "
            "back to the raw files, code, settings and seeds that made it."
        )
    return said + [each for table in tables for each in table.disagreements]


def _forgot(
    dataset: str, concepts: Sequence[dict[str, Any]], addresses: Iterable[CellAddress]
) -> str:
    """What the models of a dataset forgot; of one concept also its words."""
    models = {
        each["concept"]: _listed(
            dict.fromkeys(
                address.backbone
                for address in addresses
                if (address.dataset, address.concept) == (dataset, each["concept"])
            )
        )
        for each in concepts
    }
    first, *others = concepts
    data = f"On {dataset}, {first['of']:,} clips,"
    if not others:
        return (
            f"{data} {models[first['concept']]} forgot {first['concept']}: the "
            f"{first['clips']:,} clips ({_share(first)}) of which a caption has "
            f"{_listed(first['keywords'], 'or')}."
        )
    named = [
        f"{each['concept']} ({each['clips']:,} clips, {_share(each)}; {models[each['concept']]})"
        for each in concepts
    ]
    return f"{data} models forgot {_listed(named)}."


def _share(concept: dict[str, Any]) -> str:
    return f"{concept['clips'] / concept['of']:.0%}" if concept["of"] else "none"


def _ways(count: int) -> str:
    return "One way of forgetting stands" if count == 1 else f"{count} ways of forgetting stand"


def _listed(names: Iterable[str], word: str = "and") -> str:
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def _range(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,} to {found[-1]:,}"
