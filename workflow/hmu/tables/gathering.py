"""The tables of a run, put together from the files that they are made of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hmu.io import files
from hmu.tables import binding, detection, layout_files, long_form
from hmu.tables.audit import Finding
from hmu.tables.limits import limits
from hmu.tables.notes import notes
from hmu.tables.table import Table, assemble, read_cells


def gather(
    cells: Sequence[Path],
    differences: Sequence[Path],
    detections: Sequence[Path],
    layouts: Sequence[Path],
    findings: Sequence[Finding],
    settings: Mapping[str, Any],
    seed: int,
) -> list[Table]:
    """All tables, in the configuration's order.

    ``cells`` are JSON files, ``differences`` a file of each table, ``detections`` of those by a
    detector, ``layouts`` YAML. ``settings`` are what `binding.settings` makes of the configuration;
    in sentences, ``arithmetic``, whose that is, and ``cuts``, what of the paper's each table cuts.
    A cell that is not among the files shows as n/a. Raises InputError when a file is not what it
    should be.
    """
    records = read_cells(cells)
    apart = {path.stem: long_form.read_differences(path) for path in differences}
    detected = {path.stem: files.read_json(path) for path in detections}
    declared = {path.stem: layout_files.load(path) for path in layouts}
    config = binding.from_settings(settings)
    made = []
    for name, entry in config["tables"].items():
        bound = binding.bind(config, name, declared[entry["layout"]])
        own, others = records.get(name, {}), apart.get(name, [])
        told = [
            *notes(bound, own, seed),
            *detection.notes(detected.get(name, [])),
            *limits(bound.columns, others),
            *settings["arithmetic"],
            *settings["cuts"][name],
        ]
        made.append(assemble(bound, own, told, findings, others))
    return made
