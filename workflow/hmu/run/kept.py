"""What a job leaves for the next one of the same place that is asked for more.

A step whose literal KEEPS_ACROSS names inputs that only say what is asked for is given a directory,
`hmu.run.job.Job.kept`, which outlives the job, and which the next has as long as all its other
inputs, its settings and its code are the same. It may be deleted at any time.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files


def keep(folder: Path, name: str, made: Path, said: Any = None) -> None:
    """Keep the file ``made`` as ``name``: without taking space, where links can be made; and what
    is ``said`` of it, as JSON can hold it."""
    folder.mkdir(parents=True, exist_ok=True)
    with files.atomic(folder / name) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            os.link(made, temporary)
        except OSError:
            shutil.copyfile(made, temporary)
    files.write_json(folder / f"{name}.json", {"sha256": files.sha256(made), "said": said})


def find(folder: Path, name: str) -> Path | None:
    """The file that was kept, if it is there as it was; one whose note is damaged is none."""
    path, note = folder / name, folder / f"{name}.json"
    if not path.is_file() or not note.is_file():
        return None
    try:
        value = files.read_json(note)
    except InputError:
        return None
    whole = isinstance(value, dict) and value.keys() == {"sha256", "said"}
    return path if whole and value["sha256"] == files.sha256(path) else None


def said(folder: Path, name: str) -> Any:
    """What was said of the file that :func:`find` found."""
    return files.read_json(folder / f"{name}.json")["said"]
