"""A record names no inputs, and says that its job had none."""

from support.forging import TOTAL, Toy, forge

SAID = "has no 'counts' among its inputs"


def fault(toy: Toy) -> None:
    forge(toy, TOTAL, lambda it: (it.update(inputs=[]), it["job"].update(inputs={})))
