"""One part of an official model, from its files to what is ours: tensors, sizes and scale."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hmu.errors import InputError
from hmu.io import arrays
from hmu.models import storage
from hmu.motion.normalise import Normaliser
from hmu.official import archive, names, remainder, sizes
from hmu.official.options import Options
from hmu.official.parts import Files, Part
from hmu.run.job import Inputs, one

CLIP = "clip_model."
"""Names of the text encoder's tensors, which some transformers carry along."""


@dataclass(frozen=True)
class Imported:
    """A part: its tensors, its sizes and scale (for ``config.json``), and tensors of the file that
    no model of ours uses.

    ``official`` says what an export needs beside them: options, keys, file and folder, and the
    rest of the file as `remainder.split` gives it.
    """

    state: Mapping[str, Tensor]
    config: Mapping[str, Any]
    official: Mapping[str, Any]
    remainder: Mapping[str, Tensor]


def read(part: Part, inputs: Inputs, network: Callable[[Any], nn.Module]) -> Imported:
    """Read a part from the files that `layout.inputs` lists; ``network`` makes ours of its sizes.

    Raises InputError, naming the file, when one is missing, damaged, hostile, or of another model.
    """
    weights = one(inputs, "weights")
    content = archive.read(weights)
    if archive.is_plain(content):
        content = _placed(content, part)
    state: dict[str, Tensor] = {}
    keys = []
    for spellings in part.keys:
        key = next((each for each in spellings if each in content), spellings[0])
        found = archive.tensors(content.pop(key, None), key, weights)
        others = {each: found.pop(each) for each in list(found) if each.startswith(CLIP)}
        if others:
            content[key] = others
        state |= {f"{key}.{each}" if part.grouped else each: found[each] for each in found}
        keys.append(key)
    options = _options(inputs, "options")
    files = Files(weights, state, options, _options(inputs, "tokenizer_options"))
    found_sizes = sizes.read(part, files)
    with torch.device("meta"):  # names and shapes are all that is asked of it
        model = network(found_sizes)
    storage.check_state(state, model, weights, "give the weights and opt.txt of one model")
    rest, tensors = remainder.split(content, weights)
    official = {
        "folder": weights.parent.parent.name,
        "file": weights.name,
        "keys": keys,
        "options": dict(options.values) if options else None,
        "remainder": rest,
    }
    config = {"sizes": found_sizes.model_dump()}
    if "mean" in inputs:
        config["normalisation"] = _scale(inputs).as_json()
    return Imported(state, config, official, tensors)


def _placed(state: Mapping[str, Tensor], part: Part) -> dict[str, Any]:
    """Tensors alone, as in a safetensors file, put where the official file has them: by the key
    before their names, or all under the only key of the part. What is left stands beside them."""
    left = names.unwrapped(state)
    content: dict[str, Any] = dict.fromkeys(part.counters, 0)
    for spellings in part.keys:
        for key in spellings:
            own = [name for name in left if name.startswith(f"{key}.")]
            if own:
                content[key] = {name.removeprefix(f"{key}."): left.pop(name) for name in own}
                break
        else:
            if not part.grouped:
                content[spellings[0]], left = left, {}
    return content | left


def _options(inputs: Inputs, name: str) -> Options | None:
    return Options.read(one(inputs, name)) if name in inputs else None


def _scale(inputs: Inputs) -> Normaliser:
    """Mean and std as the official code saved them: the feature bias is in them already."""
    folder = one(inputs, "mean").parent
    mean, std = (_array(one(inputs, name)) for name in ("mean", "std"))
    if max(mean.itemsize, std.itemsize) > 8:
        raise InputError(
            f"{folder}: mean.npy and std.npy hold {mean.dtype} and {std.dtype}: "
            "save both as float32."
        )
    return Normaliser(mean, std).checked(folder)


def _array(path: Path) -> np.ndarray:
    try:
        return arrays.read_array(path)
    except arrays.BadArray as error:
        raise InputError(f"{path} {error.told('copy mean.npy and std.npy again')}.") from error
