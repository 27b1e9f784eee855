"""A HumanML3D directory as it is distributed, through our steps and the official loaders."""

import importlib.util
import sys
import warnings
import zipfile
from collections import Counter
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hmu.io import files
from hmu.io.store import ClipStore
from hmu.motion.features import to_features
from hmu.run.job import Job
from hmu.steps import captions, features, ingest, samples
from support.gaits import walk
from support.reference import checkout

SPLITS = ("train", "val", "test")
LENGTHS = (39, 40, 41, 60, 100, 199, 200, 230)
TAGS = (
    [(0.0, 0.0)],
    [(0.0, 0.0), (0.0, 0.0), (1.0, 3.0)],
    [(1.0, 4.95), (0.0, 2.0), (1.45, 3.5)],
    [(0.0, 1.9), (0.0, 1.95), (0.0, 3.0), (0.5, 3.0)],
    [(float("nan"), float("nan")), (2.0, 40.0), (40.0, 50.0), (5.7, 9.0)],
    [(0.0, 9.95), (0.0, 0.0), (3.0, 2.0)],
    [(2.0, 0.0)],
    [(1.0, 0.0), (0.0, 0.0), (1.0, 6.0), (1.0, 6.0)],
)
"""Start and end of the captions of a clip, in seconds."""

Sample = tuple[str, int, int, str]
"""Clip, first frame, frames, caption."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HumanML3D's released layout; each split has every length with every tagging."""
    raw = tmp_path_factory.mktemp("HumanML3D")
    for name in ("new_joints", "new_joint_vecs", "texts"):
        (raw / name).mkdir()
    lists: dict[str, list[str]] = {split: [] for split in SPLITS}
    for number, (split, rows, tags) in enumerate(product(SPLITS, LENGTHS, TAGS)):
        clip = f"{'M' * (number % 2)}{number:06d}"
        joints = walk(rows + 1, number)
        np.save(raw / "new_joints" / f"{clip}.npy", joints[:-1].astype(np.float32))
        np.save(raw / "new_joint_vecs" / f"{clip}.npy", to_features(joints))
        lines = [
            f"caption {line} of {clip}#a/DET man/NOUN kick/VERB#{start}#{end}\n"
            for line, (start, end) in enumerate(tags)
        ]
        (raw / "texts" / f"{clip}.txt").write_text("".join(lines), encoding="utf-8")
        lists[split].append(clip)
    for split, names in lists.items():
        (raw / f"{split}.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    np.save(raw / "Mean.npy", np.zeros(263, dtype=np.float32))
    np.save(raw / "Std.npy", np.ones(263, dtype=np.float32))
    return raw


def run(raw: Path, out: Path, source: str) -> dict[str, Path]:
    """The steps from raw data to samples, on a directory of the stage that ``source`` names."""
    settings = {
        "source": source,
        "stage": source,
        "statistics": "auto",
        "tagger": "rules",
        "on_bad_clip": "stop",
        "quarantine_limit": 0.0,
        "shortest": 40,
    }
    joints = {
        name: out / f"joints-{name}"
        for name in ("data", "index", "quarantine", "coverage", "coverage_table")
    }
    made = {
        name: out / name
        for name in (
            "data index mean std report quarantine captions splits labels motions samples"
        ).split()
    }
    published = {"published_mean": raw / "Mean.npy", "published_std": raw / "Std.npy"}
    aside = [joints["quarantine"], made["quarantine"]]
    texts = {**made, "quarantine": out / "texts-quarantine"}
    steps: list[tuple[Any, dict[str, Any], dict[str, Path]]] = [
        (ingest, {"raw": raw}, joints),
        (features, {**joints, **published}, made),
        (captions, {"raw": raw, "index": made["index"], "aside": aside}, texts),
        (samples, made, made),
    ]
    for step, inputs, outputs in steps:
        step.run(Job(step.__name__, inputs, outputs, settings, scratch=out / step.__name__))
    for each in (*aside, texts["quarantine"]):
        assert each.read_text(encoding="utf-8") == "clip,file,reason\n"
    return made


@pytest.fixture(scope="module")
def made(released: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What our steps make of the features of ``released``."""
    return run(released, tmp_path_factory.mktemp("made"), "features")


def found(made: dict[str, Path], split: str) -> dict[str, Sample]:
    """Our samples of a split, by their names."""
    motions = pd.read_parquet(made["motions"]).set_index("motion")
    table = pd.read_parquet(made["samples"])
    return {
        row.sample: (
            row.clip,
            int(motions.at[row.motion, "start"]),
            int(motions.at[row.motion, "frames"]),
            row.caption,
        )
        for row in table[table["split"] == split].itertuples()
    }


def official(repository: str) -> ModuleType:
    path = checkout(repository) / "data" / "t2m_dataset.py"
    name = f"official_loader_{repository.partition('+')[0]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


def options(raw: Path, name: str) -> SimpleNamespace:
    return SimpleNamespace(
        dataset_name=name,
        motion_dir=str(raw / "new_joint_vecs"),
        text_dir=str(raw / "texts"),
        max_motion_length=196,
        max_text_len=20,
        unit_length=4,
    )


def place(store: ClipStore, clip: str, motion: np.ndarray) -> int:
    """The frame at which an official motion begins in its clip: no two frames are alike."""
    rows = store[clip]
    (first,) = np.flatnonzero((rows == motion[0]).all(axis=1))
    np.testing.assert_array_equal(rows[first : first + len(motion)], motion)
    return int(first)


@pytest.mark.parametrize("split", SPLITS)
def test_samples_are_those_of_the_benchmarks_loader(
    released: Path, made: dict[str, Path], split: str
) -> None:
    module = official("Mamiglia+momask-codes")
    store = ClipStore(made["data"], made["index"])
    loader = module.Text2MotionDatasetEval(
        options(released, "HumanML3D"), 0.0, 1.0, str(released / f"{split}.txt"), None
    )
    theirs = {}
    for name, each in loader.data_dict.items():
        clip = name.partition("%")[2]
        (text,) = each["text"]
        assert text["tokens"] == ["a/DET", "man/NOUN", "kick/VERB"]
        start = place(store, clip, each["motion"])
        theirs[name] = (clip, start, each["length"], text["caption"])
    assert found(made, split) == theirs
    assert len(theirs) > 50


@pytest.mark.parametrize("split", SPLITS)
def test_motions_are_those_of_the_training_loader(
    released: Path, made: dict[str, Path], split: str
) -> None:
    """Its names begin with a letter drawn at random, and it drops captions with a start and no
    end, where the benchmark's loader, and we, go on to the end of the clip."""
    module = official("EricGuo5513+momask-codes")
    store = ClipStore(made["data"], made["index"])
    loader = module.Text2MotionDataset(
        options(released, "t2m"), 0.0, 1.0, str(released / f"{split}.txt")
    )
    theirs: Counter[Sample] = Counter()
    for name, each in loader.data_dict.items():
        clip = name.rpartition("_")[2]
        start = place(store, clip, each["motion"])
        theirs.update((clip, start, each["length"], text["caption"]) for text in each["text"])
    ours = [sample for sample in found(made, split).values() if not endless(released, sample)]
    assert Counter(ours) == theirs
    assert len(theirs) > 50


def endless(raw: Path, sample: Sample) -> bool:
    lines = (raw / "texts" / f"{sample[0]}.txt").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{sample[3]}#")]
    start, end = map(float, line.split("#")[2:])
    return start > 0 and end == 0


def test_a_released_directory_is_read_at_the_joints_stage_too(
    released: Path, made: dict[str, Path], tmp_path: Path
) -> None:
    again = run(released, tmp_path, "joints")
    first, second = (ClipStore(each["data"], each["index"]) for each in (made, again))
    assert list(first) == list(second)
    for clip in list(first)[::20]:
        given = np.load(released / "new_joint_vecs" / f"{clip}.npy")
        np.testing.assert_array_equal(first[clip], given)
        joints = np.load(released / "new_joints" / f"{clip}.npy")
        np.testing.assert_array_equal(second[clip], to_features(joints))
    for each in (made, again):
        report = files.read_json(each["report"])
        assert report["taken"] == "published"
        assert report["largest_difference"]["mean"]["difference"] > 0


def test_texts_come_straight_from_the_archive(
    released: Path, made: dict[str, Path], tmp_path: Path
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    out.mkdir()
    for path in released.iterdir():
        if path.name != "texts":
            (raw / path.name).symlink_to(path)
    with zipfile.ZipFile(raw / "texts.zip", "w") as archive:
        for path in (released / "texts").iterdir():
            archive.write(path, f"texts/{path.name}")
    again = run(raw, out, "features")
    for name in ("captions", "samples"):
        assert made[name].read_bytes() == again[name].read_bytes()
