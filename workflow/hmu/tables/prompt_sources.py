"""What a table says of prompts that are no captions of its dataset: whose they are, how many, and
how many were rejected because they held a word that none may hold, or could not be had."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hmu.io import files
from hmu.tables.addresses import of_motions
from hmu.tables.binding import Bound

CAPTIONS = "captions"
"""The source that gives the dataset's own captions as they are."""

Origins = Mapping[tuple[str, str], Mapping[str, Any]]


def read(paths: list[Path]) -> Origins:
    """What is known of each source, by dataset and name: its files `origin.json`."""
    return {(path.parts[-3], path.parts[-2]): files.read_json(path) for path in paths}


def notes(bound: Bound, sets: Mapping[str, Mapping[str, Any]], origins: Origins) -> Iterator[str]:
    """A sentence for each other source that the table's sets take prompts from."""
    used = dict.fromkeys(
        (cell.dataset, sets[cell.place(sets)[0]]["prompts"]) for cell in of_motions(bound.cells)
    )
    for dataset, name in used:
        origin = origins[dataset, name]
        if origin["kind"] == CAPTIONS:
            continue
        said = f"Prompts “{name}” of {dataset} ({origin['kind']}): {origin['prompts']}"
        if origin["concepts"]:
            said += f", none with a word of {' or '.join(origin['concepts'])}"
        if not origin["rejected"]:
            yield f"{said}; none was rejected."
            continue
        were = "was" if origin["rejected"] == 1 else "were"
        yield f"{said}; {origin['rejected']} {were} rejected, each with its reason in rejected.csv."
