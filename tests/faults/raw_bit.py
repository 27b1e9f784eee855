"""A bit of a raw file flips, and its times are put back."""

from support.forging import Toy, flip

SAID = "changed: raw/a.txt"


def fault(toy: Toy) -> None:
    flip(toy.root / "raw/a.txt")
