"""A bit of a file in a folder flips, and its times are put back."""

from support.forging import Toy, flip

SAID = "changed: results/counts/a.csv"


def fault(toy: Toy) -> None:
    flip(toy.root / "results/counts/a.csv")
