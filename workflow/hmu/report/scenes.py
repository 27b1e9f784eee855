"""A scene: one set of prompts and all models whose motions for it the tables measure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hmu.figures import style
from hmu.io import inert
from hmu.report import packing
from hmu.report.choosing import Choice

REAL = "real"


@dataclass(frozen=True)
class Model:
    """A model of a scene, or the real motions.

    ``role``: "real", "original" (forgot nothing), "reference" (never learned), "elsewhere" (its
    motions were made elsewhere), "method", or "control" (broken on purpose).
    """

    name: str
    label: str
    role: str


@dataclass(frozen=True)
class Shown:
    """A motion: ``joints`` (frames, 22, 3) in metres; of a generated one the number of ``tokens``
    that it was decoded from, and which of these stand for codes that were replaced."""

    joints: np.ndarray
    tokens: int = 0
    replaced: Sequence[int] = ()


def replaced_tokens(codes: np.ndarray, layers: Sequence[Sequence[int]]) -> list[int]:
    """Which tokens of ``codes`` (tokens, quantizers) have, in some layer, one of the codes of that
    layer in ``layers``."""
    hit = np.zeros(len(codes), dtype=bool)
    for layer, chosen in enumerate(layers):
        hit |= np.isin(codes[:, layer], chosen)
    return np.flatnonzero(hit).tolist()


def as_data(
    address: Sequence[str],
    models: Sequence[Model],
    choice: Choice,
    asked: Mapping[int, Mapping[str, Any]],
    motions: Mapping[str, Mapping[int, Shown]],
    presence: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    """What the viewer reads of a scene.

    ``asked`` says of each row of the plan that is shown its ``caption``, ``clip`` (or None) and
    ``repeat``; ``motions`` are by model and row. ``presence`` (repeats, n), of the models of which
    a table measures it, says of each row whether the detector finds the concept.
    """
    order = [*choice.prompts, *sorted(set(choice.models) - set(choice.prompts))]
    place = {row: number for number, row in enumerate(order)}
    return {
        "address": list(address),
        "models": [vars(each) | _look(each, models) for each in models],
        "prompts": len(choice.prompts),
        "shown": [
            {
                **_asked(asked[row]),
                "motions": {
                    each.name: _packed(motions[each.name][row])
                    | _seen(presence.get(each.name), row)
                    for each in models
                    if row in motions.get(each.name, {})
                },
            }
            for row in order
        ],
        "ends": {
            model: {
                metric: {end: place[row] for end, row in found.items()}
                for metric, found in metrics.items()
            }
            for model, metrics in choice.ends.items()
        },
    }


def _asked(told: Mapping[str, Any]) -> dict[str, Any]:
    """And whether `hmu generate` takes the caption as a prompt: not with controls in it."""
    return {**told, "sayable": inert.control_fault(told["caption"]) is None}


def _packed(motion: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {
        "frames": len(motion.joints),
        "joints": packing.steps(motion.joints),
        "jerk": packing.jerk(motion.joints),
    }
    if motion.tokens:
        found |= {"tokens": motion.tokens, "replaced": list(motion.replaced)}
    return found


def _seen(presence: np.ndarray | None, row: int) -> dict[str, bool]:
    return {} if presence is None else {"presence": bool(presence.ravel()[row])}


def _look(model: Model, models: Iterable[Model]) -> dict[str, str]:
    """The colour that charts give a method; what was made elsewhere has those that follow."""
    coloured = [
        each.name for role in ("method", "elsewhere") for each in models if each.role == role
    ]
    if model.name in coloured:
        return {"colour": style.mark(coloured.index(model.name))["color"]}
    return {"colour": style.GREY if model.role in ("real", "control") else ""}
