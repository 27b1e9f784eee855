"""A job: what one step reads, writes and is told. The record of it is the lineage."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from hmu.errors import InputError
from hmu.io import json_document

Inputs = Mapping[str, Path | list[Path]]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def one(inputs: Inputs, name: str) -> Path:
    """The one path of that name."""
    path = inputs[name]
    if isinstance(path, list):
        raise TypeError(f"input {name!r} is a list of {len(path)}")
    return path


class Job(NamedTuple):
    """The description of one run of ``hmu.steps.<step>``, as the workflow hands it over.

    ``inputs`` maps a name to one path or a list of paths, ``outputs`` a name to a path (a file or
    a directory, as the step makes it); ``settings`` is the part of the configuration that the
    step depends on; ``plugins`` are the modules that it loads by name
    (``hmu.methods.lcr``), ``code`` is the digest of its source and theirs; ``rule`` is the
    workflow's name for it. ``results`` is the directory that holds the records. ``only`` gives, of
    inputs that are directories, the patterns of the files that the step reads, where it reads not
    all of them.

    ``scratch`` is for the step alone: a directory (not made yet) that outlives an interrupted
    run and is there again when the same job, with the same inputs, settings and code, is run
    again; removed when the job is done. Settings in a step's ``RESUMES_ACROSS`` may differ.
    """

    step: str
    inputs: Inputs
    outputs: Mapping[str, Path]
    settings: Mapping[str, Any] = _NOTHING
    seed: int = 0
    code: str = ""
    rule: str = ""
    threads: int = 1
    plugins: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = _NOTHING
    results: Path = Path("results")
    scratch: Path = Path("results/.scratch")
    kept: Path = Path("results/.cache/kept")

    @classmethod
    def parse(cls, text: str, **more: Any) -> "Job":
        """Read a job from JSON, one object or several that each say a part; ``more`` is added.

        Raises InputError when the text is not a job.
        """
        try:
            raw = {**_merged(text), **more}
            raw["inputs"] = {name: _paths(value) for name, value in raw["inputs"].items()}
            raw["outputs"] = {name: Path(value) for name, value in raw["outputs"].items()}
            raw["plugins"] = tuple(raw.get("plugins", ()))
            raw["only"] = {name: tuple(each) for name, each in raw.get("only", {}).items()}
            raw["results"] = Path(raw.get("results", "results"))
            job = cls(**raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"This is not a job description ({error}); see `hmu step --help`."
            raise InputError(message) from error
        if not job.outputs:
            raise InputError(f"The job {job.step} has no outputs; see `hmu step --help`.")
        return job

    def input(self, name: str) -> Path:
        """The one input of that name."""
        return one(self.inputs, name)

    def optional(self, name: str) -> Path | None:
        """The one input of that name, or None when the job has none."""
        return self.input(name) if name in self.inputs else None

    def input_list(self, name: str) -> list[Path]:
        """All inputs of that name."""
        path = self.inputs[name]
        return path if isinstance(path, list) else [path]

    def all_inputs(self) -> list[Path]:
        """Every input path, in order."""
        return [path for name in self.inputs for path in self.input_list(name)]


def _merged(text: str) -> dict[str, Any]:
    """The entries of the JSON objects that stand one after another."""
    found: dict[str, Any] = {}
    for value in json_document.parse_all(text):
        found = {**found, **value}
    return found


def _paths(value: str | list[str]) -> Path | list[Path]:
    return [Path(each) for each in value] if isinstance(value, list) else Path(value)
