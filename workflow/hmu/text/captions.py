"""Captions and split lists of a raw dataset, as tables.

Two forms of text are read. HumanML3D's: ``texts/ID.txt``, or the same in ``texts.zip``, a line
``caption#word/POS word/POS ...#start#end`` for each caption, with start and end in seconds (0 or
nan: the whole clip). Motion-X's: plain sentences in ``texts/semantic_labels/**/name.txt``, which
are put in order (:mod:`hmu.text.labels`) and tagged here; its subset ``humanml`` has HumanML3D's
files. The split lists ``train.txt``, ``val.txt`` and ``test.txt`` name the clips.
"""

import math
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pyarrow as pa

from hmu.errors import InputError
from hmu.names import flat
from hmu.progress import each
from hmu.text import labels

SPLITS = ("train", "val", "test")
# As the README of Motion-X has them, and as its archives unpack.
_LABEL_FOLDERS = ("texts/semantic_labels", "texts/semantic_label", "semantic_labels",
                  "motionx_seq_text_v1.1", "motionx_seq_text")  # fmt: skip
_LARGEST_FILE = 1 << 20  # bytes; the longest text file of the datasets has a few thousand

Tagger = Callable[[str], str]

CAPTIONS = pa.schema(
    [
        ("clip", pa.string()),
        ("caption_index", pa.int16()),
        ("caption", pa.string()),
        ("tokens", pa.string()),
        # float64: the frame of a tag is int(seconds * 20), which rounding to float32 would change.
        ("start", pa.float64()),
        ("end", pa.float64()),
    ]
)
SPLIT_TABLE = pa.schema([("clip", pa.string()), ("split", pa.string())])


@dataclass(frozen=True)
class Caption:
    """A caption: its line in the text file (from 0), tokens, start and end in seconds."""

    index: int
    text: str
    tokens: str
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class Fault:
    """Why a clip cannot be used, and which file says so."""

    clip: str
    file: str
    reason: str


class BadText(ValueError):
    """A text file that cannot be used; the message says what is wrong and where."""


@dataclass(frozen=True)
class Read:
    """What was read: the tables CAPTIONS and SPLIT_TABLE, the clips set aside, and which rules the
    plain sentences have needed."""

    captions: pa.Table
    splits: pa.Table
    faults: list[Fault]
    labels: labels.Report


def parse_line(index: int, line: str) -> Caption:
    """One line of a HumanML3D text file. Raises BadText, without the line number, if malformed."""
    fields = line.strip().split("#")
    if len(fields) != 4:
        raise BadText(f"has {len(fields)} fields between #, not caption#tokens#start#end")
    text, tokens = fields[0], " ".join(fields[1].split())
    if not text.strip() or not tokens:
        raise BadText("has no caption or no tokens")
    odd = next((token for token in tokens.split() if token.count("/") != 1), None)
    if odd is not None:
        raise BadText(f"has the token {odd!r}, which is not word/POS")
    return Caption(index, text, tokens, *map(_seconds, fields[2:]))


def _seconds(field: str) -> float:
    try:
        value = float(field)
    except ValueError:
        raise BadText(f"has {field!r} where start or end in seconds belongs") from None
    if math.isinf(value):
        raise BadText(f"has {field!r} where start or end in seconds belongs")
    return 0.0 if math.isnan(value) else value


def parse_text(content: bytes) -> list[Caption]:
    """The captions of a HumanML3D text file; blank lines count but are passed over.

    Raises BadText for what is not UTF-8, holds no caption, or has a malformed line.
    """
    captions = []
    for index, line in _lines(content):
        try:
            captions.append(parse_line(index, line))
        except BadText as error:
            raise BadText(f"line {index + 1} {error}") from None
    return captions


def parse_label(content: bytes, tagger: Tagger) -> tuple[list[Caption], list[str]]:
    """The captions of a file of plain sentences, one a line, tagged; and the rules of
    `hmu.text.labels` that changed something.

    A file of HumanML3D is taken as it is. Raises BadText as `parse_text` does.
    """
    first = next((line for line in content.split(b"\n") if line.strip()), b"")
    if first.count(b"#") == 3 and b"/" in first:
        return parse_text(content), ["with tokens"]
    try:
        found, applied = labels.sentences(content)
    except labels.Undecodable as error:
        raise BadText(str(error)) from None
    if not found:
        raise BadText("is empty")
    captions = []
    for index, text in found:
        tokens = tagger(text)
        if not tokens:
            raise BadText(f"line {index + 1} has no words")
        captions.append(Caption(index, text, tokens))
    return captions, applied


def _lines(content: bytes) -> list[tuple[int, str]]:
    """Lines that are not blank, with their numbers from 0; only a line feed ends a line."""
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise BadText(f"line {number} is not UTF-8 text") from None
    kept = [(index, line) for index, line in enumerate(lines) if line.strip()]
    if not kept:
        raise BadText("is empty")
    return kept


class TextFiles:
    """The text files of a raw directory, by the name in the split lists."""

    def __init__(self, raw: Path) -> None:
        """Find out where the texts are. Raises InputError when there are none."""
        if not raw.is_dir():
            raise InputError(f"{raw} is missing: set the dataset's `raw` to the directory.")
        self.raw = raw
        folders = [raw / name for name in _LABEL_FOLDERS]
        self.folder = next((path for path in folders if path.is_dir()), raw / "texts")
        self.plain = self.folder in folders
        self._zip: zipfile.ZipFile | None = None
        if not self.folder.is_dir():
            archive = raw / "texts.zip"
            if not archive.is_file():
                raise InputError(
                    f"{raw} has neither texts/ nor texts.zip: put the dataset's captions there."
                )
            try:
                self._zip = zipfile.ZipFile(archive)
            except (zipfile.BadZipFile, OSError) as error:
                raise InputError(f"{archive} is damaged ({error}): download it again.") from error
            self._entries = {
                PurePosixPath(entry.filename).name: entry
                for entry in self._zip.infolist()
                if not entry.is_dir() and is_safe(entry.filename)
            }

    def name(self, listed: str) -> str:
        """Where the text of a listed clip belongs, relative to the raw directory."""
        if self._zip is not None:
            return f"texts.zip:{listed}.txt"
        return f"{self.folder.relative_to(self.raw).as_posix()}/{listed}.txt"

    def _path(self, listed: str) -> Path:
        """Texts of ``humanml`` may lie a folder deeper, as HumanML3D's texts.zip unpacks."""
        path = self.folder / f"{listed}.txt"
        deeper = path.parent / "texts" / path.name
        return deeper if self.plain and not path.is_file() and deeper.is_file() else path

    def read(self, listed: str) -> bytes:
        """The content of a clip's text file. Raises BadText when it is missing or unreadable."""
        try:
            if self._zip is not None:
                entry = self._entries[f"{listed}.txt"]
                size = entry.file_size
                content = self._zip.read(entry) if size <= _LARGEST_FILE else b""
            else:
                path = self._path(listed)
                size = path.stat().st_size
                content = path.read_bytes() if size <= _LARGEST_FILE else b""
        except (KeyError, FileNotFoundError):
            raise BadText(f"is missing{self._hint(listed)}") from None
        except (OSError, RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
            raise BadText(f"cannot be read ({error})") from None
        if size > _LARGEST_FILE:
            raise BadText(f"has {size} bytes, which no text file of captions has")
        return content

    def _hint(self, listed: str) -> str:
        """A folder that is spelled otherwise than in the lists (GRAB_txt, Humman)."""
        subset = listed.partition("/")[0]
        if not self.plain or (self.folder / subset).is_dir():
            return ""
        wanted = subset.casefold()
        near = sorted(
            path.name for path in self.folder.iterdir() if path.name.casefold().startswith(wanted)
        )
        return f"; there is a folder {near[0]}: should it be {subset}?" if near else ""


def is_safe(name: str) -> bool:
    """Whether a name from a list or an archive stays inside its directory."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def read_lists(raw: Path) -> tuple[dict[str, str], list[Fault]]:
    """The split of each listed name, in the order of the lists, and names that cannot be used.

    Raises InputError when a list is missing, not UTF-8, or empty.
    """
    splits: dict[str, str] = {}
    owner: dict[str, str] = {}
    faults = []
    for split in SPLITS:
        path = raw / f"{split}.txt"
        try:
            names = path.read_text(encoding="utf-8-sig").split("\n")
        except FileNotFoundError as error:
            raise InputError(
                f"{path} is missing: list the clips of the split, one a line."
            ) from error
        except (UnicodeDecodeError, OSError) as error:
            raise InputError(f"{path} cannot be read as UTF-8 text ({error}): mend it.") from error
        names = [name.strip() for name in names if name.strip()]
        if not names:
            raise InputError(f"{path} is empty: list the clips of the split, one a line.")
        for name in names:
            clip = flat(name)
            if not is_safe(name):
                faults.append(Fault(clip, path.name, "the name leaves its directory"))
            elif clip in owner:
                other = owner[clip]
                faults.append(Fault(clip, path.name, f"the clip is listed in {other} already"))
            else:
                splits[name], owner[clip] = split, path.name
    return splits, faults


def read(raw: Path, motions: Collection[str], tagger: Callable[[], Tagger]) -> Read:
    """Read the captions of every listed clip that is among ``motions``.

    ``tagger`` makes the tagger, and is called only if the texts are plain sentences. Raises
    InputError when the directory, the texts or a split list is missing.
    """
    texts = TextFiles(raw)
    listed, faults = read_lists(raw)
    tag = cache(tagger()) if texts.plain else None  # many clips share a label
    report = labels.Report()
    rows: list[tuple[str, int, str, str, float, float]] = []
    kept: list[tuple[str, str]] = []
    known = frozenset(motions)
    for name, split in each(listed.items(), "captions", "clips"):
        clip = flat(name)
        if clip not in known:
            faults.append(Fault(clip, f"{split}.txt", "the clip is listed but has no motion"))
            continue
        try:
            content = texts.read(name)
            if tag:
                captions, applied = parse_label(content, tag)
                report.note(applied, texts.name(name))
            else:
                captions = parse_text(content)
        except BadText as error:
            faults.append(Fault(clip, texts.name(name), str(error)))
            if tag:
                report.note(["set aside"], texts.name(name))
            continue
        kept.append((clip, split))
        rows += [(clip, c.index, c.text, c.tokens, c.start, c.end) for c in captions]
    return Read(_table(rows, CAPTIONS), _table(kept, SPLIT_TABLE), faults, report)


def settle(result: Read, raw: Path, on_bad_clip: str, limit: float) -> None:
    """Let bad clips pass, set aside, or end the run: what ``on_bad_clip`` and ``limit`` say.

    Raises InputError with the first of them: on ``stop``, and when their share of the listed clips
    is above ``limit``; also when a split has no clip left.
    """
    bad, good = len(result.faults), result.splits.num_rows
    if bad:
        first = result.faults[0]
        others = f" ({bad - 1} more like it)" if bad > 1 else ""
        what = f"{raw / first.file}: clip {first.clip}: {first.reason}{others}."
        if on_bad_clip == "stop":
            raise InputError(f"{what} Mend it, or set the dataset's `on_bad_clip: quarantine`.")
        if bad > limit * (bad + good):
            raise InputError(
                f"{what} {bad} of {bad + good} clips are bad, above `quarantine_limit: {limit}`: "
                "mend them, or raise the limit."
            )
    left = set(result.splits["split"].to_pylist())
    for split in SPLITS:
        if split not in left:
            raise InputError(f"{raw / split}.txt: no clip of the list can be used; mend them.")


def _table(rows: list[tuple[object, ...]] | list, schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
