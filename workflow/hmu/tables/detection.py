"""What must stand beside a number by a detector: how good the detector is, and where it errs.

It finds a concept in real motions that it never saw. It may find it in what a decoder leaves of
others, and miss it in what a decoder leaves of it: its rates on real test clips, and on the motions
of the original model for prompts without the concept, say how far to trust it. Two detectors that
differ in their seed alone must bring the rows of a table into the same order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hmu.io import files
from hmu.run.job import Job

NAMES = ("presence", "presence_again")
"""The values of the metric ``presence`` by the detectors of the first and the second seed."""


@dataclass(frozen=True)
class Detected:
    """What is known of the detectors of a concept in a dataset.

    ``calibration`` is the record of the first one. ``fires`` is the share of the original's motions
    for retain prompts that lie above its threshold, by backbone. ``tau`` is Kendall's rank
    correlation of the rows of a table by the one and the other, by set and backbone; None where
    all rows have one value; ``rows`` says how many are compared.
    """

    dataset: str
    concept: str
    calibration: Mapping[str, Any]
    fires: Mapping[str, float]
    tau: Mapping[str, float | None]
    rows: Mapping[str, int]


def agreement(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b of two rankings of the same rows; None where one ties all of them, or there
    are fewer than two."""
    from scipy import stats

    if min(len(set(first)), len(set(second))) < 2:
        return None
    return float(stats.kendalltau(first, second).statistic)


def worth(concept: str, calibration: Mapping[str, Any]) -> str:
    """In a sentence, how good the detector of a concept is on real test clips, by its record: what
    stands beside each number by it."""
    test = calibration["test"]
    forget, retain = (100 * test[side]["share"] for side in ("forget", "retain"))
    return (
        f"The detector of {concept} finds it in {forget:.0f}% of real test clips that show it (the "
        f"ceiling) and in {retain:.0f}% of the others (AUC {test['auc']:.2f})."
    )


def beside(job: Job) -> str:
    """The sentences for the detectors behind a chart: those that the setting ``detectors`` names,
    with the records ``calibrations`` in this order. Empty where there are none."""
    names = job.settings.get("detectors") or ()
    paths = job.input_list("calibrations") if names else ()
    return " ".join(
        worth(name, files.read_json(path)[0]) for name, path in zip(names, paths, strict=True)
    )


def notes(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The sentences below a table, of the records of its `Detected`."""
    for each in found:
        record = Detected(**each)
        test, held_out = record.calibration["test"], record.calibration["held_out"]
        limit, fires = held_out["retain"], _percentages(record.fires)
        yield (
            f"Presence of {record.concept} (dataset {record.dataset}): the detector's threshold "
            f"lets {_rate(limit)} of real motions without the concept above it, of training and "
            "validation clips that its networks never saw. On real test clips its AUC is "
            f"{test['auc']:.3f}; it finds the concept in {_rate(test['forget'])} of those that "
            f"show it, which is the ceiling, and in {_rate(test['retain'])} of the others. In "
            f"motions of the original for prompts without the concept: {fires}."
        )
        for where, tau in record.tau.items():
            yield (
                f"A second detector of {record.concept}, of another seed, {_ranked(tau)} "
                f"({record.rows[where]} rows, {where})."
            )


def _rate(rate: Mapping[str, Any]) -> str:
    return (
        f"{100 * rate['share']:.1f}% (95% interval {100 * rate['low']:.1f} to "
        f"{100 * rate['high']:.1f}; {rate['above']} of {rate['clips']} clips)"
    )


def _percentages(fires: Mapping[str, float]) -> str:
    shown = [f"{100 * share:.1f}% ({backbone})" for backbone, share in fires.items()]
    return ", ".join(shown) or "not measured"


def _ranked(tau: float | None) -> str:
    if tau is None:
        return "cannot be compared with the first: one of them gives all rows the same value"
    same = "brings the rows into the same order" if tau > 0.999 else "gives the rows another order"
    return f"{same}: Kendall's τ is {tau:.2f}"
