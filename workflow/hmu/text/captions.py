"""Captions and split lists of a raw dataset, as tables.

Two forms of text are read. HumanML3D's: ``texts/ID.txt``, or the same in ``texts.zip``, a line
``caption#word/POS word/POS ...#start#end`` for each caption, with start and end in seconds (0 or
nan: the whole clip). Motion-X's: plain sentences in ``texts/semantic_labels/**/name.txt``, which
are put in order (:mod:`hmu.text.labels`) and tagged here; its subset ``humanml`` has HumanML3D's
files. The split lists ``train.txt``, ``val.txt`` and ``test.txt`` name the clips.

A caption that starts before the clip or ends before it starts is left out, and so is a clip without
another: the loaders of the field cut an empty motion for it (EricGuo5513/momask-codes,
data/t2m_dataset.py).
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pyarrow as pa

from hmu.errors import InputError
from hmu.io import contents
from hmu.io.names import flat
from hmu.io.progress import each
from hmu.text import labels, mirror
from hmu.text.label_files import BadText, MissingText, TextFiles
from hmu.text.lists import SPLITS, Fault, read_lists

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
# A clip, its split, and its name in the split list, which may be a path.
SPLIT_TABLE = pa.schema([(column, pa.string()) for column in ("clip", "split", "name")])


@dataclass(frozen=True)
class Caption:
    """A caption: its line in the text file (from 0), tokens, start and end in seconds."""

    index: int
    text: str
    tokens: str
    start: float = 0.0
    end: float = 0.0

    @property
    def possible(self) -> bool:
        """Whether there can be frames between its start and its end, where it has them."""
        return self.start >= 0 and (self.end == 0 or self.end > self.start)


@dataclass(frozen=True)
class Read:
    """What was read: the tables CAPTIONS and SPLIT_TABLE, the clips set aside, those with a motion
    or a text that no list names, which rules the texts have needed, how many mirrored clips have
    the text of their original, mirrored, and the clips left out for the times of their captions."""

    captions: pa.Table
    splits: pa.Table
    faults: list[Fault]
    unlisted: list[Fault]
    labels: labels.Report
    mirrored: int = 0
    untimely: list[Fault] = field(default_factory=list)


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
        raise BadText(f"has {field!r} instead of a start or end in seconds") from None
    if math.isinf(value):
        raise BadText(f"has {field!r} instead of a start or end in seconds")
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
        lines = contents.decode(content).split("\n")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise BadText(f"line {number} is not UTF-8 text") from None
    kept = [(index, line) for index, line in enumerate(lines) if line.strip()]
    if not kept:
        raise BadText("is empty")
    return kept


def read(
    raw: Path,
    motions: Collection[str],
    tagger: Callable[[], Tagger],
    aside: Collection[str] = (),
    mirrored: Collection[str] = (),
) -> Read:
    """Read the captions of every listed clip that is among ``motions``.

    ``tagger`` makes the tagger, and is called only if the texts are plain sentences. A listed clip
    without a motion is a fault, unless it was set ``aside`` before, for a reason given there. A
    ``mirrored`` clip without a text has that of its original (named without the ``M``), mirrored.
    Raises InputError when the directory, the texts or a split list is missing.
    """
    texts = TextFiles(raw)
    listed, faults = read_lists(raw)
    faults += texts.faults
    tag = cache(tagger()) if texts.plain else None  # many clips share a label
    report = labels.Report()
    rows: list[tuple[str, int, str, str, float, float]] = []
    kept: list[tuple[str, str, str]] = []
    known, turns = frozenset(motions), 0
    untimely: list[Fault] = []
    for name, split in each(listed.items(), "captions", "clips"):
        clip = flat(name)
        if clip in aside and clip not in known:
            continue
        if clip not in known:
            faults.append(Fault(clip, f"{split}.txt", "the clip is listed but has no motion"))
            continue
        try:
            content, turned = _content(texts, name, clip in mirrored)
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
        timely = [caption for caption in captions if caption.possible]
        if len(timely) < len(captions):
            report.note(["times"], texts.name(name))
            captions = timely
        if not captions:
            reason = "has no caption that starts in the clip and ends after that"
            untimely.append(Fault(clip, texts.name(name), reason))
            continue
        kept.append((clip, split, name))
        if turned:
            turns += 1
            captions = [_mirrored(caption) for caption in captions]
        rows += [(clip, c.index, c.text, c.tokens, c.start, c.end) for c in captions]
    unlisted = _unlisted({flat(name) for name in listed}, motions, texts)
    tables = _table(rows, CAPTIONS), _table(kept, SPLIT_TABLE)
    return Read(*tables, faults, unlisted, report, turns, untimely)


def _content(texts: TextFiles, name: str, mirrored: bool) -> tuple[bytes, bool]:
    """The text of a clip, and whether it is that of the clip of which this is the mirrored copy."""
    try:
        return texts.read(name), False
    except MissingText:
        folder, slash, own = name.rpartition("/")
        if not mirrored or not own.startswith("M"):
            raise
        try:
            return texts.read(f"{folder}{slash}{own[1:]}"), True
        except MissingText:
            pass  # what is missing is the text of the clip
        raise


def _mirrored(caption: Caption) -> Caption:
    return replace(
        caption, text=mirror.mirrored(caption.text), tokens=mirror.mirrored(caption.tokens)
    )


def _unlisted(listed: Collection[str], motions: Collection[str], texts: TextFiles) -> list[Fault]:
    """Clips that have files but stand in no list: nobody wants them, which is not wrong."""
    found = dict.fromkeys(motions, "") | {clip: texts.name(clip) for clip in texts.clips()}
    reason = "the clip is in no split list"
    return [Fault(clip, found[clip], reason) for clip in sorted(found) if clip not in listed]


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
            raise InputError(f"{what} Fix it, or set the dataset's `on_bad_clip: quarantine`.")
        if bad > limit * (bad + good):
            raise InputError(
                f"{what} {bad} of {bad + good} clips are bad, above `quarantine_limit: {limit}`: "
                "fix them, or raise the limit."
            )
    left = set(result.splits["split"].to_pylist())
    for split in SPLITS:
        if split not in left:
            raise InputError(f"{raw / split}.txt: no clip of the list can be used; fix them.")


def _table(rows: list[tuple[object, ...]] | list, schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
