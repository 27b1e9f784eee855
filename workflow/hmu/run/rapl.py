"""Energy of processor packages: RAPL's counters, as Linux shows them (powercap).

A counter holds all that its package took, whoever ran there: cores, caches, and what else is on the
same chip; main memory is not in it. Since 2020 only root may read one, unless the administrator
allows more. Linux: Documentation/power/powercap/powercap.rst.
"""

import contextlib
from pathlib import Path

_MOST_WATTS = 1000.0
"""More than any package takes for a minute."""


class Counter:
    """What one package took since this was made.

    The file's number begins anew after some minutes, 262 kJ with most of Intel's packages and 65 kJ
    with AMD's, and so has to be read meanwhile: see :meth:`sample`.
    """

    def __init__(self, zone: Path, now: float) -> None:
        """``zone`` is its folder; ``now`` are seconds of a clock that does not stop.

        Raises OSError where it may not be read, ValueError where it holds no number.
        """
        self.name = (zone / "name").read_text(encoding="utf-8").strip()
        self._file = zone / "energy_uj"
        self._range = _number(zone / "max_energy_range_uj")
        self._last, self._at = _number(self._file), now
        self._microjoules: int | None = 0

    def sample(self, now: float) -> None:
        """Read it. What it took is not known any more where this came so late, because the process
        was stopped or the machine slept, that the number may have come round twice."""
        if self._microjoules is None:
            return
        try:
            value = _number(self._file)
        except (OSError, ValueError):
            value = None
        if value is None or (now - self._at) * _MOST_WATTS * 1e6 > self._range:
            self._microjoules = None
            return
        self._microjoules += value - self._last + (self._range if value < self._last else 0)
        self._last, self._at = value, now

    @property
    def joules(self) -> float | None:
        """As of the last sample; None where it is not known."""
        return None if self._microjoules is None else self._microjoules / 1e6


def counters(root: Path, now: float) -> list[Counter]:
    """A counter for each package whose zone in ``root`` can be read.

    Zones have this name on AMD's processors, too; `intel-rapl-mmio` would be the same packages once
    more. Some are parts of a package (`core`, `dram`), or the whole platform (`psys`).
    """
    found = []
    for zone in sorted(root.glob("intel-rapl:*")):
        with contextlib.suppress(OSError, ValueError):
            found.append(Counter(zone, now))
    return [each for each in found if each.name.startswith("package-")]


def _number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))
