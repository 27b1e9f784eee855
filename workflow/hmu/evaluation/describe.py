"""Motions in batches, decoded and shown to a descriptor, and then forgotten.

Each motion is computed without padding: batches hold motions of similar length, and decoding takes
those of one length together.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from hmu.evaluation.made import Made
from hmu.interface.descriptors import Descriptor, Motion
from hmu.io.progress import Progress
from hmu.io.store import ClipStore
from hmu.motion.recover import to_joints
from hmu.run.side_by_side import longest_first, side_by_side

_BATCH = 128


def describe(
    descriptor: Descriptor,
    lengths: np.ndarray,
    motions: Callable[[np.ndarray], Sequence[Motion]],
    device: torch.device,
    what: str,
) -> np.ndarray:
    """A row float32 (width,) for each of the motions of ``lengths`` (n,), in their order.

    ``motions(rows)`` gives the motions of these rows, which are sorted by length. No more than a
    batch is held in memory.
    """
    if not len(lengths):
        raise ValueError("there is nothing to describe")
    batches = longest_first(np.argsort(lengths, kind="stable"), _BATCH)

    def rows_of(rows: np.ndarray) -> np.ndarray:
        return descriptor.motions(motions(rows))

    out: np.ndarray | None = None
    with Progress(len(lengths), what, "motions") as progress:
        for rows, found in zip(batches, side_by_side(rows_of, batches, device), strict=True):
            if out is None:
                out = np.empty((len(lengths), found.shape[1]), dtype=np.float32)
            out[rows] = found
            progress.update(len(rows))
    assert out is not None
    return out


def generated(descriptor: Descriptor, sees: Sequence[str], made: Made) -> np.ndarray:
    """Describe motions that a model made. ``sees`` as the descriptor's SEES says."""

    def motions(rows: np.ndarray) -> list[Motion]:
        nothing: list[None] = [None] * len(rows)
        features = made.features(rows) if {"features", "joints"} & set(sees) else nothing
        unedited = made.unedited(rows) if "unedited" in sees else nothing
        found = []
        for row, each, before in zip(rows, features, unedited, strict=True):
            seen = _seen(each, sees)
            found.append(
                replace(
                    seen,
                    codes=made.codes[row] if "codes" in sees else None,
                    replaced=made.replaced(row) if "replaced" in sees else None,
                    unedited=None if before is None else to_joints(before.cpu().numpy()),
                )
            )
        return found

    return describe(descriptor, made.frames, motions, made.codec.device, "decode, describe")


def stored(
    descriptor: Descriptor,
    sees: Sequence[str],
    store: ClipStore,
    crops: pd.DataFrame,
    device: torch.device,
) -> np.ndarray:
    """Describe crops (columns clip, start, frames) of the motions of a store of features.

    Prompts and repeats share crops: each is described once.
    """
    clips, names = pd.factorize(crops["clip"])
    places = np.stack([clips, crops["start"], crops["frames"]], axis=1).astype(np.int64)
    distinct, rows = np.unique(places, axis=0, return_inverse=True)

    def motions(chosen: np.ndarray) -> list[Motion]:
        found = []
        for clip, start, frames in distinct[chosen]:
            features = np.array(store[names[clip]][start : start + frames], dtype=np.float32)
            found.append(_seen(torch.from_numpy(features).to(device), sees))
        return found

    described = describe(descriptor, distinct[:, 2], motions, device, "describe")
    return described[rows.reshape(-1)]


def _seen(features: torch.Tensor | None, sees: Sequence[str]) -> Motion:
    """What a descriptor asked to see of a motion, whoever made it."""
    joints = None
    if "joints" in sees and features is not None:
        joints = to_joints(features.cpu().numpy())
    return Motion(features if "features" in sees else None, joints)
