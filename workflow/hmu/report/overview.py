"""What was unlearned from what, and with which data, in a few sentences."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from hmu.tables.addresses import REAL, CellAddress
from hmu.tables.table import Table


def sentences(
    tables: Sequence[Table],
    concepts: Iterable[dict[str, Any]],
    scenes: Iterable[Mapping[str, Any]],
    variants: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """One for what each dataset's models forgot, one for how, and one for how it was measured.

    ``concepts`` are those of the tables: ``dataset``, ``concept``, its ``keywords``, the number of
    ``clips`` and ``of`` how many that is. ``scenes`` are those that `hmu.report.scene_plan` plans:
    who is in them, and as what. ``variants`` are the configured ones by name, each with its
    ``method``.
    """
    of_role: dict[str, dict[str, str]] = {}
    for each in (model for scene in scenes for model in scene["models"]):
        of_role.setdefault(each["role"], {}).setdefault(each["name"], each["label"])
    elsewhere = of_role.get("elsewhere", {})
    forgot_nothing = {REAL, *of_role.get("original", {})}
    addresses = [
        address
        for table in tables
        for address in table.addresses.values()
        if address.variant not in forgot_nothing
    ]
    of_dataset: dict[str, list[dict[str, Any]]] = {}
    for each in concepts:
        of_dataset.setdefault(each["dataset"], []).append(each)
    said = [_forgot(dataset, told, addresses) for dataset, told in of_dataset.items()]
    anchors = {variant for table in tables for variant in table.anchors}
    if methods := of_role.get("method", {}).keys() - anchors:
        said.append(_ways([variants[each]["method"] for each in methods], of_role))
    if elsewhere:
        labels = _listed(dict.fromkeys(elsewhere.values()))
        said.append(f"Beside these stand motions that were made elsewhere: {labels}.")
    records = [cell for table in tables for cell in table.cells.values() if cell["repeats"]]
    if records:
        repeats = _range(cell["repeats"] for cell in records)
        samples = _range(cell["n"] for cell in records)
        said.append(
            f"Each was asked for {samples} motions a set in {repeats} repeats; every number leads "
            "back to the raw files, code, settings and seeds that made it."
        )
    return said


def _forgot(
    dataset: str, concepts: Sequence[dict[str, Any]], addresses: Iterable[CellAddress]
) -> str:
    """What the models of a dataset forgot; of one concept also its words."""
    models: dict[str, dict[str, None]] = {}  # names, each once, in their order
    for each in addresses:
        if each.dataset == dataset:
            models.setdefault(each.concept, {})[each.backbone] = None
    first, *others = concepts
    data = f"On {dataset}, {first['of']:,} clips,"
    if not others:
        names = _listed(models.get(first["concept"], {}))
        forgot = f"{names} forgot {first['concept']}: " if names else f"{first['concept']} is "
        return (
            f"{data} {forgot}the {first['clips']:,} clips ({_share(first)}) of which a caption "
            f"has {_listed(first['keywords'], 'or')}."
        )
    named = [
        f"{each['concept']} ({each['clips']:,} clips, {_share(each)}"
        + (f"; {_listed(models[each['concept']])})" if each["concept"] in models else ")")
        for each in concepts
    ]
    return f"{data} models forgot {_listed(named)}."


def _share(concept: dict[str, Any]) -> str:
    return f"{concept['clips'] / concept['of']:.0%}" if concept["of"] else "none"


def _ways(methods: Sequence[str], roles: Container[str]) -> str:
    """How many methods there are by those of all variants, and what they stand beside, of what
    there is."""
    count, variants = len(set(methods)), len(methods)
    ways = "One method of forgetting" if count == 1 else f"{count} methods of forgetting"
    ways += f", in {variants} variants," if variants > count else ""
    ways += " stands" if count == 1 else " stand"
    original = "the original model, which forgot nothing"
    retrained = "retrained without these clips, which is what forgetting aims at"
    if "original" in roles and "reference" in roles:
        return f"{ways} between {original}, and the one {retrained}."
    if "reference" in roles:
        return f"{ways} beside the model {retrained}."
    return f"{ways} beside {original}." if "original" in roles else f"{ways} alone."


def _listed(names: Iterable[str], word: str = "and") -> str:
    *others, last = [*names] or [""]
    return f"{', '.join(others)} {word} {last}" if others else last


def _range(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,} to {found[-1]:,}"
