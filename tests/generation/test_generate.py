"""`hmu generate`: from a directory and a prompt to files that programs and people can look at."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from hmu import cli
from hmu.backbones.bamm.masked import MaskedTransformer as BAMM
from hmu.generation.sampling import Request
from hmu.generation.sampling import generate as generate_codes
from hmu.generation.text_to_motion import TextToMotion
from hmu.io import files
from hmu.models.tokenizer import Tokenizer
from hmu.motion import recover
from hmu.motion.armature import fit
from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage
from hmu.sections.generation import GenerationSection
from hmu.sections.tokenizer import TokenizerSizes
from support import small_results
from support.project import Project
from support.records import write_record
from support.small_results import SHAPE, save

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    return small_results.write(tmp_path_factory.mktemp("generate") / "results")


def base_of(results: Path) -> Path:
    return results / "models" / "demo" / "backbones" / "momask" / "all"


def checkpoint(results: Path, variant: str) -> Path:
    return results / "checkpoints" / "demo" / "momask" / "kick" / variant


def hmu(*words: object) -> int:
    try:
        return cli.main(["generate", *map(str, words)])
    except SystemExit as end:  # argparse's way out
        return int(end.code or 0)


def made(out: Path, *suffixes: str) -> dict[str, bytes]:
    """Files below ``out`` with one of the suffixes, by name."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name.endswith(suffixes or ("",))
    }


def test_a_control_shows_what_it_does_to_the_motions_of_the_model(
    results: Path, tmp_path: Path
) -> None:
    words = ["--prompt", "a person kicks", "--length", 24, "--animation", "none", "--out", tmp_path]
    assert hmu("--compare", checkpoint(results, "same"), checkpoint(results, "frozen"), *words) == 0
    moving, still = (
        np.load(tmp_path / name / "000-a-person-kicks.joints.npy") for name in ("same", "frozen")
    )
    np.testing.assert_allclose(still, np.broadcast_to(moving[:1], still.shape), atol=1e-5)
    assert np.abs(moving - moving[:1]).max() > 0.01


def test_a_prompt_becomes_arrays_bvh_and_an_animation(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--prompt", "a person kicks", "--length", 26, "--out", tmp_path]
    assert hmu("--checkpoint", checkpoint(results, "lcr"), *words) == 0
    name = "000-a-person-kicks"
    assert set(made(tmp_path)) == {
        *(f"{name}{end}" for end in (".features.npy", ".joints.npy", ".bvh", ".gif")),
        "generated.json",
    }
    features = np.load(tmp_path / f"{name}.features.npy", allow_pickle=False)
    joints = np.load(tmp_path / f"{name}.joints.npy", allow_pickle=False)
    assert features.shape == (24, 263)  # in fours
    assert features.flags.c_contiguous
    assert features.dtype == joints.dtype == np.float32
    assert np.array_equal(joints, recover.to_joints(features))
    assert "Frames: 24\nFrame Time: 0.050000\n" in (tmp_path / f"{name}.bvh").read_text()
    with Image.open(tmp_path / f"{name}.gif") as picture:
        assert picture.n_frames == 24
        assert picture.info["duration"] == 50
    record = json.loads((tmp_path / "generated.json").read_text())
    assert (record["seed"], record["device"]) == (0, "cpu")
    (motion,) = record["motions"]
    assert (motion["prompt"], motion["frames"]) == ("a person kicks", 24)
    moved = motion["bvh_distances_metres"]["lcr"]
    assert moved["largest"] == pytest.approx(fit(joints).distances(joints).max(), abs=1e-3)
    assert moved["hands_and_feet"] <= moved["largest"]
    said = [f"up to {100 * moved[key]:.1f} cm" for key in ("largest", "hands_and_feet")]
    assert f"are {said[0]} off, hands and feet {said[1]} (gen" in capsys.readouterr().err
    delta = checkpoint(results, "lcr") / "delta.safetensors"
    assert record["models"]["lcr"]["sha256"]["delta"] == files.sha256(delta)


def test_another_run_takes_the_place_of_the_first(results: Path, tmp_path: Path, capsys) -> None:
    models = ["--compare", checkpoint(results, "lcr"), base_of(results)]
    prompts = ["--prompt", "a person kicks", "--prompt", "he waves", "--length", 8]
    assert hmu(*models, *prompts, "--out", tmp_path) == 0
    (tmp_path / "notes.txt").write_text("mine")
    again = ["--prompt", "she jumps", "--length", 8, "--animation", "none", "--out", tmp_path]
    capsys.readouterr()
    assert hmu("--checkpoint", base_of(results), *again) == 0
    # Of two models three arrays each and one animation for both, of two prompts, and the record.
    assert f"{tmp_path} held another run: its 15 files are replaced." in capsys.readouterr().err
    ends = (".features.npy", ".joints.npy", ".bvh")
    expected = {"generated.json", "notes.txt", *(f"000-she-jumps{end}" for end in ends)}
    assert set(made(tmp_path)) == expected


def test_motions_that_no_record_names_are_never_mixed_with(
    results: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / "lcr").mkdir()
    (tmp_path / "lcr" / "000-he-waves.features.npy").write_text("of an interrupted run")
    assert hmu("--checkpoint", base_of(results), "--prompt", "a", "--out", tmp_path) == 2
    assert "000-he-waves.features.npy for one: give another --out" in capsys.readouterr().err
    assert list(made(tmp_path)) == ["lcr/000-he-waves.features.npy"]


def test_a_record_can_name_no_file_elsewhere(results: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.bvh"
    kept.write_text("mine")
    record = {"models": {"a": {}}, "motions": [{"name": "../kept"}]}
    (tmp_path / "out").mkdir()
    files.write_json(tmp_path / "out" / "generated.json", record)
    words = ["--prompt", "a", "--length", 4, "--animation", "none", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", base_of(results), *words) == 0
    assert kept.read_text() == "mine"


def test_a_length_that_is_cut_is_said(results: Path, tmp_path: Path, capsys) -> None:
    words = ["--prompt", "a", "--animation", "none"]
    for length in (8, 9):
        out = ["--length", length, "--out", tmp_path / str(length)]
        assert hmu("--checkpoint", base_of(results), *words, *out) == 0
        said = "9 frames are cut to 8: lengths are multiples of 4." in capsys.readouterr().err
        assert said == (length == 9)
        asked = ["--checkpoint", base_of(results), "--prompt", "a", "--length", length]
        assert cli.main(["inject", *map(str, asked)]) == 0
        said = "9 frames are cut to 8: lengths are multiples of 4." in capsys.readouterr().err
        assert said == (length == 9)


def test_words_that_the_model_never_saw_are_said(results: Path, tmp_path: Path, capsys) -> None:
    base = Path(shutil.copytree(results, tmp_path / "results")) / base_of(results).relative_to(
        results
    )
    model, samples = base / "masked" / "model.safetensors", tmp_path / "results" / "samples.parquet"
    table = {"caption": ["A person kicks.", "he swims"], "split": ["train", "test"]}
    pq.write_table(pa.table(table), samples)
    lineage = Lineage(tmp_path / "results")
    read, wrote = (
        {"path": lineage.name(path), **hashes.content(path).as_json()} for path in (samples, model)
    )
    write_record(lineage, "train_part", [read], [wrote])
    words = ["--length", 4, "--animation", "none", "--prompt", "a person swims, Kicks 2 cartwheels"]
    assert hmu("--checkpoint", base, *words, "--out", tmp_path / "one") == 0
    assert "no caption with swims, cartwheels: what" in capsys.readouterr().err
    injecting = ["inject", "--checkpoint", base, *words[:2], *words[-2:]]
    assert cli.main([*map(str, injecting)]) == 0
    assert "no caption with swims, cartwheels: what" in capsys.readouterr().err
    samples.unlink()
    assert hmu("--checkpoint", base, *words, "--out", tmp_path / "two") == 0
    assert "no caption" not in capsys.readouterr().err


def test_a_prompt_in_any_script_has_a_plain_name(results: Path, tmp_path: Path) -> None:
    """Names stay inside the folder, and letters keep what they are without their marks."""
    texts = ["Ein Männchen übt – être", "他踢腿", "../../etc/passwd"]
    words = [word for text in texts for word in ("--prompt", text)]
    words += ["--length", "4", "--animation", "none", "--out", tmp_path]
    assert hmu("--checkpoint", base_of(results), *words) == 0
    assert {name.partition(".")[0] for name in made(tmp_path, ".bvh")} == {
        "000-ein-mannchen-ubt-etre", "001-motion", "002-etc-passwd",
    }  # fmt: skip
    record = json.loads((tmp_path / "generated.json").read_text())
    assert [motion["prompt"] for motion in record["motions"]] == texts


def test_the_record_names_the_files_that_were_read(results: Path, tmp_path: Path) -> None:
    folder = self_contained(results, tmp_path / "mine", "length", "text_encoder")
    (folder / "evaluator").mkdir()
    for path in ("evaluator/model.safetensors", "evaluator/config.json"):
        (folder / path).write_text("not read")
    words = ["--prompt", "a", "--animation", "none", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", folder, *words) == 0
    found = json.loads((tmp_path / "out" / "generated.json").read_text())["models"]["mine"]
    parts = ("tokenizer", "masked", "residual", "length", "text_encoder")
    assert set(found["sha256"]) == {f"{part}{end}" for part in parts for end in ("", "_config")}


def test_it_is_the_pipelines_generation(results: Path, tmp_path: Path) -> None:
    """Codes as the step `generate` draws them, decoded by the tokenizer in its own scale."""
    out = ["--length", 40, "--seed", 5, "--animation", "none", "--out", tmp_path]
    assert hmu("--checkpoint", base_of(results), "--prompt", "he waves", *out) == 0
    model = TextToMotion.open(base_of(results), CPU)
    settings = GenerationSection().model_dump()
    text = model.tower.embed(["he waves"])
    request = Request("he waves", 0, 0, 10, 0)
    (codes,) = generate_codes(model.sampler, text, [request], settings, 5, CPU)
    with torch.no_grad():
        tokenizer = model.codec.tokenizer
        motion = tokenizer.decode(torch.from_numpy(codes[None].astype(np.int64)))[0].numpy()
    found = np.load(tmp_path / "000-he-waves.features.npy")
    assert np.allclose(found, motion * 0.03 + 0.01, atol=1e-6)


def test_a_seed_gives_the_same_bytes_for_any_batch(results: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a person kicks#40\n\nhe waves #NA\n she  jumps\na person kicks#40\n")
    runs = {}
    for name, seed, batch in (("a", 1, 1), ("b", 1, 3), ("c", 2, 3)):
        words = ["--seed", seed, "--batch-size", batch, "--animation", "none", "--repeats", 2]
        words += ["--keep", 1, "--out", tmp_path / name]
        assert hmu("--checkpoint", base_of(results), "--prompts", prompts, *words) == 0
        runs[name] = made(tmp_path / name)
    records = [json.loads(runs[name].pop("generated.json")) for name in ("a", "b")]
    assert [record["settings"].pop("batch") for record in records] == [1, 3]
    assert records[0] == records[1]
    assert runs["a"] == runs["b"]
    arrays = {name: data for name, data in runs["a"].items() if name.endswith("features.npy")}
    assert len(arrays) == 8
    assert len(set(arrays.values())) == 8  # equal prompts too have noise of their own
    assert not set(arrays.values()) & set(runs["c"].values())


def test_two_checkpoints_side_by_side(results: Path, tmp_path: Path) -> None:
    models = [checkpoint(results, "same"), checkpoint(results, "lcr")]
    words = ["--prompt", "a person kicks", "--out", tmp_path]
    assert hmu("--compare", *models, *words) == 0
    same, lcr = (made(tmp_path / name, ".npy", ".bvh") for name in ("same", "lcr"))
    assert set(same) == set(lcr)
    assert len(same) == 3
    assert not set(same.values()) & set(lcr.values())
    assert hmu("--checkpoint", base_of(results), *words[:2], "--out", tmp_path / "base") == 0
    assert made(tmp_path / "base", ".npy", ".bvh") == same
    pictures = [tmp_path / f"{folder}000-a-person-kicks.gif" for folder in ("", "base/")]
    two, one = (Image.open(path).size for path in pictures)
    assert two[0] == 2 * one[0]
    assert set(json.loads((tmp_path / "generated.json").read_text())["models"]) == {"same", "lcr"}


def self_contained(results: Path, folder: Path, *beside: str) -> Path:
    """A directory as `hmu import` makes it, with these parts beside those that all have."""
    folder.mkdir(parents=True)
    for part in ("tokenizer", "masked", "residual"):
        (folder / part).symlink_to(base_of(results) / part)
    for part in beside:
        (folder / part).symlink_to(results / "models" / "demo" / part)
    return folder


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ("length", "mine has no text_encoder beside its parts"),
        ("text_encoder", "no length estimator"),
    ],
)
def test_a_part_that_is_not_there_is_named(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], beside: str, message: str
) -> None:
    folder = self_contained(results, tmp_path / "mine", beside)
    assert hmu("--checkpoint", folder, "--prompt", "a", "--out", tmp_path / "out") == 2
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def bamm(results: Path) -> Path:
    """BAMM as the workflow leaves it: what it shares with MoMask is known by the record alone."""
    folder = results / "models" / "demo" / "backbones" / "bamm" / "all"
    torch.manual_seed(4)
    save(folder, "masked", BAMM(SHAPE), SHAPE, kind="bamm")
    content = {"sha256": "0" * 64, "bytes": 1}
    trained, tokenizer = folder / "masked" / "model.safetensors", base_of(results) / "tokenizer"
    lineage = Lineage(results)
    read = {"path": lineage.name(tokenizer / "config.json"), **content}
    write_record(lineage, "train_part", [read], [{"path": lineage.name(trained), **content}])
    return folder


def test_bamm_takes_shared_parts_and_finds_lengths_itself(bamm: Path, tmp_path: Path) -> None:
    prompts = [word for text in ("he waves", "she kicks") for word in ("--prompt", text)]
    runs = []
    for batch in (1, 2):
        words = [*prompts, "--animation", "none", "--keep", 1, "--batch-size", batch]
        assert hmu("--checkpoint", bamm, *words, "--out", tmp_path / str(batch)) == 0
        runs.append(made(tmp_path / str(batch)))
    records = [json.loads(run.pop("generated.json")) for run in runs]
    assert runs[0] == runs[1]
    for motion in records[0]["motions"]:
        features = np.load(tmp_path / "1" / f"{motion['name']}.features.npy")
        assert len(features) == motion["frames"]
        assert 4 <= motion["frames"] <= 196


@pytest.mark.parametrize(("stride", "down"), [(2, 1), (2, 2), (2, 3), (1, 2), (3, 2)])
def test_a_motion_that_finds_no_end_has_the_longest_length(
    results: Path, tmp_path: Path, stride: int, down: int
) -> None:
    """196 frames, however many frames a token has."""
    folder, model = self_contained(results, tmp_path / "mine", "text_encoder"), BAMM(SHAPE)
    model.output_process.poseFinal.bias.data[SHAPE.codes] = -1e4
    shape = {"codes": 16, "code_dim": 8, "width": 8, "depth": 1, "quantizers": 2}
    tokenizer = TokenizerSizes(**shape, stride=stride, down=down)
    scale = scale_of(results)
    for part in ("tokenizer", "masked"):
        (folder / part).unlink()
    save(folder, "tokenizer", Tokenizer(tokenizer), tokenizer, kind="momask", normalisation=scale)
    save(folder, "masked", model, SHAPE, kind="bamm")
    words = ["--prompt", "he waves", "--animation", "none", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", folder, *words) == 0
    assert len(np.load(tmp_path / "out" / "000-he-waves.features.npy")) == 196


def scale_of(results: Path) -> object:
    return files.read_json(base_of(results) / "tokenizer" / "config.json")["normalisation"]


@pytest.mark.parametrize(("name", "value"), [("codes", 12), ("quantizers", 3), ("code_dim", 4)])
def test_a_tokenizer_of_another_model_is_refused(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: int
) -> None:
    folder = self_contained(results, tmp_path / "mine", "text_encoder", "length")
    (folder / "tokenizer").unlink()
    sizes = TokenizerSizes(codes=16, code_dim=8, width=8, depth=1, quantizers=2)
    other = TokenizerSizes.of(sizes, **{name: value})
    save(
        folder, "tokenizer", Tokenizer(other), other, kind="momask", normalisation=scale_of(results)
    )
    assert hmu("--checkpoint", folder, "--prompt", "a", "--out", tmp_path / "out") == 2
    assert re.search(f"tokenizer.* has {name} {value} .*different models", capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_two_kinds_side_by_side_have_the_lengths_of_the_first(
    results: Path, bamm: Path, tmp_path: Path
) -> None:
    words = ["--prompt", "he waves", "--animation", "none"]
    for name, models in (("a", [bamm, base_of(results)]), ("b", [base_of(results), bamm])):
        assert hmu("--compare", *models, *words, "--out", tmp_path / name) == 0
        lengths = {len(np.load(path)) for path in (tmp_path / name).rglob("*.features.npy")}
        assert hmu("--checkpoint", models[0], *words, "--out", tmp_path / f"{name}-one") == 0
        (alone,) = (tmp_path / f"{name}-one").glob("*.features.npy")
        assert lengths == {len(np.load(alone))}


def test_models_with_one_name_are_told_apart(results: Path, tmp_path: Path) -> None:
    models = [base_of(results)]
    models.append(self_contained(results, tmp_path / "mine" / "all", "length", "text_encoder"))
    words = ["--prompt", "he waves", "--animation", "none", "--out", tmp_path / "out"]
    assert hmu("--compare", *models, *words) == 0
    assert {each.name for each in (tmp_path / "out").iterdir() if each.is_dir()} == {
        "momask-all",
        "mine-all",
    }


def test_bfloat16_is_float32_but_for_rounding(results: Path, tmp_path: Path) -> None:
    for name in ("float32", "bfloat16"):
        words = ["--prompt", "he waves", "--animation", "none", "--out", tmp_path / name]
        assert hmu("--checkpoint", base_of(results), "--precision", name, *words) == 0
    one, two = (np.load(tmp_path / name / "000-he-waves.features.npy") for name in
                ("float32", "bfloat16"))  # fmt: skip
    assert one.shape == two.shape
    assert np.isfinite(two).all()


Words = Callable[[Path, Path], list[object]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (lambda results, path: ["--checkpoint", path / "none", "--prompt", "a"], "none has no"),
        (lambda results, path: ["--checkpoint", base_of(results)], "no prompt: give --prompt"),
        (lambda results, path: ["--prompt", "a"], "required"),
        (lambda results, path: ["--checkpoint", base_of(results), "--prompt", " "], "is empty"),
        (
            lambda results, path: ["--checkpoint", base_of(results), "--prompt", "kick " * 90],
            "has 90 tokens and the text encoder reads 75",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompt", "a", "--length", "200"],
            ],
            "200 frames: models make 4 to 196",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompt", "a", "--device", "tpu"],
            ],
            "invalid choice: 'tpu'",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompt", "a", "--batch-size", "0"],
            ],
            "batch-size: batch is 0, and should be greater than or equal to 1",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompt", "a", "--guidance", "nan"],
            ],
            "'nan' is not a finite number",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompt", "a", "--guidance", "much"],
            ],
            "'much' is not a finite number",
        ),
        (
            lambda results, path: [
                *["--checkpoint", base_of(results), "--prompts", path / "absent.txt"],
            ],
            "absent.txt is missing",
        ),
        (
            lambda results, path: ["--checkpoint", base_of(results), "--prompts", path / "empty"],
            "empty has no prompt",
        ),
        (
            lambda results, path: ["--checkpoint", base_of(results), "--prompts", path / "latin"],
            "latin cannot be read as UTF-8",
        ),
        (
            lambda results, path: ["--checkpoint", base_of(results), "--prompts", path / "long"],
            "long, line 2: 'six' is not a number of frames",
        ),
        (
            lambda results, path: ["--checkpoint", base_of(results), "--prompts", path / "bare"],
            "bare, line 2 has no text",
        ),
        (
            lambda results, path: [
                *["--compare", base_of(results), base_of(results), "--prompt", "a"],
            ],
            "compared with itself",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: Words, message: str
) -> None:
    (tmp_path / "empty").write_text("\n \n")
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    (tmp_path / "long").write_text("he waves\nhe kicks#six\n")
    (tmp_path / "bare").write_text("he waves\n #60\n")
    assert hmu(*words(results, tmp_path), "--out", tmp_path / "out") == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_a_gpu_cuda_is_refused(results: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    words = ["--prompt", "a", "--device", "cuda", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", base_of(results), *words) == 2
    assert "torch sees no GPU" in capsys.readouterr().err


def test_a_file_is_no_directory_to_write_to(
    results: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    """Which is said before anything is computed."""
    monkeypatch.setattr(TextToMotion, "codes", lambda *arguments: pytest.fail("it computed"))
    (tmp_path / "out").write_text("mine")
    words = ["--prompt", "a", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", base_of(results), *words) == 2
    assert "out cannot be a directory" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def test_without_ffmpeg_mp4_is_refused(results: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["--prompt", "a", "--animation", "mp4", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", base_of(results), *words) == 2
    assert "MP4 needs the program ffmpeg" in capsys.readouterr().err


def test_a_changed_base_model_is_noticed(results: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "lcr"
    folder.mkdir()
    for name in ("delta.safetensors", "origin.json"):
        content = (checkpoint(results, "lcr") / name).read_bytes()
        (folder / name).write_bytes(content)
    origin = files.read_json(folder / "origin.json")
    made_from = {"tokenizer": {"sha256": "0" * 64}}
    files.write_json(folder / "origin.json", {**origin, "from": made_from})
    words = ["--base", base_of(results), "--prompt", "a", "--out", tmp_path / "out"]
    assert hmu("--checkpoint", folder, *words) == 2
    assert "was made from another tokenizer" in capsys.readouterr().err


def test_a_checkpoint_of_the_workflow_generates(finished: Project, tmp_path: Path) -> None:
    folder = Path("results") / "checkpoints" / "demo" / "momask" / "violence"
    words = ["--prompt", "a person kicks", "--length", "40", "--out", str(tmp_path)]
    models = ["results/models/demo/backbones/momask/all", str(folder / "lcr")]
    done = finished.hmu("generate", "--compare", *models, *words)
    assert done.returncode == 0, done.stderr
    assert "generate: 1/1 motions" in done.stderr
    original, lcr = (made(tmp_path / name, ".joints.npy") for name in ("all", "lcr"))
    assert set(original) == set(lcr) == {"000-a-person-kicks.joints.npy"}
    assert list(original.values()) != list(lcr.values())
