"""Energy of NVIDIA's GPUs: the counters of their driver (NVML), by nvidia-ml-py.

A counter holds all that its GPU took, memory too, whoever ran there. GPUs before Volta have none.
"""

import contextlib
from collections.abc import Mapping

from hmu.provenance import machine


def readings() -> dict[str, int]:
    """Millijoules since the driver was loaded, by the UUID of each GPU that can be seen; nothing
    without the driver, or without nvidia-ml-py."""
    try:
        import pynvml
    except ImportError:
        return {}
    found = {}
    try:
        pynvml.nvmlInit()
        for number in range(pynvml.nvmlDeviceGetCount()):
            with contextlib.suppress(pynvml.NVMLError):
                gpu = pynvml.nvmlDeviceGetHandleByIndex(number)
                name = pynvml.nvmlDeviceGetUUID(gpu).removeprefix("GPU-")
                found[name] = pynvml.nvmlDeviceGetTotalEnergyConsumption(gpu)
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return {}
    return found


def joules(before: Mapping[str, int]) -> dict[str, float]:
    """What the GPU that this process has used took since ``before``, by its name; nothing where
    there was none, or where its counter was not read.

    NVML knows nothing of CUDA_VISIBLE_DEVICES, and counts GPUs in an order that may be another than
    CUDA's: a UUID is the same for both.
    """
    gpu = machine.gpu() if before else None
    if gpu is None:
        return {}
    uuid, now = str(gpu.uuid), readings()
    if uuid not in before.keys() & now.keys():
        return {}
    return {gpu.name: (now[uuid] - before[uuid]) / 1e3}
