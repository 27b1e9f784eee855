"""TMR's files: the checkpoint of its two encoders, their scale, and token embeddings of captions.

Mathux/TMR: extract.py (``last_weights``), src/config.py (``config.json``), src/data/motion.py
(``mean.pt``, ``std.pt``), src/data/text.py (token embeddings). Nothing here imports torch before a
file is read: planning looks for the files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Inputs, one
from hmu.sections.base import wrong_value
from hmu.sections.tmr import TmrSizes

if TYPE_CHECKING:
    from torch import Tensor

    from hmu.motion.normalise import Normaliser

ENCODERS = ("motion_encoder", "text_encoder")
_STATISTICS = Path("stats/humanml3d/guoh3dfeats")
"""Where TMR's repository has the scale. Downloaded checkpoints lie in its folder ``models``."""
_TOKENS = {
    "token_vectors": "distilbert-base-uncased.npy",
    "token_slices": "distilbert-base-uncased_slice.npy",
    "token_index": "distilbert-base-uncased_index.json",
}
_SIZES = {
    "features": "nfeats",
    "latent": "latent_dim",
    "heads": "num_heads",
    "layers": "num_layers",
    "feedforward": "ff_size",
    "dropout": "dropout",
}
"""Ours, and what an encoder's options call them."""
_ONLY = {"vae": True, "activation": "gelu"}
"""The architecture that ours has."""


def checkpoint(folder: Path) -> dict[str, Path]:
    """The files of a checkpoint, by the names that its import knows them by. Raises InputError when
    one is missing."""
    found = {name: folder / "last_weights" / f"{name}.pt" for name in ENCODERS}
    found["options"] = folder / "config.json"
    scales = [folder, folder.parent.parent / _STATISTICS]
    scale = next((each for each in scales if (each / "mean.pt").is_file()), folder)
    found |= {name: scale / f"{name}.pt" for name in ("mean", "std")}
    for name, path in found.items():
        if not path.is_file():
            remedy = (
                f"copy it from {_STATISTICS} of TMR's repository"
                if name in ("mean", "std")
                else "give the whole folder of a TMR checkpoint, after its extract.py"
            )
            raise InputError(f"{path} is missing: {remedy}.")
    return found


def token_embeddings(folder: Path) -> dict[str, Path]:
    """The three files of token embeddings, by the names of inputs. Raises InputError when one is
    missing."""
    found = {name: folder / file for name, file in _TOKENS.items()}
    for path in found.values():
        if not path.is_file():
            raise InputError(
                f"{path} is missing: give the folder token_embeddings that TMR's "
                "prepare/text_embeddings.py fills."
            )
    return found


def sizes(options: Path) -> TmrSizes:
    """The sizes that the options of a checkpoint say. Raises InputError when they are damaged, or
    of an architecture that ours is not."""
    return _sizes(files.read_json(options, "copy it again"), options)


def read(inputs: Inputs) -> tuple[dict[str, Tensor], TmrSizes, Normaliser]:
    """The tensors of both encoders, their sizes, and the scale in which they see motions, from the
    files of :func:`checkpoint`.

    Raises InputError, naming the file, when one is damaged, hostile, or of another model.
    """
    import torch

    from hmu.models import storage
    from hmu.models.tmr import Tmr
    from hmu.official import archive

    state = {
        f"{name}.{each}": tensor
        for name in ENCODERS
        for each, tensor in archive.tensors(
            archive.read(one(inputs, name)), name, one(inputs, name)
        ).items()
    }
    options = one(inputs, "options")
    told = sizes(options)
    with torch.device("meta"):  # names and shapes are all that is asked of it
        model = Tmr(told)
    weights = one(inputs, ENCODERS[0]).parent
    storage.check_state(state, model, weights, f"give the weights that {options} is of")
    return state, told, _scale(inputs)


def _sizes(config: Any, path: Path) -> TmrSizes:
    try:
        motion, text = (dict(config["model"][name]) for name in ENCODERS)
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path} says nothing of TMR's encoders: copy it again.") from None
    for name in (*_ONLY, *_SIZES.values()):
        wanted = _ONLY.get(name, motion.get(name))
        for each in (motion, text):
            if name != "nfeats" and each.get(name) != wanted:
                raise InputError(
                    f"{path}: {name} of an encoder is {each.get(name)!r}; only models with "
                    f"{wanted!r} in both are supported."
                )
    named = {ours: motion.get(theirs) for ours, theirs in _SIZES.items()}
    try:
        return TmrSizes.of({**named, "text_dim": text.get("nfeats")})
    except ValidationError as error:
        raise InputError(
            f"{path}: no model of ours can be so ({wrong_value(error)}): copy it again."
        ) from error


def _scale(inputs: Inputs) -> Normaliser:
    from hmu.motion.normalise import Normaliser
    from hmu.official import archive

    mean, std = (archive.read_tensor(one(inputs, name)).numpy() for name in ("mean", "std"))
    return Normaliser(mean, std).checked(one(inputs, "mean").parent)
