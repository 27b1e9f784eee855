"""A record names no code."""

from support.forging import TOTAL, Toy, forge

SAID = "does not name the code of its step"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it["code"].update(files={}))
