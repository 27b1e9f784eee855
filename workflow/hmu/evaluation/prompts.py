"""The prompts of a source as a table, each with the real motion that it stands for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from hmu.errors import InputError
from hmu.interface.prompts import Prompt, Rejected
from hmu.text import naming

SPLIT = "test"
SCHEMA = pa.schema(
    [
        ("prompt", pa.string()),
        ("caption", pa.string()),
        ("tokens", pa.string()),
        ("sample", pa.string()),
        ("motion", pa.string()),
        ("clip", pa.string()),
        ("frames", pa.int32()),
    ]
)


REJECTED = pa.schema(
    [
        ("sample", pa.string()),
        ("explicit", pa.string()),
        ("prompt", pa.string()),
        ("reason", pa.string()),
    ]
)


def sifted(
    given: Iterable[Prompt | Rejected], keywords: Sequence[str], tag: Callable[[str], str]
) -> tuple[list[Prompt], list[Rejected]]:
    """The prompts that hold none of the ``keywords`` nor their lemmas, tagged; and the others."""
    prompts: list[Prompt] = []
    rejected: list[Rejected] = []
    lemmas = naming.lemmas(keywords, tag)
    for each in given:
        if isinstance(each, Rejected):
            rejected.append(each)
            continue
        tokens = each.tokens or tag(each.caption)
        held = naming.held(each.caption, tokens, keywords, lemmas)
        if held is None:
            prompts.append(replace(each, tokens=tokens))
        else:
            rejected.append(Rejected(each.sample or each.name, f"holds {held!r}", each.caption))
    return prompts, rejected


def none_taken(rejected: Sequence[Rejected], concepts: Iterable[str]) -> str:
    """What is wrong where all prompts are rejected: most hold words of ``concepts``."""
    return (
        f"none of {len(rejected)} prompts can be taken; the first, for the sample "
        f"{rejected[0].sample!r}, {rejected[0].reason}. Give prompts that hold no word of "
        f"{', '.join(concepts)}."
    )


def checked(prompts: Iterable[Prompt], source: str) -> Iterator[Prompt]:
    """The same prompts. Raises InputError, naming ``source``, when two have one name, or one has
    neither sample nor frames."""
    names = set()
    for prompt in prompts:
        if prompt.name in names:
            raise InputError(f"{source} has two prompts named {prompt.name!r}: rename one.")
        if prompt.sample is None and prompt.frames is None:
            raise InputError(
                f"{source}: prompt {prompt.name!r} has neither `sample` nor `frames`: say whose "
                "motion it stands for, or how long its motion is."
            )
        names.add(prompt.name)
        yield prompt


def rejections(rejected: Iterable[Rejected], samples: Any) -> pa.Table:
    """What was rejected with the columns of ``REJECTED``: beside each the caption that it was to
    stand for, null where there is none."""
    said = dict(samples[["sample", "caption"]].itertuples(index=False))
    rows = [(each.sample, said.get(each.sample), each.caption, each.reason) for each in rejected]
    columns = zip(*rows, strict=True) if rows else ((),) * len(REJECTED)
    return pa.table([list(column) for column in columns], schema=REJECTED)


def of_the_test_split(samples: Any) -> Any:
    """The rows of ``samples`` (pandas) that are measured with, sorted by sample.

    Sorting makes all that follows the same however the samples were ordered in their file.
    """
    chosen = samples[samples["split"] == SPLIT]
    return chosen.sort_values("sample", ignore_index=True)


def table(prompts: Iterable[Prompt], samples: Any, source: str) -> pa.Table:
    """The prompts with the columns of ``SCHEMA``, sorted by name.

    ``samples`` are those of the test split (sample, motion, clip). ``motion`` and ``clip`` are null
    for a prompt that stands for no sample, ``frames`` for one that does. Raises InputError as
    :func:`checked`, and when a sample is not in the test split.
    """
    places = {
        sample: (motion, clip)
        for sample, motion, clip in samples[["sample", "motion", "clip"]].itertuples(index=False)
    }
    rows: dict[str, tuple[Any, ...]] = {}
    for prompt in checked(prompts, source):
        motion = clip = None
        if prompt.sample is not None:
            if prompt.sample not in places:
                raise InputError(
                    f"{source}: prompt {prompt.name!r} stands for the sample {prompt.sample!r}, "
                    f"which the {SPLIT} split does not have (a sample is INDEX%CLIP): correct it."
                )
            motion, clip = places[prompt.sample]
        frames = None if prompt.sample is not None else prompt.frames
        rows[prompt.name] = (
            prompt.name, prompt.caption, prompt.tokens, prompt.sample, motion, clip, frames,
        )  # fmt: skip
    columns = zip(*(rows[name] for name in sorted(rows)), strict=True)
    return pa.table([list(column) for column in columns], schema=SCHEMA)
