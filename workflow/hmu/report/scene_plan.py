"""Which scenes the report has: the sets whose motions the tables measure, and by which models.

Planning reads this: it imports nothing that draws.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hmu.tables.addresses import REAL, CellAddress, of_motions, plugin_of, subjects
from hmu.tables.binding import Bound

ROLES = ("real", "original", "reference", "elsewhere", "method", "control")
"""In the order in which models stand."""
CHANGED = ("reference", "method", "control")
"""Those of models that have a checkpoint of their own."""

PRESENCE = "presence"
"""The metric that says of each motion whether the detector finds the concept."""

_Models = dict[str, dict[str, str]]


def scenes(bounds: Iterable[Bound], made_elsewhere: Callable[[str], bool]) -> list[dict[str, Any]]:
    """A scene for each (dataset, backbone, concept, set) of the tables, in their order.

    ``address`` is that, ``models`` are those that the tables measure there, each with ``name`` (the
    variant), ``label`` (of its first row) and ``role``; always the real motions. Motions that were
    ``made_elsewhere``, which says so of a backbone, stand in each scene of the same dataset,
    concept and set, under "BACKBONE/VARIANT", and where there is none, in one of their own.
    """
    found: dict[tuple[str, ...], _Models] = {}
    guests: dict[tuple[str, ...], _Models] = {}
    for bound in bounds:
        labels = {row.name: row.label for row in bound.rows}
        roles: dict[str | None, str] = dict.fromkeys(bound.controls, "control")
        # The original may be what a table compares with.
        roles |= {bound.reference: "reference", bound.original: "original", REAL: "real"}
        for cell in of_motions(bound.cells):
            where = (cell.dataset, cell.backbone, cell.concept, cell.set)
            if not made_elsewhere(cell.backbone):
                models = found.setdefault(where, _real())
                role = roles.get(cell.variant, "method")
                models.setdefault(cell.variant, _model(cell.variant, labels[cell.row], role))
            # Only what a metric reads of the plan is collected: pairs are other motions.
            elif cell.variant != REAL and "generated" in subjects(cell.metric):
                name = f"{cell.backbone}/{cell.variant}"
                models = guests.setdefault(where, {})
                models.setdefault(name, _model(name, labels[cell.row], "elsewhere"))
    for at, models in guests.items():
        hosts = [scene for each, scene in found.items() if _apart(each) == _apart(at)]
        for host in hosts or [found.setdefault(at, _real())]:
            host.update(models)
    return [
        {"address": list(where), "models": sorted(models.values(), key=_place)}
        for where, models in found.items()
    ]


def from_elsewhere(scene: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Of the models of a scene whose motions were made elsewhere, the name and the backbone."""
    names = [each["name"] for each in scene["models"] if each["role"] == "elsewhere"]
    return [(name, name.partition("/")[0]) for name in names]


def decoded(scene: Mapping[str, Any]) -> bool:
    """Whether some motions of a scene are codes that its backbone decodes."""
    return any(each["role"] in ("original", *CHANGED) for each in scene["models"])


def name_in(scene: Mapping[str, Any], cell: CellAddress) -> str | None:
    """The name of the model that a cell measures in a scene; None where the scene lacks it."""
    dataset, backbone, concept, chosen = scene["address"]
    if (cell.dataset, cell.concept, cell.set) != (dataset, concept, chosen):
        return None
    names = [f"{cell.backbone}/{cell.variant}"]
    if cell.backbone == backbone or cell.variant == REAL:
        names.append(cell.variant)
    known = {each["name"] for each in scene["models"]}
    return next((name for name in names if name in known), None)


def asks_detector(scene: Mapping[str, Any], cells: Iterable[CellAddress]) -> bool:
    """Whether some of the cells, which are of motions, say of a model of a scene in which of these
    the concept is found."""
    return any(plugin_of(each.metric) == PRESENCE and name_in(scene, each) for each in cells)


def place_of(scenes: Sequence[Mapping[str, Any]], cell: CellAddress) -> tuple[int | None, str]:
    """The scene that shows what a cell measures, by its number, of its own backbone if there is
    one, and the name of the model in it; None where no scene does."""
    found = [
        (scene["address"][1] != cell.backbone, number, name)
        for number, scene in enumerate(scenes)
        if (name := name_in(scene, cell))
    ]
    _, number, name = min(found, default=(False, None, cell.variant))
    return number, name


def has_original(scene: Mapping[str, Any]) -> bool:
    """Whether the original's motions are among those of a scene."""
    return any(each["role"] == "original" for each in scene["models"])


def shows_its_concept(scene: Mapping[str, Any], implicit: bool) -> bool:
    """Whether the prompts of a scene are to be those whose motion shows the concept clearest: of a
    forget set, or of prompts that are ``implicit``. The motion is the original's, which must be
    there."""
    return has_original(scene) and (implicit or scene["address"][-1] == "forget")


def titles(scenes: Sequence[dict[str, Any]]) -> list[str]:
    """What tells each scene from the others: of its address what is not the same in all."""
    columns = list(zip(*(each["address"] for each in scenes), strict=True))
    kept = [number for number, names in enumerate(columns) if len(set(names)) > 1] or [-1]
    return [" · ".join(each["address"][number] for number in kept) for each in scenes]


def _apart(where: Sequence[str]) -> tuple[str, ...]:
    """An address without the backbone."""
    dataset, _, *others = where
    return (dataset, *others)


def _real() -> _Models:
    return {REAL: _model(REAL, "Real motion", "real")}


def _model(name: str, label: str, role: str) -> dict[str, str]:
    return {"name": name, "label": label, "role": role}


def _place(model: dict[str, str]) -> int:
    return ROLES.index(model["role"])
