"""Which codes belong to a concept: counts, scores and coverage for each code and layer."""

from typing import Any

import numpy as np
import pandas as pd

from hmu.io.codes import CodeTable


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
    it at least once, at any offset. Columns: ``layer``, ``code``; ``forget`` and ``retain``,
    motions that contain the code; ``forget_share`` and ``retain_share`` of all motions;
    ``score``, their ratio (infinite when no retain motion has the code, 0 when no forget motion
    has it); ``rank`` in the layer, 0 best, ties to the code in more forget motions and then to
    the smaller code; ``forget_tokens`` and ``retain_tokens``, shares of all tokens.
    """
    _, motion_of = np.unique(table.keys["motion"].to_numpy(str), return_inverse=True)
    frames = []
    sides = {"forget": forget.eq(True).to_numpy(), "retain": forget.eq(False).to_numpy()}
    lengths = np.array([len(codes) for codes in table.codes])
    row_of_token = np.repeat(np.arange(len(lengths)), lengths)
    tokens = np.concatenate(table.codes)
    for layer in range(table.layers):
        columns: dict[str, np.ndarray] = {
            "layer": np.full(codebook, layer, np.int16),
            "code": np.arange(codebook, dtype=np.int16),
        }
        for side, rows in sides.items():
            kept = rows[row_of_token]
            found = tokens[kept, layer].astype(np.int64)
            pairs = np.unique(motion_of[row_of_token[kept]] * codebook + found)
            total = len(np.unique(motion_of[rows]))
            columns[side] = np.bincount(pairs % codebook, minlength=codebook).astype(np.int32)
            columns[f"{side}_share"] = columns[side] / max(total, 1)
            columns[f"{side}_tokens"] = np.bincount(found, minlength=codebook) / max(len(found), 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = columns["forget_share"] / columns["retain_share"]
        columns["score"] = np.where(columns["forget"] == 0, 0.0, score)
        order = np.lexsort((columns["code"], -columns["forget"], -columns["score"]))
        columns["rank"] = np.empty(codebook, np.int32)
        columns["rank"][order] = np.arange(codebook)
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)
