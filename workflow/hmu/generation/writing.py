"""Motions made from prompts, as files: what `hmu generate` leaves."""

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hmu.errors import InputError
from hmu.generation import vocabulary
from hmu.generation.prompts import Prompt
from hmu.generation.text_to_motion import Asked, TextToMotion
from hmu.io import files, foreign
from hmu.io.progress import each
from hmu.motion import animate, armature, bvh
from hmu.motion.recover import to_joints
from hmu.run import device
from hmu.run.job import one
from hmu.sections.tokenizer import UNIT_LENGTH


@dataclass(frozen=True)
class Motion:
    """A motion that was made: the name of its files, and features (frames, 263) by model."""

    name: str
    asked: Asked
    features: Mapping[str, np.ndarray]


def make(
    folders: Sequence[Path],
    prompts: Sequence[Prompt],
    out: Path,
    *,
    repeats: int,
    seed: int,
    settings: Mapping[str, Any],
    animation: str | None,
    device_name: str,
    base: Path | None = None,
) -> None:
    """Make ``repeats`` motions of each prompt with the model in each of ``folders``.

    Lengths that prompts leave open are the first model's, so that motions can be compared.
    An earlier run in ``out`` is replaced as a whole. Cut lengths and words that the first model
    never saw are said. ``settings`` are the configuration's ``generation``, ``animation`` is one of
    `animate.FORMATS` or None; ``base`` has the models that unlearned checkpoints are of. Raises
    InputError when a model cannot be opened, or ``out`` has motions of unknown origin or files that
    no earlier run wrote; nothing is written then.
    """
    if animation is not None:
        animate.check_format(animation)
    labels = _labels(folders)
    earlier = _earlier(out)
    where = device.choose(device_name)
    models = [TextToMotion.open(folder, where, base) for folder in folders]
    asked = models[0].plan(prompts, repeats, seed)
    names = [f"{number:03d}-{_slug(wanted.text)}" for number, wanted in enumerate(asked)]
    kinds = () if animation is None else (animation,)
    foreign.refuse(
        [out / _RECORD, *_paths(out, names, labels, kinds)], earlier, "give another --out"
    )
    say_what_differs(models[0], prompts, asked[::repeats])
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{out} cannot be a directory ({error.strerror}): give another."
        ) from error
    made = []
    for model in models:
        made.append(model.motions(asked, model.codes(asked, settings, seed), seed))
        asked = [
            replace(wanted, frames=len(motion))
            for wanted, motion in zip(asked, made[0], strict=True)
        ]
    motions = [
        Motion(name, wanted, dict(zip(labels, found, strict=True)))
        for name, wanted, *found in zip(names, asked, *made, strict=True)
    ]
    if earlier:
        print(f"{out} held another run: its {len(earlier)} files are replaced.", file=sys.stderr)
    for path in earlier:
        path.unlink(missing_ok=True)
    entries = [_write(motion, out, animation) for motion in each(motions, "write", "motions")]
    _say_how_rigid(entries)
    record = {
        "models": {
            label: description(folder, model)
            for label, folder, model in zip(labels, folders, models, strict=True)
        },
        "motions": entries,
        "seed": seed,
        "settings": settings,
        "device": where.type,
        "threads": torch.get_num_threads(),
    }
    files.write_json(out / _RECORD, record)


ARRAYS = (".features.npy", ".joints.npy", ".bvh")
"""How the names of the files of a motion end."""
_RECORD = "generated.json"


def _earlier(out: Path) -> list[Path]:
    """The files of an earlier run in ``out``, by its record, which comes first.

    Raises InputError when there are motions that no record names.
    """
    found = []
    if (out / _RECORD).is_file():
        record = files.read_note(out / _RECORD)
        try:
            names = [str(motion["name"]) for motion in record["motions"]]
            labels = [label for label in record["models"] if Path(label).name == label]
        except (KeyError, TypeError) as error:
            raise InputError(
                f"{out / _RECORD} is of something else: give another --out."
            ) from error
        folders = [out, *(out / label for label in labels)]
        paths = _paths(out, names, labels, animate.FORMATS)
        found = [path for path in paths if path.parent in folders and path.is_file()]
        found.insert(0, out / _RECORD)
    motions = [*out.glob(f"*{ARRAYS[0]}"), *out.glob(f"*/*{ARRAYS[0]}")]
    unknown = sorted(set(motions) - set(found))
    if unknown:
        raise InputError(
            f"{out} has motions of another run, {unknown[0].relative_to(out)} for one: give "
            "another --out, or remove them."
        )
    return found


def _paths(
    out: Path, names: Sequence[str], labels: Sequence[str], kinds: Sequence[str]
) -> list[Path]:
    """The files of motions of these names by the models of these labels, with animations of these
    kinds."""
    folders = [out / label for label in labels] if len(labels) > 1 else [out]
    ends = [(folder, end) for folder in folders for end in ARRAYS]
    ends += [(out, f".{kind}") for kind in kinds]
    return [folder / f"{name}{end}" for name in names for folder, end in ends]


def say_what_differs(
    model: TextToMotion, prompts: Sequence[Prompt], asked: Sequence[Asked]
) -> None:
    """Say on standard error which lengths are cut, and which words the model never saw."""
    cut = {
        prompt.frames: wanted.frames
        for prompt, wanted in zip(prompts, asked, strict=True)
        if prompt.frames is not None and prompt.frames != wanted.frames
    }
    for given, made in cut.items():
        print(
            f"{given} frames are cut to {made}: lengths are multiples of {UNIT_LENGTH}.",
            file=sys.stderr,
        )
    parts = [one(model.inputs, name) for name in model.inputs]
    words = vocabulary.unseen(parts, [prompt.text for prompt in prompts])
    if words:
        print(
            f"The model was trained on no caption with {', '.join(words)}: what it makes of "
            f"{'that word' if len(words) == 1 else 'those words'} is chance.",
            file=sys.stderr,
        )


_NOTICED = 0.01
"""Metres that a joint of a BVH may be off without a word."""


def _say_how_rigid(entries: Sequence[Mapping[str, Any]]) -> None:
    """Say on standard error how far joints of BVH files are from those of the arrays."""
    found = [each for entry in entries for each in entry["bvh_distances_metres"].values()]
    largest, ends = (max(each[key] for each in found) for key in ("largest", "hands_and_feet"))
    if largest > _NOTICED:
        print(
            "The bones of these motions stretch, and those of BVH files cannot: joints in these "
            f"are up to {100 * largest:.1f} cm off, hands and feet up to {100 * ends:.1f} cm "
            f"({_RECORD} has both for each motion).",
            file=sys.stderr,
        )


def _labels(folders: Sequence[Path]) -> list[str]:
    """What to call each model: the last part of its path, or more where that is the same."""
    parts = [folder.resolve().parts for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        labels = ["-".join(path[-count:]).lstrip("/-") for path in parts]
        if len(set(labels)) == len(labels):
            return labels
    raise InputError(f"{folders[0]} would be compared with itself: give two models.")


def _slug(text: str) -> str:
    """A text as part of a file's name: its plain letters, without their accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:40].strip("-") or "motion"


def write_motion(folder: Path, name: str, features: np.ndarray) -> np.ndarray:
    """Write features (F, 263), their joints and a BVH.

    Returns how far the joints of the BVH are from those, as `hmu.motion.bvh.write` does.
    """
    joints = to_joints(features)
    for end, array in zip(ARRAYS, (features, joints), strict=False):
        with files.atomic(folder / f"{name}{end}") as temporary:
            np.save(temporary, array)
    return bvh.write(folder / f"{name}.bvh", joints)


def _write(motion: Motion, out: Path, animation: str | None) -> dict[str, Any]:
    """Write the files of one motion; its entry in generated.json."""
    several = len(motion.features) > 1
    panels: list[tuple[str, np.ndarray]] = []
    distances: dict[str, dict[str, float]] = {}
    for label, features in motion.features.items():
        folder = out / label if several else out
        moved = write_motion(folder, motion.name, features)
        distances[label] = {"largest": round(float(moved.max()), 4)}
        distances[label]["hands_and_feet"] = round(float(moved[list(armature.ENDS)].max()), 4)
        panels.append((label if several else "", to_joints(features)))
    if animation is not None:
        animate.write(panels, out / f"{motion.name}.{animation}", motion.asked.text)
    return {
        "name": motion.name,
        "prompt": motion.asked.text,
        "repeat": motion.asked.repeat,
        "frames": motion.asked.frames,
        # The largest distances of joints in the BVH, whose bones are rigid, to those in the arrays.
        "bvh_distances_metres": distances,
    }


def description(folder: Path, model: TextToMotion) -> dict[str, Any]:
    """Which files a model was made of."""
    hashes = {name: files.sha256(one(model.inputs, name)) for name in sorted(model.inputs)}
    return {"folder": str(folder), "sha256": hashes}
