"""Names of tensors as wrappers and other libraries write them, turned into the official ones.

Only what has one meaning is read: no official name has the parts that a wrapper adds.
"""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")

_WRAPPERS = {"module", "_orig_mod"}
"""What DataParallel and torch.compile put into the names of what they wrap."""


def unwrapped(state: Mapping[str, Value]) -> dict[str, Value]:
    """``state`` without the parts that wrappers add to names; as it is, where two names would then
    be one."""
    plain = {
        ".".join(part for part in name.split(".") if part not in _WRAPPERS): value
        for name, value in state.items()
    }
    return plain if len(plain) == len(state) else dict(state)


_TEXT = "text."
"""Before the names of a text tower in open_clip, where it stands in a module of its own."""
_HUGGING_FACE = "text_model."
"""Before the names of a text tower in transformers."""
_RENAMED = (
    ("embeddings.token_embedding.weight", "token_embedding.weight"),
    ("embeddings.position_embedding.weight", "positional_embedding"),
    ("final_layer_norm.", "ln_final."),
    ("encoder.layers.", "transformer.resblocks."),
    (".self_attn.out_proj.", ".attn.out_proj."),
    (".layer_norm1.", ".ln_1."),
    (".layer_norm2.", ".ln_2."),
    (".mlp.fc1.", ".mlp.c_fc."),
    (".mlp.fc2.", ".mlp.c_proj."),
)
_JOINED = ("q_proj", "k_proj", "v_proj")
"""Three layers in transformers (modeling_clip.py) that are one tensor in CLIP (model.py)."""


def clip_text(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """CLIP's text tower under OpenAI's names, from theirs, open_clip's or those of transformers."""
    plain = unwrapped(state)
    if any(name.startswith(_HUGGING_FACE) for name in plain):
        return _of_transformers(plain)
    if any(name.startswith(_TEXT) for name in plain):
        return {
            name.removeprefix(_TEXT): value
            for name, value in plain.items()
            if name.startswith(_TEXT)
        }
    return plain


def _of_transformers(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for name, value in state.items():
        if name == "text_projection.weight":
            found["text_projection"] = value.t().contiguous()
        elif name.startswith(_HUGGING_FACE):
            plain = name.removeprefix(_HUGGING_FACE)
            for theirs, official in _RENAMED:
                plain = plain.replace(theirs, official)
            found[plain] = value
    for name in [each for each in found if f".self_attn.{_JOINED[0]}." in each]:
        parts = [found.pop(name.replace(_JOINED[0], each), None) for each in _JOINED]
        joined = name.replace(f".self_attn.{_JOINED[0]}.", ".attn.in_proj_")
        if all(part is not None for part in parts):
            found[joined] = torch.cat(parts)  # type: ignore[arg-type]
    return found
