"""Motions that an earlier, smaller job has generated.

Noise belongs to the sample and its repeat, so one more repeat makes no motion of the others again.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hmu.generation.sampling import Request
from hmu.io.codes import CodeTable
from hmu.run import kept

_NAME = "generations.parquet"


def keep(folder: Path, made: Path) -> None:
    """Keep the table ``made``, in the directory ``folder`` that the next job has too."""
    kept.keep(folder, _NAME, made)


def find(folder: Path, requests: Sequence[Request]) -> dict[int, np.ndarray]:
    """By the row of each request that was made before: its codes int16 (tokens, quantizers).

    None where these are all that were: who asks for the same again wants it made again.
    """
    path = kept.find(folder, _NAME)
    if path is None:
        return {}
    table = CodeTable.read(path)
    keys = table.keys[["repeat", "prompt", "draw"]].itertuples(index=False, name=None)
    there = dict(zip(keys, table.codes, strict=True))
    found = {}
    for row, request in enumerate(requests):
        codes = there.get((request.repeat, request.prompt, request.draw))
        if codes is not None and request.tokens in (0, len(codes)):
            found[row] = codes
    return {} if len(found) == len(requests) == len(there) else found
