"""Which codes belong to a concept: counts and scores for each code and layer."""

from typing import Any

import numpy as np
import pandas as pd

from hmu.io.codes import CodeTable

_PART = 256
"""Units whose codes are summed at a time: as float64 they fit into a processor's cache."""


def forgotten(table: CodeTable, clips: Any, motions: Any) -> pd.Series:
    """For each row of ``table``, whether its motion is in the forget set of a concept.

    ``clips``: the concept's (clip, split, forget); ``motions``: motion, clip. Missing for motions
    of the test split, on which nothing may be chosen.
    """
    seen = clips[clips["split"] != "test"]
    forget = dict(zip(seen["clip"], seen["forget"], strict=True))
    clip_of = dict(zip(motions["motion"], motions["clip"], strict=True))
    return table.keys["motion"].map(clip_of).map(forget)


def code_statistics(table: CodeTable, forget: pd.Series, codebook: int) -> pd.DataFrame:
    """Statistics of each code of each layer (paper, equations 5 and 6).

    ``forget`` says for each row of ``table`` whether its motion is in the forget set (True), in the
    retain set (False) or in neither (missing). A motion contains a code when the code occurs in
    it at least once, at any offset. Where the table has a column ``times``, each row counts by
    itself and that often, as in the reference (`hmu.unlearning.reference_crops`).

    Columns: ``layer``, ``code``; ``forget`` and ``retain``, motions that contain the code;
    ``forget_share`` and ``retain_share`` of all motions; ``score``, their ratio (infinite when no
    retain motion has the code, 0 when no forget motion has it); ``rank`` in the layer, 0 best, ties
    to the code in more forget motions and then to the smaller code; ``forget_tokens`` and
    ``retain_tokens``, shares of all tokens.
    """
    if "times" in table.keys:
        times = table.keys["times"].to_numpy(np.int64)
        unit_of = np.arange(len(times))
    else:
        unit_of, motions = pd.factorize(table.keys["motion"])
        times = np.ones(len(motions), np.int64)
    lengths = np.array([len(codes) for codes in table.codes])
    tokens = np.concatenate(table.codes)
    sides = {"forget": forget.eq(True).to_numpy(), "retain": forget.eq(False).to_numpy()}
    units = {side: _Units(unit_of, times, lengths, rows) for side, rows in sides.items()}
    frames = []
    for layer in range(table.layers):
        columns: dict[str, np.ndarray] = {
            "layer": np.full(codebook, layer, np.int16),
            "code": np.arange(codebook, dtype=np.int16),
        }
        for side, found in units.items():
            containing, said = found.count(tokens[:, layer], codebook)
            columns[side] = containing.astype(np.int32)
            columns[f"{side}_share"] = containing / max(found.total, 1)
            columns[f"{side}_tokens"] = said / max(said.sum(), 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = columns["forget_share"] / columns["retain_share"]
        columns["score"] = np.where(columns["forget"] == 0, 0.0, score)
        order = np.lexsort((columns["code"], -columns["forget"], -columns["score"]))
        columns["rank"] = np.empty(codebook, np.int32)
        columns["rank"][order] = np.arange(codebook)
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


class _Units:
    """What counts once, a motion or a row, on one side: the forget or the retain set.

    ``unit_of`` and ``lengths`` (rows,): the unit and the tokens of each row of codes; ``times``
    (units,): how often each counts; ``rows`` (rows,), bool: those on this side.
    """

    def __init__(
        self, unit_of: np.ndarray, times: np.ndarray, lengths: np.ndarray, rows: np.ndarray
    ) -> None:
        present, where = np.unique(unit_of[rows], return_inverse=True)
        self.times = times[present]
        self.total = int(self.times.sum())
        self.tokens = np.flatnonzero(np.repeat(rows, lengths))
        self.unit_of_token = np.repeat(where, lengths[rows])

    def count(self, tokens: np.ndarray, codebook: int) -> tuple[np.ndarray, np.ndarray]:
        """How many units contain each code, and how many tokens say it, int64 (codebook,) both.

        ``tokens``: the codes of one layer, of all rows.
        """
        found = tokens[self.tokens].astype(np.int64)
        # A table of which unit has which code takes a tenth of the time of sorting the pairs.
        contains = np.zeros((len(self.times), codebook), dtype=bool)
        contains[self.unit_of_token, found] = True
        said = np.bincount(found, self.times[self.unit_of_token], minlength=codebook)
        # Whole numbers of float64 are exact here, and summed many times as fast as int64.
        weights = self.times.astype(float)
        parts = [slice(begin, begin + _PART) for begin in range(0, len(weights), _PART)]
        containing = sum((weights[each] @ contains[each] for each in parts), np.zeros(codebook))
        return containing.astype(np.int64), said.astype(np.int64)
