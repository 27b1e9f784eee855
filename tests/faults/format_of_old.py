"""A record is of an earlier version of this project."""

from support.forging import TOTAL, Toy, forge

SAID = "has record format 1"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(format=1))
