"""A record has a number that is none."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes('{"seal": NaN}'.encode("latin-1"))
