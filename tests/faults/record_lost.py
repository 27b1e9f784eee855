"""A record is lost."""

from support.forging import Toy

SAID = "no record: results/totals/a.json"


def fault(toy: Toy) -> None:
    (toy.root / "results/lineage/totals/a.json.json").unlink()
