"""What a job took of energy, where the machine has counters that may be read."""

import threading
import time
from pathlib import Path

from hmu.run import nvml, rapl

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the counters of processors."""

_SECONDS = 30.0
"""Between two readings. A package of 500 W takes the 65 kJ of the smallest counters in 131 s."""


class Meter:
    """Reads the counters when it is made and when it is asked, and now and then inside ``with``.

    A counter is one of a whole package or GPU: it also holds what ran beside the job.
    """

    def __init__(self, powercap: Path, gpu: bool) -> None:
        """``gpu`` says whether the job may use one: other jobs load no library to look."""
        self._packages = rapl.counters(powercap, _now())
        self._gpus = nvml.readings() if gpu else {}
        self._reading = threading.Lock()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._keep_reading, name="energy", daemon=True)

    def __enter__(self) -> "Meter":
        if self._packages:
            self._watch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        if self._packages:
            self._watch.join()

    def joules(self) -> dict[str, dict[str, float]]:
        """What was taken since, to a thousandth, by kind of counter and by name: ``{"rapl":
        {"package-0": 812.5}, "nvml": {"NVIDIA A100": 3100.0}}``; without what was not read."""
        self._read()
        packages = {each.name: each.joules for each in self._packages}
        known = {name: value for name, value in packages.items() if value is not None}
        found = {"rapl": known, "nvml": nvml.joules(self._gpus)}
        return {
            kind: {name: round(value, 3) for name, value in each.items()}
            for kind, each in found.items()
            if each
        }

    def _read(self) -> None:
        with self._reading:
            now = _now()
            for each in self._packages:
                each.sample(now)

    def _keep_reading(self) -> None:
        while not self._ended.wait(_SECONDS):
            self._read()


def _now() -> float:
    """Seconds, also those in which the machine slept."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
