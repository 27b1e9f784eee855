"""A result is a link to itself."""

from support.forging import TOTAL, Toy

SAID = "missing: results/totals/a.json"


def fault(toy: Toy) -> None:
    (toy.root / TOTAL).unlink()
    (toy.root / TOTAL).symlink_to("a.json")
