"""The pictures of a whole run: that they are there, and what they are of."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import torch
from PIL import Image

from hmu.descriptors import presence
from hmu.evaluation import describe
from hmu.evaluation.made import Made
from hmu.generation import brought
from hmu.interface.descriptors import DescriptorContext
from hmu.io.codes import CodeTable
from hmu.models.stored import Stored
from hmu.tables import detection
from support.project import Project, shown

FIGURES = "results/figures"
MODEL = "results/models/demo/backbones/momask/all"
INJECTED = f"{FIGURES}/injections/demo/momask/violence/strongest"
MADE = "results/generations/demo/momask/original/prompts/captions.parquet"


def test_every_picture_is_there_with_its_record(finished: Project) -> None:
    place = "demo/momask/violence"
    tables = ("demo-violence", "demo-violence-k")
    for name in (
        *(f"forget_retain/{table}.svg" for table in tables),
        *(f"methods/{table}/{place}/concepts/violence/forget.png" for table in tables),
        "curves/k.svg",
        f"codes/{place}.png",
        f"injections/{place}/strongest/picture.png",
    ):
        path = finished.root / FIGURES / name
        if path.suffix == ".svg":
            ElementTree.fromstring(path.read_text(encoding="utf-8"))
        else:
            assert np.asarray(Image.open(path).convert("L")).std() > 1
        record = finished.json(f"results/lineage/figures/{name}.json")
        assert record["rule"] in ("forget_retain", "method_strips", "curve", "code_sheet", "inject")


def test_the_tables_come_with_every_figure(finished: Project) -> None:
    folder = finished.root / "results/tables"
    text = (folder / "figures.html").read_text(encoding="utf-8")
    links = re.findall(r'<img src="([^"]+)"', text)
    drawn = {path.resolve() for path in (finished.root / FIGURES).rglob("*.*")}
    pictures = {path for path in drawn if path.suffix in (".png", ".svg")}
    assert {(folder / unquote(link)).resolve() for link in links} == pictures
    assert len(links) == len(pictures)
    record = finished.json("results/lineage/tables.json")
    read = {each["path"] for each in record["inputs"]}
    assert read >= {path.relative_to(finished.root).as_posix() for path in pictures}


def test_pictures_and_training_curves_are_in_the_report(project: Project) -> None:
    done = project.snakemake("--report", "report.html")
    assert done.returncode == 0, shown(done)
    text = (project.root / "report.html").read_text(encoding="utf-8")
    categories = ("Forget against retain", "Curves", "Methods side by side", "Codes", "Training")
    assert [each for each in categories if f'"{each}"' not in text] == []
    assert "checkpoints/demo/momask/violence/finetuned" in text
    captions = re.findall(r'"caption": (null|"(?:[^"\\]|\\.)*")', text)
    assert len(captions) > 20
    assert not {"null", '""'} & {*captions}
    assert len(text.encode()) < 20e6


def test_codes_are_put_into_what_the_original_said(finished: Project) -> None:
    (told,) = finished.json(f"{INJECTED}/sequences.json")
    requests = pd.read_parquet(finished.root / "results/prompts/demo/captions/requests.parquet")
    clips = pd.read_parquet(finished.root / "results/data/demo/concepts/violence/clips.parquet")
    clip = requests.loc[requests["prompt"] == told["prompt"], "clip"].iloc[0]
    assert not clips.loc[clips["clip"] == clip, "forget"].iloc[0], "a prompt of the retain set"
    made = CodeTable.read(
        finished.root / MADE,
        prompt=told["prompt"],
        repeat=0,
    )
    layers = {name: np.array(codes) for name, codes in told["first_layers"].items()}
    before = layers.pop("before")
    assert any(np.array_equal(codes[:, 0], before) for codes in made.codes)
    assert len(layers) == 2
    assert len(told["places"]) == 2
    elsewhere = np.setdiff1d(np.arange(len(before)), told["places"])
    statistics = pd.read_parquet(
        finished.root / "results/codes/demo/momask/concepts/violence/statistics.parquet"
    )
    for name, after in layers.items():
        code = int(name.removeprefix("code "))
        assert (after[told["places"]] == code).all()
        np.testing.assert_array_equal(after[elsewhere], before[elsewhere])
        first = statistics[(statistics["layer"] == 0) & (statistics["code"] == code)]
        assert first["forget_share"].iloc[0] > first["retain_share"].iloc[0]


def test_a_detector_says_what_the_codes_bring(finished: Project) -> None:
    told = finished.json(f"{INJECTED}/presence.json")
    (drawn,) = finished.json(f"{INJECTED}/sequences.json")
    assert told["motions"][0]["prompt"] == drawn["prompt"]
    names = [each["name"] for each in told["shares"]]
    assert (names[0], {*names}) == ("before", {*drawn["first_layers"]})
    assert told["prompts"] == len(told["motions"]) > 10
    assert len({each["caption"] for each in told["motions"]}) == told["prompts"]
    for each in told["shares"]:
        margins = np.array([motion["margins"][each["name"]] for motion in told["motions"]])
        counts = [each[by]["above"] for by in ("presence", "presence_again")]
        assert counts == (margins > 0).sum(axis=0).tolist()
    assert brought.sentence(told) in (finished.root / "results/report/index.html").read_text(
        "utf-8"
    )
    # The original's motions as the evaluation decodes and describes them.
    models = finished.root / "results/models/demo"
    inputs = {
        **Stored.inside(models / "backbones/momask/all/tokenizer").inputs(),
        **Stored("detector", *detector_files(models / "detectors/violence")).inputs(),
        "calibration": models / "detectors/violence/calibration.json",
    }
    asked = pd.DataFrame(told["motions"])[["prompt", "repeat"]].assign(draw=0)
    made = Made.of(inputs, finished.root / MADE, asked, 0, torch.device("cpu"))
    detector = presence.load(DescriptorContext(inputs, {}, 0, torch.device("cpu")))
    said = describe.generated(detector, presence.SEES, made)
    known = finished.json("results/models/demo/detectors/violence/calibration.json")
    assert [each["test"] for each in told["detectors"].values()] == [each["test"] for each in known]
    before = [each["margins"]["before"] for each in told["motions"]]
    np.testing.assert_allclose(before, said, atol=1e-6)
    for name in names[1:]:
        other = [each["margins"][name] for each in told["motions"]]
        assert np.abs(np.subtract(other, before)).max() > 1e-5


def detector_files(folder: Path) -> tuple[Path, Path]:
    return folder / "model.safetensors", folder / "config.json"


def test_the_command_puts_codes_into_a_motion(project: Project) -> None:
    asked = ["--checkpoint", MODEL, "--prompt", "a person walks", "--length", "40", "--seed", "3"]
    done = project.hmu("inject", *asked)
    assert done.returncode == 0, shown(done)
    before = done.stdout.split()
    assert len(before) == 10
    assert not (project.root / "injected").exists()
    done = project.hmu("inject", *asked, "--put", "7@2-3", "31@9")
    assert done.returncode == 0, shown(done)
    one, other, found, worth, folder = done.stdout.splitlines()
    assert one == f"before: {' '.join(before)}"
    assert other == f"after: {' '.join([*before[:2], '[7]', '[7]', *before[4:9], '[31]'])}"
    written = project.root / folder
    record = json.loads((written / "injection.json").read_text(encoding="utf-8"))
    assert record["put"] == {"2": 7, "3": 7, "9": 31}
    motions = [np.load(written / f"{name}.features.npy") for name in ("before", "after")]
    assert motions[0].shape == motions[1].shape == (40, 263)
    assert not np.array_equal(*motions)
    margins = record["detectors"]["violence"]["margins"]
    assert margins["before"] != margins["after"]
    said = ["found" if margins[name][0] > 0 else "not found" for name in ("before", "after")]
    assert re.fullmatch(
        rf"detector of violence: before {said[0]}, [\d.]+ \w+ the threshold, "
        rf"after {said[1]}, [\d.]+ \w+ the threshold",
        found,
    )
    known = project.json("results/models/demo/detectors/violence/calibration.json")[0]
    assert worth == detection.worth("violence", known)
    assert record["detectors"]["violence"]["test"] == known["test"]
    same = [f"{code}@{place}" for place, code in enumerate(before)]
    done = project.hmu("inject", *asked, "--put", *same, "--out", "same")
    motions = [np.load(project.root / f"same/{name}.features.npy") for name in ("before", "after")]
    np.testing.assert_array_equal(*motions)
    # Without a detector nothing is said of any.
    shutil.rmtree(project.root / "results/models/demo/detectors")
    done = project.hmu("inject", *asked, "--put", "7@2-3", "31@9", "--out", "alone")
    assert done.stdout.splitlines() == [one, other, "alone"]
    record = json.loads((project.root / "alone/injection.json").read_text(encoding="utf-8"))
    assert record["detectors"] == {}


def test_what_the_command_cannot_do_is_answered_in_a_line(finished: Project) -> None:
    asked = ["--checkpoint", MODEL, "--prompt", "a person walks", "--length", "40"]
    for words, said in (
        (["--put", "7"], "hmu: '7' puts no code anywhere: write CODE@PLACE"),
        (["--put", "32@0"], "hmu: there is no code 32: the codebook has 0 to 31."),
        (["--put", "3@10"], "hmu: there is no place 10: the motion has 10 tokens, 0 to 9"),
        (["--put", "3@0", "--out", "README.md"], "hmu: README.md cannot be a directory"),
    ):
        done = finished.hmu("inject", *asked, *words)
        last = done.stderr.splitlines()[-1]
        assert (done.returncode, last.startswith(said)) == (2, True), shown(done)
        assert "Traceback" not in done.stderr


def test_what_the_configuration_cannot_have_is_said_before_anything_runs(project: Project) -> None:
    wrong = {
        "far": {"dataset": "demo", "concept": "violence", "codes": [32]},
        "whose": {"dataset": "demo", "concept": "violins"},
    }
    project.configure(lambda config: config["injections"].update(wrong))
    done = project.snakemake("--dry-run")
    assert done.returncode != 0
    assert "injections.whose.concept: there is no concept 'violins'; did you mean" in shown(done)
    project.configure(lambda config: config["injections"].pop("whose"))
    done = project.snakemake("--dry-run")
    assert "injections.far.codes: there is no code 32: the codebook of 'momask' has 0 to 31" in (
        shown(done)
    )
