"""What the configured pictures need of a configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

from hmu.config.configuration import Configuration
from hmu.config.lookup import keywords
from hmu.errors import InputError
from hmu.figures import curve_plan
from hmu.sections import injection
from hmu.sections.backbone import Trained
from hmu.tables.binding import Bound


def of_curves(config: Mapping[str, Any], tables: Mapping[str, Bound]) -> Iterator[str]:
    """Curves through nothing; ``tables`` are all of the configuration."""
    for name, curve in config["curves"].items():
        try:
            curve_plan.of_curve(name, curve, tables)
        except InputError as error:
            yield str(error)


def of_injections(config: Configuration) -> Iterator[str]:
    """Codes that a tokenizer lacks, places that no motion has, backbones without codes, concepts
    without keywords."""
    for name, told in config.injections.items():
        backbone = told.backbone or next(iter(config.backbones))
        section = config.backbones[backbone]
        if not isinstance(section, Trained):
            yield (
                f"injections.{name}.backbone: {backbone!r} is motions that were made elsewhere, "
                "without codes; write a backbone with parts."
            )
            continue
        tokenizer = section.parts()["tokenizer"]
        codebook, longest = (getattr(tokenizer, key, None) for key in ("codes", "longest"))
        if longest and (needed := injection.needed(told.at, told.tokens)) > longest:
            yield (
                f"injections.{name}.tokens: up to {needed} tokens of a motion make way, and the "
                f"longest of {backbone!r} has {longest}; write fewer, or at: an earlier one."
            )
        if codebook and (unknown := [code for code in told.codes if code >= codebook]):
            yield (
                f"injections.{name}.codes: there is no code {unknown[0]}: the codebook of "
                f"{backbone!r} has 0 to {codebook - 1}."
            )
        try:
            keywords(config.plain(), told.concept, told.dataset)
        except InputError as error:
            yield str(error)
