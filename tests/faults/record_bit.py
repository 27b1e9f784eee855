"""A bit of a record flips."""

from support.forging import Toy, flip

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    flip(toy.root / "results/lineage/totals/a.json.json")
