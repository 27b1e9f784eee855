"""A number is edited, and records of its own are put beside it."""

from hmu.provenance.lineage import Lineage, seal
from support.forging import CELL, Toy, entry

SAID = "changed: results/cells/main/sum.json"


def fault(toy: Toy) -> None:
    (toy.root / CELL).write_text("11", encoding="utf-8")
    value = toy.record("cells/main/sum.json")
    value.pop("seal")
    value["inputs"], value["job"]["inputs"] = [], {}
    value["outputs"] = [{**entry(toy, CELL), "path": "cells/main/sum.json"}]
    Lineage(toy.root / "results/cells").write(seal(value), ["cells/main/sum.json"])
