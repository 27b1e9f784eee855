"""A record names no inputs any more."""

from support.forging import TOTAL, Toy, forge

SAID = "lists other inputs than its job had"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: it.update(inputs=[]))
