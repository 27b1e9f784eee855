"""Train the detector of a concept, and measure what it is worth."""

from typing import Any

import numpy as np
import torch
from torch import nn

from hmu.errors import InputError
from hmu.io import csv_table, files, parquet
from hmu.io.mirrored import unmirrored
from hmu.io.store import ClipStore
from hmu.models import calibration, detector, fitting, origin, storage
from hmu.models.batches.joints import JointBatches, Motions, whole_units
from hmu.models.curves import write_logs
from hmu.models.detector import Detectors, Ensemble, Network
from hmu.models.folds import folds
from hmu.models.training import train
from hmu.motion.recover import to_joints
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.detector import DetectorSection, DetectorSizes


def run(job: Job) -> None:
    """Features, and the clips of a concept -> detectors, their calibration, each motion's score.

    A motion shows the concept where a caption of its clip, or as many as its ``min_lines`` asks
    for, has a keyword as a whole word, whatever ``matching`` the concept has: in the keywords'
    forget set "white" stands for "hit". Networks
    learn from the training split, each without a fold, and score the training and validation clips
    of that fold; all of them together score the test split, as they will generated motions.
    Settings: the section ``detector``, and ``concept``, its name.
    Raises InputError when there is too little of the concept to learn from, or to measure.
    """
    section = DetectorSection.of(job.settings)
    table = _table(job, section.folds)
    motions = _motions(job, table)
    counts, test = table["counts"].to_numpy(), (table["split"] == "test").to_numpy()
    whole = Detectors(DetectorSizes.of(section))
    logs: dict[str, list[dict[str, float]]] = {}
    measured = []
    for seed in range(whole.sizes.seeds):
        ensemble, found, of_seed = _ensemble(job, section, table, motions, seed + 1)
        whole.seeds[seed] = ensemble
        table[f"score_{seed + 1}"] = found
        measured.append(calibration.calibration(found[counts], motions.shows[counts], test[counts]))
        logs |= of_seed
    storage.save(
        job.outputs["model"],
        job.outputs["config"],
        whole,
        {"part": "detector", "sizes": whole.sizes.model_dump()},
    )
    files.write_json(job.outputs["calibration"], measured)
    table.to_parquet(job.outputs["scores"], index=False)
    epochs = {name: len(log) for name, log in logs.items()}
    origin.write(job, "trained", seed=job.seed, epochs=epochs)
    write_logs(job.outputs["training"], logs)


def _table(job: Job, count: int) -> Any:
    """A row a motion (pandas): motion, clip, start, frames, split; whether it ``shows`` the
    concept; its ``fold``, -1 of the test split; and whether it ``counts`` in rates."""
    table = parquet.frame(job.input("motions"))
    known = frozenset(table["clip"])
    table["shows"] = table["clip"].isin(_by_whole_word(job))
    units = [unmirrored(clip, known) for clip in table["clip"]]
    table["fold"] = -1
    shown = (table["split"] != "test").to_numpy()
    of_shown = [unit for unit, each in zip(units, shown, strict=True) if each]
    table.loc[shown, "fold"] = folds(of_shown, table["shows"].to_numpy()[shown], count, job.seed)
    table["counts"] = calibration.once(units)
    _check(table, count, job.settings["concept"])
    return table


def _by_whole_word(job: Job) -> set[str]:
    """The clips in which the concept's keywords are whole words: those of the forget set but where
    the two ways of matching put a clip on different sides."""
    clips = parquet.frame(job.input("clips"), columns=["clip", "forget"])
    listed = csv_table.read(job.input("disagreements"))
    differ = {each["clip"] for each in listed if each["changes_set"] == str(True)}
    return {*clips["clip"][clips["forget"]]} ^ differ


def _check(table: Any, count: int, concept: str) -> None:
    """Raise InputError where a network would learn from motions of one side alone, or score no
    motion of a side."""
    for fold in (-1, *range(count)):
        held_out = table["fold"] == fold
        seen = (table["split"] == "train") & ~held_out
        sides = [table["shows"][rows].nunique() for rows in (seen, held_out & table["counts"])]
        if min(sides) < 2:
            where = "in the test split" if fold == -1 else f"for detector.folds: {count}"
            raise InputError(
                f"The detector of {concept!r} takes keywords as whole words, and has too few clips "
                f"with the concept, or without it, {where}. Lower the folds, or choose keywords "
                "that more captions have; disagreements.csv of the concept lists the others."
            )


def _motions(job: Job, table: Any) -> Motions:
    store = ClipStore(job.input("data"), job.input("index"))
    joints = [
        to_joints(np.asarray(store[clip][start : start + frames]))
        for clip, start, frames in zip(table["clip"], table["start"], table["frames"], strict=True)
    ]
    return Motions(table["motion"].tolist(), joints, table["shows"].to_numpy())


def _ensemble(
    job: Job, section: DetectorSection, table: Any, motions: Motions, seed: int
) -> tuple[Ensemble, np.ndarray, dict[str, list[dict[str, float]]]]:
    """The detector of a seed, the score of each motion, float32 (n,), and the logs by training."""
    where = device.choose(job.settings["device"])
    fold, split = table["fold"].to_numpy(), table["split"].to_numpy()
    calibrates = table["counts"].to_numpy() & ~motions.shows
    found = np.empty(len(table), dtype=np.float32)
    networks, levels, logs = [], [], {}
    for number in range(section.folds):
        held_out = fold == number
        seen = (split == "train") & ~held_out
        name = f"detector-{seed}-fold-{number + 1}"
        network, logs[name] = _trained(
            job, section, name, motions.where(seen), motions.where(held_out)
        )
        found[held_out] = _scores(network, motions.where(held_out), where)
        levels.append(calibration.threshold(found[held_out & calibrates]))
        found[held_out] -= levels[-1]
        networks.append(network)
    ensemble = Ensemble(networks, levels).to(where)
    test = split == "test"
    found[test] = _scores(ensemble, motions.where(test), where)
    return ensemble, found, logs


def _trained(
    job: Job, section: DetectorSection, name: str, motions: Motions, held_out: Motions
) -> tuple[Network, list[dict[str, float]]]:
    """A network of this name, trained on motions, and its log. What is held out has no say in the
    weights: it is measured for the log alone."""
    network = fitting.initialise(lambda: Network(DetectorSizes.of(section)), job, name)
    where = device.choose(job.settings["device"])
    log = train(
        name,
        network,
        network.batch_loss,
        JointBatches(motions, held_out, section.training.batch, where),
        section.training,
        job.seed,
        job.scratch / f"{name}.safetensors",
        keep_best=False,
    )
    return network, log


def _scores(network: nn.Module, motions: Motions, where: torch.device) -> np.ndarray:
    """The score of each motion, float32 (n,)."""
    return detector.scores(network, [whole_units(each) for each in motions.joints], where)
