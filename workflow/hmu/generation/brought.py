"""What codes bring into motions, in words, by a record of `hmu.generation.detected`."""

from collections.abc import Mapping
from typing import Any

from hmu.tables.detection import NAMES, worth

BEFORE = "before"
"""The name of the motions as they were made; others are named after what was put into them."""


def of_all(told: Mapping[str, Any]) -> dict[str, str]:
    """Of each name of a record, in a few words, in how many of the motions the concept is found."""
    return {
        each["name"]: f"the detector finds {told['concept']} in {each[NAMES[0]]['above']} of "
        f"{told['prompts']} motions"
        for each in told["shares"]
    }


def of_one(margin: float) -> str:
    """Of one motion, in a few words, whether the concept is found in it."""
    side = "found, {:.2f} above" if margin > 0 else "not found, {:.2f} below"
    return f"{side.format(abs(margin))} the threshold"


def sentence(told: Mapping[str, Any]) -> str:
    """A record in sentences: before, with each code, and what the detector is worth."""
    before, *after = (_counted(each) for each in told["shares"])
    return (
        f"The detector of {told['concept']} finds it in {before} of {told['prompts']} motions "
        f"before; {'; '.join(after)}. In brackets stand 95% intervals of these shares. "
        f"{worth(told['concept'], told['detectors'][NAMES[0]])}"
    )


def _counted(share: Mapping[str, Any]) -> str:
    found = share[NAMES[0]]
    told = f"{found['above']} ({100 * found['low']:.0f} to {100 * found['high']:.0f}%)"
    return told if share["name"] == BEFORE else f"with {share['name']} in {told}"
