"""Motions and data as scripts."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hmu.report import packing, scenes


def test_joints_are_millimetres_wherever_they_are_read() -> None:
    joints = np.zeros((2, 22, 3), dtype=np.float32)
    joints[1, 21] = (1.2346, -0.0006, 40.0)
    raw = base64.b64decode(packing.joints_in_text(joints))
    assert len(raw) == 2 * 22 * 3 * 2
    assert raw[-6:] == b"".join(
        value.to_bytes(2, "little", signed=True) for value in (1235, -1, 32767)
    )


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
    value = {"</script>": ['"', "\u2028", "é", None, 0.5]}
    path = tmp_path / "data/part.js"
    packing.write(path, "part", value)
    show = "(name, value) => console.log(JSON.stringify([name, value]))"
    receiver = f"globalThis.report = {{receive: {show}}};"
    script = f"{receiver}\n{path.read_text(encoding='utf-8')}"
    done = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["part", value]
