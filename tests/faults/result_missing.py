"""A folder of results is gone."""

import shutil

from support.forging import Toy

SAID = "missing: results/counts"


def fault(toy: Toy) -> None:
    shutil.rmtree(toy.root / "results/counts")
