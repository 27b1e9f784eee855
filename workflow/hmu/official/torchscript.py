"""Tensors of a TorchScript archive, read without running any of it.

OpenAI publishes CLIP as such an archive: a zip file whose ``data.pkl`` describes a tree of
modules and whose ``data/`` holds the numbers. Loading it with torch.jit would compile and could
run the code inside; here only the tree and the numbers are looked at.
"""

import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

from hmu.errors import InputError
from hmu.io import pickles
from hmu.official import described
from hmu.official.described import Described


class _Node:
    """Stands for every class of the archive: it keeps its attributes and can do nothing."""

    def __setstate__(self, state: Any) -> None:
        self.children = state if isinstance(state, dict) else {}


class _Tree(described.Tree):
    """Knows the modules of an archive besides."""

    known: ClassVar[Mapping[tuple[str, str], Any]] = {
        **described.Tree.known,
        **{
            ("torch.jit._pickle", f"build_{kind}list"): lambda values: values
            for kind in ("int", "double", "bool", "tensor")
        },
        ("torch.jit._pickle", "restore_type_tag"): lambda value, *_: value,
    }

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "__torch__":
            return _Node
        return super().find_class(module, name)


def is_torchscript(path: Path) -> bool:
    """Whether ``path`` is an archive of this kind (a plain state dict is a zip file too)."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.split("/")[1:] == ["constants.pkl"] for name in archive.namelist())
    except Exception:  # what is no zip file, or a damaged one, is none of this kind
        return False


def read_tensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    """Tensors by name (as in a state dict) for which ``wanted(name)``.

    Raises InputError when the archive is damaged or holds anything but modules and tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tree, numbers = described.zipped(archive, _Tree)
            found = {
                name: value
                for place, value in described.walk(tree, _children)
                if isinstance(value, Described) and wanted(name := place.removesuffix("."))
            }
            described.check_room(found.values(), path.stat().st_size)
            return {name: each.tensor(numbers) for name, each in found.items()}
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise InputError(
            f"{path} is not a TorchScript archive of tensors ({pickles.why(error)}): "
            "download it again."
        ) from error


def _children(value: Any) -> Iterable[tuple[Any, Any]]:
    return getattr(value, "children", {}).items() if isinstance(value, _Node) else ()
