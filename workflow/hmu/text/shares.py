"""What a concept takes of a dataset: shares of clips, in a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hmu.io import csv_table
from hmu.text.concepts import LISTS


def table(clips: Any, matches: Any, keywords: Sequence[str]) -> Any:
    """Clips to forget, by split and the keyword that matches: split, keyword, clips, of, share.

    ``clips`` and ``matches`` are those of `hmu.text.concepts.Partition`. The keyword "" is any of
    them: the forget set. ``of`` counts the clips of the split, ``share`` = clips / of. A clip with
    several keywords counts for each of them, so the keywords add up to more than the whole.
    """
    pairs = matches[["clip", "keyword"]].drop_duplicates()
    rows = []
    for split in ("all", "train", "val", "test"):
        inside = clips[clips["split"].isin(LISTS[split])]
        of = len(inside)
        forget = inside["clip"][inside["forget"]]
        counted = pairs["keyword"][pairs["clip"].isin(forget)].value_counts()
        counts = {"": int(inside["forget"].sum())}
        counts |= {keyword: int(counted.get(keyword, 0)) for keyword in keywords}
        rows += [
            (split, keyword, count, of, count / of if of else 0.0)
            for keyword, count in counts.items()
        ]
    return pd.DataFrame(rows, columns=["split", "keyword", "clips", "of", "share"])


def write(path: Path, shares: Any) -> None:
    """Write a table of shares as CSV."""
    csv_table.write(path, shares.columns, shares.itertuples(index=False, name=None))


def read(path: Path) -> Any:
    """A table of shares from its CSV."""
    found = pd.read_csv(path, dtype={"keyword": str}, keep_default_na=False)
    return found.assign(keyword=found["keyword"].map(csv_table.text_of))
