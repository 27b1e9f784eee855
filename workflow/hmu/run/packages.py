"""Packages that a tagger needs and no lock has, as its literal ``NEEDS`` names them."""

import importlib.util

from hmu import registry


def missing(tagger: str) -> str | None:
    """What to do about the first that is not installed where this runs, None where all are."""
    needs: dict[str, str] = registry.literals("taggers", tagger).get("NEEDS", {})
    absent = (said for package, said in needs.items() if importlib.util.find_spec(package) is None)
    return next(absent, None)
