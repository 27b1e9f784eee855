"""A record has no list of inputs."""

from support.forging import TOTAL, Toy, forge

SAID = "is damaged"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.pop("inputs"))
