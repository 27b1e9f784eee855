"""A number is edited, and its record sealed again."""

from support.forging import CELL, Toy, entry, forge

SAID = "is another when it is made again from its inputs"


def fault(toy: Toy) -> None:
    (toy.root / CELL).write_text("11", encoding="utf-8")
    forge(toy, CELL, lambda it: it["outputs"][0].update(entry(toy, CELL)))
