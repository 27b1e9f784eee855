"""Which codes of a checkpoint stand for other vectors than those of the model that it edits."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from hmu.errors import InputError
from hmu.models import storage

_NAME = re.compile(r"tokenizer/(quantizer\.layers\.(\d+)\.codebook)")


def replaced(
    delta: Mapping[str, Tensor], base: Path, origin: str, shape: tuple[int, int]
) -> np.ndarray:
    """Bool (quantizers, codes): the rows of the codebooks that differ, by the tensors of a
    ``delta`` under ``part/name`` and the weights ``base`` of its tokenizer.

    ``shape`` is that of the answer. Raises InputError, naming the checkpoint by ``origin``, when no
    row does: of such a model it means nothing which codes of a motion are replaced.
    """
    found = np.zeros(shape, dtype=bool)
    before = storage.load_state(base)
    for name, edited in delta.items():
        if match := _NAME.fullmatch(name):
            rows = (edited.float() != before[match[1]].float()).any(dim=1)
            found[int(match[2])] = rows.numpy()
    if not found.any():
        raise InputError(
            f"{origin} replaces no code of the codebook, so there is nothing to compare with: "
            "leave metrics of replaced codes out of its rows."
        )
    return found
