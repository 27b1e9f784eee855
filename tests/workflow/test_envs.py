"""The declared dependencies, the locks and the conda environments say the same."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-dev.lock")
ENVS = ("cpu", "gpu")
# Pinned by torch itself; a CPU build of torch asks for none of them.
CONDA = {"pytorch": "torch"}
CUDA = ("cuda-", "nvidia-", "triton")


def pins(path: Path) -> dict[str, str]:
    """Name to exact version, in a lock."""
    lines = [
        Requirement(line) for line in path.read_text(encoding="utf-8").splitlines() if plain(line)
    ]
    return {canonicalize_name(line.name): next(iter(line.specifier)).version for line in lines}


def plain(line: str) -> bool:
    return bool(line) and not line.startswith("#")


def project(root: Path) -> dict[str, Any]:
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def declared(root: Path, lock: str = LOCKS[0]) -> list[Requirement]:
    """What the package itself depends on; for the development lock, with its extra."""
    texts = project(root)["dependencies"]
    if lock == LOCKS[1]:
        texts = texts + project(root)["optional-dependencies"]["dev"]
    return [Requirement(text) for text in texts]


def gpu_only(root: Path) -> list[Requirement]:
    """What the environment for GPUs has beside that."""
    return [Requirement(text) for text in project(root)["optional-dependencies"]["gpu"]]


def pip_part(root: Path, env: str) -> list[str]:
    """The pins of a conda environment, those of conda itself written as pip writes them."""
    content = yaml.safe_load((root / "envs" / f"{env}.yaml").read_text(encoding="utf-8"))
    entries = content["dependencies"]
    pinned = [entry.split("=") for entry in entries if isinstance(entry, str) and "=" in entry]
    by_conda = [f"{CONDA.get(name, name)}=={version}" for name, version, *_ in pinned]
    by_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    return [entry for entry in by_conda if not entry.startswith("python==")] + by_pip


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_exact_versions_and_no_place(root: Path, lock: str) -> None:
    lines = list(filter(plain, (root / lock).read_text(encoding="utf-8").splitlines()))
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?", line), line
        assert "/" not in line, line
    assert len({line.split("==")[0] for line in lines}) == len(lines), "a package is pinned twice"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_leaves_cuda_to_torch(root: Path, lock: str) -> None:
    locked = pins(root / lock)
    assert [name for name in locked if name.startswith(CUDA)] == []
    # torchvision works with one release of torch: both must stand in the lock, as public versions.
    assert locked["torch"] == "2.13.0"
    assert locked["torchvision"] == "0.28.0"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_declared_dependency_is_locked_within_its_bounds(root: Path, lock: str) -> None:
    locked = pins(root / lock)
    for requirement in declared(root, lock):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} but {version}"


def test_the_development_lock_only_adds(root: Path) -> None:
    base, development = (pins(root / lock) for lock in LOCKS)
    assert base.items() < development.items()


@pytest.mark.parametrize("env", ENVS)
def test_conda_pins_are_those_of_the_lock(root: Path, env: str) -> None:
    locked = pins(root / LOCKS[0])
    pinned = [Requirement(entry) for entry in pip_part(root, env) if not entry.startswith("--")]
    named = {canonicalize_name(each.name): each.specifier for each in pinned}
    own = gpu_only(root) if env == "gpu" else []
    for requirement in own:  # in no lock: a machine without a GPU has no use for it
        (pin,) = named.pop(canonicalize_name(requirement.name))
        assert (pin.operator, requirement.specifier.contains(pin.version)) == ("==", True)
    for name, specifier in named.items():
        assert str(specifier) == f"=={locked[name]}"
    names = {canonicalize_name(each.name) for each in declared(root)}
    assert named.keys() == names | {"torchvision"}


@pytest.mark.parametrize("env", ENVS)
def test_conda_brings_a_python_that_the_package_admits(root: Path, env: str) -> None:
    content = yaml.safe_load((root / "envs" / f"{env}.yaml").read_text(encoding="utf-8"))
    (python,) = (
        entry.removeprefix("python=")
        for entry in content["dependencies"]
        if isinstance(entry, str) and entry.startswith("python=")
    )
    assert SpecifierSet(project(root)["requires-python"]).contains(python)


def test_cpu_and_gpu_differ_in_the_source_of_torch_and_what_reads_a_gpu(root: Path) -> None:
    cpu, gpu = (pip_part(root, env) for env in ENVS)
    own = {each.name for each in gpu_only(root)}
    assert [entry for entry in cpu if not entry.startswith("--extra-index-url")] == [
        entry for entry in gpu if Requirement(entry).name not in own
    ]


def needed(names: list[str]) -> Iterator[tuple[str, str]]:
    """(package, what requires it) for all that the installed ones among ``names`` lead to."""
    seen: set[str] = set()
    while names:
        name = names.pop()
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, requirements):
            child = canonicalize_name(requirement.name)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            yield child, name
            if child not in seen:
                seen.add(child)
                names.append(child)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_closed(root: Path, lock: str) -> None:
    """Nothing that an installed package asks for is left to chance."""
    locked = pins(root / lock)
    asked = list(needed([requirement.name for requirement in declared(root, lock)]))
    assert len(asked) > 50, "the dependencies are not installed"
    loose = [f"{name} (for {parent})" for name, parent in asked if name not in locked]
    assert [each for each in loose if not each.startswith(CUDA)] == []


def test_the_environment_is_the_locks(root: Path) -> None:
    if Path(sys.prefix) != root / ".venv":
        pytest.skip("not run in the .venv that make builds")
    for name, version in pins(root / LOCKS[1]).items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # another platform's
        assert installed.split("+")[0] == version, name
