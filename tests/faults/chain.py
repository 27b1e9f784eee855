"""Records say that a result comes after two hundred generations."""

import shutil

from hmu.provenance.lineage import Lineage, seal
from support.forging import CELL, TOTAL, Toy, entry, forge

SAID = "generations"
EXIT = 2


def fault(toy: Toy) -> None:
    value, before = toy.record("totals/a.json"), TOTAL
    value.pop("seal")
    lineage = Lineage(toy.root / "results")
    for number in range(200):
        name = f"results/totals/{number}.json"
        shutil.copy(toy.root / TOTAL, toy.root / name)
        value["inputs"] = [entry(toy, before)]
        value["outputs"][0]["path"], before = name, name
        lineage.write(seal(value), [name])
    forge(toy, CELL, lambda it: it["inputs"].append(entry(toy, before)))
