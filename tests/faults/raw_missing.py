"""A raw file is gone."""

from support.forging import Toy

SAID = "missing: raw/a.txt"


def fault(toy: Toy) -> None:
    (toy.root / "raw/a.txt").unlink()
