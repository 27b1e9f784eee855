"""Benign motions near those of a concept, by a list of ours: what should not be forgotten with it.

Some move the limbs that the concept moves, some hold its very word ("kicks off the left shoe"),
which rejects none here. The list (neighbours.yaml) has those near each of the paper's concepts,
and near a wave. They stand for no real motions; each says how long it is. Two lists fill a pool of
32, as that near a wave does by itself.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hmu.interface.prompts import Prompt, PromptContext
from hmu.io import yaml_document

PARAMS = {
    "near": {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {
            "enum": [
                "kick",
                "punch",
                "blade",
                "gun",
                "martial_arts",
                "crawl",
                "jump",
                "throw",
                "zombie",
                "duck",
                "wave",
            ]
        },
        "description": "What the motions are near to; punch also to hits, boxing, hooks and jabs, "
        "blade to swords, stabs, slashes and weapons, gun to shots, crawl to creeping and sliding, "
        "jump to leaps and hops, zombie to the dead, and duck to squats.",
    }
}
FILES: tuple[str, ...] = ()
WRITTEN = True
UNTAGGED = True

SIDES = ("left", "right")
_LIST = Path(__file__).with_name("neighbours.yaml")


def prompts(context: PromptContext) -> Iterator[Prompt]:
    """The prompts near each of ``near``, named KIND-NUMBER, or KIND-NUMBER-SIDE."""
    for kind in context.params["near"]:
        for number, (text, frames) in enumerate(listed()[kind].items(), start=1):
            name = f"{kind}-{number:02d}"
            if "{side}" not in text:
                yield Prompt(name, text, frames=frames)
                continue
            for side in SIDES:
                yield Prompt(f"{name}-{side}", text.format(side=side), frames=frames)


@cache
def listed() -> dict[str, dict[str, int]]:
    """The list: by kind, texts and the frames of their motions."""
    found: dict[str, dict[str, int]] = yaml_document.parse(_LIST.read_text(encoding="utf-8"))
    return found
