"""A record names no outputs."""

from support.forging import TOTAL, Toy, forge

SAID = "speaks of nothing, not of results/totals/a.json"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(outputs=[]))
