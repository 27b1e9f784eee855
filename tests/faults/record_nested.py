"""A record is five hundred levels deep."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes(('{"a":' * 500 + "1" + "}" * 500).encode("latin-1"))
