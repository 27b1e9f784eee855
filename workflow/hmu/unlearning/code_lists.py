"""Lists of codes in YAML, one list a layer, as the reference writes and reads them
(hmu ``src/methods/lcr.py``, ``--just_select_codes`` and ``--censor_codes_files``)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from hmu.errors import InputError
from hmu.interface.methods import Planned
from hmu.io import contents, files, yaml_document


def text(layers: Sequence[Sequence[int]]) -> str:
    """The codes of each layer, from the first."""
    return yaml.safe_dump([[int(code) for code in codes] for codes in layers])


def write(path: Path, layers: Sequence[Sequence[int]]) -> None:
    """Write :func:`text` into a file."""
    with files.atomic(path) as temporary:
        temporary.write_text(text(layers), encoding="utf-8")


def read(path: Path, quantizers: int, codes: int) -> list[np.ndarray]:
    """The codes of each layer, int64, ascending, of a tokenizer with these sizes.

    Raises InputError when the file is missing, no list of lists of whole numbers, or when it has
    layers or codes that the tokenizer has not.
    """
    try:
        layers = yaml_document.parse(contents.read_text(path))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: give a file of codes.") from None
    except ValueError as error:
        raise InputError(f"{path} cannot be read as YAML ({error}): correct it.") from error
    if not _is_lists(layers):
        raise InputError(f"{path}: write a list of codes for each layer, [[3, 14], [15]].")
    if len(layers) > quantizers:
        raise InputError(
            f"{path} has codes of {len(layers)} layers, and the tokenizer has {quantizers} "
            "quantizers: it belongs to another tokenizer; name a list of this one."
        )
    for layer, chosen in enumerate(layers):
        if beyond := [code for code in chosen if not 0 <= code < codes]:
            raise InputError(
                f"{path} has code {beyond[0]} in layer {layer}, and the codebook has 0 to "
                f"{codes - 1}: it belongs to another tokenizer; name a list of this one."
            )
    return [np.unique(np.array(chosen, np.int64)) for chosen in layers]


def union(lists: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """The codes, by layer, that stand in one at least of several lists; ascending."""
    layers = max((len(each) for each in lists), default=0)
    return [
        np.unique(np.concatenate([each[layer] for each in lists if layer < len(each)]))
        for layer in range(layers)
    ]


def faults(planned: Planned) -> Iterator[tuple[str, str]]:
    """What is wrong with the lists in the files that the parameter ``codes`` names, as CHECKS of a
    method has it: files that cannot be read or are of another tokenizer, lists that name no code or
    leave none of a layer."""
    paths, tokenizer = planned.files.get("codes", ()), planned.sizes["tokenizer"]
    quantizers, codes = tokenizer["quantizers"], tokenizer["codes"]
    if not paths:
        return
    try:
        layers = union([read(path, quantizers, codes) for path in paths])
    except InputError as error:
        yield "codes", str(error)
        return
    named = " and ".join(map(str, paths))
    for layer, chosen in enumerate(layers):
        if len(chosen) == codes:
            yield "codes", f"{named}: {none_safe(layer, codes)}"
    if not any(map(len, layers)):
        yield "codes", f"{named}: there is no code to replace; name some."


def none_safe(layer: int, codes: int) -> str:
    """What is wrong where all ``codes`` of a layer are to be replaced."""
    return (
        f"all {codes} codes of layer {layer} are to be replaced, and one must stay safe; name fewer"
        " codes, or lower k."
    )


def replaced(origin: Any) -> list[list[int]]:
    """The codes that a checkpoint replaced, by layer, also of layers in which none was; of what is
    no checkpoint of LCR, by its ``origin``, none."""
    try:
        found = {each["layer"]: each["codes"] for each in origin["notes"]["layers"]}
        return [found.get(layer, []) for layer in range(max(found, default=-1) + 1)]
    except (KeyError, TypeError):
        return []


def _is_lists(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(layer, list) and all(type(code) is int for code in layer) for layer in value
    )
