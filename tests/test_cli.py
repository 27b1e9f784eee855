"""The command line: what it prints is UTF-8 wherever it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.toy import PACKAGE, Toy

LOCALES = [
    {"PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
]
"""Terminals that cannot show "→": as Python is told, and as it finds out itself."""


def run(root: Path, words: list[str], variables: dict[str, str], told: str = "") -> tuple[int, str]:
    """Exit status and all that is printed, which must be UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "hmu.cli", *words],
        cwd=root,
        env={**os.environ, **variables},
        input=told.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A project whose lineage has a node that is shown twice, by "→"."""
    toy = Toy(tmp_path_factory.mktemp("locale"))
    toy.make()
    return toy


@pytest.mark.parametrize("variables", LOCALES)
def test_the_lineage_is_shown_on_any_terminal(made: Toy, variables: dict[str, str]) -> None:
    path = {"PYTHONPATH": str(made.package.parent)}
    words = ["lineage", "results/cells/main/sum.json"]
    status, shown = run(made.root, words, {**path, **variables})
    assert (status, shown) == run(made.root, words, {**path, "PYTHONIOENCODING": "utf-8"})
    assert status == 0
    assert "→ [" in shown


@pytest.mark.parametrize("variables", LOCALES)
def test_a_step_is_told_and_says_any_text_on_any_terminal(
    made: Toy, tmp_path: Path, variables: dict[str, str]
) -> None:
    (made.package / "steps" / "say.py").write_text(
        '"""Print a setting."""\n\n\ndef run(job):\n'
        '    print(job.settings["text"], b"\\xe9.npy".decode("utf-8", "surrogateescape"))\n'
        '    job.outputs["said"].write_text(job.settings["text"], encoding="utf-8")\n',
        encoding="utf-8",
    )
    log, text = tmp_path / "say.log", "→ Männchen, 他踢腿"
    job = (
        '{"step": "say", "inputs": {}, "outputs": {"said": "results/said"},'
        f' "settings": {{"text": "{text}"}}}}'
    )
    path = {"PYTHONPATH": str(made.package.parent)}
    status, shown = run(made.root, ["step", "--log", str(log), "-"], {**path, **variables}, job)
    assert (status, shown) == (0, f"{text} \\udce9.npy\n")
    assert log.read_text(encoding="utf-8") == shown
    assert (made.root / "results" / "said").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("variables", LOCALES)
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["data", "check", "."], 1, "→"),
        (["cells"], 2, "Männchen"),
        (["generate", "--help"], 0, "Default"),
        (["--help"], 0, "commands"),
    ],
)
def test_messages_are_whole_on_any_terminal(
    tmp_path: Path, words: list[str], status: int, said: str, variables: dict[str, str]
) -> None:
    (tmp_path / "joints").mkdir()
    (tmp_path / "joints" / "a.npy").write_bytes(b"")
    (tmp_path / "config.yaml").write_text("Männchen: 1\n", encoding="utf-8")
    found = run(tmp_path, words, {"PYTHONPATH": str(PACKAGE.parent), **variables})
    assert found[0] == status
    assert said in found[1]
