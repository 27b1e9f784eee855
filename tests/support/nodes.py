"""Two nodes of a cluster on this machine, for tests: processes that see other processes, another
host name and another running machine, and share nothing but files.

Each is a PID and a UTS namespace of its own, which needs root; that it is another machine than this
one its boot id says, which a file stands in for. Locks of the system do hold between such nodes,
so `hmu.run.lock` must take them for two and not ask the system.
"""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

_START = """
hostname "$0"
mount --bind "$1" /proc/sys/kernel/random/boot_id
shift
exec "$@"
"""


def missing() -> str:
    """Why there can be no such nodes here, or an empty string."""
    if os.geteuid() or not shutil.which("unshare"):
        return "nodes of their own need root and unshare"
    done = subprocess.run(_unshared("true"), capture_output=True, text=True)
    return f"nodes cannot be made here: {done.stderr.strip()}" if done.returncode else ""


def _unshared(*words: str) -> list[str]:
    apart = ("--uts", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child")
    return ["unshare", *apart, *words]


class Node:
    """A node of a name; ``folder`` is where its boot id lies."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._boot = folder / f"boot-id-of-{name}"
        self._boot.write_text(f"{uuid.uuid4()}\n", encoding="ascii")

    def start(self, *command: str, cwd: Path, env: dict[str, str]) -> "subprocess.Popen[str]":
        """Run a command on the node. Killing what is returned ends the node with all on it."""
        return subprocess.Popen(
            _unshared("sh", "-ec", _START, self.name, str(self._boot), *command),
            cwd=cwd,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def signalled(process: "subprocess.Popen[str]", number: int) -> None:
    """Send a signal to the command that a node runs, and to nothing around it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    (inner,) = children.read_text(encoding="ascii").split()
    os.kill(int(inner), number)
