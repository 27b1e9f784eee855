"""Official files: in and out again with every tensor, the official outputs, and no trust."""

import importlib
import json
import os
import pickle
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks.text import random_tower
from hmu import cli
from hmu.backbones import opening
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.codec import Codec
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.descriptors import embedding
from hmu.errors import InputError
from hmu.evaluation import describe
from hmu.generation import bundle
from hmu.interface.descriptors import DescriptorContext
from hmu.io import files
from hmu.models import storage
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.stored import Stored
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.official import layout, options, releases
from hmu.run.job import Job
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from hmu.steps import import_part
from hmu.text.vectors import WordVectors
from support.project import Project
from support.reference import checkout, gap, importable

TOLERANCE = 1e-4
TEXT = 512
RVQ = "rvq_nq4_dc20_nc24_noshare_qdp0.2"
MASKED = "t2m_nlayer2_nhead4_ld32_ff48_cdp0.1_rvq4ns"
RESIDUAL = "tres_nlayer2_ld32_ff48_rvq4ns_cdp0.2_sw"


@pytest.fixture(scope="module")
def momask() -> Iterator[Any]:
    """The official modules, with the sentence as its own embedding in place of CLIP."""
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("EricGuo5513+momask-codes")):
        transformer = importlib.import_module("models.mask_transformer.transformer")

        def bare(name: str) -> type[nn.Module]:
            base = getattr(transformer, name)
            return type(name, (base,), {"load_and_freeze_clip": lambda self, version: None})

        yield SimpleNamespace(
            vq=importlib.import_module("models.vq.model"),
            masked=bare("MaskTransformer"),
            residual=bare("ResidualTransformer"),
            evaluator=importlib.import_module("models.t2m_eval_modules"),
            wrapper=importlib.import_module("models.t2m_eval_wrapper"),
            get_opt=importlib.import_module("utils.get_opt").get_opt,
        )


# --- the official side, as its scripts do it --------------------------------------------------


def official_tokenizer(momask: Any, root: Path, name: str, file: str) -> nn.Module:
    """gen_t2m.py, load_vq_model: strict."""
    opt = momask.get_opt(str(root / name / "opt.txt"), device="cpu")
    model = momask.vq.RVQVAE(
        opt, opt.dim_pose, opt.nb_code, opt.code_dim, opt.output_emb_width, opt.down_t,
        opt.stride_t, opt.width, opt.depth, opt.dilation_growth_rate, opt.vq_act, opt.vq_norm,
    )  # fmt: skip
    content = load(root / name / "model" / file)
    model.load_state_dict(content["vq_model" if "vq_model" in content else "net"])
    return model.eval()


def official_masked(momask: Any, root: Path, name: str, file: str) -> nn.Module:
    """gen_t2m.py, load_trans_model."""
    opt = momask.get_opt(str(root / name / "opt.txt"), device="cpu")
    vq = momask.get_opt(str(root / opt.vq_name / "opt.txt"), device="cpu")
    opt.num_tokens, opt.num_quantizers = vq.nb_code, vq.num_quantizers
    opt.code_dim = vq.code_dim
    model = momask.masked(
        code_dim=opt.code_dim, cond_mode="text", latent_dim=opt.latent_dim, ff_size=opt.ff_size,
        num_layers=opt.n_layers, num_heads=opt.n_heads, dropout=opt.dropout, clip_dim=512,
        cond_drop_prob=opt.cond_drop_prob, clip_version="ViT-B/32", opt=opt,
    )  # fmt: skip
    content = load(root / name / "model" / file)
    model.load_state_dict(content["t2m_transformer" if "t2m_transformer" in content else "trans"])
    assert "ep" in content
    return model.eval()


def official_residual(momask: Any, root: Path, name: str, file: str) -> nn.Module:
    """gen_t2m.py, load_res_model."""
    opt = momask.get_opt(str(root / name / "opt.txt"), device="cpu")
    vq = momask.get_opt(str(root / opt.vq_name / "opt.txt"), device="cpu")
    opt.num_quantizers, opt.num_tokens = vq.num_quantizers, vq.nb_code
    model = momask.residual(
        code_dim=vq.code_dim, cond_mode="text", latent_dim=opt.latent_dim, ff_size=opt.ff_size,
        num_layers=opt.n_layers, num_heads=opt.n_heads, dropout=opt.dropout, clip_dim=512,
        shared_codebook=vq.shared_codebook, cond_drop_prob=opt.cond_drop_prob,
        share_weight=opt.share_weight, clip_version="ViT-B/32", opt=opt,
    )  # fmt: skip
    content = load(root / name / "model" / file)
    model.load_state_dict(content["res_transformer"])
    assert "ep" in content
    return model.eval()


def official_length(momask: Any, root: Path) -> nn.Module:
    """gen_t2m.py, load_len_estimator."""
    model = momask.vq.LengthEstimator(512, 50)
    content = load(root / "length_estimator" / "model" / "finest.tar")
    model.load_state_dict(content["estimator"])
    assert "epoch" in content
    return model.eval()


def official_evaluator(momask: Any, root: Path) -> Any:
    """models/t2m_eval_wrapper.py, the whole class, reading from ``root`` (named t2m)."""
    opt = momask.get_opt(str(root / "Comp_v6_KLD005" / "opt.txt"), torch.device("cpu"))
    opt.checkpoints_dir = str(root.parent)
    return momask.wrapper.EvaluatorModelWrapper(opt)


def load(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


# --- a download to import ---------------------------------------------------------------------

TOKENIZER_OPTIONS = {
    "batch_size": "512", "checkpoints_dir": "./checkpoints", "code_dim": "20", "commit": "0.02",
    "dataset_name": "t2m", "depth": "2", "dilation_growth_rate": "3", "down_t": "2",
    "feat_bias": "5", "is_continue": "False", "lr": "0.0002", "milestones": "[150000, 250000]",
    "mu": "0.99", "name": RVQ, "nb_code": "24", "num_quantizers": "4", "output_emb_width": "20",
    "quantize_dropout_prob": "0.2", "shared_codebook": "False", "stride_t": "2", "vq_act": "relu",
    "vq_norm": "None", "weight_decay": "0.0", "width": "12",
}  # fmt: skip
TRANSFORMER_OPTIONS = {
    "checkpoints_dir": "./checkpoints", "cond_drop_prob": "0.1", "dataset_name": "t2m",
    "dropout": "0.2", "ff_size": "48", "gumbel_sample": "False", "latent_dim": "32",
    "milestones": "[50000]", "n_heads": "4", "n_layers": "2", "name": MASKED,
    "share_weight": "False", "unit_length": "4", "vq_name": RVQ,
}  # fmt: skip
EVALUATOR_OPTIONS = {
    "checkpoints_dir": "./checkpoints", "dataset_name": "t2m", "dim_movement_enc_hidden": "24",
    "dim_movement_latent": "20", "max_text_len": "20", "name": "Comp_v6_KLD005",
    "unit_length": "4",
}  # fmt: skip


def randomise(model: nn.Module) -> dict[str, Tensor]:
    """Random weights: those that the official code starts from tell too little apart."""
    state = model.state_dict()
    for name, tensor in state.items():
        if not name.endswith(".pe"):
            tensor.copy_(torch.randn_like(tensor) * 0.2)
    return state


def trained(model: nn.Module) -> dict[str, Any]:
    """What the official trainer saves of its optimiser and schedule, after one step."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-4, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones=[50_000], gamma=0.1)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimiser.step()
    schedule.step()
    return {"optimiser": optimiser.state_dict(), "scheduler": schedule.state_dict()}


def scale(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    mean, std = random.normal(0, 1, 263), random.uniform(0.3, 2, 263)
    return mean.astype(np.float32), std.astype(np.float32)


def write(folder: Path, values: dict[str, str], seed: int | None = None) -> None:
    """``opt.txt``, by the lines of the official options/base_option.py, and ``meta/``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "opt.txt").open("wt") as stream:
        stream.write("------------ Options -------------\n")
        for key, value in sorted(values.items()):
            stream.write(f"{key}: {value}\n")
        stream.write("-------------- End ----------------\n")
    if seed is not None:
        (folder / "meta").mkdir()
        for name, array in zip(("mean", "std"), scale(seed), strict=True):
            np.save(folder / "meta" / f"{name}.npy", array)


def save(folder: Path, file: str, content: dict[str, Any], **how: Any) -> None:
    (folder / "model").mkdir(parents=True, exist_ok=True)
    torch.save(content, folder / "model" / file, **how)


Models = dict[str, nn.Module]


def official_models(momask: Any, share_weight: bool = True) -> Models:
    """The official modules, as their training scripts build them, but small."""
    opt = SimpleNamespace(
        num_quantizers=4, shared_codebook=False, quantize_dropout_prob=0.2, mu=0.99,
        num_tokens=24, device="cpu",
    )  # fmt: skip
    sizes = {
        "code_dim": 20, "cond_mode": "text", "latent_dim": 32, "ff_size": 48, "num_layers": 2,
        "num_heads": 4, "dropout": 0.2, "clip_dim": 512, "opt": opt,
    }  # fmt: skip
    return {
        "tokenizer": momask.vq.RVQVAE(opt, 263, 24, 20, 20, 2, 2, 12, 2, 3, "relu", "None"),
        "masked": momask.masked(cond_drop_prob=0.1, **sizes),
        "residual": momask.residual(cond_drop_prob=0.2, share_weight=share_weight, **sizes),
        "length": momask.vq.LengthEstimator(512, 50),
        "movement_encoder": momask.evaluator.MovementConvEncoder(259, 24, 20),
        "text_encoder": momask.evaluator.TextEncoderBiGRUCo(300, 15, 512, 512, "cpu"),
        "motion_encoder": momask.evaluator.MotionEncoderBiGRUCo(20, 1024, 512, "cpu"),
    }


def our_models() -> Models:
    """Ours of the same sizes, for what can be tested without the official code."""
    sizes = TransformerSizes(
        latent=32, heads=4, layers=2, feedforward=48, codes=24, code_dim=20, quantizers=4
    )
    evaluator = Evaluator(EvaluatorSizes(movement_hidden=24, movement_latent=20))
    return {
        "tokenizer": Tokenizer(
            TokenizerSizes(codes=24, code_dim=20, width=12, depth=2, quantizers=4)
        ),
        "masked": MaskedTransformer(sizes),
        "residual": ResidualTransformer(ResidualSizes.of(sizes)),
        "length": LengthEstimator(LengthSizes()),
        **dict(evaluator.named_children()),
    }


def make_download(models: Models, root: Path, share_weight: bool = True) -> Path:
    """The directories of MoMask's and of the evaluator's download, with random weights."""
    write(root / RVQ, TOKENIZER_OPTIONS, seed=1)
    write(root / MASKED, TRANSFORMER_OPTIONS)
    residual = {"name": RESIDUAL, "cond_drop_prob": "0.2", "share_weight": str(share_weight)}
    write(root / RESIDUAL, TRANSFORMER_OPTIONS | residual)
    write(root / "Comp_v6_KLD005", EVALUATOR_OPTIONS, seed=2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        states = {name: randomise(model) for name, model in models.items()}
        rest = trained(models["masked"])
    save(root / RVQ, "net_best_fid.tar", {"vq_model": states["tokenizer"], "ep": 41})
    save(
        root / MASKED,
        "latest.tar",
        {
            "t2m_transformer": states["masked"],
            "opt_t2m_transformer": rest["optimiser"],
            "scheduler": rest["scheduler"],
            "ep": 300,
            "total_it": 123456,
        },
    )
    save(root / RESIDUAL, "net_best_fid.tar", {"res_transformer": states["residual"], "ep": 240})
    # Files of old: before PyTorch 1.6 they were no archives.
    save(
        root / "length_estimator",
        "finest.tar",
        {"estimator": states["length"], "epoch": 9, "niter": 7},
        _use_new_zipfile_serialization=False,
    )
    names = ("movement_encoder", "text_encoder", "motion_encoder")
    content = {name: states[name] for name in names}
    save(root / "text_mot_match", "finest.tar", {**content, "epoch": 55, "iter": 99})
    return root


@pytest.fixture(scope="module")
def download(momask: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download whose files the official modules filled."""
    return make_download(official_models(momask), tmp_path_factory.mktemp("download") / "t2m")


@pytest.fixture(scope="module")
def lookalike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the official code."""
    return make_download(our_models(), tmp_path_factory.mktemp("lookalike") / "t2m")


@pytest.fixture(scope="module")
def imported(download: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("project") / "results"
    return take(download, results)


def take(source: Path, results: Path) -> Path:
    """`hmu import`, which must succeed; the directory that it makes."""
    assert hmu("import", source, "--to", results / "models" / "released", "--results", results) == 0
    return results / "models" / "released"


def hmu(*words: object) -> int:
    return cli.main([str(word) for word in words])


def part(folder: Path, name: str, build: Any, sizes: Any) -> Any:
    model = Stored.among(bundle.find(folder).inputs, name)
    return storage.load(build, sizes, model, torch.device("cpu"))


# --- agreement --------------------------------------------------------------------------------


def test_tokenizer_from_its_files_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "tokenizer", Tokenizer, TokenizerSizes)
    official = official_tokenizer(momask, download, RVQ, "net_best_fid.tar")
    motions = torch.randn(8, 64, 263, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        codes, _ = official.encode(motions)
        assert codes.unique().numel() > 12
        assert float((ours.encode(motions) == codes).float().mean()) >= 0.9999
        assert gap(ours.decode(codes), official.forward_decoder(codes)) < TOLERANCE


def test_masked_transformer_from_its_files_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "masked", MaskedTransformer, TransformerSizes)
    official = official_masked(momask, download, MASKED, "latest.tar")
    ids, text, padding = asked()
    with torch.no_grad():
        expected = official.forward_with_cond_scale(ids, text, padding, cond_scale=4)
        assert expected.std() > 0.1
        found = ours.guided(ids, text, padding, 4)
        assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE
        for hidden in (False, True):
            expected = official.trans_forward(ids, text, padding, force_mask=hidden)
            found = ours.scores(ids, torch.zeros_like(text) if hidden else text, padding)
            assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE


@pytest.mark.parametrize("share_weight", [True, False])
def test_residual_transformer_from_its_files_equals_official(
    momask: Any, tmp_path: Path, share_weight: bool
) -> None:
    models = official_models(momask, share_weight)
    root = make_download(models, tmp_path / "t2m", share_weight)
    ours = part(take(root, tmp_path / "results"), "residual", ResidualTransformer, ResidualSizes)
    official = official_residual(momask, root, RESIDUAL, "net_best_fid.tar")
    ids, text, padding = asked()
    official.process_embed_proj_weight()
    with torch.no_grad():
        history = torch.zeros(())
        for layer in range(1, 4):
            codes = (ids + layer) % 24
            history = history + ours.embed(codes, layer - 1)
            expected = official.forward_with_cond_scale(history, layer, text, padding, cond_scale=2)
            found = ours.guided(history, layer, text, padding, 2)
            assert gap(found[~padding], expected.transpose(1, 2)[~padding]) < TOLERANCE


def test_length_estimator_from_its_file_equals_official(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "length", LengthEstimator, LengthSizes)
    text = asked()[1]
    with torch.no_grad():
        assert gap(ours(text), official_length(momask, download)(text)) < TOLERANCE


def asked() -> tuple[Tensor, Tensor, Tensor]:
    """Codes (B, L), text (B, 512), padding (B, L)."""
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(0, 24, (3, 9), generator=generator)
    padding = torch.arange(9) >= torch.tensor([9, 5, 7]).unsqueeze(1)
    return ids, torch.randn(3, TEXT, generator=generator), padding


def test_evaluator_from_its_files_equals_the_official_evaluation(
    momask: Any, download: Path, imported: Path
) -> None:
    ours = part(imported, "evaluator", Evaluator, EvaluatorSizes)
    official = official_evaluator(momask, download)
    generator = torch.Generator().manual_seed(4)
    lengths = torch.tensor([196, 120, 44])
    features = torch.randn(3, 196, 263, generator=generator)
    # As the official data set does it (data/t2m_dataset.py): its own mean and std, then padding.
    mean, std = (np.load(download / "Comp_v6_KLD005/meta" / f"{n}.npy") for n in ("mean", "std"))
    motions = torch.from_numpy((features.numpy() - mean) / std)
    mine = torch.from_numpy(
        Normaliser.of_model(imported / "evaluator/config.json").forward(features.numpy())
    )
    for row, length in enumerate(lengths):
        motions[row, length:] = 0
        mine[row, length:] = 0
    words = torch.randn(3, 22, 300, generator=generator)
    tags = torch.eye(15)[torch.randint(0, 15, (3, 22), generator=generator)]
    counts = torch.tensor([22, 14, 3])
    text, motion = official.get_co_embeddings(words, tags, counts, motions, lengths)
    with torch.no_grad():
        assert gap(ours.embed_motion(mine, lengths), motion) < TOLERANCE
        assert gap(ours.embed_text(words, tags, counts), text) < TOLERANCE


def test_generated_motions_reach_the_evaluator_in_its_own_scale(
    momask: Any, download: Path, imported: Path
) -> None:
    """As if the official data set had loaded the generated features (mean and std differ here)."""
    tokenizer = part(imported, "tokenizer", Tokenizer, TokenizerSizes)
    codes = torch.randint(0, 24, (3, 49, 4), generator=torch.Generator().manual_seed(6))
    own = Normaliser.of_model(imported / "tokenizer" / "config.json")
    cpu = torch.device("cpu")
    inputs: dict[str, Path] = {}
    for name in ("tokenizer", "evaluator"):
        inputs[name] = imported / name / "model.safetensors"
        inputs[f"{name}_config"] = imported / name / "config.json"

    def embedded(decoded: str) -> torch.Tensor:
        descriptor = embedding.load(DescriptorContext(inputs, {"decoded": decoded}, 0, cpu))
        motions = list(codes.numpy())
        return torch.from_numpy(
            describe.generated(descriptor, embedding.SEES, Codec(tokenizer, own, cpu), motions)
        )

    rescaled, reference = embedded("rescaled"), embedded("reference")
    (mean, std), (other_mean, other_std) = scale(1), scale(2)
    with torch.no_grad():
        decoded = official_tokenizer(momask, download, RVQ, "net_best_fid.tar").forward_decoder(
            codes
        )
    features = decoded.numpy() * std + mean
    motions = torch.from_numpy((features - other_mean) / other_std)
    official, lengths = official_evaluator(momask, download), torch.full((3,), 196)
    # The official code turns round motions of equal length.
    expected = official.get_motion_embeddings(motions, lengths).flip(0)
    assert gap(rescaled, expected) < TOLERANCE
    as_they_are = official.get_motion_embeddings(decoded, lengths).flip(0)
    assert gap(reference, as_they_are) < TOLERANCE
    assert gap(expected, as_they_are) > 0.1


BAMM = "2024-02-14-14-27-29_8_GPT_officialTrans_2iterPrdictEnd"


@pytest.fixture(scope="module")
def bamm_module() -> Iterator[Any]:
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("exitudio+BAMM")):
        base = importlib.import_module("models.mask_transformer.transformer").MaskTransformer
        bare = {"load_and_freeze_clip": lambda self, version: None}
        get_opt = importlib.import_module("utils.get_opt").get_opt
        yield SimpleNamespace(masked=type("MaskTransformer", (base,), bare), get_opt=get_opt)


def official_bamm(module: Any, root: Path, file: str, name: str = BAMM) -> nn.Module:
    """BAMM's gen_t2m.py, load_trans_model: strict, but for CLIP."""
    return official_masked(module, root, name, file)


@pytest.fixture(scope="module")
def with_bamm(bamm_module: Any, lookalike: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference's directory, in which BAMM lies beside MoMask."""
    root = tmp_path_factory.mktemp("bamm") / "t2m"
    shutil.copytree(lookalike, root)
    own = {"name": BAMM, "checkpoints_dir": "./log/t2m", "trans": "official"}
    write(root / BAMM, TRANSFORMER_OPTIONS | own)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        opt = SimpleNamespace(num_tokens=24, trans="official")
        model = bamm_module.masked(
            code_dim=20, cond_mode="text", latent_dim=32, ff_size=48, num_layers=2, num_heads=4,
            dropout=0.2, clip_dim=512, cond_drop_prob=0.1, opt=opt,
        )  # fmt: skip
        state = randomise(model)
    save(root / BAMM, "latest.tar", {"t2m_transformer": state, "ep": 7, "total_it": 9})
    return root


def test_bamm_goes_in_and_out(bamm_module: Any, with_bamm: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    words = ["import", with_bamm, "--to", results / "bamm", "--results", results]
    assert hmu(*words, "--backbone", "bamm") == 0
    inputs = bundle.find(results / "bamm").inputs
    ours = opening.part(Stored.among(inputs, "masked"), torch.device("cpu"))
    assert isinstance(ours, bamm.MaskedTransformer)
    official = official_bamm(bamm_module, with_bamm, "latest.tar")
    ids, text, _ = asked()
    given = ids % 3 == 0
    conditions = torch.where(given, ids, ours.pad_id)
    with torch.no_grad():
        for known, told in ((None, None), (given, conditions)):
            for blind in (False, True):
                expected = official.trans_forward(ids, text, None, blind, told).transpose(1, 2)
                assert expected.std() > 0.1
                seen = torch.zeros_like(text) if blind else text
                found = ours.scores(ids, seen, hidden=None if known is None else ~known)
                assert gap(found, expected[:, :-1]) < TOLERANCE
    for names, folder, file in (("official", BAMM, "latest.tar"), ("short", "bamm", "base.tar")):
        out = tmp_path / names
        assert hmu("export", results / "bamm", out, "--names", names) == 0
        official_bamm(bamm_module, out, file, folder)
        tar = Path(folder) / "model" / file
        assert trees_equal(load(out / tar), load(with_bamm / BAMM / "model" / "latest.tar"))
    assert (tmp_path / "official" / BAMM / "opt.txt").read_bytes() == (
        with_bamm / BAMM / "opt.txt"
    ).read_bytes()


def test_bamm_is_found_in_its_own_checkout(with_bamm: Path, tmp_path: Path) -> None:
    """As its download scripts fill it: log/t2m/t2m, log/vq/t2m and checkpoints/t2m."""
    checkout, results = tmp_path / "BAMM", tmp_path / "results"
    shutil.copytree(with_bamm, checkout / "checkpoints" / "t2m")
    shutil.rmtree(checkout / "checkpoints" / "t2m" / MASKED)
    (checkout / "log" / "t2m" / "t2m").mkdir(parents=True)
    shutil.move(checkout / "checkpoints" / "t2m" / BAMM, checkout / "log" / "t2m" / "t2m")
    shutil.copytree(with_bamm / RVQ, checkout / "log" / "vq" / "t2m" / RVQ)
    assert hmu("import", checkout, "--to", results / "bamm", "--results", results) == 0
    config = files.read_json(results / "bamm" / "masked" / "config.json")
    assert config["kind"] == "bamm"
    origin = files.read_json(results / "bamm" / "masked" / "origin.json")
    assert origin["official"]["folder"] == BAMM


# --- and out again ----------------------------------------------------------------------------


def trees_equal(one: Any, other: Any) -> bool:
    """Whether two files hold the same, tensors bit by bit, keys in any order."""
    if isinstance(one, Tensor):
        same = isinstance(other, Tensor) and one.dtype == other.dtype and one.shape == other.shape
        bits = (
            [each.contiguous().reshape(-1).view(torch.uint8) for each in (one, other)]
            if same
            else []
        )
        return same and torch.equal(*bits)
    if isinstance(one, dict):
        return (
            type(one) is type(other)
            and one.keys() == other.keys()
            and all(trees_equal(one[key], other[key]) for key in one)
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(
            map(trees_equal, one, other)
        )  # fmt: skip
    return type(one) is type(other) and bool(one == other)


def official_files(root: Path) -> list[str]:
    """What a download consists of; a checkpoint of ours has the record of its export besides."""
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return sorted(name for name in names if name != "export.json")


@pytest.mark.parametrize("source", ["download", "lookalike"])
def test_what_was_imported_goes_out_unchanged(
    request: pytest.FixtureRequest, tmp_path: Path, source: str
) -> None:
    root = request.getfixturevalue(source)
    imported, out = take(root, tmp_path / "results"), tmp_path / "t2m"
    assert hmu("export", imported, out, "--evaluator") == 0
    assert official_files(out) == official_files(root)
    for name in official_files(root):
        if name.endswith(".tar"):
            assert trees_equal(load(root / name), load(out / name)), name
        else:
            assert (root / name).read_bytes() == (out / name).read_bytes(), name
    again = take(out, tmp_path / "other" / "results")
    for path in sorted(imported.rglob("*.safetensors")):
        assert path.read_bytes() == (again / path.relative_to(imported)).read_bytes(), path


def test_tensors_that_no_model_uses_go_out_too(lookalike: Path, tmp_path: Path) -> None:
    """CLIP in a transformer's file, say, and what training left, in whatever type."""
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    content = load(root / MASKED_FILE)
    content["t2m_transformer"]["clip_model.text_projection"] = torch.randn(3, 4).half()
    content["best"] = {"fid": float("inf"), "history": [(1, 0.5), None], "seen": torch.arange(3)}
    torch.save(content, root / MASKED_FILE)
    assert hmu("export", take(root, tmp_path / "results"), tmp_path / "out") == 0
    assert trees_equal(load(tmp_path / "out" / MASKED_FILE), content)


def test_names_that_look_alike_stay_apart(lookalike: Path, tmp_path: Path) -> None:
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    content = load(root / MASKED_FILE)
    content |= {"a": {"b/c": torch.ones(2)}, "a/b": {"c": torch.zeros(2)}}
    content["x"] = {1: torch.ones(3), "1": torch.zeros(3)}
    shared = torch.randn(6)
    content["views"] = [shared[:4], shared[2:], shared[::2], torch.ones(1).expand(3)]
    torch.save(content, root / MASKED_FILE)
    assert hmu("export", take(root, tmp_path / "results"), tmp_path / "out") == 0
    assert trees_equal(load(tmp_path / "out" / MASKED_FILE), content)


@pytest.fixture
def unlearned(imported: Path) -> Iterator[tuple[Path, dict[str, Tensor]]]:
    """A checkpoint that changed one codebook and one layer of a transformer."""
    results = imported.parents[1]
    base = results / "models" / "own" / "backbones" / "momask" / "all"
    folder = results / "checkpoints" / "own" / "momask" / "violence" / "edited"
    shutil.copytree(imported, base)
    names = {"tokenizer": "quantizer.layers.0.codebook", "masked": "cond_emb.weight"}
    delta = {
        f"{part}/{name}": storage.load_state(base / part / "model.safetensors")[name] + 1
        for part, name in names.items()
    }
    storage.save_state(folder / "delta.safetensors", delta)
    files.write_json(
        folder / "origin.json",
        {
            "dataset": "own",
            "backbone": "momask",
            "from": {
                name: {"sha256": files.sha256(base / name / "model.safetensors")} for name in names
            },
        },
    )
    yield folder, delta
    shutil.rmtree(results / "models" / "own")
    shutil.rmtree(results / "checkpoints")


@pytest.mark.parametrize("names", ["official", "short"])
def test_an_unlearned_checkpoint_loads_strictly(
    momask: Any, download: Path, unlearned: tuple[Path, dict[str, Tensor]], tmp_path: Path,
    names: str,
) -> None:  # fmt: skip
    folder, delta = unlearned
    out = tmp_path / "t2m"
    assert hmu("export", folder, out, "--names", names) == 0
    short = names == "short"
    rvq, masked, residual = ("rvq", "mtrans", "rtrans") if short else (RVQ, MASKED, RESIDUAL)
    best, latest = ("base.tar",) * 2 if short else ("net_best_fid.tar", "latest.tar")
    tokenizer = official_tokenizer(momask, out, rvq, best)
    edited = tokenizer.get_buffer("quantizer.layers.0.codebook")
    assert torch.equal(edited, delta["tokenizer/quantizer.layers.0.codebook"])
    transformer = official_masked(momask, out, masked, latest)
    assert torch.equal(transformer.cond_emb.weight, delta["masked/cond_emb.weight"])
    official_residual(momask, out, residual, best)
    official_length(momask, out)
    # Nothing of the old training is left that would lead back, and the rest is as it was.
    assert set(load(out / masked / "model" / latest)) == {"t2m_transformer", "ep", "total_it"}
    old = load(download / RESIDUAL / "model" / "net_best_fid.tar")
    assert trees_equal(old, load(out / residual / "model" / best))
    again = take(out, tmp_path / "results")
    for part in ("tokenizer", "masked", "residual", "length"):
        state = storage.load_state(bundle.find(folder).inputs[part])
        edited = {k.removeprefix(f"{part}/"): v for k, v in delta.items() if k.startswith(part)}
        assert trees_equal(
            {**state, **edited}, storage.load_state(again / part / "model.safetensors")
        )
    record = json.loads((out / "export.json").read_text())
    assert set(record["files"]) == set(official_files(out))
    for name, sha256 in record["files"].items():
        assert files.sha256(out / name) == sha256
    assert record["checkpoint"]["backbone"] == "momask"


def test_what_the_pipeline_trained_loads_strictly(momask: Any, tmp_path: Path) -> None:
    """Models of our own making, with no official file behind them."""
    sizes = TransformerSizes(
        latent=32, heads=4, layers=1, feedforward=40, codes=24, code_dim=12, quantizers=3
    )
    residual_sizes = ResidualSizes.of(sizes, cond_drop=0.1, share_weight=False)
    shape = TokenizerSizes(codes=24, code_dim=12, width=12, depth=1, down=1, quantizers=3)
    models: dict[str, tuple[nn.Module, Any]] = {
        "tokenizer": (Tokenizer(shape), shape),
        "masked": (MaskedTransformer(sizes), sizes),
        "residual": (ResidualTransformer(residual_sizes), residual_sizes),
        "length": (LengthEstimator(LengthSizes()), LengthSizes()),
    }
    for name, (model, size) in models.items():
        own = tmp_path / "all" / name
        config: dict[str, Any] = {"part": name, "kind": "momask", "sizes": size.model_dump()}
        if name == "tokenizer":
            config["normalisation"] = Normaliser(*scale(5)).as_json()
        storage.save(own / "model.safetensors", own / "config.json", model, config)
    out = tmp_path / "t2m"
    assert hmu("export", tmp_path / "all", out) == 0
    tokenizer, masked, residual = sorted(
        path.name for path in out.iterdir() if path.name.startswith(("rvq", "t2m", "tres"))
    )
    assert tokenizer == "rvq_nq3_dc12_nc24_noshare_qdp0.2"
    assert masked == "t2m_nlayer1_nhead4_ld32_ff40_cdp0.1_rvq3ns"
    assert residual == "tres_nlayer1_ld32_ff40_rvq3ns_cdp0.1"
    assert np.load(out / tokenizer / "meta/std.npy").tobytes() == scale(5)[1].tobytes()
    ids, text, padding = asked()
    official = official_masked(momask, out, masked, "latest.tar")
    with torch.no_grad():
        expected = official.trans_forward(ids, text, padding, force_mask=False).transpose(1, 2)
        found = models["masked"][0].eval().scores(ids, text, padding)
        assert gap(found[~padding], expected[~padding]) < TOLERANCE
    official_tokenizer(momask, out, tokenizer, "net_best_fid.tar")
    official_residual(momask, out, residual, "net_best_fid.tar")
    official_length(momask, out)


# --- files that are not to be trusted, or not whole -------------------------------------------


class Hostile:
    """Runs when unpickled."""

    def __reduce__(self) -> Any:
        return (exec, ("import os; os.environ['HMU_TEST_HOSTILE'] = 'ran'",))


@pytest.fixture(autouse=True)
def nothing_hostile_ran() -> Iterator[None]:
    yield
    assert os.environ.pop("HMU_TEST_HOSTILE", None) is None


def spoil(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        content = load(root / name)
        change(content)
        torch.save(content, root / name)

    return apply


def option(name: str, key: str, value: str | None) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        values = dict(options.Options.read(root / name / "opt.txt").values)
        if value is None:
            del values[key]
        else:
            values[key] = value
        options.write(root / name / "opt.txt", values)

    return apply


def cut(name: str) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        path = root / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return apply


def repacked(
    name: str, entry: str, change: Callable[[bytes], bytes], kind: int = zipfile.ZIP_STORED
) -> Callable[[Path], None]:
    """Another content, or compression, of one entry of an archive."""

    def apply(root: Path) -> None:
        with zipfile.ZipFile(root / name) as archive:
            contents = {each: archive.read(each) for each in archive.namelist()}
        with zipfile.ZipFile(root / name, "w") as archive:
            for each, content in contents.items():
                if each.partition("/")[2] == entry:
                    archive.writestr(each, change(content), kind)
                else:
                    archive.writestr(each, content)

    return apply


def odd(make: Callable[[], Tensor]) -> Callable[[Path], None]:
    return spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update(x=make()))


def endless() -> Tensor:
    """40 terabytes, in a file of one number."""
    return torch.zeros(1).expand(10**13)


def nested(depth: int, times: int) -> list[Any]:
    """Lists in lists, each ``times`` in the next."""
    made: list[Any] = []
    for _ in range(depth):
        made = [made] * times
    return made


def in_itself() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


VQ_FILE, MASKED_FILE = f"{RVQ}/model/net_best_fid.tar", f"{MASKED}/model/latest.tar"
BAMM_FILE = f"{BAMM}/model/latest.tar"
DEEP = b"N" + b"\x85" * 10**6
"""What a pickle says to put a million tuples into each other."""
LENGTH_FILE = "length_estimator/model/finest.tar"
ODD = "latest.tar .*asks for torch.*, which data do not need; download it again"
BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "hostile tokenizer": (
        lambda root: torch.save({"vq_model": Hostile()}, root / VQ_FILE),
        "net_best_fid.tar.*asks for .*exec",
    ),
    "hostile transformer": (
        spoil(MASKED_FILE, lambda content: content.update(scheduler=Hostile())),
        "latest.tar.*asks for .*exec",
    ),
    "hostile pickle": (
        lambda root: (root / MASKED_FILE).write_bytes(pickle.dumps(Hostile())),
        "latest.tar",
    ),
    "hostile evaluator": (
        spoil("text_mot_match/model/finest.tar", lambda content: content.update(epoch=Hostile())),
        "finest.tar.*asks for .*exec",
    ),
    "hostile length estimator": (
        lambda root: torch.save(
            {"estimator": Hostile()},
            root / "length_estimator/model/finest.tar",
            _use_new_zipfile_serialization=False,
        ),
        "finest.tar.*asks for .*exec",
    ),
    "hostile mean": (
        lambda root: (root / RVQ / "meta/mean.npy").write_bytes(pickle.dumps(Hostile())),
        r"meta.*mean\.npy or std\.npy .*pickle",
    ),
    "truncated weights": (cut(VQ_FILE), "net_best_fid.tar is not a whole file"),
    "truncated std": (cut(f"{RVQ}/meta/std.npy"), "mean.npy or std.npy"),
    "empty weights": (
        lambda root: (root / VQ_FILE).write_bytes(b""),
        "net_best_fid.tar is not a whole file",
    ),
    "a web page": (
        lambda root: (root / VQ_FILE).write_text("<!DOCTYPE html><title>Google Drive</title>"),
        r"net_best_fid.tar is a web page, not the file itself: download it again",
    ),
    "wrong shape": (
        spoil(
            VQ_FILE,
            lambda content: content["vq_model"].update({"encoder.model.0.bias": torch.zeros(3)}),
        ),
        r"net_best_fid.tar: tensor encoder.model.0.bias has shape \(3,\)",
    ),
    "not a number": (
        spoil(
            VQ_FILE, lambda content: content["vq_model"]["encoder.model.0.bias"].fill_(float("nan"))
        ),
        "net_best_fid.tar: tensor encoder.model.0.bias holds values that are not finite",
    ),
    "missing tensor": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].pop("token_emb.weight")),
        "latest.tar lacks tensor token_emb.weight",
    ),
    "unknown tensor": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update(x=torch.ones(2))),
        "latest.tar has tensor x",
    ),
    "another model's file": (
        lambda root: shutil.copy(root / VQ_FILE, root / MASKED_FILE),
        "latest.tar has no t2m_transformer",
    ),
    "a scale as precise as no model": (
        lambda root: np.save(root / RVQ / "meta/std.npy", np.ones(263, np.longdouble)),
        "mean.npy and std.npy hold float32 and float128: save both as float32",
    ),
    "a scale that is not finite": (
        lambda root: np.save(root / RVQ / "meta/mean.npy", np.full(263, np.nan, np.float32)),
        "meta: mean and std must be 263 finite numbers each, .*: copy or make it again",
    ),
    "a scale of nothing": (
        lambda root: np.save(root / RVQ / "meta/std.npy", np.zeros(263, np.float32)),
        "std above 0",
    ),
    "no weights": (lambda root: (root / VQ_FILE).unlink(), "has no net_best_fid.tar or base.tar"),
    "no options": (lambda root: (root / MASKED / "opt.txt").unlink(), "opt.txt is missing"),
    "binary options": (
        lambda root: (root / MASKED / "opt.txt").write_bytes(b"\xff\xfe"),
        "opt.txt cannot be read as text",
    ),
    "broken options": (
        lambda root: (root / MASKED / "opt.txt").write_text("latent_dim=32"),
        "opt.txt: line 1 is not",
    ),
    "an option too few": (option(MASKED, "n_heads", None), "opt.txt has no option n_heads"),
    "an option that is no number": (option(RVQ, "nb_code", "many"), "nb_code is 'many'"),
    "heads that do not divide": (option(MASKED, "n_heads", "5"), "5 n_heads cannot share"),
    "layers without end": (
        option(MASKED, "n_layers", "900000"),
        "opt.txt: n_layers is '900000', not a whole number from 1 to 64: copy the file again",
    ),
    "a dropout of all": (option(MASKED, "dropout", "1"), "dropout is 1.0, and should be less"),
    "quantizers without end": (option(RVQ, "num_quantizers", "9" * 9), "num_quantizers is '9"),
    "a width without end": (
        option(RVQ, "width", "9" * 12),
        "opt.txt: width is '9{12}', not a whole number from 1 to 1000000: copy the file again",
    ),
    "a line without end": (
        option(RVQ, "nb_code", "9" * 5000),
        r"opt.txt: line \d+ is far too long: copy the file again",
    ),
    "another activation": (option(RVQ, "vq_act", "silu"), "vq_act is silu"),
    "another size": (option(MASKED, "latent_dim", "64"), "tensor .* has shape"),
    "another tokenizer": (option(MASKED, "vq_name", "other"), "trained on the tokenizer other"),
    "two tokenizers": (
        lambda root: shutil.copytree(root / RVQ, root / "rvq_nq6_other"),
        "has more than one tokenizer",
    ),
    "a tensor without end": (
        spoil(VQ_FILE, lambda content: content["vq_model"].update(x=endless())),
        "net_best_fid.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "a tensor without end beside the weights": (
        spoil(MASKED_FILE, lambda content: content.update(x=[endless()])),
        "latest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "a tensor without end in an old file": (
        lambda root: torch.save(
            {"estimator": {"x": endless()}},
            root / LENGTH_FILE,
            _use_new_zipfile_serialization=False,
        ),
        "finest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "an axis without end": (
        spoil(LENGTH_FILE, lambda content: content["estimator"].update(x=torch.zeros(0, 10**13))),
        "finest.tar .*its tensors would take 4000.* bytes.*; download it again",
    ),
    "the same numbers again and again": (
        spoil(MASKED_FILE, lambda content: content.update(x=[content["t2m_transformer"]] * 5)),
        r"latest.tar .*its tensors would take \d+ bytes.*; download it again",
    ),
    "fewer numbers than it says": (
        repacked(VQ_FILE, "data/0", lambda content: content[:-4]),
        r"net_best_fid.tar .*storage 0 has \d+ bytes, not \d+; download it again",
    ),
    "fewer numbers than an old file says": (
        lambda root: (root / LENGTH_FILE).write_bytes((root / LENGTH_FILE).read_bytes()[:-4]),
        r"finest.tar .*storage \d+ has \d+ bytes, not \d+; download it again",
    ),
    "numbers the other way round": (
        repacked(VQ_FILE, "byteorder", lambda content: b"big"),
        "net_best_fid.tar .*another order of bytes; download it again",
    ),
    "a file that unpacks without end": (
        repacked(VQ_FILE, "data.pkl", bytes, zipfile.ZIP_DEFLATED),
        "net_best_fid.tar .*data.pkl is compressed; download it again",
    ),
    "a list in itself": (
        spoil(MASKED_FILE, lambda content: content.update(x=in_itself())),
        "latest.tar .*values in values, more than 50 of them; download it again",
    ),
    "lists in lists": (
        spoil(MASKED_FILE, lambda content: content.update(x=nested(100, 1))),
        "latest.tar .*values in values, more than 50 of them; download it again",
    ),
    "a list twice in a list, and so on": (
        spoil(MASKED_FILE, lambda content: content.update(x=nested(40, 2))),
        "latest.tar .*more than 100000 values; download it again",
    ),
    "a text again and again": (
        spoil(MASKED_FILE, lambda content: content.update(x=["x" * 10**5] * 100)),
        "latest.tar .*repeats its text without end; download it again",
    ),
    "a text that cannot be written": (
        spoil(MASKED_FILE, lambda content: content.update(x="\ud800")),
        "latest.tar .*surrogates not allowed; download it again",
    ),
    "a number too large": (
        spoil(MASKED_FILE, lambda content: content.update(x=[10**5000])),
        "latest.tar holds a number of 16610 bits at /x/0, which no .*: copy it again",
    ),
    "a name too long": (
        spoil(MASKED_FILE, lambda content: content.update({"x" * 501: 1})),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a name of two lines": (
        spoil(
            MASKED_FILE, lambda content: content["t2m_transformer"].update({"a\nb": torch.ones(2)})
        ),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a name that is no text": (
        spoil(MASKED_FILE, lambda content: content.update(x={(1, 2): torch.ones(2)})),
        "latest.tar .*a name that is no short text; download it again",
    ),
    "a tensor that has a number for its name": (
        spoil(MASKED_FILE, lambda content: content["t2m_transformer"].update({1: torch.ones(2)})),
        "latest.tar: t2m_transformer holds something else than tensors: copy it again",
    ),
    "a tuple in a tuple, and so on, as a name": (
        repacked(MASKED_FILE, "data.pkl", lambda content: b"}" + DEEP + b"Ns."),
        "latest.tar .*tuples and more in a tuple; download it again",
    ),
    "a tensor that changes when it is looked at": (
        repacked(MASKED_FILE, "data.pkl", lambda content: content.replace(b"QK", b"Q}bK", 1)),
        "latest.tar .*it changes what it has described; download it again",
    ),
    "memory for the asking": (
        spoil(MASKED_FILE, lambda content: content.update(x=bytearray(3))),
        "latest.tar .*asks for .*bytearray, which data do not need; download it again",
    ),
    "a sparse weight": (odd(lambda: torch.eye(3).to_sparse_csr()), ODD),
    "a weight without numbers": (odd(lambda: torch.ones(3, device="meta")), ODD),
    "a quantised weight": (
        odd(lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)),
        ODD,
    ),
    "a weight of eight bits": (odd(lambda: torch.ones(3).to(torch.float8_e4m3fn)), ODD),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:.*quantize_per_tensor")
def test_a_bad_file_is_refused_with_one_message(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    change, message = BAD[case]
    root = tmp_path / "t2m"
    shutil.copytree(lookalike, root)
    change(root)
    results = tmp_path / "results"
    assert hmu("import", root, "--to", results / "models/x", "--results", results) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(message, said), said
    assert "weights_only" not in said, "the advice of PyTorch is to trust the file"
    assert len(said) < 500
    assert not list(results.rglob(".part.*"))


def test_everything_is_imported_at_once(lookalike: Path, tmp_path: Path) -> None:
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    words = [source / "t2m", source / "ViT-B-32.pt", source / "glove"]
    words += ["--backbone", "momask", "--to", results / "all", "--results", results]
    assert hmu("import", *words) == 0
    parts = {"tokenizer", "masked", "residual", "length", "evaluator"}
    assert {path.name for path in (results / "all").iterdir()} == {
        *parts,
        "text_encoder",
        "word_vectors",
    }
    folder = results / "all" / "word_vectors"
    stored = Stored("word_vectors", folder / "model.safetensors", folder / "config.json")
    vectors = WordVectors.read(stored)
    table = np.load(source / "glove" / "our_vab_data.npy")
    assert np.array_equal(vectors.encode([["kick/VERB"]])[0][0, 1], table[WORDS.index("kick")])


@pytest.mark.parametrize(
    "name", ["ViT-B-32.pt", "glove/our_vab_words.pkl", "glove/our_vab_idx.pkl"]
)
def test_hostile_encoders_are_refused(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    (source / name).write_bytes(pickle.dumps(Hostile(), protocol=2))
    given = source / name.partition("/")[0]
    assert hmu("import", given, "--to", results / "x", "--results", results) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert Path(name).name in said
    assert "exec" in said


def test_weights_of_a_name_are_preferred(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, results = tmp_path / "t2m", tmp_path / "results"
    shutil.copytree(lookalike, root)
    content = load(root / VQ_FILE)
    content["vq_model"]["encoder.model.0.bias"] += 1
    torch.save(content, root / RVQ / "model" / "lcr_kick.tar")
    words = ["import", root, "--to", results / "x", "--results", results, "--file"]
    assert hmu(*words, "lcr_kick.tar") == 0
    state = storage.load_state(results / "x/tokenizer/model.safetensors")
    assert torch.equal(state["encoder.model.0.bias"], content["vq_model"]["encoder.model.0.bias"])
    assert hmu(*words, "lcr_kik.tar") == 2
    assert "No part has weights named lcr_kik.tar" in capsys.readouterr().err


def test_a_part_comes_from_one_place(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    words = ["--to", results / "x", "--results", results]
    assert hmu("import", lookalike, lookalike, *words) == 2
    assert "tokenizer would come from" in capsys.readouterr().err
    assert hmu("import", lookalike, *words, "--backbone", "bamm") == 2
    assert "There are no files of bamm: correct --backbone" in capsys.readouterr().err
    assert not (results / "x").exists()


def test_whose_parts_they_are_is_asked_where_it_cannot_be_told(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where two backbones lie beside each other, or only what both may use."""
    source, results = tmp_path / "official", tmp_path / "results"
    official_folder(lookalike, source)
    (tmp_path / "parts").mkdir()
    shutil.copytree(lookalike / RVQ, tmp_path / "parts" / RVQ)
    words = ["--to", results / "x", "--results", results]
    for folder in (source / "t2m", tmp_path / "parts"):
        assert hmu("import", folder, *words) == 2
        assert "those of bamm or of momask: pass --backbone" in capsys.readouterr().err
    assert hmu("import", tmp_path / "parts", *words, "--backbone", "bamm") == 0
    config = files.read_json(results / "x/tokenizer/config.json")
    assert (config["kind"], config["part"]) == ("bamm", "tokenizer")
    assert hmu("import", lookalike, "--to", results / "y", "--results", results) == 0
    assert files.read_json(results / "y/masked/config.json")["kind"] == "momask"


def test_what_official_code_cannot_load_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its width of the text is that of CLIP, and nothing in a file can tell it another."""
    sizes = TransformerSizes(latent=8, heads=2, layers=1, feedforward=8, codes=4, code_dim=4)
    shape = TokenizerSizes(codes=4, code_dim=4, width=4, depth=1)
    narrow, whole = TransformerSizes.of(sizes, text_dim=16), ResidualSizes.of(sizes)
    models: dict[str, tuple[nn.Module, Any]] = {
        "tokenizer": (Tokenizer(shape), shape),
        "masked": (MaskedTransformer(narrow), narrow),
        "residual": (ResidualTransformer(whole), whole),
    }
    for name, (model, size) in models.items():
        own = tmp_path / "all" / name
        config = {"part": name, "kind": "momask", "sizes": size.model_dump()}
        storage.save(own / "model.safetensors", own / "config.json", model, config)
    assert hmu("export", tmp_path / "all", tmp_path / "out") == 2
    assert "text_dim is 16, and the official code can only load models with 512" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()


def test_nothing_to_import_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hmu("import", tmp_path, "--to", tmp_path / "r/x", "--results", tmp_path / "r") == 2
    assert "has no official files" in capsys.readouterr().err
    assert hmu("import", tmp_path, "--to", tmp_path / "x", "--results", tmp_path / "r") == 2
    assert "is not inside" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda own: (own / "masked/training/remainder.safetensors").unlink(),
            "training/remainder.safetensors is missing",
        ),
        (
            lambda own: shutil.copy(
                own / "length/training/remainder.safetensors",
                own / "masked/training/remainder.safetensors",
            ),
            "masked/training/remainder.* and .*masked/origin.json are not of one import",
        ),
        (
            lambda own: (own / "masked/model.safetensors").write_bytes(b"short"),
            "masked/model.safetensors is not a whole safetensors file",
        ),
        (lambda own: shutil.rmtree(own / "evaluator"), "has no evaluator"),
        (lambda own: shutil.rmtree(own / "residual"), "has no residual/model.safetensors"),
    ],
    ids=["no remainder", "another's remainder", "short weights", "no evaluator", "no residual"],
)  # fmt: skip
def test_what_cannot_be_exported_is_said_and_nothing_written(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object], message: str,
) -> None:  # fmt: skip
    imported = take(lookalike, tmp_path / "results")
    damage(imported)
    capsys.readouterr()
    assert hmu("export", imported, tmp_path / "out", "--evaluator") == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(message, said), said
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_places_that_cannot_be_written_are_named(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = take(lookalike, tmp_path / "results")
    (tmp_path / "file").write_text("mine")
    assert hmu("export", imported, tmp_path / "file" / "out") == 2
    assert "file/out cannot be written" in capsys.readouterr().err
    words = ["--to", tmp_path / "file" / "x", "--results", tmp_path / "file"]
    assert hmu("import", lookalike, *words) == 2
    assert "file/x cannot be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_an_export_says_what_it_holds(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = take(lookalike, tmp_path / "results")
    shutil.rmtree(imported / "length")
    capsys.readouterr()
    assert hmu("export", imported, tmp_path / "out") == 0
    assert capsys.readouterr().out.endswith(": tokenizer, masked, residual\n")


def test_a_model_of_our_own_names_the_data_it_was_trained_on(
    lookalike: Path, tmp_path: Path
) -> None:
    """The reference looks for the files of a model in a folder named so."""
    imported = take(lookalike, tmp_path / "results")
    for path in imported.glob("*/origin.json"):
        path.unlink()
    for words, name in (((), "t2m"), (("--dataset-name", "Motion-X"), "Motion-X")):
        assert hmu("export", imported, tmp_path / name, "--names", "short", *words) == 0
        for folder in ("rvq", "mtrans", "rtrans"):
            values = options.Options.read(tmp_path / name / folder / "opt.txt").values
            assert values["dataset_name"] == name


def test_an_export_overwrites_nothing(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported, full = take(lookalike, tmp_path / "results"), tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("mine")
    assert hmu("export", imported, full) == 2
    assert "give a new directory" in capsys.readouterr().err
    assert [path.name for path in full.iterdir()] == ["kept"]
    assert hmu("export", full, tmp_path / "new") == 2
    assert "has no transformer of bamm or momask" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_lineage_knows_the_official_files(
    lookalike: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = take(lookalike, tmp_path / "results") / "masked" / "model.safetensors"
    assert hmu("verify", weights) == 0
    capsys.readouterr()
    assert hmu("lineage", "--json", weights) == 0
    way = capsys.readouterr().out
    assert files.sha256(lookalike / MASKED_FILE) in way
    assert files.sha256(lookalike / RVQ / "opt.txt") in way


# --- in the workflow --------------------------------------------------------------------------

WORDS = ["unk", "sos", "eos", "a", "person", "walk", "kick"]


def official_folder(lookalike: Path, to: Path) -> None:
    """Everything that the workflow can take: weights of MoMask and BAMM, CLIP, GloVe."""
    shutil.copytree(lookalike, to / "t2m")
    sizes = TransformerSizes(
        latent=32, heads=4, layers=2, feedforward=48, codes=24, code_dim=20, quantizers=4
    )
    own = {"name": BAMM, "checkpoints_dir": "./log/t2m", "trans": "official"}
    write(to / "t2m" / BAMM, TRANSFORMER_OPTIONS | own)
    content = {"t2m_transformer": bamm.MaskedTransformer(sizes).state_dict(), "ep": 7}
    save(to / "t2m" / BAMM, "latest.tar", content)
    tower = random_tower(ClipSizes(width=64, heads=1, layers=1, dim=512), 0)
    torch.save(tower.state_dict(), to / "ViT-B-32.pt")
    (to / "glove").mkdir()
    table = np.random.default_rng(0).standard_normal((len(WORDS), 300)).astype(np.float32)
    np.save(to / "glove" / "our_vab_data.npy", table)
    (to / "glove" / "our_vab_words.pkl").write_bytes(pickle.dumps(WORDS))
    index = {word: row for row, word in enumerate(WORDS)}
    (to / "glove" / "our_vab_idx.pkl").write_bytes(pickle.dumps(index))


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


def cast(path: Path, key: str, to: torch.dtype) -> None:
    """Store the weights of an official file in another type, as people do to halve it."""
    content = load(path)
    for name, tensor in content[key].items():
        content[key][name] = tensor.to(to) if tensor.is_floating_point() else tensor
    torch.save(content, path)


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


def test_sizes_that_do_not_fit_the_official_ones_are_refused(
    lookalike: Path, tmp_path: Path
) -> None:
    expected = {"codes": 24, "code_dim": 64}
    job = Job(
        "import_part",
        layout.inputs(releases.parts("momask"), "tokenizer", lookalike),
        {name: tmp_path / name for name in ("model", "config", "origin", "training")},
        {
            "part": "tokenizer",
            "kind": "momask",
            "section": "backbones.big.tokenizer",
            "expected": expected,
        },
    )
    with pytest.raises(InputError, match=r"big\.tokenizer\.code_dim is 64; write code_dim: 20"):
        import_part.run(job)
