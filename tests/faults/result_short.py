"""A result was cut short."""

from support.forging import TOTAL, Toy

SAID = "changed: results/totals/a.json"


def fault(toy: Toy) -> None:
    (toy.root / TOTAL).write_text("", encoding="utf-8")
