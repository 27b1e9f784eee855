"""A record is a hundred thousand levels deep."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes(("[" * 100_000).encode("latin-1"))
