"""CLIP's text tower from OpenAI's ViT-B-32.pt, or from a state dict of it, as torch.save or
safetensors writes it, with OpenAI's names, open_clip's or those of transformers."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from hmu.errors import InputError
from hmu.models import storage
from hmu.official import archive, names, options, torchscript
from hmu.sections.text_encoder import ClipSizes
from hmu.text.clip import TextTower

_HEAD = 64
"""Width of a head of attention."""


def read(path: Path) -> TextTower:
    """The text tower, float32 as the official code makes it on a processor; no code is run.

    Raises InputError when the file is missing, damaged, hostile, or without a text tower.
    """
    if torchscript.is_torchscript(path):
        state = torchscript.read_tensors(path, lambda name: not name.startswith("visual."))
    else:
        content = archive.read(path)
        # The training code of open_clip keeps it beside the number of the epoch.
        given = content.get("state_dict", content)
        state = names.clip_text(archive.tensors(given, "state of CLIP", path))
    sizes = _sizes(state, path)
    with torch.device("meta"):  # it takes no memory before it is known to fit
        tower = TextTower(sizes)
    own = {name: state[name].float() for name in tower.state_dict() if name in state}
    storage.check_finite(own, path)
    storage.check_state(own, tower, path, "download it again")
    tower.load_state_dict(own, strict=True, assign=True)
    return tower.eval()


def _sizes(state: Mapping[str, Tensor], path: Path) -> ClipSizes:
    """Sizes as the official code infers them: heads of 64, the rest from the shapes."""
    try:
        vocabulary, width = state["token_embedding.weight"].shape
        blocks = {name.split(".")[2] for name in state if name.startswith("transformer.resblocks.")}
        sizes = {
            "width": width,
            "heads": width // _HEAD,
            "layers": len(blocks),
            "dim": state["text_projection"].shape[1],
            "context": state["positional_embedding"].shape[0],
            "vocabulary": vocabulary,
        }
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(f"{path} has no CLIP text tower ({error}): download it again.") from error
    possible = all(0 < each <= options.LARGEST for each in sizes.values())
    if width % _HEAD or sizes["layers"] > options.BLOCKS or not possible:
        raise InputError(f"{path} has a text tower that cannot be ({sizes}): download it again.")
    return ClipSizes(**sizes)
