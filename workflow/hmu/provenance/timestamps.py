"""Results that came by `dvc pull` or a copy: give them back the times at which they were made.

Snakemake runs a job again when an input is newer than an output, and a checkout writes files in
any order. The record of each output says when it was made and what it holds; where the content
agrees, that time is put back, and so what is up to date stays so and what is not does not. An
output that is shorter than its record says was cut short, by a full disk or a copy that was broken
off: it is put aside, so that it is missing for Snakemake, which asks for no more than a name.
"""

import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hmu.io import files
from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage


@dataclass
class Restored:
    """How many outputs could not be changed, as on a disk that is only read, and which were too
    short."""

    refused: int = 0
    short: list[str] = field(default_factory=list)


def restore(results: Path) -> Restored:
    """Restore the times of all outputs with records that were not made or restored here before.

    Quick when there is nothing to do: nothing is hashed that has the size and time that the cache
    knows. A damaged record counts as none. What is not shorter than its record says and differs
    from it keeps its time: `hmu verify` names it. No byte is changed, and nothing is removed but
    what was put aside before under the same name; what a job makes meanwhile stays.
    """
    lineage = Lineage(results, tolerant=True)
    cache = results / ".cache" / "hashes"
    done = Restored()
    for name in lineage.names():
        path = lineage.path(name)
        if not path.exists() or hashes.known(path, cache):
            continue
        record = lineage.record(name)
        if record is None:
            continue
        found, recorded = hashes.content(path), record.outputs[name]
        try:
            if found.bytes < recorded.bytes:
                if Lineage(results, tolerant=True).record(name) != record:
                    continue  # a job has made it anew meanwhile, and knows what it holds
                done.short.append(name)
                shutil.rmtree(files.cut_short(path), ignore_errors=True)  # an earlier directory
                path.replace(files.cut_short(path))
                continue
            if found.sha256 == recorded.sha256:
                _set_time(path, datetime.fromisoformat(record.value["finished"]))
        except OSError:
            done.refused += 1
        hashes.remember(path, found, cache)
    return done


def _set_time(path: Path, moment: datetime) -> None:
    """Set modification times: of a file; of a directory, its files and Snakemake's mark in it."""
    seconds = min(moment, datetime.now(UTC)).timestamp()  # never later than what is made next
    if path.is_dir():
        for each in hashes.listing(path).values():
            os.utime(each, (seconds, seconds))
        if (path / hashes.MARK).exists():
            os.utime(path / hashes.MARK, (seconds, seconds))
    os.utime(path, (seconds, seconds))
