"""A record's list of inputs is a number."""

from support.forging import TOTAL, Toy, forge

SAID = "is damaged"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(inputs=7))
