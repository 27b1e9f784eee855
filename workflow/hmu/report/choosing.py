"""Which motions of a set the report shows: some prompts by every model, and the ends of metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

PROMPTS = 12
"""Of each set, by every model."""
ENDS = ("lowest", "median", "highest")

Ends = dict[str, int]
"""The motion at each of ENDS, by its row in the plan."""


def ends(values: np.ndarray) -> Ends | None:
    """Where the lowest, the median and the highest of ``values`` (repeats, n) lie in the plan.

    None where they only say yes or no, or where there is none: nothing is then in between. Of equal
    values the first counts. Motions without a finite value are passed over.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    finite = np.flatnonzero(np.isfinite(flat))
    if len(np.unique(flat[finite])) < len(ENDS):
        return None
    order = finite[np.argsort(flat[finite], kind="stable")]
    places = (0, len(order) // 2, int(np.searchsorted(flat[order], flat[order[-1]])))
    return {end: int(order[place]) for end, place in zip(ENDS, places, strict=True)}


def different(captions: Sequence[str], count: int = PROMPTS) -> list[int]:
    """The rows of the first captions that no row before has, so many at most."""
    first: dict[str, int] = {}
    for row, caption in enumerate(captions):
        first.setdefault(caption, row)
    return list(first.values())[:count]


@dataclass
class Choice:
    """The motions to show: of each row of the plan, by which models; ``prompts`` are the rows that
    every model shows, and ``ends`` those of each model's metrics."""

    prompts: list[int]
    models: dict[int, set[str]] = field(default_factory=dict)
    ends: dict[str, dict[str, Ends]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        prompts: list[int],
        models: Sequence[str],
        values: Mapping[str, Mapping[str, np.ndarray]],
        beside: Sequence[str],
    ) -> "Choice":
        """All ``models`` for the ``prompts``; for the ends of ``values`` (by model and metric) the
        model itself and those that stand ``beside`` it."""
        chosen = cls(prompts, {row: set(models) for row in prompts})
        for model, metrics in values.items():
            for metric, each in metrics.items():
                if found := ends(each):
                    chosen.ends.setdefault(model, {})[metric] = found
                    for row in found.values():
                        chosen.models.setdefault(row, set()).update([model, *beside])
        return chosen

    def rows(self, model: str) -> list[int]:
        """The rows that a model shows, ascending."""
        return sorted(row for row, models in self.models.items() if model in models)
