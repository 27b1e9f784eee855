"""The record that every job leaves, and the way back through the records.

``results/lineage/<output>.json`` says which job made the output: what it read and wrote (hashes),
settings, seed, code, packages, device, time, and what counters of energy held. Of each source file
it holds the hash of the bytes and the digest of what the file does (``behaviour``). The outputs of
one job have the same record each.
Paths in records are relative to the directory that holds ``results``, unless the job was given an
absolute one.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from hmu.errors import InputError
from hmu.io import files, json_document
from hmu.provenance.hashes import Content

FORMAT = 3


class Record(NamedTuple):
    """One job's record, read from one of its files; what it read and wrote, by path."""

    value: Mapping[str, Any]
    inputs: Mapping[str, Content]
    outputs: Mapping[str, Content]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Record":
        """Of the JSON of a record. Raises what reading other JSON raises."""
        inputs, outputs = (
            {each["path"]: Content.of_json(each) for each in value[key]}
            for key in ("inputs", "outputs")
        )
        return cls(value, inputs, outputs)

    @property
    def job(self) -> Mapping[str, Any]:
        """The names under which the step had its inputs and outputs, with their paths."""
        return {key: dict(self.value["job"][key]) for key in ("inputs", "outputs", "only")}

    @property
    def code(self) -> dict[str, tuple[str, str]]:
        """Of each source file that the job ran, the hash of its bytes and of what it does."""
        files = self.value["code"]["files"]
        return {name: (each["sha256"], each["behaviour"]) for name, each in files.items()}

    @property
    def energy(self) -> dict[str, float]:
        """Joules that whole processors (``rapl``) and the whole GPU (``nvml``) took while the job
        ran, with what ran beside it; without those of which no counter was read."""
        read = self.value.get("energy", {})
        return {kind: sum(joules.values()) for kind, joules in read.items()}

    @property
    def seal(self) -> str:
        """Identifies this run of the job: the hash of everything else in the record."""
        return str(self.value["seal"])

    def made(self) -> str:
        """Its outputs, for a message: the first, and how many more."""
        names = list(self.outputs)
        return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} beside it)"

    @property
    def step(self) -> str:
        return str(self.value["step"])


class Lineage:
    """The records under one results directory. Each is read once.

    A damaged record raises InputError, or with ``tolerant`` is noted in ``damage`` (by the
    record's file) and counts as absent.
    """

    def __init__(self, results: Path, tolerant: bool = False) -> None:
        self.tolerant = tolerant
        self.damage: dict[Path, str] = {}
        self.results = Path(os.path.abspath(results))
        self.root = self.results.parent
        self.folder = self.results / "lineage"
        self._read: dict[Path, Record | None] = {}

    @classmethod
    def around(cls, path: Path, tolerant: bool = False) -> "Lineage":
        """The lineage that ``path`` belongs to: of the outermost parent that has records of what is
        in it, since a folder `lineage` put among the results is no record of theirs.

        Raises InputError when no parent has any.
        """
        absolute = Path(os.path.abspath(path))
        parents = [each for each in (absolute, *absolute.parents) if (each / "lineage").is_dir()]
        for parent in reversed(parents):
            if parent == parents[0] or _speaks_of(parent / "lineage", parents[0], parent):
                return cls(parent, tolerant)
        raise InputError(
            f"{path} has no record: it is not inside a results directory with a `lineage` folder."
            " Make it with `snakemake`, or name a file under results/."
        )

    def name(self, path: Path) -> str:
        """How records call ``path``."""
        if path.is_absolute() and not path.is_relative_to(self.root):
            return path.as_posix()
        return Path(os.path.relpath(os.path.abspath(path), self.root)).as_posix()

    def path(self, name: str) -> Path:
        """Where the file that records call ``name`` is on this machine."""
        return Path(os.path.normpath(self.root / name))

    def is_ours(self, name: str) -> bool:
        """Whether ``name`` is inside the results, so that a job must have made it."""
        return self.path(name).is_relative_to(self.results)

    def address(self, name: str) -> Path:
        """The file of the record of output ``name``."""
        inside = self.path(name).relative_to(self.results)
        return self.folder / f"{inside.as_posix()}.json"

    def record(self, name: str) -> Record | None:
        """The record of exactly this output. Raises InputError when it is damaged."""
        if not self.is_ours(name) or self.path(name) == self.results:
            return None
        return self._load(self.address(name))

    def producers(self, name: str) -> list[str]:
        """The outputs with records that ``name`` is, is inside of, or contains."""
        if not self.is_ours(name):
            return []
        if self.record(name) is not None:
            return [name]
        for parent in PurePosixPath(name).parents:
            record = self.record(str(parent))
            if record is not None:
                listing = record.outputs[str(parent)].files or {}
                inside = str(PurePosixPath(name).relative_to(parent))
                return [str(parent)] if inside in listing else []
        return sorted(self._below(name))

    def names(self) -> list[str]:
        """Every output that has a record."""
        return sorted(self._below(self.name(self.results)))

    def _below(self, name: str) -> Iterator[str]:
        folder = self.folder / self.path(name).relative_to(self.results)
        for address in folder.rglob("*.json"):
            inside = address.relative_to(self.folder).as_posix().removesuffix(".json")
            yield self.name(self.results / inside)

    def _load(self, address: Path) -> Record | None:
        if address not in self._read:
            try:
                self._read[address] = self._own(address)
            except InputError as error:
                if not self.tolerant:
                    raise
                self.damage[address] = str(error)
                self._read[address] = None
        return self._read[address]

    def _own(self, address: Path) -> Record | None:
        """The record in a file, if it speaks of the output that the file is named after."""
        record = _parse(address)
        inside = address.relative_to(self.folder).as_posix().removesuffix(".json")
        name = self.name(self.results / inside)
        if record is not None and name not in record.outputs:
            spoken = next(iter(record.outputs), "nothing")
            raise InputError(
                f"The record {address} speaks of {spoken}, not of {name}: give a renamed folder its"
                " name again, or delete the output and make it again."
            )
        return record

    def forget(self, name: str) -> None:
        """Remove the record of an output that is about to be replaced."""
        self.address(name).unlink(missing_ok=True)
        self._read.pop(self.address(name), None)

    def write(self, sealed: str, outputs: Iterable[str]) -> None:
        """Write a sealed record for each of its outputs."""
        written = {}
        for address in map(self.address, outputs):
            address.parent.mkdir(parents=True, exist_ok=True)
            written[files.staged(address)] = address
            self._read.pop(address, None)
        try:
            for path in written:
                path.write_text(sealed, encoding="utf-8")
                files.settle(path)
            files.rename(written)
        finally:
            for path in written:
                path.unlink(missing_ok=True)

    def slim(self, name: str, content: Content) -> dict[str, Any]:
        """An input as a record names it: the listing of a directory only if nobody else has it."""
        value = {"path": name, **content.as_json()}
        record = None if content.files is None else self.record(name)
        if record is not None and record.outputs[name].sha256 == content.sha256:
            value.pop("files", None)
        return value


def _speaks_of(folder: Path, inner: Path, outer: Path) -> bool:
    """Whether records in ``folder``, of the results ``outer``, are of what lies in ``inner``."""
    inside = inner.relative_to(outer).as_posix()
    return (folder / inside).is_dir() or (folder / f"{inside}.json").is_file()


def seal(value: Mapping[str, Any]) -> str:
    """The text of a record, with a hash of its own: damage to the record itself then shows."""
    digest = hashlib.sha256(_text(value).encode("utf-8")).hexdigest()
    return _text({**value, "seal": digest})


_SEAL = re.compile(r'(?m)^ "seal": "([0-9a-f]{64})",\n')
"""The line of a record's seal: keys of its outermost level stand behind one space."""


def _is_sealed(text: str, value: Mapping[str, Any]) -> bool:
    """Whether ``text``, which says ``value``, is what :func:`seal` wrote. The rest of a record is
    what its seal is of: to write it anew takes ten times as long, and many have to be read."""
    if found := _SEAL.search(text):
        rest = text[: found.start()] + text[found.end() :]
        if hashlib.sha256(rest.encode("utf-8")).hexdigest() == found[1]:
            return True
    return seal({key: each for key, each in value.items() if key != "seal"}) == text


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _parse(address: Path) -> Record | None:
    remedy = "delete the output that it describes and make it again"
    try:
        text = address.read_bytes().decode("utf-8")
        value = json_document.parse(text)
        if not _is_sealed(text, value):
            raise ValueError("its seal does not match")
        if value["format"] != FORMAT:
            raise InputError(f"{address} has record format {value['format']}: {remedy}.")
        record = Record.of(value)
        _ = record.job, record.code  # there, and readable
        return record
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"The record {address} is damaged ({error}): {remedy}.") from error
