"""What a training leaves beside the weights: its log and its curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_logs(folder: Path, logs: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """Write what :func:`train` returned, by name of the training, into the new ``folder``.

    ``log.parquet``: one row an epoch, its training in the column ``stage``. ``curve.svg``: training
    and validation loss by epoch, undated, one panel a training.
    """
    folder.mkdir()
    rows = [{"stage": stage, **row} for stage, log in logs.items() for row in log]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = pa.table({key: [row.get(key) for row in rows] for key in columns})
    pq.write_table(table, folder / "log.parquet")

    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "hmu"
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(logs), 3), layout="constrained")
    panels = figure.subplots(1, len(logs), squeeze=False)[0]
    for axes, (name, log) in zip(panels, logs.items(), strict=True):
        epochs = [row["epoch"] for row in log]
        for part, line in (("train loss", "-"), ("validation loss", "--")):
            axes.plot(epochs, [row[part] for row in log], line, label=part)
        axes.set(xlabel="epoch", ylabel="loss", title=name)
        axes.legend(frameon=False)
    figure.savefig(folder / "curve.svg", format="svg", metadata={"Date": None})
