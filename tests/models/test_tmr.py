"""TMR, the second evaluator: agreement with the official code, training, import, its metrics."""

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from hmu.descriptors import tmr as descriptor
from hmu.errors import InputError
from hmu.interface.descriptors import DescriptorContext, Motion
from hmu.io.store import ClipWriter
from hmu.metrics import tmr_fid, tmr_r_precision, tmr_retrieval, tmr_score
from hmu.models import storage
from hmu.models.batches.captioned import CaptionedBatch
from hmu.models.tmr import Learner, Tmr, contrast
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.run.job import Job
from hmu.sections.tmr import TmrSizes
from hmu.steps import import_tmr
from hmu.steps import tmr as step
from hmu.text.token_embeddings import TokenEmbeddings
from support import reference_tmr
from support.reference import gap
from support.reference_tmr import told

CPU = torch.device("cpu")
SIZES = TmrSizes(latent=16, heads=2, layers=2, feedforward=24, dropout=0.1, text_dim=12)
TOLERANCE = 2e-6
KINDS = np.random.default_rng(1).normal(size=(8, FEATURES)).astype(np.float32) * 1.5


def network() -> Tmr:
    return Tmr(SIZES).eval()


def learner() -> Learner:
    return Learner(SIZES, temperature=0.1, alike=0.8).eval()


def batch() -> CaptionedBatch:
    """Seven motions and captions of other lengths, two captions of which are nearly the same."""
    lengths, words = torch.tensor([40, 60, 44, 41, 60, 52, 4]), torch.tensor([1, 5, 3, 3, 2, 5, 4])
    motions, text = torch.randn(7, 60, FEATURES), torch.randn(7, 5, 12)
    motions[torch.arange(60) >= lengths[:, None]] = 0
    text[torch.arange(5) >= words[:, None]] = 0
    sentences = torch.randn(7, 6)
    sentences[3] = sentences[1] + 0.01
    return CaptionedBatch(motions, lengths, text, words, nn.functional.normalize(sentences, dim=1))


# Beside the official code


@pytest.fixture(scope="module")
def reference() -> Iterator[types.SimpleNamespace]:
    """The modules of Mathux/TMR."""
    with reference_tmr.modules() as found:
        yield found


def test_embeddings_and_loss_equal_the_official(reference: types.SimpleNamespace) -> None:
    them, ours, given = reference_tmr.model(reference, SIZES), learner(), batch()
    ours.load_state_dict(them.state_dict(), strict=True)
    motion, text = told(given.motions, given.lengths), told(given.text, given.text_lengths)
    embedded = them.encode(motion, sample_mean=True), them.encode(text, sample_mean=True)
    assert gap(ours.embed_motion(given.motions, given.lengths), embedded[0]) < TOLERANCE
    assert gap(ours.embed_text(given.text, given.text_lengths), embedded[1]) < TOLERANCE

    asked = {"motion_x_dict": motion, "text_x_dict": text, "sent_emb": given.sentences}
    torch.manual_seed(11)
    wanted = them.compute_loss(asked)
    loss, parts = ours.batch_loss(given, torch.Generator().manual_seed(11))
    names = {"rebuilt": "recons", "kl": "kl", "latent": "latent", "contrastive": "contrastive"}
    for own, name in names.items():
        assert parts[own].item() == pytest.approx(wanted[name].item(), rel=1e-5), name
    assert loss.item() == pytest.approx(wanted["loss"].item(), rel=1e-5)
    # The filter of like captions matters here.
    alone = them.contrastive_loss_fn(*embedded, None).item()
    assert alone != pytest.approx(them.contrastive_loss_fn(*embedded, given.sentences).item())


def test_retrieval_equals_the_official(reference: types.SimpleNamespace) -> None:
    draw = np.random.default_rng(1)
    text, motion = draw.normal(size=(2, 600, 8))
    motion = motion + text
    cosines = tmr_retrieval.unit(text) @ tmr_retrieval.unit(motion).T
    wanted = reference.metrics.all_contrastive_metrics(cosines, rounding=None)
    inputs = {"text": text, "generated": motion}
    found = tmr_retrieval.compute(inputs, {}).values
    assert found["tmr_medr"] == wanted["t2m/MedR"]
    for depth in (1, 2, 3, 5, 10):
        assert found[f"tmr_all@{depth}"] == pytest.approx(wanted[f"t2m/R{depth:02}"] / 100)


# The network


def test_an_embedding_depends_on_no_other_to_the_last_bit() -> None:
    given, model = batch(), network()
    lengths, words = given.lengths.tolist(), given.text_lengths.tolist()
    with torch.no_grad():
        motions = model.embed_motion(given.motions, given.lengths)
        texts = model.embed_text(given.text, given.text_lengths)
        for row in range(7):
            alone = given.motions[row : row + 1, : lengths[row]], given.lengths[row : row + 1]
            assert torch.equal(model.embed_motion(*alone)[0], motions[row])
            said = given.text[row : row + 1, : words[row]], given.text_lengths[row : row + 1]
            assert torch.equal(model.embed_text(*said)[0], texts[row])


def test_captions_that_are_alike_are_no_wrong_answers() -> None:
    """By hand: of three pairs, the captions of the first two are alike by 0.825."""
    text, motion = torch.randn(2, 3, 4)
    sentences = torch.tensor([[1.0, 0.0, 0.0], [0.65, 0.76, 0.0], [0.0, 0.0, 1.0]])
    cosines = nn.functional.cosine_similarity(text[:, None], motion[None], dim=-1) / 0.1
    loss = 0.0
    for scores in (cosines, cosines.T):
        for row, others in enumerate(([2], [2], [0, 1])):
            counted = [scores[row, row], *(scores[row, other] for other in others)]
            loss += float(torch.logsumexp(torch.stack(counted), 0) - scores[row, row]) / 6
    assert contrast(text, motion, sentences, 0.1, 0.8).item() == pytest.approx(loss, rel=1e-5)


# The step


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    """Three clips of each of eight KINDS, which hold a pose, with a caption for each kind."""
    draw = np.random.default_rng(2)
    names, motions = [f"{kind}{copy}" for copy in range(3) for kind in range(8)], []
    with ClipWriter(tmp_path / "data.npy", tmp_path / "index.parquet", (FEATURES,)) as writer:
        for name in names:
            noise = draw.normal(size=(44, FEATURES)).astype(np.float32) * 0.1
            writer.add(name, KINDS[int(name[0])] + noise)
            split = "val" if name[1] == "2" else "train"
            motions.append((name, name, 0, 44, split))
    table = pd.DataFrame(motions, columns=["motion", "clip", "start", "frames", "split"])
    table.to_parquet(tmp_path / "motions.parquet")
    table["caption"] = [f"caption {name[0]}" for name in names]
    table["tokens"] = "caption/NOUN"
    table.to_parquet(tmp_path / "samples.parquet")
    np.save(tmp_path / "mean.npy", np.zeros(FEATURES, np.float32))
    np.save(tmp_path / "std.npy", np.ones(FEATURES, np.float32))
    np.save(tmp_path / "embeddings.npy", draw.normal(size=(9, 10)).astype(np.float32) * 2)
    captions = pd.DataFrame({"caption": [f"caption {k}" for k in range(8)] + [""]})
    captions.assign(row=np.arange(9)).to_parquet(tmp_path / "captions.parquet")
    parquets = ("index", "motions", "samples", "captions")
    inputs = {name: tmp_path / f"{name}.parquet" for name in parquets}
    inputs |= {name: tmp_path / f"{name}.npy" for name in ("data", "mean", "std", "embeddings")}
    shape = {"latent": 32, "heads": 2, "layers": 1, "feedforward": 24, "dropout": 0.1}
    training = {"epochs": 30, "batch": 8, "rate": 3e-3, "warmup": 5}
    return {"inputs": inputs, "settings": {**shape, "training": training, "device": "cpu"}}


def made(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    return {
        "model": folder / "model.safetensors",
        "config": folder / "config.json",
        "origin": folder / "origin.json",
        "training": folder / "training",
    }


def described_by(files: dict[str, Path], texts: dict[str, Path]) -> Any:
    inputs = {"tmr": files["model"], "tmr_config": files["config"], **texts}
    return descriptor.load(DescriptorContext(inputs, {}, 0, CPU))


def trained(job: dict[str, Any], folder: Path) -> dict[str, Path]:
    outputs = made(folder)
    step.run(Job("tmr", job["inputs"], outputs, job["settings"], scratch=folder / "scratch"))
    return outputs


def test_it_learns_to_find_motions(job: dict[str, Any], tmp_path: Path) -> None:
    files = trained(job, tmp_path / "made")
    assert not any(name.startswith("motion_decoder") for name in storage.load_state(files["model"]))
    model = described_by(files, {name: job["inputs"][name] for name in ("embeddings", "captions")})
    found = {
        "text": model.texts([f"caption {kind}" for kind in range(8)]),
        "generated": model.motions(
            [Motion(features=torch.from_numpy(each).expand(48, -1)) for each in KINDS]
        ),
    }
    assert tmr_retrieval.compute(found, {}).values["tmr_all@1"] == 1
    assert tmr_r_precision.compute(found, {"pool": 4}).values["tmr_r@1"] == 1
    assert tmr_score.compute(found, {}).values["tmr_score"] > 0.8
    with pytest.raises(InputError, match=r"captions\.parquet has no embeddings of 1 captions"):
        model.texts(["caption 1", "never said"])


def test_the_same_training_gives_the_same_bytes(job: dict[str, Any], tmp_path: Path) -> None:
    job["settings"]["training"]["epochs"] = 2
    one, other = (trained(job, tmp_path / name) for name in ("one", "other"))
    assert one["model"].read_bytes() == other["model"].read_bytes()
    job["inputs"]["captions"].unlink()
    few = pd.DataFrame({"caption": ["caption 0", ""], "row": [0, 8]})
    few.to_parquet(job["inputs"]["captions"])
    with pytest.raises(InputError, match=r"captions\.parquet has no embeddings of 7 captions"):
        trained(job, tmp_path / "none")


def test_the_scale_in_which_motions_are_seen_weighs_all_features_alike(tmp_path: Path) -> None:
    """So TMR has it, unlike the reference of the other evaluator."""
    for name in ("mean", "std"):
        np.save(tmp_path / f"{name}.npy", np.arange(FEATURES, dtype=np.float32) + 1)
    found = Normaliser.read(tmp_path / "mean.npy", tmp_path / "std.npy", bias=1.0)
    assert np.array_equal(found.std, np.arange(FEATURES) + 1)


# The user's files


def token_files(folder: Path, captions: dict[str, np.ndarray]) -> dict[str, Path]:
    """As TMR's save_token_embeddings writes them."""
    stem = folder / "distilbert-base-uncased"
    ends = np.cumsum([len(each) for each in captions.values()])
    begins = np.concatenate([[0], ends[:-1]])
    np.save(f"{stem}.npy", np.concatenate(list(captions.values())))
    np.save(f"{stem}_slice.npy", np.stack([begins, ends], axis=1))
    index = Path(f"{stem}_index.json")
    index.write_text(json.dumps({text: number for number, text in enumerate(captions)}))
    return {
        "token_vectors": Path(f"{stem}.npy"),
        "token_slices": Path(f"{stem}_slice.npy"),
        "token_index": index,
    }


def test_token_embeddings_of_the_user_are_read_as_tmr_writes_them(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    captions = {
        name: draw.normal(size=(length, 12)).astype(np.float32)
        for name, length in (("a man kicks.", 6), ("she waves", 4), ("é", 3))
    }
    files = token_files(tmp_path, captions)
    found = TokenEmbeddings.read(files)
    assert found.dim == 12
    for name, wanted in captions.items():
        assert np.array_equal(found.of(name), wanted)
    with pytest.raises(InputError, match=r"_index\.json has no embeddings of 2 captions.*'a hop'"):
        found.check(["she waves", "she spins", "a hop"])
    np.save(files["token_slices"], np.array([[0, 6], [6, 10], [10, 14]]))
    with pytest.raises(InputError, match=r"_slice\.npy does not say where"):
        TokenEmbeddings.read(files)
    files["token_index"].write_text('{"a man kicks.": 3}')
    np.save(files["token_slices"], np.array([[0, 6], [6, 10], [10, 13]]))
    with pytest.raises(InputError, match=r"_index\.json does not number the captions"):
        TokenEmbeddings.read(files)


def checkpoint(folder: Path) -> tuple[Tmr, dict[str, Path]]:
    """A model, and its files as TMR's extract.py and src/config.py write them."""
    model = network()
    (folder / "last_weights").mkdir(parents=True)
    options = {
        "vae": True,
        "latent_dim": 16,
        "ff_size": 24,
        "num_layers": 2,
        "num_heads": 2,
        "dropout": 0.1,
        "activation": "gelu",
    }
    files, encoders = {}, {}
    for name, nfeats in (("motion_encoder", FEATURES), ("text_encoder", 12)):
        files[name] = folder / "last_weights" / f"{name}.pt"
        torch.save(getattr(model, name).state_dict(), files[name])
        encoders[name] = {"_target_": "src.model.ACTORStyleEncoder", "nfeats": nfeats, **options}
    files["options"] = folder / "config.json"
    files["options"].write_text(json.dumps({"model": {**encoders, "vae": True}}))
    for name, value in (("mean", torch.zeros(FEATURES)), ("std", torch.full((FEATURES,), 2.0))):
        files[name] = folder / f"{name}.pt"
        torch.save(value, files[name])
    return model, files


def test_a_checkpoint_is_imported_with_its_scale(tmp_path: Path) -> None:
    model, files = checkpoint(tmp_path / "theirs")
    outputs = made(tmp_path / "ours")
    import_tmr.run(Job("import_tmr", files, outputs))
    texts = token_files(tmp_path, {"hop": np.ones((3, 12), np.float32)})
    found = described_by(outputs, texts)
    motion = torch.randn(40, FEATURES)
    with torch.no_grad():
        wanted = model.embed_motion(motion[None] / 2, torch.tensor([40]))
        said = model.embed_text(torch.ones(1, 3, 12), torch.tensor([3]))
    assert np.array_equal(found.motions([Motion(features=motion)]), wanted.numpy())
    assert np.array_equal(found.texts(["hop"]), said.numpy())
    other = token_files(tmp_path, {"hop": np.ones((3, 10), np.float32)})
    with pytest.raises(InputError, match=r"tokens of 10 values, and .* reads 12"):
        described_by(outputs, other)


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    _, files = checkpoint(tmp_path / "theirs")
    config = json.loads(files["options"].read_text())
    config["model"]["text_encoder"]["activation"] = "relu"
    files["options"].write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"config\.json: activation of an encoder is 'relu'; only"):
        import_tmr.run(Job("import_tmr", files, made(tmp_path / "one")))
    for name in ("text_encoder", "motion_encoder"):
        config["model"][name] |= {"activation": "gelu", "num_layers": 3}
    files["options"].write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"last_weights lacks tensor .*layers\.2.*config\.json"):
        import_tmr.run(Job("import_tmr", files, made(tmp_path / "two")))
    files["options"].write_text("[]")
    with pytest.raises(InputError, match=r"config\.json says nothing of TMR's encoders"):
        import_tmr.run(Job("import_tmr", files, made(tmp_path / "three")))


# Metrics


def test_metrics_see_angles_alone_where_they_say_so() -> None:
    draw = np.random.default_rng(4)
    text, motion = draw.normal(size=(2, 64, 6))
    sizes = draw.uniform(0.1, 9, size=(64, 1))
    for metric in (tmr_r_precision, tmr_retrieval, tmr_score):
        plain = metric.compute({"text": text, "generated": motion}, {"pool": 32}).values
        scaled = {"text": text * sizes, "generated": motion * sizes[::-1]}
        assert metric.compute(scaled, {"pool": 32}).values == pytest.approx(plain)
    cosine = nn.functional.cosine_similarity(torch.tensor(text), torch.tensor(motion))
    scores = tmr_score.compute({"text": text, "generated": motion}, {})
    assert scores.motions["tmr_score"] == pytest.approx(cosine.numpy() / 2 + 0.5)


def test_motions_that_are_all_the_same_are_found_as_chance_finds_them() -> None:
    draw = np.random.default_rng(5)
    inputs = {"text": draw.normal(size=(40, 6)), "generated": np.ones((40, 6))}
    found = tmr_retrieval.compute(inputs, {})
    assert found.values["tmr_all@1"] == 1 / 40
    assert found.values["tmr_medr"] == 20.5
    assert found.motions["tmr_all@1"][0], "of equally near motions the first comes first"


def test_fid_by_tmr_is_that_of_its_own_embeddings() -> None:
    rows = np.random.default_rng(6).normal(size=(50, 5))
    moved = {"real": rows, "generated": rows + np.array([3.0, 0, 0, 4.0, 0])}
    found = tmr_fid.compute(moved, {}).values["tmr_fid"]
    assert found == pytest.approx(25, rel=1e-9)
