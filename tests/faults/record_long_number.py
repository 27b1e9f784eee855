"""A record has a number of five thousand digits."""

from support.forging import Toy

SAID = "totals/a.json.json is damaged"


def fault(toy: Toy) -> None:
    record = toy.root / "results/lineage/totals/a.json.json"
    record.write_bytes(('{"format": ' + "9" * 5000 + "}").encode("latin-1"))
