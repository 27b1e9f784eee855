"""What ran a job: packages, device, machine, commit. Says nothing of who or where."""

import os
import platform
import resource
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

# Import names whose distribution has another name, among what the pipeline may load.
_DISTRIBUTIONS = {"PIL": "pillow", "yaml": "PyYAML", "sklearn": "scikit-learn"}


def packages() -> dict[str, str]:
    """Version of Python and of each installed distribution that this process has imported."""
    names = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
    found = {"python": platform.python_version()}
    for name in sorted(name for name in names if not name.startswith("_")):
        distribution = _DISTRIBUTIONS.get(name, name)
        try:
            found[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return found


def device() -> str:
    """The GPU's name when this process has used one, else the processor's."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return str(torch.cuda.get_device_name())
    return _processor()


@cache
def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name" and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def describe() -> dict[str, Any]:
    """Operating system, architecture and number of cores; no host name."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
    }


def peak_memory() -> dict[str, int]:
    """Peak resident memory in bytes of this process and of its largest child; GPU if used."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = {
        "process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit,
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        peak["gpu"] = int(torch.cuda.max_memory_allocated())
    return peak


@cache
def commit(folder: Path) -> dict[str, Any] | None:
    """The git commit that ``folder`` is at and whether tracked files differ from it, or None."""
    head = _git(folder, "rev-parse", "--verify", "HEAD")
    if head is None:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": head, "dirty": changes != ""}


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
