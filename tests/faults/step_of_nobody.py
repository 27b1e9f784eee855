"""A record names a step that is none."""

from support.forging import TOTAL, Toy, forge

SAID = "does not name the code of its step"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(step="nothing"))
