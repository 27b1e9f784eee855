"""`hmu unlearn`: the workflow's own jobs, one by one, and what it answers to bad input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu import cli, config, paths
from hmu.generation import bundle
from hmu.io import parquet
from hmu.io.store import ClipStore
from hmu.jobs import unlearning
from hmu.jobs.preparing import READABLE, Preparing
from hmu.models import storage
from hmu.run.done import is_done
from hmu.unlearning.declaration import Declaration
from support.project import CONFIG, Project, shown

MODEL = "results/models/demo/backbones/momask/all"
OF_DEMO = ("--config", CONFIG, "--dataset", "demo", "--concept", "violence")


def unlearn(*words: object) -> int:
    return cli.main(["unlearn", *map(str, words)])


@pytest.fixture
def here(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the finished run can be read, and results written."""
    monkeypatch.chdir(finished.root)
    return tmp_path / "results"


def test_what_the_workflow_has_made_is_done(finished: Project) -> None:
    """By the records: step, inputs, settings, seed and code, and what the outputs hold."""
    results = finished.root / "results"
    configured = config.load(finished.root / CONFIG)
    model = bundle.find(finished.root / MODEL)
    preparing = Preparing(configured, "demo", "momask", model, results)
    jobs = list(preparing.jobs(READABLE - {"reference_statistics"}, ["violence"]))
    steps = "ingest features captions samples concept codes code_statistics text_embeddings"
    assert [job.step for job in jobs] == steps.split()
    assert [job.step for job in jobs if not is_done(job)] == []
    address = {"backbone": "momask", "concept": "violence", "dataset": "demo"}
    for name in ("lcr", "finetuned"):
        to = results / "checkpoints/demo/momask/violence" / name
        reads = Declaration.of(configured["variants"][name]).inputs
        inputs = preparing.inputs(reads, ["violence"])
        whole = {**address, "variant": name}
        assert is_done(unlearning.job(configured, whole, model, inputs, to, results)), name


def test_what_is_done_is_known_by_all_that_it_depends_on(project: Project) -> None:
    results = project.root / "results"
    configured = config.load(project.root / CONFIG)
    model = bundle.find(project.root / MODEL)

    def done(**changed: Any) -> dict[str, bool]:
        preparing = Preparing({**configured, **changed}, "demo", "momask", model, results)
        return {job.step: is_done(job) for job in preparing.jobs(["statistics"], ["violence"])}

    assert all(done().values())
    assert not any(done(seed=1).values())
    other = {"violence": {**configured["concepts"]["violence"], "keywords": ["kick"]}}
    assert [step for step, whole in done(concepts=other).items() if not whole] == ["concept"]
    (results / "data/demo/concepts/violence/shares.csv").write_text("", encoding="utf-8")
    assert [step for step, whole in done().items() if not whole] == ["concept"]
    (results / "codes/demo/momask/all/codes.parquet").unlink()
    with pytest.raises(Exception, match=r"codes\.parquet is missing"):
        done()


def test_the_checkpoint_is_the_workflows(here: Path, finished: Project, tmp_path: Path) -> None:
    """To the byte, from the raw data again; it knows its model, and is made once."""
    words = (MODEL, *OF_DEMO, "--variant", "lcr", "--results", here)
    raw = finished.root / paths.data("demo", "raw")
    (here / "data/demo").mkdir(parents=True)
    (here / "data/demo/raw").symlink_to(raw)
    assert unlearn(*words) == 0
    made, theirs = (
        folder / "checkpoints/demo/momask/violence/lcr"
        for folder in (here, finished.root / "results")
    )
    assert (made / "delta.safetensors").read_bytes() == (theirs / "delta.safetensors").read_bytes()
    origins = [json.loads((folder / "origin.json").read_text()) for folder in (made, theirs)]
    assert origins[0]["notes"] == origins[1]["notes"]
    assert bundle.find(made).folder.resolve() == (finished.root / MODEL).resolve()
    before = (made / "delta.safetensors").stat().st_mtime_ns
    assert unlearn(*words) == 0
    assert (made / "delta.safetensors").stat().st_mtime_ns == before, "made again"


def test_a_dataset_at_a_later_stage_and_a_method_that_trains(
    here: Path, finished: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Joints in a folder, words on the command line, and no configuration at all."""
    data, raw = tmp_path / "my clips", finished.root / paths.data("demo", "raw")
    (data / "joints").mkdir(parents=True)
    joints = finished.root / paths.data("demo", "joints")
    store = ClipStore(joints / "data.npy", joints / "index.parquet")
    for clip in store.index["clip"]:
        np.save(data / "joints" / f"{clip}.npy", store[clip])
    for name in ("texts", "train.txt", "val.txt", "test.txt"):
        (data / name).symlink_to(raw / name)
    words = ("--concept", "kicks", "--keywords", "kick", "--data", data, "--results", here)
    method = ("--method", "npo", "--set", "epochs=1", "--device", "cpu")
    assert unlearn(MODEL, *words, *method) == 0
    folder = here / "checkpoints/my-clips/momask/kicks/npo"
    changed = {name.partition("/")[0] for name in storage.load_state(folder / "delta.safetensors")}
    assert changed == {"masked", "residual"}
    assert (folder / "training").is_dir()
    assert list((folder / "training").iterdir())
    clips = parquet.frame(here / "data/my-clips/concepts/kicks/clips.parquet")
    assert 0 < clips["forget"].sum() < len(clips)
    assert cli.main(["verify", str(folder)]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "lcrr"], "variants.lcrr.method: there is no method 'lcrr'; did you mean"),
        (["--method", "lcr", "--set", "kk=3"], "variants.lcr.kk: there is no key 'kk'"),
        (["--method", "lcr", "--set", "k=32"], "tokenizer.codes is 32; write less than 32"),
        (["--method", "lcr", "--set", "k"], "--set k: write NAME=VALUE"),
        (["--method", "lcr", "--set", "k=["], "--set k=[: the value is not YAML"),
        (["--method", "lcr", "--set", "k=4"], "'lcr' reads statistics, which only a dataset"),
        (["--method", "npo"], "which only a dataset has: give one with --data or --dataset"),
        (["--method", "uce"], "There is no concept 'x' in the configuration: give its words with"),
        (["--method", "retrain"], "only the workflow trains them"),
        (["--method", "frozen", "--export", "x"], "'frozen' is no model but alters motions"),
        (["--variant", "lcr"], "There is no variant 'lcr' in the configuration (which has none)"),
        (["--variant", "mine", "--config", CONFIG], "(original, retrained, finetuned, lcr, lcr-4)"),
        (["--method", "lcr", "--dataset", "d"], "There is no dataset 'd' in the configuration"),
        (["--method", "lcr", "--data", "nowhere"], "nowhere is not the raw directory of a dataset"),
        (["--method", "lcr", "--codes", "no.yaml"], "no.yaml is missing"),
        (["--method", "lcr", "--codes", "CODES"], "has code 32 in layer 1, and the codebook has"),
        (["--method", "uce", "--keywords", "kick", "--set", "words=[kicks]"], "uce.words: all of"),
        (["--method", "uce", "--keywords", "a", "--set", "lambda=0"], "leave the equations of 16"),
        (["--method", "lcr", "--config", "no.yaml"], "no.yaml cannot be read"),
        (["--method", "uce", "--keywords", "kick", "--to", "x"], "is not inside"),
        (["--method", "uce", "--keywords", "a", "--set", "preserve=captions"], "uce' reads clips,"),
    ],
)  # fmt: skip
def test_bad_input_is_answered(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    codes = tmp_path / "CODES"
    codes.write_text("[[3], [32]]", encoding="utf-8")
    given = [codes if word == "CODES" else word for word in words]
    assert unlearn(MODEL, "--concept", "x", "--results", here, *given) == 2
    error = capsys.readouterr().err
    assert error.startswith("hmu: ")
    assert said in error
    assert not list(here.rglob("delta.safetensors"))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nowhere", "nowhere has no transformer"),
        ("results/checkpoints/demo/momask/violence/lcr", "has forgotten something already"),
    ],
)
def test_what_is_no_original_model_is_answered(
    here: Path, capsys: pytest.CaptureFixture[str], model: str, said: str
) -> None:
    assert unlearn(model, "--concept", "x", "--method", "uce", "--keywords", "kick") == 2
    assert said in capsys.readouterr().err


def test_what_the_workflow_made_is_never_replaced(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snakemake would take it for its own; what this command made itself it replaces."""
    monkeypatch.chdir(project.root)
    model = MODEL
    delta = project.root / "results/checkpoints/demo/momask/violence/lcr/delta.safetensors"
    before = delta.read_bytes()
    words = (model, *OF_DEMO, "--variant", "lcr")
    assert unlearn(*words, "--set", "k=5") == 2
    assert "violence/lcr is there, but not from these data" in capsys.readouterr().err
    assert delta.read_bytes() == before
    assert unlearn(*words) == 0
    own = "results/mine/delta.safetensors"
    codes = []
    for k in (5, 6):
        assert unlearn(*words, "--set", f"k={k}", "--to", "results/mine") == 0
        codes.append((project.root / own).read_bytes())
    assert codes[0] != codes[1]
    assert project.planned() == [], "the workflow has nothing to do after it"
    done = project.hmu("verify", "results/mine")
    assert done.returncode == 0, shown(done)
