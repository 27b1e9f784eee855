"""Official files made small, of weights that are random, and how the official code reads them."""

import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.text import random_tower
from hmu import cli
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.generation import bundle
from hmu.models import storage
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.stored import Stored
from hmu.models.tokenizer import Tokenizer
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

TOLERANCE = 1e-4
RVQ = "rvq_nq4_dc20_nc24_noshare_qdp0.2"
MASKED = "t2m_nlayer2_nhead4_ld32_ff48_cdp0.1_rvq4ns"
RESIDUAL = "tres_nlayer2_ld32_ff48_rvq4ns_cdp0.2_sw"
BAMM = "2024-02-14-14-27-29_8_GPT_officialTrans_2iterPrdictEnd"
VQ_FILE, MASKED_FILE = f"{RVQ}/model/net_best_fid.tar", f"{MASKED}/model/latest.tar"
BAMM_FILE = f"{BAMM}/model/latest.tar"
LENGTH_FILE = "length_estimator/model/finest.tar"


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


def take(source: Path, results: Path) -> Path:
    """`hmu import`, which must succeed; the directory that it makes."""
    assert hmu("import", source, "--to", results / "models" / "released", "--results", results) == 0
    return results / "models" / "released"


def hmu(*words: object) -> int:
    return cli.main([str(word) for word in words])


def part(folder: Path, name: str, build: Any, sizes: Any) -> Any:
    model = Stored.among(bundle.find(folder).inputs, name)
    return storage.load(build, sizes, model, torch.device("cpu"))


def asked() -> tuple[Tensor, Tensor, Tensor]:
    """Codes (B, L), text (B, 512), padding (B, L)."""
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(0, 24, (3, 9), generator=generator)
    padding = torch.arange(9) >= torch.tensor([9, 5, 7]).unsqueeze(1)
    return ids, torch.randn(3, 512, generator=generator), padding


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
