"""A real Slurm on this one machine, in a directory of its own, for tests.

munged, slurmctld and slurmd run as root with one node and two declared GPUs (plain device files);
the node claims more memory and processors than the machine has, so that realistic requests fit.
Nothing of the system's own Slurm or munge is read or changed. By hand:

    python tests/cluster.py DIRECTORY     # runs until interrupted; prints what to export
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

CPUS, MEMORY_MB, GPUS = 16, 256_000, 2
REMEMBERED = 7200  # seconds
_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue")
_SBIN = ":/usr/sbin:/sbin"

_CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={directory}/munge.socket
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd.pid
SlurmctldLogFile={directory}/slurmctld.log
SlurmdLogFile={directory}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MailProg=/bin/true
MpiDefault=none
# Finished jobs stay in the controller's records for the whole test.
MinJobAge={remembered}
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:a100:{gpus} \\
    Feature=my-feature
PartitionName=all Nodes={host} Default=YES MaxTime=UNLIMITED State=UP
# What the examples in slurm/config.yaml name.
PartitionName=my-partition Nodes={host} MaxTime=UNLIMITED State=UP
PartitionName=my-gpu-partition Nodes={host} MaxTime=UNLIMITED State=UP
"""


def missing() -> str:
    """Why no cluster can be started here, or an empty string."""
    absent = [name for name in _PROGRAMS if not shutil.which(name, path=_path())]
    if absent:
        return f"Slurm is not installed ({', '.join(absent)}): apt-get install slurm-wlm munge"
    if os.geteuid() != 0:
        return "a Slurm of one's own needs root"
    return ""


def _path() -> str:
    return os.environ.get("PATH", "") + _SBIN


class Cluster:
    """The running daemons; ``variables`` is what the clients' environment needs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration = directory / "slurm.conf"
        path = f"{directory / 'bin'}:{_path()}"
        self.variables = {"SLURM_CONF": str(self.configuration), "PATH": path}
        self._daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all three and wait until the node is ready. Raises RuntimeError with the logs."""
        self._configure()
        socket_path, key = self.directory / "munge.socket", self.directory / "munge.key"
        files = {"key-file": key, "socket": socket_path}
        files |= {
            f"{name}-file": self.directory / f"munged.{name}" for name in ("pid", "log", "seed")
        }
        self._spawn("munged", "--foreground", "--force", *(f"--{k}={v}" for k, v in files.items()))
        self._wait(socket_path.exists, "munged")
        self._spawn("slurmctld", "-D", "-i")
        self._wait(lambda: self._answers("scontrol", "ping"), "slurmctld")
        self._spawn("slurmd", "-D", "-N", _host())
        self._wait(lambda: "idle" in self._output("sinfo", "-h", "-o", "%T"), "slurmd")

    def stop(self) -> None:
        """End the daemons that were started, the last first."""
        with contextlib.suppress(subprocess.SubprocessError, OSError):
            self._output("scancel", "--user", "root")
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def jobs(self) -> list[dict[str, str]]:
        """Slurm's own record of each job: fields of `scontrol show job` (JobState, Comment, ...).

        ``JOB_GRES`` is what it was given: `gpu:a100:1`, or `(null)`.
        """
        lines = self._output("scontrol", "show", "job", "--details", "--oneliner").splitlines()
        jobs = [dict(re.findall(r"(\S+?)=(.*?)(?=\s+\S+=|\s*$)", line)) for line in lines]
        return [job for job in jobs if "JobId" in job]

    def cancel(self, number: str) -> None:
        """Cancel a job, as somebody does who looks at the queue."""
        self._output("scancel", number)

    def hold(self, number: str) -> None:
        """Take a job back into the queue, where it stays until it is released."""
        self._output("scontrol", "requeuehold", number)

    def _configure(self) -> None:
        for name in ("state", "spool"):
            (self.directory / name).mkdir(parents=True)
        self.directory.chmod(0o755)
        key = self.directory / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        controller_port, node_port = _free_ports(2)
        text = _CONFIG.format(
            host=_host(),
            directory=self.directory,
            controller_port=controller_port,
            node_port=node_port,
            cpus=CPUS,
            gpus=GPUS,
            memory=MEMORY_MB,
            remembered=REMEMBERED,
        )
        self.configuration.write_text(text, encoding="utf-8")
        self._write_programs()
        for number in range(GPUS):
            device = self.directory / f"gpu{number}"
            try:
                os.mknod(device, 0o20666, os.makedev(1, 3))  # the device of /dev/null
            except OSError:  # containers may not make devices; a file serves as well
                device.touch()
        devices = self.directory / f"gpu[0-{GPUS - 1}]"
        gres = f"NodeName={_host()} Name=gpu Type=a100 File={devices}\n"
        (self.directory / "gres.conf").write_text(gres, encoding="utf-8")

    def _write_programs(self) -> None:
        """An `srun` that knows the cluster, since inside a job Snakemake's plugin unsets
        SLURM_CONF; and a `sacctmgr` that knows one account, though the cluster keeps none."""
        real = shutil.which("srun", path=_path())
        srun = f"SLURM_CONF='{self.configuration}' exec '{real}' \"$@\""
        (self.directory / "bin").mkdir()
        for name, body in (("srun", srun), ("sacctmgr", "echo my-account")):
            program = self.directory / "bin" / name
            program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
            program.chmod(0o755)

    def _spawn(self, *command: str) -> None:
        with (self.directory / f"{command[0]}.out").open("wb") as out:
            daemon = subprocess.Popen(command, env=self._environment(), stdout=out, stderr=out)
        self._daemons.append(daemon)

    def _environment(self) -> dict[str, str]:
        own = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
        return {**own, **self.variables}

    def _output(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, timeout=30
        )
        return done.stdout

    def _answers(self, *command: str) -> bool:
        return "is UP" in self._output(*command)

    def _wait(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or any(each.poll() is not None for each in self._daemons):
                logs = [*self.directory.glob("*.out"), *self.directory.glob("*.log")]
                text = "\n".join(
                    f"{path.name}:\n{path.read_text('utf-8')[-2000:]}" for path in logs
                )
                self.stop()
                raise RuntimeError(f"{what} did not start:\n{text}")
            time.sleep(0.2)


def _host() -> str:
    return socket.gethostname().partition(".")[0]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Cluster]:
    """A cluster in ``directory`` (new, or empty) for the length of a `with` block."""
    cluster = Cluster(directory)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the daemons then too
    with running(Path(sys.argv[1]).resolve()) as started:
        print(f"export SLURM_CONF={shlex.quote(str(started.configuration))}")
        print(f"export PATH={shlex.quote(str(started.directory / 'bin'))}:$PATH", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(1)
