"""A record has a key twice."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes('{"format": 3, "format": 3}'.encode("latin-1"))
