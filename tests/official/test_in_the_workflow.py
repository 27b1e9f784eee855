"""Official files in the place of training, and the way back, in the whole workflow."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from hmu.io import files
from hmu.models import storage
from hmu.motion.normalise import Normaliser
from support.official_files import (
    BAMM_FILE,
    MASKED,
    MASKED_FILE,
    RESIDUAL,
    VQ_FILE,
    hmu,
    load,
    official_files,
    official_folder,
    scale,
    trees_equal,
)
from support.project import Project

RESIDUAL_FILE = f"{RESIDUAL}/model/net_best_fid.tar"
KEYS = {
    MASKED_FILE: "t2m_transformer",
    BAMM_FILE: "t2m_transformer",
    RESIDUAL_FILE: "res_transformer",
}


def take_official(config: dict[str, Any]) -> None:
    """Official files for every model, and their sizes for what is trained beside them."""
    config["text_encoder"] = {"weights": "official/ViT-B-32.pt"}
    official = {"evaluator": "official/t2m", "length": "official/t2m"}
    config["datasets"]["demo"] |= {**official, "word_vectors": "official/glove"}
    backbone = config["backbones"]["momask"]
    backbone["weights"] = "official/t2m"
    tokenizer = {"codes": 24, "code_dim": 20, "width": 12, "depth": 2, "quantizers": 4}
    transformer = {"latent": 32, "heads": 4, "layers": 2, "feedforward": 48}
    backbone["tokenizer"] |= tokenizer
    backbone["masked"] |= transformer
    backbone["residual"] |= transformer
    config["backbones"]["bamm"]["weights"] = "official/t2m"
    config["backbones"]["bamm"]["masked"] |= transformer
    config["variants"] |= {"uce": {"method": "uce"}, "rece": {"method": "rece", "epochs": 2}}


def cast(path: Path, key: str, to: torch.dtype) -> None:
    """Store the weights of an official file in another type, as people do to halve it."""
    content = load(path)
    for name, tensor in content[key].items():
        content[key][name] = tensor.to(to) if tensor.is_floating_point() else tensor
    torch.save(content, path)


def edited_texts_go_out(project: Project, source: Path) -> None:
    """UCE and RECE of both backbones leave all but the layer that reads texts as it was, and the
    type of its numbers; what they wrote can be read again."""
    exports = {
        "results/exports/demo/momask/violence/uce": (MASKED_FILE, RESIDUAL_FILE),
        "results/exports/demo/bamm/violence/rece": (BAMM_FILE, RESIDUAL_FILE),
    }
    project.made(*exports)
    for export, names in exports.items():
        out = project.root / export
        for name in names:
            new, old = (load(folder / name)[KEYS[name]] for folder in (out, source))
            assert {k: (v.shape, v.dtype) for k, v in new.items()} == {
                k: (v.shape, v.dtype) for k, v in old.items()
            }
            assert [k for k in old if not torch.equal(old[k], new[k])] == ["cond_emb.weight"]
        assert trees_equal(load(out / VQ_FILE), load(source / VQ_FILE))
        again = Path("results", "models", f"again-{out.name}")
        assert hmu("import", out, "--to", again) == 0
        for name in names:
            part = "residual" if name == RESIDUAL_FILE else "masked"
            own = storage.load_state(again / part / "model.safetensors")["cond_emb.weight"]
            assert torch.equal(own, load(out / name)[KEYS[name]]["cond_emb.weight"])


def what_the_papers_code_left_is_measured(project: Project, source: Path) -> None:
    """A file as its script writes it, with what UCE makes here: the same values."""
    ours = project.root / "results/exports/demo/momask/violence/uce"
    for name in (MASKED_FILE, RESIDUAL_FILE):
        content = {KEYS[name]: load(ours / name)[KEYS[name]], "ep": -1}
        torch.save(content, (source / name).with_name("UCE_0.5.tar"))

    def more(config: dict[str, Any]) -> None:
        theirs = {**config["backbones"]["momask"], "file": "UCE_0.5.tar"}
        config["backbones"]["theirs"] = theirs

    project.configure(more)
    place = "violence/concepts/violence/forget/fid/values.json"
    values = [
        f"results/metrics/demo/backbones/{name}/{place}"
        for name in ("momask/variants/uce", "theirs/variants/original")
    ]
    project.made(*values)
    found = [[each["value"] for each in project.json(name)] for name in values]
    assert found[0] == pytest.approx(found[1], rel=1e-4), "but for rounding in other batches"
    origin = project.json("results/models/demo/backbones/theirs/all/masked/origin.json")
    assert origin["from"]["weights"]["path"].endswith(f"{MASKED}/model/UCE_0.5.tar")


@pytest.mark.long(3)
def test_the_workflow_forgets_in_an_official_model(
    project: Project, lookalike: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    official_folder(lookalike, project.root / "official")
    cast(project.root / "official" / "t2m" / VQ_FILE, "vq_model", torch.float16)
    cast(project.root / "official" / "t2m" / MASKED_FILE, "t2m_transformer", torch.bfloat16)
    for path in (project.root / "official").rglob("*"):
        os.utime(path, (0, 0))  # older than the models that were trained before
    project.configure(take_official)
    planned = project.planned("results/tables")
    trained = [job for job in planned if job.startswith("part ")]
    assert trained
    assert all("/without/violence" in job for job in trained)
    assert not [job for job in planned if job.startswith(("length", "evaluator"))]
    assert sum(job.startswith("import_part") for job in planned) == 4
    export = "results/exports/demo/momask/violence/lcr-4"
    made = project.made(export, "results/descriptions/demo/texts/captions/embedding.npy")
    assert "unlearn demo/momask/violence/lcr-4" in made
    out, source = project.root / export, project.root / "official" / "t2m"
    written = [name for name in official_files(out) if name.endswith(".tar")]
    same = [name for name in written if trees_equal(load(out / name), load(source / name))]
    assert set(written) - set(same) == {VQ_FILE}
    assert load(out / VQ_FILE)["vq_model"]["quantizer.layers.0.codebook"].dtype == torch.float16
    trained = "results/checkpoints/demo/momask/violence/finetuned"
    assert f"unlearn_by_training {trained[20:]}" in project.made(f"{trained}/delta.safetensors")
    delta = storage.load_state(project.root / trained / "delta.safetensors")
    assert delta["masked/cond_emb.weight"].dtype == torch.bfloat16
    assert delta["residual/cond_emb.weight"].dtype == torch.float32
    # The tokenizer saw the features in its own scale, not in the data set's.
    models = project.root / "results/models/demo/backbones/momask/all"
    own = Normaliser.of_model(models / "tokenizer/config.json")
    assert own.mean.tobytes() == scale(1)[0].tobytes()
    # Of BAMM too, which shares the tokenizer that was changed; by the command it is the same.
    shared = "results/exports/demo/bamm/violence/lcr-4"
    assert "import_part results/models/demo/backbones/bamm/all/masked" in project.made(shared)
    other = project.root / shared
    codebooks = [load(each / VQ_FILE)["vq_model"] for each in (other, source)]
    assert [
        name for name, tensor in codebooks[0].items() if tensor.ne(codebooks[1][name]).any()
    ] == ["quantizer.layers.0.codebook"]
    assert trees_equal(load(other / BAMM_FILE), load(source / BAMM_FILE))
    assert not (other / MASKED).exists()
    monkeypatch.chdir(project.root)
    checkpoint = "results/checkpoints/demo/bamm/violence/lcr-4"
    assert hmu("export", checkpoint, project.root / "again") == 0
    again = official_files(project.root / "again")
    assert set(official_files(other)) - set(again) == {".snakemake_timestamp"}
    for name in again:
        assert (project.root / "again" / name).read_bytes() == (other / name).read_bytes(), name
    assert hmu("verify", export) == 0
    assert hmu("verify", shared) == 0
    edited_texts_go_out(project, source)
    what_the_papers_code_left_is_measured(project, source)
    origin = project.json(f"{models.relative_to(project.root)}/masked/origin.json")
    assert origin["how"] == "imported"
    assert origin["from"]["weights"] == {
        "path": f"official/t2m/{MASKED_FILE}",
        "sha256": files.sha256(source / MASKED_FILE),
    }
    # And back: what is trained takes the place of what was imported.
    for name in ("momask", "bamm"):
        project.configure(lambda config, name=name: config["backbones"][name].pop("weights"))
    again = project.planned("results/codes/demo/momask/all/codes.parquet")
    assert {"part demo/momask/all/tokenizer", "codes demo/momask/all"} <= set(again)
