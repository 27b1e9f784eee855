"""Energy where a counter can be read, and nothing where none can: a tree of files as powercap shows
them, and a module in the place of pynvml."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hmu.io.amounts import energy as said
from hmu.provenance import machine
from hmu.provenance.lineage import Lineage, seal
from hmu.run import energy, nvml, rapl
from support.toy import Toy

RANGE = 65_532_610_987
"""Microjoules: the smallest range of today's processors."""


def zone(root: Path, folder: str, name: str, energy: str | int, most: str | int = RANGE) -> Path:
    """A zone as powercap shows it; the file that has its counter."""
    place = root / folder
    place.mkdir(parents=True)
    (place / "name").write_text(f"{name}\n", encoding="ascii")
    (place / "max_energy_range_uj").write_text(f"{most}\n", encoding="ascii")
    (place / "energy_uj").write_text(f"{energy}\n", encoding="ascii")
    return place / "energy_uj"


def turn(file: Path, energy: int) -> None:
    """Let a counter show another number, at once as a real one does."""
    new = file.with_name("new")
    new.write_text(f"{energy}\n", encoding="ascii")
    new.replace(file)


# --- Processors ----------------------------------------------------------------------------------


def test_packages_are_counted_and_nothing_twice(tmp_path: Path) -> None:
    for folder, name in {
        "intel-rapl:0": "package-0",
        "intel-rapl:0:0": "core",
        "intel-rapl:0:1": "dram",
        "intel-rapl:1": "package-1-die-0",
        "intel-rapl:2": "psys",
        "intel-rapl-mmio:0": "package-0",
    }.items():
        turn(zone(tmp_path, folder, name, 5), 7)
    (tmp_path / "intel-rapl").mkdir()
    assert len(rapl.counters(tmp_path, 0.0)) == 2
    with energy.Meter(tmp_path, gpu=False) as meter:
        for number, file in enumerate(sorted(tmp_path.glob("*/energy_uj"))):
            turn(file, 7 + (number + 1) * 1_000_000)
        found = meter.joules()["rapl"]
    order = sorted(path.parent.name for path in tmp_path.glob("*/energy_uj"))
    assert found == {
        "package-0": order.index("intel-rapl:0") + 1,
        "package-1-die-0": order.index("intel-rapl:1") + 1,
    }


def test_a_counter_that_comes_round_is_followed(tmp_path: Path) -> None:
    file = zone(tmp_path, "intel-rapl:0", "package-0", RANGE - 1_000_000)
    (counter,) = rapl.counters(tmp_path, 0.0)
    for number, value in enumerate((2_000_000, RANGE - 5_000_000, 1_500_000), 1):
        turn(file, value)
        counter.sample(30.0 * number)
    assert counter.joules == pytest.approx(1 + RANGE / 1e6 + 1.5)


@pytest.mark.parametrize("lost", ["late", "gone", "no number"])
def test_what_may_be_wrong_is_not_said(tmp_path: Path, lost: str) -> None:
    """After a pause in which the counter may have come round twice nobody knows what was taken."""
    file = zone(tmp_path, "intel-rapl:0", "package-0", 0)
    (counter,) = rapl.counters(tmp_path, 0.0)
    counter.sample(60.0)
    assert counter.joules == 0
    if lost == "gone":
        file.unlink()
    elif lost == "no number":
        file.write_text("", encoding="ascii")
    counter.sample(126.0 if lost == "late" else 90.0)
    assert counter.joules is None
    file.write_text("5", encoding="ascii")
    counter.sample(127.0 if lost == "late" else 100.0)
    assert counter.joules is None, "not even when it can be read again"


@pytest.mark.parametrize("way", ["absent", "empty", "not readable", "no number", "no range"])
def test_a_machine_without_a_counter_says_nothing(tmp_path: Path, way: str) -> None:
    root = tmp_path / "powercap"
    if way != "absent":
        root.mkdir()
    if way not in ("absent", "empty"):
        file = zone(root, "intel-rapl:0", "package-0", "" if way == "no number" else 7)
        if way == "no range":
            file.with_name("max_energy_range_uj").unlink()
        if way == "not readable":  # what has no permissions root could read, and tests run as root
            file.unlink()
            file.mkdir()
    with energy.Meter(root, gpu=False) as meter:
        assert meter.joules() == {}


def test_one_package_is_known_without_the_other(tmp_path: Path) -> None:
    first = zone(tmp_path, "intel-rapl:0", "package-0", 0)
    zone(tmp_path, "intel-rapl:1", "package-1", "")
    with energy.Meter(tmp_path, gpu=False) as meter:
        turn(first, 1_234_567)
        assert meter.joules() == {"rapl": {"package-0": 1.235}}


def test_a_long_job_reads_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More often than the counter comes round: three times here, and nobody asks."""
    monkeypatch.setattr(energy, "_SECONDS", 0.001)
    seen: list[int] = []
    sample = rapl.Counter.sample

    def watched(counter: rapl.Counter, now: float) -> None:
        sample(counter, now)
        seen.append(len(seen))

    monkeypatch.setattr(rapl.Counter, "sample", watched)
    file = zone(tmp_path, "intel-rapl:0", "package-0", 0)
    with energy.Meter(tmp_path, gpu=False) as meter:
        for value in (RANGE - 1, 1) * 3:
            turn(file, value)
            wait_for(seen, len(seen) + 2)
        assert meter.joules()["rapl"]["package-0"] == pytest.approx(3 * RANGE / 1e6)
    after = len(seen)
    time.sleep(0.05)
    assert len(seen) == after, "it goes on reading after the job"


def wait_for(seen: list[int], count: int) -> None:
    end = time.monotonic() + 60
    while len(seen) < count:
        assert time.monotonic() < end
        time.sleep(0.001)


# --- GPUs ----------------------------------------------------------------------------------------

A, B, C = (f"{letter * 8}-0000-0000-0000-000000000000" for letter in "abc")


class Driver(ModuleType):
    """pynvml, with GPUs in the driver's order: by UUID, millijoules or, without a counter, None."""

    class NVMLError(Exception):
        pass

    def __init__(self, gpus: dict[str, int | None], loads: bool = True) -> None:
        super().__init__("pynvml")
        self.gpus, self.loads, self.users = gpus, loads, 0

    def nvmlInit(self) -> None:
        if not self.loads:
            raise self.NVMLError("Driver Not Loaded")
        self.users += 1

    def nvmlShutdown(self) -> None:
        self.users -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, number: int) -> str:
        return list(self.gpus)[number]

    def nvmlDeviceGetUUID(self, handle: str) -> str:
        return f"GPU-{handle}"

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:
        if (found := self.gpus[handle]) is None:
            raise self.NVMLError("Not Supported")
        return found


def used(uuid: str | None) -> Callable[[], Any]:
    """`machine.gpu` where this process has used a GPU, or none."""
    return lambda: None if uuid is None else SimpleNamespace(name="A GPU", uuid=uuid)


def test_the_gpu_that_the_job_used_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first of those that the job sees, and another of those that the driver has."""
    driver = Driver({A: None, B: 1_000, C: 50})
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    monkeypatch.setattr(machine, "gpu", used(B))
    with energy.Meter(Path("nowhere"), gpu=True) as meter:
        driver.gpus |= {B: 13_345, C: 99_999}
        assert meter.joules() == {"nvml": {"A GPU": 12.345}}
    assert driver.users == 0


@pytest.mark.parametrize(
    ("driver", "uuid"),
    [
        (None, B),  # nvidia-ml-py is not installed
        (Driver({B: 1}, loads=False), B),
        (Driver({B: None}), B),
        (Driver({A: 1}), B),  # a part of a GPU has a UUID of its own
        (Driver({B: 1}), None),  # the job used none
    ],
)
def test_a_gpu_without_a_counter_says_nothing(
    monkeypatch: pytest.MonkeyPatch, driver: Driver | None, uuid: str | None
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    monkeypatch.setattr(machine, "gpu", used(uuid))
    with energy.Meter(Path("nowhere"), gpu=True) as meter:
        assert meter.joules() == {}


def test_a_counter_that_is_lost_meanwhile_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver({B: 1})
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    monkeypatch.setattr(machine, "gpu", used(B))
    before = nvml.readings()
    assert before == {B: 1}
    driver.loads = False
    assert nvml.joules(before) == {}


# --- A whole job ---------------------------------------------------------------------------------

STEP = '''
"""Take some energy, of the GPU too where the settings name one."""
from pathlib import Path
from hmu.run.job import Job

def run(job: Job) -> None:
    counter = Path(job.settings["counter"])
    counter.write_text(str(int(counter.read_text()) + 1_500_000))
    if job.settings.get("device", "cpu") != "cpu":
        import pynvml, torch
        torch.used = True
        pynvml.energy += 2_500_000
    job.outputs["out"].write_text("done", encoding="utf-8")
'''
TORCH = f"""
from types import SimpleNamespace
used = False
properties = SimpleNamespace(name="A GPU", uuid="{B}")
cuda = SimpleNamespace(
    is_available=lambda: True,
    is_initialized=lambda: used,
    current_device=lambda: 3,
    get_device_properties={{3: properties}}.get,
    max_memory_allocated=lambda: 5,
)
"""
PYNVML = f"""
class NVMLError(Exception):
    pass
energy = 0
nvmlInit = nvmlShutdown = lambda: None
nvmlDeviceGetCount = lambda: 1
nvmlDeviceGetHandleByIndex = lambda number: number
nvmlDeviceGetUUID = lambda gpu: "GPU-{B}"
nvmlDeviceGetTotalEnergyConsumption = lambda gpu: energy
"""
RUN = """
import sys
from pathlib import Path
from hmu.cli import main
from hmu.run import energy
energy.POWERCAP = Path(sys.argv[1])
status = main(["step", sys.argv[2]])
print("pynvml" in sys.modules)
sys.exit(status)
"""


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A project on a machine with counters, in which one step takes energy."""
    toy = Toy(tmp_path)
    (toy.package / "steps/burn.py").write_text(STEP, encoding="utf-8")
    for name, text in {"torch.py": TORCH, "pynvml.py": PYNVML}.items():
        (toy.package.parent / name).write_text(text, encoding="utf-8")
    zone(toy.root / "powercap", "intel-rapl:0", "package-0", 7)
    return toy


def burn(toy: Toy, powercap: str, **settings: str) -> tuple[Any, bool]:
    """The record of the step, and whether the library of GPUs was loaded."""
    counter = {"counter": str(toy.root / "powercap/intel-rapl:0/energy_uj")}
    job = {"step": "burn", "inputs": {"raw": "raw"}, "outputs": {"out": "results/out"}}
    done = subprocess.run(
        [sys.executable, "-c", RUN, powercap, json.dumps({**job, "settings": counter | settings})],
        cwd=toy.root,
        env=toy.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return toy.record("out"), done.stdout == "True\n"


@pytest.mark.parametrize(
    ("powercap", "settings", "expected", "loads"),
    [
        (
            "powercap",
            {"device": "auto"},
            {"rapl": {"package-0": 1.5}, "nvml": {"A GPU": 2500.0}},
            True,
        ),
        ("powercap", {}, {"rapl": {"package-0": 1.5}}, False),
        ("nowhere", {"device": "cpu"}, {}, False),
    ],
)
def test_a_job_leaves_what_it_took(
    toy: Toy,
    powercap: str,
    settings: dict[str, str],
    expected: dict[str, dict[str, float]],
    loads: bool,
) -> None:
    """`hmu lineage` shows it, and `hmu verify` minds it as little as the time."""
    record, loaded = burn(toy, powercap, **settings)
    assert record["energy"] == expected
    assert loaded == loads
    shown = toy.hmu("lineage", "results/out").stdout
    texts = {"rapl": "whole processors (RAPL) 1.5 J", "nvml": "whole GPU (NVML) 2.5 kJ"}
    told = "".join(f"{text} · " for kind, text in texts.items() if kind in expected)
    assert re.search(rf" · \d+\.\d s · {re.escape(told)}\d\d\d\d-", shown), shown
    done = toy.hmu("verify", "results/out")
    assert done.returncode == 0, done.stdout


def test_results_made_before_energy_was_recorded_are_read(toy: Toy) -> None:
    record, _ = burn(toy, "powercap")
    for key in ("energy", "seal"):
        del record[key]
    lineage = Lineage(toy.root / "results")
    lineage.write(seal(record), ["results/out"])
    read = lineage.record("results/out")
    assert read is not None
    assert read.energy == {}
    assert "RAPL" not in toy.hmu("lineage", "results/out").stdout
    assert toy.hmu("verify", "results/out").returncode == 0


def test_joules_as_people_say_them() -> None:
    assert [said(each) for each in (0.04, 999.9, 1000, 2_345_678, 5e9)] == [
        "0.0 J", "999.9 J", "1.0 kJ", "2.3 MJ", "5.0 GJ"
    ]  # fmt: skip
