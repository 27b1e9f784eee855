"""``origin.json`` beside every model: where it is from, whichever way it was made."""

from pathlib import Path
from typing import Any, Literal

from hmu.io import files
from hmu.provenance import hashes
from hmu.run.job import Job

How = Literal["trained", "imported", "unlearned"]


def write(job: Job, how: How, **told: Any) -> None:
    """Write the output ``origin``.

    It says ``how`` the model was made, ``from`` which files (path and SHA-256 by the name of the
    input; that of a directory is over its listing), and what is ``told`` beside: a seed, epochs,
    parameters, notes, what an export needs.
    """
    sources = {
        name: [_source(path) for path in value] if isinstance(value, list) else _source(value)
        for name, value in job.inputs.items()
    }
    files.write_json(job.outputs["origin"], {**told, "how": how, "from": sources})


def _source(path: Path) -> dict[str, str]:
    return {"path": path.as_posix(), "sha256": hashes.content(path).sha256}
