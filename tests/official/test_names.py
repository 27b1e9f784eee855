"""Weights that others wrote anew: prefixes of wrappers, safetensors, other libraries' names."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.text import random_tower
from hmu.errors import InputError
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.official import archive, clip, layout, names, reading, shared
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.text_encoder import ClipSizes

State = Mapping[str, Tensor]
KEYS = {"length": "estimator", "evaluator": None}
"""Under which key the official file has a part; each encoder of the evaluator has its own."""


@pytest.fixture(scope="module", params=KEYS)
def part(request: pytest.FixtureRequest) -> tuple[str, dict[str, Tensor]]:
    """A part of the official download, and its tensors."""
    torch.manual_seed(0)
    sizes = EvaluatorSizes(movement_hidden=24, movement_latent=20)
    made: dict[str, Callable[[], nn.Module]] = {
        "length": lambda: LengthEstimator(LengthSizes()),
        "evaluator": lambda: Evaluator(sizes),
    }
    return request.param, made[request.param]().state_dict()


def official(name: str, state: State, prefix: str = "") -> dict[str, Any]:
    """The content of the official file."""
    key = KEYS[name]
    if key is not None:
        return {key: {f"{prefix}{each}": value for each, value in state.items()}, "epoch": 3}
    content: dict[str, Any] = {"epoch": 3}
    for each, value in state.items():
        encoder, _, rest = each.partition(".")
        content.setdefault(encoder, {})[f"{prefix}{rest}"] = value
    return content


def read(name: str, inputs: Mapping[str, Path]) -> reading.Imported:
    networks = {"length": LengthEstimator, "evaluator": Evaluator}
    return reading.read(shared.PARTS[name], inputs, networks[name])


def same(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[each], other[each]) for each in one)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_what_wraps_a_model_is_no_part_of_its_names(
    part: tuple[str, dict[str, Tensor]], tmp_path: Path, prefix: str
) -> None:
    name, state = part
    torch.save(official(name, state, prefix), tmp_path / "finest.tar")
    found = read(name, {"weights": tmp_path / "finest.tar"})
    assert same(found.state, state)


def test_a_wrapper_inside_a_model_is_none_of_its_parts_either() -> None:
    """As torch.compile of one layer leaves it."""
    assert names.unwrapped({"encoder._orig_mod.0.weight": 1}) == {"encoder.0.weight": 1}


def test_two_tensors_never_become_one() -> None:
    both = {"module.a": 1, "a": 2}
    assert names.unwrapped(both) == both


@pytest.mark.parametrize("prefix", ["", "module.", "KEY."])
@pytest.mark.parametrize("file", ["finest.safetensors", "finest.tar", "pytorch_model.bin"])
def test_tensors_alone_are_read_whatever_holds_them(
    part: tuple[str, dict[str, Tensor]], tmp_path: Path, prefix: str, file: str
) -> None:
    name, state = part
    before = prefix.replace("KEY", KEYS[name] or "module")
    told = {f"{before}{each}": value.clone() for each, value in state.items()}
    folder = tmp_path / shared.PARTS[name].place.folder / "model"
    folder.mkdir(parents=True)
    if file.endswith(".safetensors"):
        save_file(told, folder / file)
    else:
        torch.save(told, folder / file)
    scale = tmp_path / "Comp_v6_KLD005"
    (scale / "meta").mkdir(parents=True)
    (scale / "opt.txt").write_text("name: x\n")
    for each in ("mean", "std"):
        np.save(scale / "meta" / f"{each}.npy", np.ones(263, np.float32))
    found = read(name, layout.inputs(shared.PARTS, name, tmp_path))
    assert same(found.state, state)
    # The official code asks an export for the number of the epoch.
    assert "epoch" in json.dumps(found.official["remainder"])


def test_what_belongs_to_no_part_stands_beside_it(tmp_path: Path) -> None:
    state = Evaluator(EvaluatorSizes()).state_dict()
    told = {**state, "other.weight": torch.ones(2)}
    save_file({each: value.clone() for each, value in told.items()}, tmp_path / "w.safetensors")
    found = read("evaluator", {"weights": tmp_path / "w.safetensors"})
    assert same(found.state, state)
    assert [value.tolist() for value in found.remainder.values()] == [[1, 1]]


# CLIP


def of_transformers(state: State) -> dict[str, Tensor]:
    """The names that transformers gives CLIP's tower, with a bit of the rest of its model."""
    found = {
        "logit_scale": torch.ones(()),
        "vision_model.embeddings.class_embedding": torch.ones(2),
    }
    for name, value in state.items():
        match name.split("."):
            case ["token_embedding", "weight"]:
                found["text_model.embeddings.token_embedding.weight"] = value
            case ["positional_embedding"]:
                found["text_model.embeddings.position_embedding.weight"] = value
                found["text_model.embeddings.position_ids"] = torch.arange(len(value))
            case ["text_projection"]:
                found["text_projection.weight"] = value.t()
            case ["ln_final", kind]:
                found[f"text_model.final_layer_norm.{kind}"] = value
            case ["transformer", "resblocks", number, *rest]:
                layer = f"text_model.encoder.layers.{number}"
                match rest:
                    case ["attn", joined] if joined.startswith("in_proj_"):
                        kind = joined.removeprefix("in_proj_")
                        for third, each in zip("qkv", value.chunk(3), strict=True):
                            found[f"{layer}.self_attn.{third}_proj.{kind}"] = each
                    case ["attn", "out_proj", kind]:
                        found[f"{layer}.self_attn.out_proj.{kind}"] = value
                    case ["mlp", which, kind]:
                        own = {"c_fc": "fc1", "c_proj": "fc2"}[which]
                        found[f"{layer}.mlp.{own}.{kind}"] = value
                    case [norm, kind]:
                        found[f"{layer}.layer_norm{norm[-1]}.{kind}"] = value
    return found


WRITTEN: dict[str, Callable[[State], dict[str, Any]]] = {
    "transformers": of_transformers,
    "open_clip": lambda state: (
        {f"text.{n}": value for n, value in state.items()}
        | {"visual.proj": torch.ones(2), "logit_scale": torch.ones(())}
    ),
    "a training of open_clip": lambda state: {
        "epoch": 1,
        "state_dict": {f"module.{n}": value for n, value in state.items()},
    },
    "OpenAI": dict,
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("ending", ["bin", "safetensors"])
def test_clip_is_read_by_the_names_of_other_libraries(
    tmp_path: Path, written: str, ending: str
) -> None:
    tower = random_tower(ClipSizes(width=64, heads=1, layers=2, dim=32, vocabulary=100), 0)
    content = WRITTEN[written](tower.state_dict())
    path = tmp_path / f"model.{ending}"
    if ending == "bin":
        torch.save(content, path)
    else:
        flat = content.get("state_dict", content)
        save_file({name: value.contiguous() for name, value in flat.items()}, path)
    assert same(clip.read(path).state_dict(), tower.state_dict())


# What is no file of weights


def _tar(path: Path) -> None:
    with tarfile.open(path, "w") as stream:
        entry = tarfile.TarInfo("net_best_fid")
        entry.size = 3
        stream.addfile(entry, io.BytesIO(b"abc"))


def _zip(names: list[str]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as stream:
            for name in names:
                stream.writestr(name, "x")

    return write


FORMS: dict[str, Callable[[Path], object]] = {
    "is a gzip archive: unpack it": lambda path: path.write_bytes(gzip.compress(b"weights")),
    "is a tar archive of files: unpack it": _tar,
    r"is a zip archive of other files \(mean.npy, std.npy\): unpack it": _zip(
        ["mean.npy", "std.npy"]
    ),
    r"is a TorchScript program: save its state_dict\(\)": _zip(
        ["m/constants.pkl", "m/data.pkl", "m/code/x.py"]
    ),
    "is an array of NumPy": lambda path: np.save(path.open("wb"), np.ones(3)),
    "is a text of JSON": lambda path: path.write_text('{"weight_map": {}}'),
    "is an HDF5 file": lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600)),
    "is a Git LFS pointer": lambda path: path.write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_file_of_weights_is_named(tmp_path: Path, form: str) -> None:
    path = tmp_path / "finest.tar"
    FORMS[form](path)
    with pytest.raises(InputError, match=form):
        archive.read(path)


def test_a_safetensors_file_is_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "finest.safetensors"
    save_file({"a": torch.ones(100)}, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        archive.read(path)


def test_weights_of_eight_bits_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "finest.safetensors"
    save_file({"a": torch.ones(3).to(torch.float8_e4m3fn)}, path)
    with pytest.raises(InputError, match="tensor a is float8_e4m3fn: give the weights in float32"):
        archive.read(path)
