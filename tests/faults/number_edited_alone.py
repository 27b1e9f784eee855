"""A number is edited."""

from support.forging import CELL, Toy

SAID = "changed: results/cells/main/sum.json"


def fault(toy: Toy) -> None:
    (toy.root / CELL).write_text("11", encoding="utf-8")
