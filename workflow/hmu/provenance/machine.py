"""What ran a job: packages, device, machine. Says nothing of who or where."""

import os
import re
import resource
import sys
from functools import cache
from pathlib import Path
from typing import Any

# Import names whose distribution has another name, among what the pipeline may load.
_DISTRIBUTIONS = {
    "PIL": "pillow",
    "yaml": "PyYAML",
    "sklearn": "scikit-learn",
    "pynvml": "nvidia-ml-py",
}


def packages() -> dict[str, str]:
    """Version of Python and of each installed distribution that this process has imported."""
    names = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
    installed = _installed()
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in sorted(name for name in names if not name.startswith("_")):
        distribution = _DISTRIBUTIONS.get(name, name)
        if version := installed.get(_normal(distribution)):
            found[distribution] = version
    return found


def _installed() -> dict[str, str]:
    """The version of each distribution that can be imported, by its normal name.

    A distribution is a folder NAME-VERSION.dist-info on the path; that is much less work than
    ``importlib.metadata``, whose import alone takes longer than many a job.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")  # noqa: PTH208 - hundreds of names, and no paths
        except OSError:
            continue
        for entry in entries:
            if entry.endswith(".dist-info"):
                name, _, version = entry.removesuffix(".dist-info").partition("-")
                found.setdefault(_normal(name), version)
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def device() -> str:
    """The GPU's name when this process has used one, else the processor's."""
    found = gpu()
    return _processor() if found is None else str(found.name)


def gpu() -> Any:
    """What torch says of the GPU that this process has used (its name and uuid), or None."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return torch.cuda.get_device_properties(torch.cuda.current_device())
    return None


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
    return os.uname().machine


def describe() -> dict[str, Any]:
    """Operating system, architecture and number of cores; no host name."""
    system = os.uname()
    return {
        "system": system.sysname,
        "release": system.release,
        "architecture": system.machine,
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
