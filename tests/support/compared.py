"""A table of which two rows are compared: R@1 over clips, FID over one repeat."""

from hmu.tables import binding
from hmu.tables.differences import Difference
from hmu.tables.table import Table, assemble


def table(tested: bool = True) -> Table:
    """Its rows are, one after another, the original, UCE and LCR; of the first and the last exact
    tests say whether they differ, if R@1 is ``tested``."""
    config = {
        "tables": {"t": {"layout": "main", "dataset": "d", "concept": "c"}},
        "datasets": {"d": None},
        "backbones": {"momask": None},
        "concepts": {"c": None},
        "variants": {name: {"method": name} for name in ("original", "lcr", "uce")},
        "sets": {name: {"prompts": "captions", "clips": name} for name in ("forget", "retain")},
    }
    more = {"interval": 0.01, "t_interval": None, "repeats": 1, "n": 1, "paper": None, "values": []}
    cells = {
        (row, column): {"value": value, "path": "x", **more}
        for row, value in (("original", 0.5), ("uce", 0.4), ("lcr", 0.2))
        for column in ("forget-r@1", "forget-fid")
    }
    tests = (4e-5, 0.0312) if tested else ()
    found = [
        ("forget-r@1", Difference("original", "uce", 0.1, (-0.05, 0.25), "clips", 34)),
        ("forget-r@1", Difference("original", "lcr", 0.3, (0.2, 0.4), "clips", 34, *tests)),
        ("forget-fid", Difference("original", "lcr", 0.3, None, "repeats", 1)),
    ]
    return assemble(binding.bind(config, "t"), cells, [], differences=found)
