"""Bad input, as a user meets it: one message that names the file or key and says what to do.

No traceback is shown, the exit status is not zero, and nothing half-written has a final name.
"""

import csv
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file, save_file

from hmu.errors import InputError
from hmu.io import codes, files
from hmu.io.store import ClipStore
from hmu.unlearning.checkpoint import load_delta
from support.project import CONFIG, Project, shown, take_tables

PLACE = "demo/momask/violence"
MODELS = "results/models/demo/backbones/momask"


def refused(project: Project, expected: Mapping[str, tuple[str, ...]]) -> None:
    """Ask for every target of ``expected``: each must fail, for the reason that it maps to.

    The reason is the log's name below results/logs and what the one message in it must hold.
    """
    done = project.snakemake("--keep-going", *expected)
    assert done.returncode != 0, shown(done)
    assert "Traceback" not in shown(done)
    for target, (name, *said) in expected.items():
        log = (project.root / "results/logs" / f"{name}.log").read_text(encoding="utf-8")
        messages = [line for line in log.splitlines() if line.startswith("hmu: ")]
        assert len(messages) == 1, log
        for each in said:
            assert each in messages[0]
        assert "Traceback" not in log
        assert shown(done).count(messages[0]) == 1, "it is shown, once"
        assert not (project.root / target).exists()
    assert project.half_written() == []


# The configuration


def misspell_a_key(config: dict[str, Any]) -> None:
    config["evaluation"]["repeat"] = config["evaluation"].pop("repeats")


def misspell_a_concept(config: dict[str, Any]) -> None:
    config["tables"]["demo-violence"]["concept"] = "violance"


def mistype_a_number(config: dict[str, Any]) -> None:
    config["variants"]["lcr"]["k"] = "all"


def choose_more_codes_than_there_are(config: dict[str, Any]) -> None:
    config["variants"]["lcr"]["k"] = 1000


def point_nowhere(config: dict[str, Any]) -> None:
    config["datasets"]["demo"] = {"source": "joints", "raw": "motions/of/mine"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (misspell_a_key, "evaluation.repeat: there is no key 'repeat'; did you mean 'repeats'?"),
        (
            misspell_a_concept,
            "demo-violence.concept: there is no concept 'violance'; did you mean 'violence'?",
        ),
        (mistype_a_number, 'variants.lcr.k: is "all", not a whole number; write a whole number.'),
        (
            choose_more_codes_than_there_are,
            "variants.lcr.k: is 1000, and backbones.momask.tokenizer.codes is 32; write less than",
        ),
        (
            point_nowhere,
            "datasets.demo.raw: motions/of/mine does not exist; give the path that it has on this",
        ),
    ],
)
def test_a_fault_of_the_configuration_is_named_before_anything_runs(
    project: Project, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    project.configure(change)
    done = project.snakemake("results/tables")
    assert done.returncode != 0
    assert shown(done).count(said) == 1
    assert "Traceback" not in shown(done)
    assert "rule " not in shown(done)


def test_a_key_given_twice_is_named(project: Project) -> None:
    """Snakemake itself would take the second without a word."""
    with (project.root / CONFIG).open("a", encoding="utf-8") as config:
        config.write("\ndevice: cpu\n")
    done = project.snakemake("results/tables")
    assert done.returncode != 0
    assert shown(done).count("tiny.yaml is not valid YAML: the key 'device' is given twice") == 1
    assert "Traceback" not in shown(done)


CLIPS = "results/data/demo/concepts/{}/clips.parquet"
NO_CLIP = {
    "violence": (
        "concept/demo/violence",
        "The concept 'violence' has an empty forget set on the train split of 'demo'",
        "no caption matches xylophone. Fix concepts.violence.keywords.",
    ),
    "letters": (
        "concept/demo/letters",
        "The concept 'letters' has an empty retain set on the train split of 'demo'",
        "Choose narrower keywords in concepts.letters.keywords.",
    ),
}


def match_no_clip_or_all(config: dict[str, Any]) -> None:
    config["concepts"]["violence"]["keywords"] = ["xylophone"]
    config["concepts"]["letters"] = {"keywords": ["e"]}


def test_a_concept_without_a_forget_or_a_retain_set_ends_a_run_that_has_the_captions(
    project: Project,
) -> None:
    """Before anything runs, and with the old results still there."""
    targets = [CLIPS.format(name) for name in NO_CLIP]
    old = (project.root / targets[0]).read_bytes()
    project.configure(match_no_clip_or_all)
    done = project.snakemake("results/tables", *targets)
    assert done.returncode != 0
    for _, *said in NO_CLIP.values():
        for each in said:
            assert shown(done).count(each) == 1
    assert "Traceback" not in shown(done)
    assert "rule " not in shown(done)
    assert (project.root / targets[0]).read_bytes() == old
    project.configure(lambda config: config["concepts"].update(violence={"keywords": ["kick"]}))
    assert "concept demo/violence" in project.planned(targets[0]), "the project is not locked"


def test_a_concept_without_a_forget_or_a_retain_set_is_answered_where_it_is_made(
    project: Project,
) -> None:
    project.configure(match_no_clip_or_all)
    (project.root / "results/data/demo/text/captions.parquet").unlink()
    refused(project, {CLIPS.format(name): said for name, said in NO_CLIP.items()})
    assert not list((project.root / "results/data/demo/concepts").glob("*/lists/*-w-letters.txt"))


# Motions


def with_nan(motion: np.ndarray) -> np.ndarray:
    broken = motion.copy()
    broken[7, 3, 1] = np.nan
    return broken


def write_truncated(path: Path, motion: np.ndarray) -> None:
    np.save(path, motion)
    path.write_bytes(path.read_bytes()[:-100])


def write_pickled(path: Path, motion: np.ndarray) -> None:
    np.save(path, np.array([motion, None], dtype=object), allow_pickle=True)


BAD_MOTIONS: dict[str, tuple[Callable[[Path, np.ndarray], object], str]] = {
    "nan": (
        lambda path, motion: np.save(path, with_nan(motion)),
        "has NaN or infinite values, first in frame 7",
    ),
    "shape": (
        lambda path, motion: np.save(path, motion[:, :21]),
        "not (frames, 22, 3)",
    ),
    "short": (
        lambda path, motion: np.save(path, motion[:1]),
        "has 1 frames, and a motion needs 2",
    ),
    "frameless": (
        lambda path, motion: np.save(path, motion[:0]),
        "has 0 frames, and a motion needs 2",
    ),
    "empty": (lambda path, motion: path.write_bytes(b""), "is empty"),
    "truncated": (write_truncated, "is truncated or damaged"),
    "pickled": (write_pickled, "holds pickled objects, which could run code when opened"),
    "text": (
        lambda path, motion: path.write_text("0 0 0", encoding="utf-8"),
        "is not a NumPy file",
    ),
}


@pytest.fixture
def motions(project: Project) -> dict[str, np.ndarray]:
    """Eight sound motions of the finished run, by clip: float32 (frames, 22, 3)."""
    folder = project.root / "results/data/demo/joints"
    store = ClipStore(folder / "data.npy", folder / "index.parquet")
    return {clip: np.array(store[clip]) for clip in list(store)[:8]}


def write_raw(project: Project, name: str, motions: Mapping[str, np.ndarray]) -> Path:
    """A directory ``name`` at the joints stage, with captions and lists of the given motions."""
    folder = project.root / name
    (folder / "joints").mkdir(parents=True)
    (folder / "texts").mkdir()
    for clip, motion in motions.items():
        np.save(folder / "joints" / f"{clip}.npy", motion)
        line = "a person walks#a/DET person/NOUN walk/VERB#0.0#0.0\n"
        (folder / "texts" / f"{clip}.txt").write_text(line, encoding="utf-8")
    clips = list(motions)
    for split, chosen in (("train", clips[:-2]), ("val", clips[-2:-1]), ("test", clips[-1:])):
        text = "".join(f"{clip}\n" for clip in chosen)
        (folder / f"{split}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_bad_motion_stops_the_run(project: Project, motions: dict[str, np.ndarray]) -> None:
    one = next(iter(motions.values()))
    for kind, (write, _) in BAD_MOTIONS.items():
        write(write_raw(project, f"own/{kind}", motions) / "joints" / "bad.npy", one)
    (project.root / "own/bare").mkdir()

    def change(config: dict[str, Any]) -> None:
        for kind in [*BAD_MOTIONS, "bare"]:
            config["datasets"][kind] = {"source": "joints", "raw": f"own/{kind}"}

    project.configure(change)
    expected: dict[str, tuple[str, ...]] = {
        f"results/data/{kind}/joints/data.npy": (
            f"ingest/{kind}",
            f"own/{kind}/joints/bad.npy (clip bad) ",
            reason,
            "Fix or remove it, or set this dataset's `on_bad_clip: quarantine`.",
        )
        for kind, (_, reason) in BAD_MOTIONS.items()
    }
    expected["results/data/bare/joints/data.npy"] = (
        "ingest/bare",
        "own/bare/joints is not a directory: put joint positions, a .npy file of (frames, 22, 3)",
        "or fix `raw` of the dataset in config.",
    )
    refused(project, expected)


def test_bad_motions_are_set_aside_and_listed(
    project: Project, motions: dict[str, np.ndarray]
) -> None:
    one = next(iter(motions.values()))
    folder = write_raw(project, "own/mixed", motions)
    for kind, (write, _) in BAD_MOTIONS.items():
        write(folder / "joints" / f"{kind}.npy", one)

    def change(config: dict[str, Any]) -> None:
        settings = {"source": "joints", "raw": "own/mixed", "on_bad_clip": "quarantine"}
        config["datasets"] |= {
            "mixed": {**settings, "quarantine_limit": 0.5},
            "strict": {**settings, "quarantine_limit": 0.49},
        }

    project.configure(change)
    project.made("results/data/mixed/text/samples.parquet")
    results = project.root / "results/data/mixed"
    with (results / "joints/quarantine.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["clip"]: row for row in csv.DictReader(stream)}
    assert set(rows) == set(BAD_MOTIONS)
    for kind, (_, reason) in BAD_MOTIONS.items():
        assert rows[kind]["file"] == f"own/mixed/joints/{kind}.npy"
        assert reason in rows[kind]["reason"]
    assert pd.read_parquet(results / "joints/index.parquet")["clip"].tolist() == sorted(motions)
    assert set(pd.read_parquet(results / "text/samples.parquet")["clip"]) <= set(motions)

    refused(
        project,
        {
            "results/data/strict/joints/data.npy": (
                "ingest/strict",
                "8 of 16 clips are bad (own/mixed/joints/",
                "Fix them, or raise this dataset's `quarantine_limit`.",
            )
        },
    )


# Captions


def no_caption_file(raw: Path) -> None:
    (raw / "texts/000004.txt").unlink()


def no_fields(raw: Path) -> None:
    (raw / "texts/000004.txt").write_text("a person walks\n", encoding="utf-8")


def no_seconds(raw: Path) -> None:
    text = "a person walks#a/DET person/NOUN walk/VERB#0.0#soon\n"
    (raw / "texts/000004.txt").write_text(text, encoding="utf-8")


def not_text(raw: Path) -> None:
    (raw / "texts/000004.txt").write_bytes(b"caf\xe9#caf\xe9/NOUN#0.0#0.0\n")


def no_lines(raw: Path) -> None:
    (raw / "texts/000004.txt").write_bytes(b"\n")


def no_texts(raw: Path) -> None:
    shutil.rmtree(raw / "texts")


def no_list(raw: Path) -> None:
    (raw / "test.txt").unlink()


def empty_list(raw: Path) -> None:
    (raw / "test.txt").write_bytes(b"")


def stray_list(raw: Path) -> None:
    (raw / "test.txt").write_text("nobody\n", encoding="utf-8")


BAD_TEXTS: dict[Callable[[Path], None], tuple[str, str]] = {
    no_caption_file: ("texts/000004.txt: clip 000004: is missing", "quarantine"),
    no_fields: ("texts/000004.txt: clip 000004: line 1 has 1 fields between #", "quarantine"),
    no_seconds: ("texts/000004.txt: clip 000004: line 1 has 'soon' instead of a", "quarantine"),
    not_text: ("texts/000004.txt: clip 000004: line 1 is not UTF-8 text", "quarantine"),
    no_lines: ("texts/000004.txt: clip 000004: is empty", "quarantine"),
    no_texts: ("has neither texts/ nor texts.zip", "put the dataset's captions there"),
    no_list: ("test.txt is missing", "list the clips of the split"),
    empty_list: ("test.txt is empty", "list the clips of the split"),
    stray_list: ("test.txt: clip nobody: the clip is listed but has no motion", "quarantine"),
}


@pytest.mark.parametrize("spoil", BAD_TEXTS, ids=lambda spoil: spoil.__name__)
def test_bad_captions_and_lists(
    finished: Project, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    demo, raw = finished.root / "results/data/demo", tmp_path / "raw"
    raw.mkdir()
    shutil.copytree(demo / "raw/texts", raw / "texts")
    for split in ("train", "val", "test"):
        shutil.copy(demo / "raw" / f"{split}.txt", raw)
    spoil(raw)
    job = {
        "step": "captions",
        "inputs": {"raw": "raw", "index": str(demo / "features/index.parquet"), "aside": []},
        "outputs": {
            "captions": "results/captions.parquet",
            "splits": "results/splits.parquet",
            "quarantine": "results/quarantine.csv",
            "labels": "results/label_report.csv",
        },
        "settings": {"tagger": "rules", "on_bad_clip": "stop", "quarantine_limit": 0.1},
        "plugins": ["hmu.taggers.rules"],
    }
    where = Project(tmp_path)
    done = where.run("python", "-m", "hmu", "step", json.dumps(job), PYTHONPATH=package(finished))
    assert done.returncode == 2, shown(done)
    *_, message = done.stderr.splitlines()  # after the progress
    assert message.startswith("hmu: raw")
    for said in BAD_TEXTS[spoil]:
        assert said in message
    left = [path.name for path in (tmp_path / "results").iterdir() if path.name != ".cache"]
    assert left == []


def package(project: Project) -> str:
    return str(project.root / "workflow")


def test_captions_that_are_set_aside_are_listed(
    project: Project, motions: dict[str, np.ndarray]
) -> None:
    folder = write_raw(project, "own/torn", motions)
    clip = next(iter(motions))
    (folder / "texts" / f"{clip}.txt").write_text("no fields at all\n", encoding="utf-8")

    def change(config: dict[str, Any]) -> None:
        config["datasets"] |= {
            "torn": {
                "source": "joints",
                "raw": "own/torn",
                "on_bad_clip": "quarantine",
                "quarantine_limit": 0.2,
            },
            "whole": {"source": "joints", "raw": "own/torn"},
        }

    project.configure(change)
    project.made("results/data/torn/text/samples.parquet")
    results = project.root / "results/data/torn/text"
    listed = (results / "quarantine.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 2
    assert listed[1].startswith(f"{clip},texts/{clip}.txt,")
    assert clip not in set(pd.read_parquet(results / "captions.parquet")["clip"])
    refused(
        project,
        {
            "results/data/whole/text/captions.parquet": (
                "captions/whole",
                f"own/torn/texts/{clip}.txt: clip {clip}: line 1 has 1 fields",
                "Fix it, or set the dataset's `on_bad_clip: quarantine`.",
            )
        },
    )


# Checkpoints and models


def asked(variant: str, name: str) -> str:
    """The motions of a variant in a set of its concept."""
    return f"demo/momask/variants/violence/{variant}/plans/concepts/violence/{name}/plan"


def described(variant: str, name: str) -> str:
    folder = "results/descriptions/demo/backbones/momask/variants/violence"
    return f"{folder}/{variant}/plans/concepts/violence/{name}/plan/embedding.npy"


def spoil(path: Path) -> None:
    """Let it be longer than it says itself: what is shorter than its record is made again."""
    path.write_bytes(path.read_bytes() + bytes(16))


def test_checkpoints_and_models_that_do_not_fit(project: Project) -> None:
    """Damaged, of another size, or from another tokenizer."""
    checkpoints = project.root / "results/checkpoints" / PLACE
    models = project.root / "results/models/demo"
    project.configure(lambda config: config["variants"].update(other={"method": "lcr", "k": 3}))
    project.made(f"results/checkpoints/{PLACE}/other/delta.safetensors")

    spoil(checkpoints / "lcr-4/delta.safetensors")

    path = checkpoints / "lcr/delta.safetensors"
    save_file({name: value.repeat(2, 1) for name, value in load_file(path).items()}, path)

    path = checkpoints / "other/origin.json"
    origin = files.read_json(path)
    origin["from"]["tokenizer"]["sha256"] = "0" * 64
    files.write_json(path, origin)

    name = f"results/generations/{asked('finetuned', 'forget')}.parquet"
    table = codes.CodeTable.read(project.root / name)
    keys = {key: pq.read_table(project.root / name)[key] for key in ("repeat", "draw", "prompt")}
    codes.write(project.root / name, keys, [each + 20 for each in table.codes], table.layers)
    longer = {"compression": "none", "use_dictionary": False}
    pq.write_table(pq.read_table(project.root / name), project.root / name, **longer)

    spoil(models / "backbones/momask/without/violence/tokenizer/model.safetensors")

    path = models / "evaluator/config.json"
    config = files.read_json(path)
    config["sizes"]["embedding"] *= 2
    files.write_json(path, config)

    refused(
        project,
        {
            described("lcr-4", "retain"): (
                f"describe/{asked('lcr-4', 'retain')}/embedding",
                f"results/checkpoints/{PLACE}/lcr-4/delta.safetensors is not a whole safetensors",
                "make or copy it again",
            ),
            described("lcr", "forget"): (
                f"describe/{asked('lcr', 'forget')}/embedding",
                f"results/checkpoints/{PLACE}/lcr/delta.safetensors: tokenizer/quantizer.layers.0",
                f"has shape (64, 8), {MODELS}/all/tokenizer/model.safetensors has",
                "(32, 8): make it again",
            ),
            described("other", "forget"): (
                f"describe/{asked('other', 'forget')}/embedding",
                f"results/checkpoints/{PLACE}/other/delta.safetensors was made from another",
                f"tokenizer than {MODELS}/all/tokenizer/model.safetensors: ",
                "make it again from this one, or give the one that it was made from.",
            ),
            described("finetuned", "forget"): (
                f"describe/{asked('finetuned', 'forget')}/embedding",
                f"{name} has codes up to ",
                "generate with transformers that were trained on this tokenizer",
            ),
            "results/codes/demo/momask/without/violence/codes.parquet": (
                "codes/demo/momask/without/violence",
                f"{MODELS}/without/violence/tokenizer/model.safetensors is not a whole",
                "make or copy it again",
            ),
            "results/descriptions/demo/real/captions/embedding.npy": (
                "describe_real/demo/captions/embedding",
                "results/models/demo/evaluator/model.safetensors: tensor ",
                "the model expects ",
                "give the sizes that it was made with, or make it again.",
            ),
        },
    )


def test_a_checkpoint_of_this_tokenizer_is_taken(tmp_path: Path) -> None:
    inputs = {name: tmp_path / name for name in ("delta", "delta_origin", "tokenizer")}
    save_file({"codebook": torch.zeros(4, 2)}, inputs["tokenizer"])
    save_file({"tokenizer/codebook": torch.ones(4, 2)}, inputs["delta"])
    base = {"tokenizer": {"sha256": files.sha256(inputs["tokenizer"])}}
    files.write_json(inputs["delta_origin"], {"from": base})
    assert load_delta(inputs)["tokenizer/codebook"].sum() == 8
    assert load_delta({"tokenizer": inputs["tokenizer"]}) == {}
    inputs["delta_origin"].write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="delta_origin does not say of which tokenizer"):
        load_delta(inputs)


# What is not installed


@pytest.mark.skipif(importlib.util.find_spec("spacy") is not None, reason="spaCy is installed here")
def test_a_package_that_prompts_need_is_asked_for_before_a_run_begins(project: Project) -> None:
    """And not by a dry run, which may be made on another machine."""

    def change(config: dict[str, Any]) -> None:
        config["datasets"]["demo"]["tagger"] = "spacy"
        config["prompts"] = {"near": {"kind": "neighbours", "near": ["kick"]}}
        config["sets"] = {"near": {"prompts": "near", "clips": "all"}}

    project.configure(change)
    made = "results/prompts/demo/near/prompts.parquet"
    assert project.planned(made)
    done = project.snakemake(made)
    assert done.returncode != 0
    assert "The tagger spacy needs the package spacy: install it with `pip install" in shown(done)
    assert "Traceback" not in shown(done)
    assert not (project.root / "results/logs/prompts/demo/near.log").exists()
    captions = "results/prompts/demo/captions/prompts.parquet"  # they have tokens
    assert "prompts demo/captions" in project.made(captions)


# What has no record


def test_files_of_the_user_are_known_by_their_content(project: Project) -> None:
    """A list of codes and a file of prompts: an older one in the place of one as long is another,
    and one that was only written anew is the same."""
    codes, prompts = project.root / "codes.yaml", project.root / "mine.jsonl"
    codes.write_text("[[1]]\n", encoding="utf-8")
    prompts.write_text('{"prompt": "he kicks", "frames": 40}\n', encoding="utf-8")

    def change(config: dict[str, Any]) -> None:
        config["variants"]["listed"] = {"method": "lcr", "codes": "codes.yaml"}
        config["prompts"] = {"mine": {"kind": "file", "path": "mine.jsonl"}}
        table = {"layout": "main", "dataset": "demo", "concept": "violence", "rows": ["listed"]}
        take_tables(config, {"own": table})

    project.configure(change)
    made = ("results/checkpoints/demo/momask/violence/listed/delta.safetensors",)
    made += ("results/prompts/demo/mine/prompts.parquet",)
    assert project.made(*made) == ["prompts demo/mine", "unlearn demo/momask/violence/listed"]
    codes.write_text("[[1]]\n", encoding="utf-8")
    prompts.write_text('{"prompt": "he kicks", "frames": 40}\n', encoding="utf-8")
    assert project.planned(*made) == []
    older = project.root / "older"
    for path, text, job in (
        (codes, "[[2]]\n", "unlearn demo/momask/violence/listed"),
        (prompts, '{"prompt": "he waves", "frames": 40}\n', "prompts demo/mine"),
    ):
        before = path.read_bytes()
        older.write_text(text, encoding="utf-8")
        os.utime(older, (1e9, 1e9))
        shutil.copy2(older, path)
        assert project.planned(*made) == [job]
        path.write_bytes(before)


def test_commands_answer_a_path_without_a_record(finished: Project) -> None:
    for words in (("lineage", "results/nothing"), ("verify", "results/nothing")):
        done = finished.hmu(*words)
        assert done.returncode == 2
        (message,) = done.stderr.splitlines()
        assert message.startswith("hmu: results/nothing has no record in results/lineage")
        assert "make it with `snakemake results/nothing`" in message
