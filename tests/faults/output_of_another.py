"""A record is that of another output."""

from support.forging import TOTAL, Toy, forge

SAID = "speaks of results/totals/b.json, not of results/totals/a.json"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it["outputs"][0].update(path="results/totals/b.json"))
