"""What a configuration cuts of the paper's settings: the pages of its tables say it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hmu.config.configuration import Configuration
from hmu.sections.backbone import Trained, of_kind
from hmu.sections.base import Section
from hmu.tables.addresses import CellAddress


def of_tables(
    config: Mapping[str, Any], cells: Mapping[str, Sequence[CellAddress]]
) -> dict[str, list[str]]:
    """For each table of a validated configuration, by its ``cells``, what it cuts, in sentences.

    That is data which the pipeline made, the protocol of evaluation, and sizes and epochs of the
    models in its rows.
    """
    given = Configuration.model_validate(config, strict=False)
    return {table: list(_of_table(given, own)) for table, own in cells.items()}


def _of_table(given: Configuration, cells: Sequence[CellAddress]) -> Iterator[str]:
    for name in dict.fromkeys(cell.dataset for cell in cells):
        if demo := given.datasets[name].demo:
            yield f"Cut: the dataset {name} is {demo.clips} clips that the pipeline made itself."
    if told := _differences(given.evaluation):
        yield f"Cut, with the paper's in brackets: {told}."
    for name in dict.fromkeys(cell.backbone for cell in cells):
        yield from _of_backbone(given, name)


def _of_backbone(given: Configuration, name: str) -> Iterator[str]:
    backbone = given.backbones[name]
    usual = of_kind(backbone.kind)().parts() if backbone.parts() else {}
    owner = (
        given.backbones[backbone.shares]
        if isinstance(backbone, Trained) and backbone.shares
        else None
    )
    for part, section in backbone.parts().items():
        if owner is not None and part in backbone.shared:
            continue
        cut = [
            _differences(section, usual[part], leave_out={"training", "stride"}),
            _differences(section.training, usual[part].training, only={"epochs"}),
        ]
        if told := ", ".join(filter(None, cut)):
            yield f"Cut, with the paper's in brackets, {name}, {part}: {told}."


def _differences(
    section: Section,
    usual: Section | None = None,
    leave_out: frozenset[str] | set[str] = frozenset(),
    only: set[str] | None = None,
) -> str:
    """The numbers of a section that are not the paper's: "repeats 3 (20)"."""
    usual = usual or type(section)()
    found = []
    for name, value in section:
        theirs = getattr(usual, name)
        if name in leave_out or (only is not None and name not in only) or value == theirs:
            continue
        if isinstance(value, Section):
            found.append(f"{name} {_differences(value, theirs)}")
        elif isinstance(value, int | float):
            found.append(f"{name} {value} ({theirs})")
    return ", ".join(found)
