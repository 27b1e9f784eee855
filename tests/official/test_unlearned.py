"""From official files to forgetting and back: by `hmu unlearn`, and by the paper's code."""

import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hmu.backbones import opening
from hmu.generation import bundle
from hmu.io import files
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.run import runner
from hmu.text import clip, encoder
from hmu.unlearning.checkpoint import load_delta
from support.official_files import (
    MASKED,
    MASKED_FILE,
    RESIDUAL,
    RVQ,
    TOLERANCE,
    VQ_FILE,
    asked,
    hmu,
    load,
    official_folder,
    official_masked,
    official_residual,
    official_tokenizer,
    trees_equal,
)
from support.reference import gap
from support.reference_rece import script

RESIDUAL_FILE = f"{RESIDUAL}/model/net_best_fid.tar"
KEYS = {MASKED_FILE: "t2m_transformer", RESIDUAL_FILE: "res_transformer"}
CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def with_the_tokenizer_read() -> None:
    """Before the official modules come, with nothing in the place of CLIP's package."""
    clip.count_tokens("kick")


@pytest.fixture
def here(lookalike: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a download in checkpoints/t2m and with CLIP, in which commands run."""
    official_folder(lookalike, tmp_path / "all")
    shutil.copytree(lookalike, tmp_path / "checkpoints" / "t2m")
    (tmp_path / "all" / "ViT-B-32.pt").rename(tmp_path / "ViT-B-32.pt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(to: str = "released", *more: str) -> Path:
    folder = Path("results", "models", to)
    assert hmu("import", "checkpoints/t2m", "ViT-B-32.pt", "--to", folder, *more) == 0
    return folder


def test_the_commands_of_the_readme_do_as_they_are_typed(here: Path, root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```bash\n(hmu import checkpoints/t2m .*?)```", text, re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines():
        command, *words = shlex.split(line, comments=True)
        assert (command, hmu(*words)) == ("hmu", 0), line
    safe, source = here / "safe", here / "checkpoints" / "t2m"
    for name, key in KEYS.items():
        new, old = (load(folder / name)[key] for folder in (safe, source))
        assert [each for each in old if not torch.equal(old[each], new[each])] == [
            "cond_emb.weight"
        ]
    assert trees_equal(load(safe / VQ_FILE), load(source / VQ_FILE))
    assert list(Path("generated").glob("*.bvh"))
    assert hmu("verify", "results/safe") == 0


def test_records_that_name_no_commit_are_spoken_of(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once a command, however many records it writes; a git that answers goes without saying."""
    Path("codes.yaml").write_text("- [3, 14]\n", encoding="utf-8")
    edit = ("--concept", "violence", "--method", "lcr", "--codes", "codes.yaml")
    monkeypatch.setenv("HOME", str(here))
    for to, owner, told in (("own", "0", 0), ("others", "1", 1)):
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", owner)  # git's way to pretend that
        shutil.rmtree("results/.cache", ignore_errors=True)
        runner.warn.cache_clear()
        released = imported(to)
        said = capsys.readouterr().err
        assert said.count("Records will name no commit of the code, since git refuses") == told
        runner.warn.cache_clear()
        assert hmu("unlearn", released, *edit, "--to", f"results/{to}-lcr") == 0
        said = capsys.readouterr().err
        assert said.count("Records will name no commit of the code, since git refuses") == told
        record = files.read_json(Path(f"results/lineage/{to}-lcr/delta.safetensors.json"))
        assert (record["git"] is None) == bool(told)


def test_a_file_of_codes_needs_no_dataset(here: Path) -> None:
    """And no keywords: what the paper's code reads as --censor_codes_files."""
    released = imported()
    Path("codes.yaml").write_text("- [3, 14]\n- []\n- [15]\n", encoding="utf-8")
    words = ("--concept", "violence", "--method", "lcr", "--codes", "codes.yaml")
    assert hmu("unlearn", released, *words, "--to", "results/lcr", "--export", "safe") == 0
    new, old = (
        load(folder / VQ_FILE)["vq_model"] for folder in (Path("safe"), here / "checkpoints/t2m")
    )
    for layer, codes in enumerate(([3, 14], [], [15], [])):
        name = f"quantizer.layers.{layer}.codebook"
        assert new[name].ne(old[name]).any(1).nonzero().flatten().tolist() == codes
    (first, third) = files.read_json(Path("results/lcr/origin.json"))["notes"]["layers"]
    assert first.keys() == third.keys() == {"layer", "codes", "replaced_by"}


@pytest.mark.parametrize("method", ["uce", "rece"])
def test_the_official_code_says_what_ours_says(momask: Any, here: Path, method: str) -> None:
    """Loaded strictly: the scores of both transformers after the edit, and before it others."""
    released, text = imported(), asked()[1]
    words = ("--concept", "violence", "--keywords", "kick", "punch", "--method", method)
    edit = ("--set", "erase_scale=10", "--to", "results/safe", "--export", "safe")
    assert hmu("unlearn", released, *words, *edit) == 0
    inputs = bundle.find(Path("results/safe")).inputs
    before, after = (
        {
            name: opening.part(Stored.among(inputs, name), CPU, delta)
            for name in ("masked", "residual")
        }
        for delta in ({}, load_delta(inputs))
    )
    ids, _, padding = asked()
    official = official_masked(momask, Path("safe"), MASKED, "latest.tar")
    residual = official_residual(momask, Path("safe"), RESIDUAL, "net_best_fid.tar")
    residual.process_embed_proj_weight()
    with torch.no_grad():
        expected = official.forward_with_cond_scale(ids, text, padding, cond_scale=4)
        found, old = (each["masked"].guided(ids, text, padding, 4) for each in (after, before))
        assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE
        assert gap(found[~padding], old[~padding]) > 100 * TOLERANCE
        history = after["residual"].embed(ids, 0)
        expected = residual.forward_with_cond_scale(history, 1, text, padding, cond_scale=2)
        found, old = (
            each["residual"].guided(history, 1, text, padding, 2) for each in (after, before)
        )
        assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE
        assert gap(found[~padding], old[~padding]) > 100 * TOLERANCE


def test_the_official_code_reads_the_codebook_of_lcr(momask: Any, here: Path) -> None:
    released = imported()
    Path("codes.yaml").write_text("- [3, 14]\n", encoding="utf-8")
    words = ("--concept", "violence", "--method", "lcr", "--codes", "codes.yaml")
    assert hmu("unlearn", released, *words, "--to", "results/lcr", "--export", "safe") == 0
    inputs = bundle.find(Path("results/lcr")).inputs
    ours = opening.part(Stored.among(inputs, "tokenizer"), CPU, load_delta(inputs))
    official = official_tokenizer(momask, Path("safe"), RVQ, "net_best_fid.tar")
    codes = torch.tensor([[[3, 0, 1, 2], [14, 5, 5, 5]]])
    with torch.no_grad():
        assert gap(ours.decode(codes), official.forward_decoder(codes)) < TOLERANCE


# What the paper's code has unlearned

Weights = Mapping[str, Tensor]


def as_the_script_saves(edited: Weights) -> dict[str, dict[str, Any]]:
    """The files that the reference's rece.py leaves: weights, and an epoch that is none."""
    states = {name: load(Path("checkpoints/t2m") / name)[key] for name, key in KEYS.items()}
    return {
        name: {KEYS[name]: {**states[name], "cond_emb.weight": edited[name]}, "ep": -1}
        for name in KEYS
    }


def made(folder: Path) -> np.ndarray:
    """A motion by the model in a folder."""
    words = ("--prompt", "a person kicks", "--length", "40", "--animation", "none")
    assert hmu("generate", "--checkpoint", folder, *words, "--out", f"made-{folder.name}") == 0
    (path,) = Path(f"made-{folder.name}").glob("*.features.npy")
    return np.load(path)


def test_what_the_papers_code_unlearned_generates_as_ours(here: Path) -> None:
    """Its files have other names and less in them; its arithmetic is ours by name."""
    released = imported()
    words = ("--concept", "violence", "--keywords", "kick", "punch", "--method", "uce")
    assert hmu("unlearn", released, *words, "--set", "bias=reference", "--to", "results/ours") == 0
    delta = storage.load_state(Path("results/ours/delta.safetensors"))
    parts = {MASKED_FILE: "masked", RESIDUAL_FILE: "residual"}
    edited = {name: delta[f"{part}/cond_emb.weight"] for name, part in parts.items()}
    for name, content in as_the_script_saves(edited).items():
        torch.save(content, (Path("checkpoints/t2m") / name).with_name("UCE_0.5.tar"))
    theirs = imported("theirs", "--file", "UCE_0.5.tar")
    for part in parts.values():
        own = storage.load_state(theirs / part / "model.safetensors")["cond_emb.weight"]
        assert torch.equal(own, delta[f"{part}/cond_emb.weight"])
        assert files.read_json(theirs / part / "origin.json")["official"]["file"] == "UCE_0.5.tar"
    assert np.array_equal(made(theirs), made(Path("results/ours")))
    assert not np.array_equal(made(theirs), made(released))
    assert hmu("export", theirs, "again") == 0
    for name, key in KEYS.items():
        own = dict(load(Path("again", name))[key])
        assert trees_equal(own, as_the_script_saves(edited)[name][key])


def test_what_the_papers_script_leaves_comes_in(here: Path) -> None:
    """Its own functions edit and save; ours do the same to the same model, within float32."""
    released = imported()
    words = ("--concept", "violence", "--keywords", "kick", "punch", "--method", "uce")
    told = [f"--set={each}" for each in ("bias=reference", "words=[walk, sit]")]
    assert hmu("unlearn", released, *words, *told, "--to", "results/ours") == 0
    inputs = bundle.find(released).inputs
    models = [opening.part(Stored.among(inputs, name), CPU) for name in ("masked", "residual")]
    for model in models:
        plain = nn.Linear(
            512, model.sizes.latent
        )  # which takes a text by itself, as the script does
        plain.load_state_dict(model.cond_emb.state_dict())
        model.cond_emb = plain
    tower = encoder.load(Stored.among(inputs, "text_encoder"), CPU)
    forget, target, retain = (
        torch.from_numpy(tower.embed(each))
        for each in (["kick", "punch"], [""] * 2, ["walk", "sit"])
    )
    folders = [str(Path("checkpoints/t2m", name)) for name in (MASKED, RESIDUAL)]
    with script() as rece:
        layers = [model.cond_emb for model in models]
        rece.edit_model_adversarial(layers, forget, target, retain, preserve_scale=0.5)
        saved = {"mask_path": folders[0], "res_path": folders[1]}
        rece.save_model_to_ckpt(*models, None, None, name="UCE_0.5.tar", **saved)
    theirs = imported("theirs", "--file", "UCE_0.5.tar")
    delta = storage.load_state(Path("results/ours/delta.safetensors"))
    for part in ("masked", "residual"):
        own, old = (
            storage.load_state(folder / part / "model.safetensors")["cond_emb.weight"]
            for folder in (theirs, released)
        )
        new = delta[f"{part}/cond_emb.weight"]
        assert gap(own, new) < 1e-3 < gap(old, new)
