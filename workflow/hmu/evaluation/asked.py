"""The motions that a job is asked for, and where they lie among those that were made."""

from pathlib import Path
from typing import Any

import pandas as pd

from hmu.errors import InputError
from hmu.io import parquet

KEYS = ["repeat", "prompt", "draw"]
"""What tells one motion of a model from all others."""


def read(requests: Path, plan: Path | None = None) -> Any:
    """The requests as a pandas frame; those of a set only, in the order of its ``plan``, if given.

    Raises InputError when a table is missing, damaged, or the two are not of one source.
    """
    asked = parquet.frame(requests)
    if plan is None:
        return asked
    rows = parquet.read(plan, ["request"])["request"].to_numpy()
    if len(rows) and not 0 <= rows.min() <= rows.max() < len(asked):
        raise InputError(f"{plan} names motions that {requests} lacks: make both again.")
    return asked.iloc[rows].reset_index(drop=True)


def rows_among(asked: Any, made: Any, path: Path) -> Any:
    """The row among the ``made`` motions (a frame with KEYS, from ``path``) of each that is asked.

    Raises InputError when one is missing or stands there twice.
    """
    there = pd.MultiIndex.from_frame(made[KEYS])
    if not there.is_unique:
        raise InputError(f"{path} has motions twice: make it again from the same plan.")
    rows = there.get_indexer(pd.MultiIndex.from_frame(asked[KEYS]))
    if lacking := int((rows < 0).sum()):
        raise InputError(
            f"{path} lacks {lacking} of {len(rows)} planned motions: make it again from the same "
            "plan."
        )
    return rows
