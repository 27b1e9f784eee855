"""Joints of SMPL-X bodies, which Motion-X has 15.6 million frames of."""

import importlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import Bench, Case, Skip
from hmu.demo import body
from hmu.motion.bodymodel import BETAS, BodyModel

_FRAMES = 192
"""A clip of Motion-X as long as they are on average: 81,080 have 15.6 million frames."""

_BATCH = 50
"""Frames that the package poses at once; more make it no faster, and take gigabytes."""

Parameters = tuple[np.ndarray, np.ndarray, np.ndarray]


def cases(bench: Bench) -> Iterator[Case]:
    """Official: the ``smplx`` package with a model of the real one's size, on the same frames.

    The second case is a tenth of Motion-X in two processes: the whole is to take a minute.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _model(Path(folder))
        yield _beside_the_package(bench, path)
        clips = bench.size(8_108, 20)
        yield Case(
            "Motion-X joints, a tenth",
            f"{clips} clips, {clips * _FRAMES} frames, 2 processes",
            partial(_in_two_processes, path, clips),
            seconds=12 if bench.processor else 6,  # of both, or as both pass
        )


def _beside_the_package(bench: Bench, path: Path) -> Case:
    frames = bench.size(400, _BATCH)
    poses, trans, betas = _parameters(frames)
    ours = BodyModel.read(path)
    theirs = partial(_official, _package(path), poses, trans, betas)
    np.testing.assert_allclose(ours.joints(poses, trans, betas), theirs(), atol=1e-5)
    return Case(
        "SMPL-X joints",
        f"{frames} frames",
        lambda: ours.joints(poses, trans, betas),
        theirs,
        ratio=300,
    )


def _model(folder: Path) -> Path:
    """A model file of 10,560 vertices (SMPL-X has 10,475): the demo's, each vertex 32 times."""
    arrays = dict(body.model("smplx", "neutral"))
    times = 32
    for name in ("v_template", "shapedirs", "posedirs", "weights"):
        arrays[name] = arrays[name].repeat(times, axis=0)
    arrays["J_regressor"] = arrays["J_regressor"].repeat(times, axis=1) / times
    path = folder / "SMPLX_NEUTRAL.npz"
    np.savez(path, allow_pickle=False, **arrays)
    return path


def _parameters(frames: int) -> Parameters:
    random = np.random.default_rng(frames)
    return (
        random.normal(0, 0.3, (frames, 66)).astype(np.float32),
        random.normal(0, 1, (frames, 3)).astype(np.float32),
        random.normal(0, 1, BETAS).astype(np.float32),
    )


def _package(path: Path) -> torch.nn.Module:
    try:
        smplx = importlib.import_module("smplx")
    except ImportError:
        raise Skip("the smplx package is not installed") from None
    module: torch.nn.Module = smplx.create(
        str(path), "smplx", ext="npz", use_pca=False, flat_hand_mean=True, batch_size=_BATCH
    )
    return module


def _official(
    package: torch.nn.Module, poses: np.ndarray, trans: np.ndarray, betas: np.ndarray
) -> np.ndarray:
    shape = torch.from_numpy(np.tile(betas, (_BATCH, 1)))
    found = []
    with torch.no_grad():
        for first in range(0, len(poses), _BATCH):
            rows = slice(first, first + _BATCH)
            posed = package(
                betas=shape,
                global_orient=torch.from_numpy(poses[rows, :3]),
                body_pose=torch.from_numpy(poses[rows, 3:66]),
                transl=torch.from_numpy(trans[rows]),
                return_verts=False,
            )
            found.append(posed.joints[:, :22].numpy())
    return np.concatenate(found)


@cache
def _opened(path: Path) -> tuple[BodyModel, Parameters]:
    return BodyModel.read(path), _parameters(_FRAMES)


def _in_two_processes(path: Path, clips: int) -> None:
    """They end with the call, so that what they computed can be counted."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_pose_clips, [path] * 2, [clips // 2] * 2))


def _pose_clips(path: Path, clips: int) -> int:
    """Pose as many clips, one after the other, as ingest does."""
    model, (poses, trans, betas) = _opened(path)
    for _ in range(clips):
        model.joints(poses, trans, betas)
    return clips
