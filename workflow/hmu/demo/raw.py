"""The built-in dataset as raw data: a tree as AMASS and HumanML3D give it, and one as Motion-X."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hmu.demo import body, grammar, script
from hmu.demo.script import Clip
from hmu.rng import generator
from hmu.text.mirror import mirrored

AMASS_WORLD = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""From our y-up world to AMASS's z-up one; HumanML3D's script turns it back."""

_RATES = {60: 0.6, 100: 0.15, 120: 0.25}
# Recordings of two of AMASS's data sets begin with calibration, which HumanML3D's script cuts off
# by the name of the data set (seconds); ours do the same, so that this cut is put to the test.
_SOURCES = {"DemoHall": (0.5, 0), "DemoStudio": (0.36, 0), "TotalCapture": (0.07, 1),
            "Eyes_Japan_Dataset": (0.07, 3)}  # fmt: skip
_SUBSETS = ("demo_hall", "demo_studio", "demo_park")


def write_humanml3d(out: Path, seed: int, clips: int) -> None:
    """Write a raw tree in the style of HumanML3D below ``out``.

    ``amass/<data set>/<subject>/<name>_poses.npz`` (z up, 60 to 120 fps), ``index.csv``, ``texts``
    and split lists with a mirrored copy of each clip, and ``body_models/smplh``.
    """
    kinds: dict[str, str] = {}
    index = ["source_path,start_frame,end_frame,new_name"]
    (out / "texts").mkdir(parents=True, exist_ok=True)
    for number in range(clips):
        name = f"{number:06d}"
        rng = generator(seed, "demo source", name)
        source = str(rng.choice(list(_SOURCES), p=[share for share, _ in _SOURCES.values()]))
        lead = _SOURCES[source][1]
        fps = int(rng.choice(list(_RATES), p=list(_RATES.values())))
        clip = script.stage(seed, number, name, "smplh", fps, lead)
        kinds[name] = clip.kind
        folder = f"{source}/subject_{int(rng.integers(1, 21)):02d}"
        stem = f"{clip.kind}_{number:04d}_poses"
        _write_amass(out / "amass" / folder / f"{stem}.npz", clip)
        frames = -(-len(clip.pelvis) // (fps // script.FPS)) - lead * script.FPS
        first = round(clip.first * script.FPS)
        last = min(round(clip.last * script.FPS), frames)
        index.append(f"./pose_data/{folder}/{stem}.npy,{first},{last},{name}.npy")
        lines = [grammar.line(*caption) for caption in clip.captions]
        _write_lines(out / "texts" / f"{name}.txt", lines)
        _write_lines(out / "texts" / f"M{name}.txt", [mirrored(each) for each in lines])
    _write_lines(out / "index.csv", index)
    chosen = script.splits(seed, kinds)
    lists = {"train": ["train"], "val": ["val"], "test": ["test"], "train_val": ["train", "val"],
             "all": ["train", "val", "test"]}  # fmt: skip
    for listed, members in lists.items():
        names = [name for name in kinds if chosen[name] in members]
        _write_lines(out / f"{listed}.txt", names + [f"M{name}" for name in names])
    body.write(out / "body_models", "smplh")


def write_motionx(out: Path, seed: int, clips: int) -> None:
    """Write a raw tree in the style of Motion-X below ``out``.

    ``motion_data/smplx_322/<subset>/<folder>/<name>.npy`` (y up, 30 fps), plain sentences in
    ``texts/semantic_labels``, a quarter of them with faults of form as the real ones have, split
    lists of paths without suffix, and ``body_models/smplx``.
    """
    kinds: dict[str, str] = {}
    for number in range(clips):
        rng = generator(seed, "demo source", "motionx", number)
        subset = _SUBSETS[int(rng.integers(len(_SUBSETS)))]
        kind = script.kind_of(seed, number)
        name = f"{subset}/subset_{number // 50:04d}/{kind.capitalize()}_clip_{number}"
        clip = script.stage(seed, number, name, "smplx", 30, 0.0)
        kinds[name] = clip.kind
        path = out / "motion_data" / "smplx_322" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, _smplx_322(clip))
        label = out / "texts" / "semantic_labels" / f"{name}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        texts = [text for text, start, end in clip.captions if end == 0.0]
        label.write_bytes(_label(texts, number))
    chosen = script.splits(seed, kinds)
    for split in ("train", "val", "test"):
        _write_lines(out / f"{split}.txt", [name for name in kinds if chosen[name] == split])
    _write_lines(out / "all.txt", list(kinds))
    body.write(out / "body_models", "smplx")


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _label(texts: list[str], number: int) -> bytes:
    """A label file; in one of four something is wrong with its form, and nothing with its words."""
    lines = "".join(f"{text}\n" for text in texts)
    if number % 4:
        return lines.encode()
    return _FAULTS[number // 4 % len(_FAULTS)](lines)


_FAULTS: tuple[Callable[[str], bytes], ...] = (
    lambda lines: lines.replace("\n", "\r\n").encode("utf-8-sig"),
    lambda lines: f"\ufeff{lines}".encode("utf-16-le"),
    lambda lines: f"“{lines.strip()}”\n".encode("cp1252"),
    lambda lines: lines.upper().encode(),
    lambda lines: lines.replace(" ", "\u00a0 ", 1).replace("\n", " \t\n\n").encode(),
    lambda lines: f"{lines}{lines.capitalize()}".encode(),
)


def _write_amass(path: Path, clip: Clip) -> None:
    """The whole recorded sequence as AMASS distributes one."""
    poses = np.zeros((len(clip.pelvis), 156))
    poses[:, :66] = _rounded(script.turn_world(clip.rotations, AMASS_WORLD).reshape(-1, 66))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        poses=poses,
        # The body model turns about its pelvis at rest, which the translation then moves.
        trans=_rounded(clip.pelvis @ AMASS_WORLD.T - clip.rest[0]),
        betas=clip.betas,
        gender=np.array(clip.gender),
        mocap_framerate=np.array(float(clip.fps)),
    )


def _rounded(values: np.ndarray) -> np.ndarray:
    """float64 values of float32 precision: they compress, and last digits do not differ by CPU."""
    return values.astype(np.float32).astype(np.float64)


def _smplx_322(clip: Clip) -> np.ndarray:
    """The clip, cut to its bounds, as Motion-X's 322 values a frame (F, 322) float32."""
    rows = slice(round(clip.first * clip.fps), round(clip.last * clip.fps))
    pelvis = clip.pelvis[rows]
    values = np.zeros((len(pelvis), 322), dtype=np.float32)
    values[:, :66] = clip.rotations[rows].reshape(len(pelvis), 66)
    values[:, 309:312] = pelvis - clip.rest[0]
    values[:, 312:] = clip.betas
    return values
