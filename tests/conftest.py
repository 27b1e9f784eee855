"""What all tests share: where things are, and settings that make runs repeat themselves."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.project import Project, duplicate, run_whole, run_whole_once
from support.webserver import Server, serving

# Before anything imports torch or matplotlib: one thread a process, and no screen.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

# Two busy cores make no example fail, and every run tries the same examples.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end no process works alone on one."""

    def minutes(item: pytest.Item) -> int:
        mark = item.get_closest_marker("long")
        return mark.args[0] if mark else 0

    items.sort(key=minutes, reverse=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Of `make faults`, how many faults of the corpus were survived."""
    if "corpus" not in terminalreporter.config.option.markexpr:
        return
    survived, failed = (
        sum(each.nodeid.startswith("tests/faults/") for each in terminalreporter.getreports(kind))
        for kind in ("passed", "failed")
    )
    terminalreporter.write_line(f"Faults: {survived} survived, {failed} failed")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """The folder with the paper and real motions, beside the repository; skips if absent."""
    folder = root.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder shared/ is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def finished(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The whole workflow, run once on tests/tiny.yaml. Leave it as it is.

    Of several processes of pytest-xdist one runs it, and each has a copy.
    """
    own = tmp_path_factory.getbasetemp() / "finished"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return run_whole(root, own)
    return duplicate(run_whole_once(root, own.parents[1] / "finished"), own)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished workflow for one test to change."""
    return duplicate(finished, tmp_path / "project")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server to download from, at ``server.url``, that a test can make misbehave."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as running:
        yield running
