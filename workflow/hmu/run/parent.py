"""Jobs end with the Snakemake that started them, even where it was killed and could tell nobody."""

import os
import select
import signal
import threading

VARIABLE = "HMU_PARENT"
"""Environment variable with the process number of the Snakemake on the same machine."""


def end_together() -> None:
    """Ask this process to end (SIGTERM, so that it cleans up) when its Snakemake has.

    Does nothing where none started it, or where the system has no handles on processes (Linux has).
    """
    number = os.environ.get(VARIABLE, "")
    if not number.isdecimal() or not hasattr(os, "pidfd_open"):
        return
    try:
        handle = os.pidfd_open(int(number))
    except OSError:  # in a container of its own, say, where the number means nothing
        return
    threading.Thread(target=_watch, args=(handle,), name="parent", daemon=True).start()


def _watch(handle: int) -> None:
    select.select([handle], [], [])
    os.kill(os.getpid(), signal.SIGTERM)
