"""Motions and data as scripts."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hmu.report import packing, scenes


def test_joints_are_the_steps_of_each_coordinate_in_millimetres() -> None:
    joints = np.zeros((3, 22, 3), dtype=np.float32)
    joints[:, 21, 2] = (1.2346, -0.0006, 40.0)
    steps = packing.steps(joints)
    assert steps[:-3] == [0] * (3 * 22 * 3 - 3)
    assert steps[-3:] == [1235, -1236, 40001]


def test_a_frame_has_its_jerk() -> None:
    """x = t³ has the third derivative 6 everywhere; six joints' worth of nothing beside it."""
    times = np.arange(9) / 20
    joints = np.zeros((9, 22, 3))
    joints[:, 4, 0] = times**3
    assert packing.jerk(joints) == [6] * 9
    assert packing.jerk(joints[:3]) == [0, 0, 0]


def test_tokens_with_a_replaced_code_in_any_layer() -> None:
    codes = np.array([[1, 5], [2, 6], [3, 7], [-1, -1]])
    assert scenes.replaced_tokens(codes, [[2], [7]]) == [1, 2]
    assert scenes.replaced_tokens(codes, [[2]]) == [1]
    assert scenes.replaced_tokens(codes, []) == []


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node to run a script")
def test_a_script_hands_over_what_it_was_given(tmp_path: Path) -> None:
    """Characters that are not seen, as escapes."""
    value = {"</script>": ['"', "\u2028", "é", None, 0.5]}
    path = tmp_path / "data/part.js"
    packing.write(path, "part", value)
    show = "(name, value) => console.log(JSON.stringify([name, value]))"
    inflate = "JSON.parse(require('zlib').gunzipSync(Buffer.from(packed, 'base64')))"
    receiver = f"globalThis.report = {{receive: (name, packed) => ({show})(name, {inflate})}};"
    script = f"{receiver}\n{path.read_text(encoding='utf-8')}"
    done = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["part", {"</script>": ['"', "\\u2028", "é", None, 0.5]}]
