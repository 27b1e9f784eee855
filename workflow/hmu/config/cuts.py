"""What a configuration cuts of the paper's settings: the pages of its tables say it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hmu.config.configuration import Configuration
from hmu.sections.backbone import Trained, of_kind
from hmu.sections.base import Section
from hmu.sections.training import Schedule
from hmu.tables.addresses import CellAddress, by_model

JUDGES = {"evaluator": "the paper's", "tmr": "its authors'", "detector": "the default"}
"""What measures motions, which is trained here unless its dataset brings it: the section of each,
and whose its defaults are."""


def of_tables(
    config: Mapping[str, Any], cells: Mapping[str, Sequence[CellAddress]]
) -> dict[str, list[str]]:
    """For each table of a validated configuration, by its ``cells``, what it cuts, in sentences.

    That is data which the pipeline made, the protocol of evaluation, what reads texts, and sizes
    and epochs of the models in its rows and of those that measure them. The length estimator is not
    among these: motions of tables are as long as their samples.
    """
    given = Configuration.model_validate(config, strict=False)
    return {table: list(_of_table(given, own)) for table, own in cells.items()}


def _of_table(given: Configuration, cells: Sequence[CellAddress]) -> Iterator[str]:
    for name in dict.fromkeys(cell.dataset for cell in cells):
        if demo := given.datasets[name].demo:
            yield f"Cut: the dataset {name} is {demo.clips} clips that the pipeline made itself."
    if told := _differences(given.evaluation):
        yield f"Cut, with the paper's in brackets: {told}."
    trained = given.trained()
    if given.text_encoder.weights is None and any(cell.backbone in trained for cell in cells):
        yield "Cut: models read the mean of word vectors, in the place of CLIP's text tower."
    for judge in JUDGES:
        yield from _of_judge(given, judge, [each for each in cells if by_model(each.metric, judge)])
    for name in dict.fromkeys(cell.backbone for cell in cells):
        yield from _of_backbone(given, name)


def _of_judge(given: Configuration, judge: str, cells: Sequence[CellAddress]) -> Iterator[str]:
    """What is cut of a model that measures the ``cells``, where one of their datasets trains it."""
    datasets = [given.datasets[name] for name in dict.fromkeys(cell.dataset for cell in cells)]
    here = [each for each in datasets if getattr(each, judge, None) is None]
    if not here:
        return
    section: Section = getattr(given, judge)
    usual = type(section)()
    trainings = [name for name, value in section if isinstance(value, Schedule)]
    own = judge == "evaluator" and any(each.word_vectors is None for each in here)
    cut = ["word vectors of the pipeline's own (GloVe)"] if own else []
    cut.append(_differences(section, leave_out=set(trainings)))
    for name in trainings:
        told = _differences(getattr(section, name), getattr(usual, name), only={"epochs"})
        cut += [f"{name} {told}"] if told else []
    if told := ", ".join(filter(None, cut)):
        yield f"Cut, with {JUDGES[judge]} in brackets, {judge}: {told}."


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
