"""A file is put into a folder of results."""

from support.forging import Toy

SAID = "added: results/counts/c.csv"


def fault(toy: Toy) -> None:
    (toy.root / "results/counts/c.csv").write_text("1", encoding="utf-8")
