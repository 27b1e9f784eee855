"""A record's input has no hash."""

from support.forging import TOTAL, Toy, forge

SAID = "is damaged"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(inputs=[{"path": "x"}]))
