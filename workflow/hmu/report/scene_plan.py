"""Which scenes the report has: the sets whose motions the tables measure, and by which models.

Planning reads this: it imports nothing that draws.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hmu.tables.addresses import REAL, of_motions
from hmu.tables.binding import Bound

ROLES = ("real", "original", "reference", "method")
"""In the order in which models stand."""


def scenes(bounds: Iterable[Bound], decodes: Callable[[str], bool]) -> list[dict[str, Any]]:
    """A scene for each (dataset, backbone, concept, set) of the tables, in their order.

    ``address`` is that, ``models`` are those that the tables measure there, each with ``name`` (the
    variant), ``label`` (of its first row) and ``role``; always the real motions. Left out are
    backbones of which ``decodes`` says that they have no codes: their motions were made elsewhere.
    """
    found: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for bound in bounds:
        labels = {row.name: row.label for row in bound.rows}
        roles = {bound.original: "original", bound.reference: "reference", REAL: "real"}
        for cell in of_motions(bound.cells):
            if not decodes(cell.backbone):
                continue
            where = (cell.dataset, cell.backbone, cell.concept, cell.set)
            models = found.setdefault(
                where, {REAL: {"name": REAL, "label": "Real motion", "role": "real"}}
            )
            if cell.variant not in models:
                models[cell.variant] = {
                    "name": cell.variant,
                    "label": labels[cell.row],
                    "role": roles.get(cell.variant, "method"),
                }
    return [
        {"address": list(where), "models": sorted(models.values(), key=_place)}
        for where, models in found.items()
    ]


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


def _place(model: dict[str, str]) -> int:
    return ROLES.index(model["role"])
