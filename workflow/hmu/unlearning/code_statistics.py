"""Which codes belong to a concept: counts, scores and coverage for each code and layer."""

from pathlib import Path

import numpy as np
import pandas as pd

from hmu.io.codes import CodeTable


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


def draw(statistics: pd.DataFrame, path: Path) -> None:
    """Draw what replacing the top K codes of the first layer hits: tokens of forget and retain."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "statistics"
    from matplotlib.figure import Figure

    first = statistics[statistics["layer"] == 0].sort_values("rank")
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    for side in ("forget", "retain"):
        axes.plot(range(1, len(first) + 1), 100 * first[f"{side}_tokens"].cumsum(), label=side)
    axes.set(xlabel="codes replaced (K), by score", ylabel="tokens hit, %", xscale="log")
    axes.legend(frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})
