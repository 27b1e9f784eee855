"""A record is no text."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes("\x00\xff".encode("latin-1"))
