"""Functions of HumanML3D's notebook ``motion_representation``, run as they stand in a checkout."""

import ast
import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import scipy.ndimage
import torch

from benchmarks import official
from hmu.motion import skeleton

_FUNCTIONS = {"uniform_skeleton", "process_file", "recover_root_rot_pos", "recover_from_ric"}
_CONSTANTS = {"l_idx1", "fid_r", "face_joint_indx", "n_raw_offsets", "kinematic_chain"}
"""The first name of each assignment of the notebook's last part that the functions need."""


def process_file(folder: Path, double: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """A function from joints (F, 22, 3) to features (F-1, 263), by the code in ``folder``.

    What is replaced: names that NumPy and SciPy have dropped, and the clip 000021, which is not
    public, by the bone lengths of every published clip. The code works in float32, whatever it is
    given; with ``double``, the same operations run in float64.
    """
    names = _names(folder)
    offsets = torch.from_numpy(skeleton.TARGET_OFFSETS)
    names["tgt_offsets"] = offsets if double else offsets.float()

    def run(joints: np.ndarray) -> np.ndarray:
        # The code says float() before it multiplies.
        wide = patch.object(torch.Tensor, "float", torch.Tensor.double) if double else nullcontext()
        with wide, np.errstate(all="ignore"):
            rows: np.ndarray = names["process_file"](joints.copy(), 0.002)[0]
        return rows

    return run


def recover_from_ric(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    """A function from features (F, 263) to joints (F, 22, 3), by the code in ``folder``."""
    names = _names(folder)

    def run(rows: np.ndarray) -> np.ndarray:
        joints: np.ndarray = names["recover_from_ric"](torch.from_numpy(rows), 22).numpy()
        return joints

    return run


def _names(folder: Path) -> dict[str, Any]:
    """The notebook's functions, and what they refer to."""
    with (
        official.importing(folder, {"scipy.ndimage.filters": scipy.ndimage}) as load,
        patch.object(np, "float", float, create=True),
    ):
        names: dict[str, Any] = {"np": np, "torch": torch}
        for module in ("common.quaternion", "paramUtil", "common.skeleton"):
            names.update(vars(load(module)))
    notebook = json.loads((folder / "motion_representation.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == "code"]
    for statement in (each for cell in cells for each in ast.parse(cell).body):
        for part in statement.body if isinstance(statement, ast.If) else [statement]:
            if _is_needed(part):
                exec(compile(ast.Module([part], []), "motion_representation.ipynb", "exec"), names)
    return names


def _is_needed(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name=name):
            return name in _FUNCTIONS
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _CONSTANTS
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=name), *_])]):
            return name in _CONSTANTS
    return False
