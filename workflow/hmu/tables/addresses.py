"""Addresses: what a number measures, and where in a table it stands.

The address of a number is (dataset, backbone, concept, variant, set, metric). A table, its rows
and its columns each give a part of it; `merged` puts the parts together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from hmu import paths, registry
from hmu.errors import InputError
from hmu.tables.cells import COSTS

KEYS = ("dataset", "backbone", "concept", "variant", "set", "metric")
REAL = "real"
"""The variant whose motions are the dataset's own."""

Partial = Mapping[str, str]
"""Part of an address: some of KEYS, each with its value."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a number measures.

    ``concept`` is what the variant forgot. ``set`` is "NAME" of a configured set, or
    "CONCEPT/NAME" where the set is of another concept than the one forgotten: `kick/forget` on
    models that forgot violence; a cost has none. ``metric`` is the name of a value, such as "r@1".
    """

    dataset: str
    backbone: str
    concept: str
    variant: str
    set: str = ""
    metric: str

    @property
    def is_cost(self) -> bool:
        """Whether it is of the model itself, and not of motions in a set."""
        return self.metric in COSTS

    def place(self, sets: Mapping[str, Mapping[str, Any]]) -> tuple[str, str | None]:
        """The name of the set, and the concept that chooses its clips, or None when none does.

        ``sets`` are those of the configuration. Raises InputError when they lack the set, or when
        a concept stands before a set that holds the same clips for every concept.
        """
        own, _, name = self.set.rpartition("/")
        if name not in sets:
            raise InputError(f"there is no set {name!r} ({', '.join(sets)}): add it to `sets`.")
        if sets[name]["clips"] != "all":
            return name, own or self.concept
        if own:
            raise InputError(
                f"the set {self.set!r} names a concept, and {name!r} is the same for every "
                f"concept: write {name!r}."
            )
        return name, None

    def values(self, sets: Mapping[str, Mapping[str, Any]]) -> str:
        """The file that holds the number in each repeat, or the cost. Raises InputError as `place`
        does."""
        if self.is_cost:
            return paths.cost(self.dataset, self.backbone, self.concept, self.variant)
        return self._metric(sets, "values.json")

    def motions(self, sets: Mapping[str, Mapping[str, Any]]) -> str:
        """The file that holds it for each motion, where it has one. Raises InputError so too."""
        return self._metric(sets, "motions.npz")

    def _metric(self, sets: Mapping[str, Mapping[str, Any]], file: str) -> str:
        measured = paths.measured(self.backbone, self.variant)
        place = paths.place(*self.place(sets))
        plugin = plugin_of(self.metric)
        return paths.metric(self.dataset, measured, self.concept, place, plugin, file)

    def at(self, variant: str) -> "Address":
        """The same address of another variant."""
        return Address(**{**{key: getattr(self, key) for key in KEYS}, "variant": variant})


@dataclass(frozen=True)
class Printed:
    """A value of the paper, the half width of its interval if it has one, and where it stands."""

    value: float
    interval: float | None
    source: str


@dataclass(frozen=True, kw_only=True)
class CellAddress(Address):
    """What a cell measures, where it stands (table, row, column), and what the paper has there.

    ``paper`` is None where the paper has no value for the same address.
    """

    table: str
    row: str
    column: str
    paper: Printed | None = None

    def path(self) -> str:
        """The cell's file."""
        return paths.cell(self.table, self.row, self.column)

    def wildcards(self) -> dict[str, str]:
        """What names the file of the metric; there ``metric`` is the plugin that measures it."""
        kept = ("dataset", "backbone", "concept", "variant", "set")
        return {**{name: getattr(self, name) for name in kept}, "metric": plugin_of(self.metric)}

    def record(self) -> dict[str, Any]:
        """The address as plain data, ``paper`` as {value, interval, source} or None."""
        return asdict(self)


def merged(table: Partial, row: Partial, column: Partial) -> dict[str, str]:
    """One address of three parts.

    The row and the column win over the table: what they leave out comes from it. Neither wins over
    the other. Raises InputError when they give one key two values.
    """
    for key in sorted(row.keys() & column.keys()):
        if row[key] != column[key]:
            raise InputError(
                f"the row says {key}: {row[key]}, the column {key}: {column[key]}; leave it out of "
                "one of them."
            )
    return {**table, **row, **column}


def of_motions(cells: Iterable[CellAddress]) -> list[CellAddress]:
    """Those that are of motions in a set: all but costs."""
    return [cell for cell in cells if not cell.is_cost]


def check(metric: str) -> None:
    """Raise InputError for the name of no value, or of both a cost and a metric's."""
    if metric not in COSTS:
        plugin_of(metric)
        return
    for plugin in registry.names("metrics"):
        if metric in registry.literals("metrics", plugin).get("NAMES", ()):
            raise InputError(
                f"hmu/metrics/{plugin}.py gives {metric!r}, which is the name of a cost: give the "
                "metric's value another name."
            )


@cache
def plugin_of(metric: str) -> str:
    """The metric plugin that gives a value of this name. Raises InputError when none does."""
    for plugin in registry.names("metrics"):
        if metric in registry.literals("metrics", plugin).get("NAMES", ()):
            return plugin
    raise InputError(f"No plugin in hmu/metrics gives {metric!r}: correct the metric's name.")


def defined_for_real(metric: str) -> bool:
    """Whether a value means something for real motions in the place of generated ones."""
    return metric not in COSTS and bool(
        registry.literals("metrics", plugin_of(metric)).get("REAL", False)
    )


def subjects(metric: str) -> set[str]:
    """What a metric reads descriptions of: "generated" motions, "pairs" of them, "real" ones,
    a "text", or a "masked" one."""
    reads = registry.literals("metrics", plugin_of(metric))["READS"].values()
    return {address.partition("/")[0] for address in reads}


def of_an_edit(metric: str) -> bool:
    """Whether a value is of the edit of a codebook: of which codes of a motion were replaced, or
    what these were before."""
    return any({"replaced", "unedited"} & {*each["SEES"]} for each in _descriptors(metric))


def by_model(metric: str, model: str) -> bool:
    """Whether a value comes from what a trained model, such as "detector", says of motions or
    texts."""
    return any(model in each["MODELS"] for each in _descriptors(metric))


def _descriptors(metric: str) -> list[dict[str, Any]]:
    """What the descriptors behind a value say of themselves; a cost has none."""
    if metric in COSTS:
        return []
    reads = registry.literals("metrics", plugin_of(metric))["READS"].values()
    names = dict.fromkeys(address.partition("/")[2] for address in reads)
    return [registry.literals("descriptors", name) for name in names]


def no_such_cell(path: str, cells: Iterable[CellAddress]) -> str:
    """What to say of "TABLE/ROW/COLUMN" that none of ``cells`` is: what there is, and the nearest.

    ``path`` may also be a cell's whole path.
    """
    *_, table, row, column = path.removesuffix(".json").split("/")
    known = {f"{each.table}/{each.row}/{each.column}": each for each in cells}
    columns = [each.column for each in known.values() if (each.table, each.row) == (table, row)]
    rows = dict.fromkeys(f"{each.table}/{each.row}" for each in known.values())
    there = f"the row has {', '.join(columns)}" if columns else f"rows are {', '.join(rows)}"
    from difflib import get_close_matches  # a cell that there is does without

    near = get_close_matches(f"{table}/{row}/{column}", known, n=1)
    hint = f" Did you mean {path.replace(f'{table}/{row}/{column}', near[0])}?" if near else ""
    return f"{path} is not a cell of the configured tables; {there}.{hint}"
