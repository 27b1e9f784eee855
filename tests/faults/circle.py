"""Records say that a result was made from itself."""

from support.forging import TOTAL, Toy, entry, forge

SAID = "made from itself: results/totals/a.json"
EXIT = 2


def fault(toy: Toy) -> None:
    total = entry(toy, TOTAL)
    forge(toy, TOTAL, lambda it: it["inputs"].append(total))
