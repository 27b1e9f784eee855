"""A TMR checkpoint as its repository gives it out: read strictly, and what it then says.

Names, shapes and files are written down here from Mathux/TMR (src/model/actor.py, src/load.py,
src/data/motion.py, configs/model/tmr.yaml), not taken from our network; PyTorch's own encoder
computes what its weights mean.
"""

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hmu.descriptors import tmr as descriptor
from hmu.errors import InputError
from hmu.interface.descriptors import DescriptorContext, Motion
from hmu.io import files as io_files
from hmu.motion.normalise import FEATURES
from hmu.official import tmr
from hmu.run.job import Job
from hmu.sections.tmr import TmrSizes
from hmu.steps import import_tmr
from support import reference_tmr
from support.reference import gap
from support.reference_tmr import told

CPU = torch.device("cpu")
WORDS = 768
"""Values of a token of DistilBERT."""
RELEASED = {"latent_dim": 256, "ff_size": 1024, "num_layers": 6, "num_heads": 4}
SMALL = {"latent_dim": 16, "ff_size": 24, "num_layers": 2, "num_heads": 2}
TOLERANCE = 2e-6


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        yield


def encoder(size: int, shape: dict[str, int]) -> dict[str, Tensor]:
    """The tensors of an encoder of sequences of ``size`` values, by their names in its file."""
    latent, inner = shape["latent_dim"], shape["ff_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "tokens": (2, latent),
        "projection.weight": (latent, size),
        "projection.bias": (latent,),
    }
    for number in range(shape["num_layers"]):
        own = {
            "self_attn.in_proj_weight": (3 * latent, latent),
            "self_attn.in_proj_bias": (3 * latent,),
            "self_attn.out_proj.weight": (latent, latent),
            "self_attn.out_proj.bias": (latent,),
            "linear1.weight": (inner, latent),
            "linear1.bias": (inner,),
            "linear2.weight": (latent, inner),
            "linear2.bias": (latent,),
            "norm1.weight": (latent,),
            "norm1.bias": (latent,),
            "norm2.weight": (latent,),
            "norm2.bias": (latent,),
        }
        shapes |= {f"seqTransEncoder.layers.{number}.{name}": each for name, each in own.items()}
    return {name: 0.1 * torch.randn(each) for name, each in shapes.items()}


def release(folder: Path, shape: dict[str, int]) -> Path:
    """A clone of the repository with a downloaded model, of which this is the folder.

    Beside the two encoders lies the decoder, which nobody here reads; the options are those of the
    whole training; and the scale lies where the repository has it.
    """
    model = folder / "models/tmr_humanml3d_guoh3dfeats"
    (model / "last_weights").mkdir(parents=True)
    sizes = {"motion_encoder": FEATURES, "text_encoder": WORDS}
    options: dict[str, Any] = {"vae": True, **shape, "dropout": 0.1, "activation": "gelu"}
    said: dict[str, Any] = {"_target_": "src.model.TMR", "vae": True, "temperature": 0.1}
    for name, size in sizes.items():
        torch.save(encoder(size, shape), model / f"last_weights/{name}.pt")
        said[name] = {"_target_": "src.model.ACTORStyleEncoder", "nfeats": size, **options}
    torch.save({"final_layer.weight": torch.zeros(2)}, model / "last_weights/motion_decoder.pt")
    config = {"run_dir": "outputs/tmr", "seed": 1234, "data": {"preload": True}, "model": said}
    (model / "config.json").write_text(json.dumps(config, indent=4))
    stats = folder / "stats/humanml3d/guoh3dfeats"
    stats.mkdir(parents=True)
    torch.save(torch.randn(FEATURES), stats / "mean.pt")
    torch.save(torch.rand(FEATURES) + 0.5, stats / "std.pt")
    return model


def imported(model: Path, to: Path) -> dict[str, Path]:
    """What the step makes of the files that are found in the folder of a checkpoint."""
    to.mkdir()
    names = {"model": "model.safetensors", "config": "config.json", "origin": "origin.json"}
    outputs = {key: to / name for key, name in names.items()} | {"training": to / "training"}
    import_tmr.run(Job("import_tmr", tmr.checkpoint(model), outputs))
    return outputs


def opened(outputs: dict[str, Path], folder: Path, tokens: dict[str, Tensor]) -> Any:
    """The descriptor, with the embeddings of the tokens of captions, as the user supplies them."""
    stem = f"{folder}/distilbert-base-uncased"
    ends = np.cumsum([len(each) for each in tokens.values()])
    np.save(f"{stem}.npy", torch.cat(list(tokens.values())).numpy())
    np.save(f"{stem}_slice.npy", np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1))
    index = {caption: number for number, caption in enumerate(tokens)}
    Path(f"{stem}_index.json").write_text(json.dumps(index))
    inputs = {"tmr": outputs["model"], "tmr_config": outputs["config"]}
    given = {**inputs, **tmr.token_embeddings(folder)}
    return descriptor.load(DescriptorContext(given, {}, 0, CPU))


def mean_of(state: dict[str, Tensor], x: Tensor, heads: int) -> Tensor:
    """The mean (latent,) that an encoder of these tensors says of one sequence (S, size)."""
    latent, inner = state["tokens"].shape[1], len(state["seqTransEncoder.layers.0.linear1.bias"])
    layer = nn.TransformerEncoderLayer(latent, heads, inner, activation="gelu", batch_first=True)
    stack = nn.TransformerEncoder(layer, sum(name.endswith("norm1.bias") for name in state)).eval()
    prefix = "seqTransEncoder."
    own = {name.removeprefix(prefix): each for name, each in state.items() if prefix in name}
    stack.load_state_dict(own, strict=True)
    seen = torch.cat([state["tokens"], x @ state["projection.weight"].T + state["projection.bias"]])
    place, value = torch.arange(len(seen))[:, None].double(), torch.arange(latent)
    angle = place / 10_000 ** ((value - value % 2) / latent)
    seen = seen + torch.where(value % 2 == 0, angle.sin(), angle.cos()).float()
    with torch.no_grad():
        found: Tensor = stack(seen[None])[0, 0]
    return found


@pytest.mark.parametrize("shape", [SMALL, RELEASED], ids=["small", "released"])
def test_a_released_checkpoint_says_what_its_weights_mean(
    shape: dict[str, int], tmp_path: Path
) -> None:
    model = release(tmp_path / "TMR", shape)
    outputs = imported(model, tmp_path / "ours")
    tokens = {name: torch.randn(length, WORDS) for name, length in (("kick", 5), ("a walk", 9))}
    found = opened(outputs, tmp_path, tokens)
    motions = [torch.randn(length, FEATURES) for length in (40, 196)]

    weights = {
        name: torch.load(model / f"last_weights/{name}.pt", weights_only=True)
        for name in ("motion_encoder", "text_encoder")
    }
    stats = tmp_path / "TMR/stats/humanml3d/guoh3dfeats"
    mean, std = (torch.load(stats / f"{name}.pt", weights_only=True) for name in ("mean", "std"))
    heads = shape["num_heads"]
    seen = found.motions([Motion(features=each) for each in motions])
    wanted = [mean_of(weights["motion_encoder"], (each - mean) / std, heads) for each in motions]
    assert gap(torch.from_numpy(seen), torch.stack(wanted)) < TOLERANCE
    wanted = [mean_of(weights["text_encoder"], each, heads) for each in tokens.values()]
    assert gap(torch.from_numpy(found.texts([*tokens])), torch.stack(wanted)) < TOLERANCE
    sizes = io_files.read_json(outputs["config"])["sizes"]
    assert (sizes["features"], sizes["text_dim"]) == (FEATURES, WORDS)


LAST = "seqTransEncoder.layers.1."
CHANGES = {
    "lacks": ({f"{LAST}norm2.bias": None}, rf"lacks tensor text_encoder\.{LAST}norm2\.bias"),
    "one more": ({"fc.weight": torch.zeros(2)}, r"has tensor text_encoder\.fc\.weight"),
    "a layer more": (
        {f"{LAST.replace('1', '2')}norm1.bias": torch.zeros(16)},
        r"has tensor text_encoder\.seqTransEncoder\.layers\.2",
    ),
    "another shape": (
        {"projection.weight": torch.zeros(16, 512)},
        r"projection\.weight has shape \(16, 512\), the model expects \(16, 768\)",
    ),
    "not finite": ({"tokens": torch.full((2, 16), torch.nan)}, r"tokens holds values that are not"),
    "no tensors": ({"tokens": "none"}, r"text_encoder\.pt: .* something else than tensors"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=[*CHANGES])
def test_a_file_that_is_not_whole_is_refused(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    model = release(tmp_path / "TMR", SMALL)
    path = model / "last_weights/text_encoder.pt"
    state = {**torch.load(path, weights_only=True), **change}
    torch.save({name: each for name, each in state.items() if each is not None}, path)
    with pytest.raises(InputError, match=said) as caught:
        imported(model, tmp_path / "ours")
    assert "last_weights" in str(caught.value)
    assert not (tmp_path / "ours/model.safetensors").exists()


def test_what_is_missing_is_named_with_where_to_find_it(tmp_path: Path) -> None:
    model = release(tmp_path / "TMR", SMALL)
    (tmp_path / "TMR/stats/humanml3d/guoh3dfeats/std.pt").rename(tmp_path / "std.pt")
    with pytest.raises(InputError, match=r"std\.pt is missing: copy it from stats/humanml3d/guoh3"):
        tmr.checkpoint(model)
    (model / "last_weights/motion_encoder.pt").unlink()
    with pytest.raises(InputError, match=r"motion_encoder\.pt is missing.*after its extract\.py"):
        tmr.checkpoint(model)


@pytest.fixture(scope="module")
def reference() -> Iterator[types.SimpleNamespace]:
    """The modules of Mathux/TMR."""
    with reference_tmr.modules() as found:
        yield found


def test_what_their_extract_makes_of_a_training_is_read_as_they_read_it(
    reference: types.SimpleNamespace, tmp_path: Path
) -> None:
    """From a checkpoint of Lightning, by their extract.py; seen in their scale; by their encoders,
    whole batches with padding."""
    model = release(tmp_path / "TMR", SMALL)
    sizes = TmrSizes(latent=16, heads=2, layers=2, feedforward=24, text_dim=WORDS)
    them = reference_tmr.model(reference, sizes)
    (model / "logs/checkpoints").mkdir(parents=True)
    torch.save({"state_dict": them.state_dict()}, model / "logs/checkpoints/last.ckpt")
    reference.load.extract_ckpt(str(model))
    decoder = torch.load(model / "last_weights/motion_decoder.pt", weights_only=True)
    assert "final_layer.bias" in decoder, "theirs wrote all three"

    tokens = {name: torch.randn(length, WORDS) for name, length in (("kick", 5), ("a walk", 9))}
    found = opened(imported(model, tmp_path / "ours"), tmp_path, tokens)
    scale = reference.motion.Normalizer(str(tmp_path / "TMR/stats/humanml3d/guoh3dfeats"))
    motions = [torch.randn(length, FEATURES) for length in (40, 60)]
    for own, each in (
        (found.motions([Motion(features=each) for each in motions]), [*map(scale, motions)]),
        (found.texts([*tokens]), [*tokens.values()]),
    ):
        lengths = torch.tensor([len(one) for one in each])
        given = told(nn.utils.rnn.pad_sequence(each, batch_first=True), lengths)
        with torch.no_grad():
            wanted = them.encode(given, sample_mean=True)
        assert gap(torch.from_numpy(own), wanted) < TOLERANCE
