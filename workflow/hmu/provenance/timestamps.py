"""Results that came by `dvc pull` or a copy: give them back the times at which they were made.

Snakemake runs a job again when an input is newer than an output, and a checkout writes files in
any order. The record of each output says when it was made and what it holds; where the content
agrees, that time is put back, and so what is up to date stays so and what is not does not.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage


def restore(results: Path) -> int:
    """Restore the times of all outputs with records that were not made or restored here before.

    Quick when there is nothing to do: nothing is hashed that has the size and time that the cache
    knows. Returns the number of outputs restored. What differs from its record keeps its time; a
    damaged record counts as none.
    """
    lineage = Lineage(results, tolerant=True)
    cache = results / ".cache" / "hashes"
    restored = 0
    for name in lineage.names():
        path = lineage.path(name)
        if not path.exists() or hashes.known(path, cache):
            continue
        record = lineage.record(name)
        if record is None:
            continue
        found = hashes.content(path)
        if found.sha256 == record.outputs[name].sha256:
            _set_time(path, datetime.fromisoformat(record.value["finished"]))
            restored += 1
        hashes.remember(path, found, cache)
    return restored


def _set_time(path: Path, moment: datetime) -> None:
    """Set modification times: of a file; of a directory, its files and Snakemake's mark in it."""
    seconds = min(moment, datetime.now(UTC)).timestamp()  # never later than what is made next
    if path.is_dir():
        for each in hashes.listing(path).values():
            os.utime(each, (seconds, seconds))
        if (path / hashes.MARK).exists():
            os.utime(path / hashes.MARK, (seconds, seconds))
    os.utime(path, (seconds, seconds))
