"""What TensorBoard has of a run, read back by its own readers."""

import sys
from pathlib import Path
from typing import Any

import pytest

from hmu.cli import main
from hmu.io import files
from hmu.models.curves import write_logs
from hmu.provenance.hashes import content
from hmu.provenance.lineage import Lineage
from support.records import write_record

pytest.importorskip("tensorboard", reason="the extra `dev` is not installed")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata, plugin_data_pb2

MODEL = "models/demo/backbones/momask/all/masked"
ROW = "cells/main/lcr"
ADDRESS = {"dataset": "demo", "backbone": "momask", "concept": "violence", "variant": "lcr"}


def write_cell(results: Path, column: str, metric: str, values: list[float] | None) -> None:
    mean = None if values is None else sum(values) / len(values)
    cell = {**ADDRESS, "set": "forget", "metric": metric, "n": 9, "interval": 0.1}
    path = results / ROW / f"{column}.json"
    files.write_json(path, {**cell, "value": mean, "values": values})
    record(results, path, "2026-11-29T12:00:00+00:00")


def record(results: Path, path: Path, started: str) -> None:
    lineage = Lineage(results)
    wrote = {"path": lineage.name(path), **content(path).as_json()}
    write_record(lineage, "cell", [], [wrote], started=started)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    results = tmp_path / "results"
    training = results / MODEL / "training"
    training.parent.mkdir(parents=True)
    epochs = [
        {"epoch": 1, "train loss": 2.0, "validation loss": 3.0},
        {"epoch": 2, "train loss": 1.0, "validation loss": 2.5},
    ]
    write_logs(training, {"masked": epochs})
    record(results, training, "2026-11-29T10:00:00+00:00")
    write_cell(results, "forget-r@1", "r@1", [0.25, 0.75])
    write_cell(results, "forget-fid", "fid", None)
    return results


def track(results: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["track", str(results), "--to", str(results.parent / "board")]) == 0
    return capsys.readouterr().out


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder)).Reload()


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def session(board: EventAccumulator, tag: str) -> Any:
    data = board.PluginTagToContent(metadata.PLUGIN_NAME)[tag]
    return plugin_data_pb2.HParamsPluginData.FromString(data)


def test_a_training_is_a_run_with_its_losses_by_epoch(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(results, capsys)
    board = read(results.parent / "board" / MODEL)
    losses = board.Scalars("masked/validation_loss")
    assert [(each.step, each.value) for each in losses] == [(1, 3.0), (2, 2.5)]
    assert {each.wall_time for each in losses} == {1795946400.0}  # when it began


def test_a_row_is_a_run_with_addresses_and_records(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(results, capsys)
    board = read(results.parent / "board" / ROW)
    assert [each.value for each in board.Scalars("forget-r_1")] == [0.5]
    repeats = board.Scalars("repeats/forget-r_1")
    assert [(each.step, each.value) for each in repeats] == [(0, 0.25), (1, 0.75)]
    assert "forget-fid" not in board.Tags()["scalars"]  # it has no value
    begun = session(board, metadata.SESSION_START_INFO_TAG).session_start_info
    assert {key: each.string_value for key, each in begun.hparams.items()} == ADDRESS
    (told,) = board.Tensors("behind the numbers/text_summary")
    text = told.tensor_proto.string_val[0].decode()
    made = Lineage(results).record(f"results/{ROW}/forget-r@1.json")
    assert made is not None
    assert "| forget-r@1 | 0.5 | forget | r@1 | 9 | 0.1 |" in text
    assert made.seal in text


def test_results_stay_and_what_is_there_is_not_written_again(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(results)
    assert track(results, capsys).startswith("2 runs written, 0 as before")
    assert state(results) == before
    written = state(results.parent / "board")
    assert track(results, capsys).startswith("0 runs written, 2 as before")
    assert state(results.parent / "board") == written


def test_a_cell_that_came_since_is_there_once(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(results, capsys)
    write_cell(results, "forget-fid", "fid", [4.0])
    (results / "cells/main/.part.new").mkdir()
    assert track(results, capsys).startswith("1 runs written, 1 as before")
    board = read(results.parent / "board" / ROW)
    assert [each.value for each in board.Scalars("forget-fid")] == [4.0]
    assert [each.value for each in board.Scalars("forget-r_1")] == [0.5]


def test_what_tensorboard_did_not_write_is_not_removed(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that has the place of a run, as the results themselves have."""
    mine = results.parent / "board" / MODEL / "model.safetensors"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"weights")
    assert main(["track", str(results), "--to", str(results.parent / "board")]) == 2
    assert "model.safetensors was not written for TensorBoard" in capsys.readouterr().err
    assert mine.read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "has no training and no cell yet"),
        (["results", "--to", "results/board"], "is inside the results"),
    ],
)
def test_what_cannot_be_tracked_is_said(
    results: Path,
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(results.parent)
    assert main(["track", *words]) == 2
    assert said in capsys.readouterr().err


def test_without_tensorboard_it_is_said_how_to_get_it(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert main(["track", str(results), "--to", str(results.parent / "board")]) == 2
    assert "pip install tensorboard" in capsys.readouterr().err
