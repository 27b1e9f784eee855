"""What cells may ask of motions that were made elsewhere, which are no model and have no codes."""

from collections.abc import Iterable, Iterator

from hmu import registry
from hmu.config.configuration import Configuration
from hmu.tables.addresses import REAL, CellAddress, plugin_of


def of_cells(config: Configuration, cells: Iterable[CellAddress]) -> Iterator[str]:
    """Methods that would edit a model, metrics that read codes, and motions for two datasets."""
    datasets: dict[str, str] = {}
    for cell in cells:
        kind = config.backbones[cell.backbone].kind
        if cell.variant == REAL or "MOTIONS" not in registry.literals("backbones", kind):
            continue
        where = f"tables.{cell.table}, row {cell.row!r}"
        given = f"the backbone {cell.backbone!r} is motions that were made elsewhere"
        method = config.variants[cell.variant].method
        if doing := _what_it_does(method):
            yield (
                f"{where}: the method {method!r} {doing}, and {given}; show the variant of the "
                "method 'original' alone."
            )
        if seeing := _that_sees_codes(cell.metric):
            yield (
                f"{where}, column {cell.column!r}: the descriptor {seeing!r} sees codes, and "
                f"{given}, without codes; leave the metric out."
            )
        other = datasets.setdefault(cell.backbone, cell.dataset)
        if other != cell.dataset:
            yield (
                f"backbones.{cell.backbone}: tables measure its motions on the datasets {other!r} "
                f"and {cell.dataset!r}; add a backbone with a directory of its own for each."
            )


def _what_it_does(method: str) -> str | None:
    literals = registry.literals("methods", method)
    if literals.get("CHANGES"):
        return "edits a model"
    return "alters what a model generated" if "ALTERS" in literals else None


def _that_sees_codes(metric: str) -> str | None:
    """The descriptor, of those of generated motions that a metric reads, that sees codes."""
    reads = registry.literals("metrics", plugin_of(metric))["READS"].values()
    for subject, _, name in (address.partition("/") for address in reads):
        of_motions = subject in ("generated", "pairs")
        if of_motions and "codes" in registry.literals("descriptors", name)["SEES"]:
            return name
    return None
