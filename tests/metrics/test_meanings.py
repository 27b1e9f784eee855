"""What the notes of tables say of metrics: the meaning of each value, and where that is from."""

import re

import pytest

from hmu import registry
from hmu.tables import claims, layout_files

NAMES = [
    name
    for plugin in registry.names("metrics")
    for name in registry.literals("metrics", plugin)["NAMES"]
]
LAYOUTS = ("evidence", "evidence-brief", "edits", "presence", "neighbours", "tmr")
PUBLISHED = (
    *("Heusel et al. 2017", "Guo et al. 2022", "Petrovich et al. 2023", "the paper"),
    *("EDGE", "FlowMDM", "guided-motion-diffusion", "kimodo", "PhysDiff"),
)


def said(*metrics: str) -> list[str]:
    return [*claims.meanings(metrics), *claims.explanations(metrics)]


@pytest.mark.parametrize("metric", NAMES)
def test_every_value_says_what_it_measures_and_where_that_is_from(metric: str) -> None:
    (sentence,) = said(metric)
    sources = "|".join(("ours", *map(re.escape, PUBLISHED)))
    assert re.search(rf"\((?:{sources})[^)]*\)", sentence), sentence


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pages_of_evidence_say_each_thing_once(layout: str) -> None:
    columns = layout_files.load(layout_files.path_of(layout)).columns
    metrics = [column.address["metric"] for column in columns]
    sentences = said(*metrics)
    assert len(sentences) == len(set(sentences))
    assert len(sentences) == len({re.sub(r"@\d+", "@", metric) for metric in metrics})
