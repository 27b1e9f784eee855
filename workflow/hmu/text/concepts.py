"""Forget and retain sets by keyword.

The benchmark's protocol (Mamiglia/hmu, scripts/utils/split_dataset.sh) puts a clip into the forget
set if any line of its text file, captions and tokens, contains any keyword as a substring,
case-sensitively. That also catches "white" for "hit"; matching by lemma, whole words among the
tokens, is there beside it, with a table of the captions on which the two differ. The script that
makes all of its results (scripts/night_script.sh) asks for two lines that match.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hmu.errors import InputError
from hmu.io import parquet

MATCHING = ("substring", "lemma")
# The splits of the text lists, each as the splits that it is made of.
LISTS = {
    "train": ("train",),
    "val": ("val",),
    "test": ("test",),
    "train_val": ("train", "val"),
    "all": ("train", "val", "test"),
}
_MATCH_COLUMNS = ["clip", "caption_index", "keyword", "line"]
_DISAGREEMENT_COLUMNS = ["keyword", "word", "matched_by", "clip", "caption_index", "caption"]


@dataclass(frozen=True)
class Partition:
    """A concept's sets (pandas tables).

    ``clips``: clip, split, name (in the split list), forget. ``matches``: clip, caption_index,
    keyword, line (the whole text line), one row for each keyword that a caption matches.
    ``disagreements``: keyword, word (what in the line decided: "white" for "hit"), matched_by (the
    one of MATCHING that holds), clip, caption_index, caption, changes_set (whether the clip is in
    the forget set by that one way only), ordered by keyword and word.
    """

    clips: Any
    matches: Any
    disagreements: Any


def of_files(
    captions: Path,
    splits: Path,
    motions: Path,
    concept: str,
    dataset: str,
    keywords: Sequence[str],
    matching: str,
    min_lines: int,
) -> Partition:
    """The sets of a concept of a dataset whose tables these files are, `check`ed."""
    clips = parquet.frame(motions, columns=["clip"])["clip"]
    tables = parquet.frame(captions), parquet.frame(splits), clips
    found = partition(*tables, keywords, matching, min_lines)
    check(found.clips, concept, dataset, keywords, min_lines)
    return found


def same_clips(found: Partition, made: Path) -> bool:
    """Whether a table of clips that was made before, if it is there, says the same."""
    return made.is_file() and parquet.frame(made).equals(found.clips)


def contains(text: str, keyword: str) -> bool:
    """The benchmark's way: the keyword stands anywhere in the text line."""
    return keyword in text


def has_lemma(tokens: str, keyword: str) -> bool:
    """The strict way: the keyword is a whole word among the tokens ``word/POS``, in either case.

    HumanML3D's tokens hold verbs and nouns as lemmas.
    """
    return f" {keyword}/".lower() in f" {tokens}".lower()


def text_line(caption: str, tokens: str, start: float, end: float) -> str:
    """A caption as a line of a HumanML3D text file."""
    return f"{caption}#{tokens}#{start}#{end}"


def partition(
    captions: Any,
    splits: Any,
    motions: Iterable[str],
    keywords: Sequence[str],
    matching: str = "substring",
    min_lines: int = 1,
) -> Partition:
    """Split the clips that have a split and a motion into forget and retain.

    A clip is in the forget set if ``min_lines`` of its captions match any keyword.

    Tables as hmu.text.captions makes them; ``motions`` are the clips of motions.parquet. Clips
    keep the order of ``splits``. Every caption of a clip counts, also one whose own motion is too
    short to be a sample.
    """
    clips = splits[splits["clip"].isin(frozenset(motions))].reset_index(drop=True)
    rows = captions[captions["clip"].isin(frozenset(clips["clip"]))]
    matches: list[tuple[Any, ...]] = []
    disagreements: list[tuple[Any, ...]] = []
    lines: dict[str, set[tuple[str, int]]] = {way: set() for way in MATCHING}
    for row in rows.itertuples(index=False):
        text = f"{row.caption}#{row.tokens}"
        folded = text.lower()
        for keyword in keywords:
            if keyword.lower() not in folded:  # neither way matches: nearly always so
                continue
            found = {"substring": contains(text, keyword), "lemma": has_lemma(row.tokens, keyword)}
            ways = [way for way in MATCHING if found[way]]
            for way in ways:
                lines[way].add((row.clip, row.caption_index))
            if found[matching]:
                line = text_line(row.caption, row.tokens, row.start, row.end)
                matches.append((row.clip, row.caption_index, keyword, line))
            if len(ways) == 1:
                word = _around(text, keyword) if found["substring"] else keyword.lower()
                where = (row.clip, row.caption_index, row.caption)
                disagreements.append((keyword, word, ways[0], *where))
    by = {way: _often(found, min_lines) for way, found in lines.items()}
    table = _typed(disagreements, _DISAGREEMENT_COLUMNS)
    table["changes_set"] = table["clip"].isin(by["substring"] ^ by["lemma"])
    return Partition(
        clips.assign(forget=clips["clip"].isin(by[matching])),
        _typed(matches, _MATCH_COLUMNS),
        table.sort_values(["keyword", "word", "clip", "caption_index"], ignore_index=True),
    )


def _often(lines: Iterable[tuple[str, int]], times: int) -> set[str]:
    """The clips of which so many captions are among ``lines``, each (clip, caption_index)."""
    counted = Counter(clip for clip, _ in lines)
    return {clip for clip, count in counted.items() if count >= times}


def _around(text: str, keyword: str) -> str:
    """The word of a text line that holds the keyword, in lower case: "white" for "hit"."""
    start = text.index(keyword)
    before = re.search(r"[^\s#/]*$", text[:start])
    after = re.match(r"[^\s#/]*", text[start + len(keyword) :])
    return f"{before[0] if before else ''}{keyword}{after[0] if after else ''}".lower()


def check(
    clips: Any, concept: str, dataset: str, keywords: Sequence[str], min_lines: int = 1
) -> None:
    """Raise InputError if the forget or the retain set is empty, on train or on test."""
    for split in ("train", "test"):
        forget = clips["forget"][clips["split"] == split]
        words = ", ".join(keywords)
        if not forget.any():
            raise InputError(
                f"The concept {concept!r} has an empty forget set on the {split} split of "
                f"{dataset!r}: no {_captions(min_lines)} {words}. Fix "
                f"concepts.{concept}.keywords{'' if min_lines == 1 else ' or min_lines'}."
            )
        if forget.all():
            raise InputError(
                f"The concept {concept!r} has an empty retain set on the {split} split of "
                f"{dataset!r}: every clip matches {words}. Choose narrower keywords in "
                f"concepts.{concept}.keywords."
            )


def _captions(min_lines: int) -> str:
    return "caption matches" if min_lines == 1 else f"clip has {min_lines} captions that match"


def text_lists(clips: Any, concept: str) -> dict[str, list[str]]:
    """The text lists by file name, named as the reference names them; clips have the names of the
    split lists, as there."""
    lists = {}
    for name, members in LISTS.items():
        inside = clips["split"].isin(members)
        lists[f"{name}-w-{concept}.txt"] = clips["name"][inside & clips["forget"]].tolist()
        lists[f"{name}-wo-{concept}.txt"] = clips["name"][inside & ~clips["forget"]].tolist()
    return lists


def _typed(rows: list[tuple[Any, ...]], columns: list[str]) -> Any:
    """A table with the column types that it also has when it is empty."""
    types = {"caption_index": "int16"}
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({name: types.get(name, "str") for name in columns})
