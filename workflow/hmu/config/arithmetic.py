"""Whose arithmetic: that of the paper's text, or all at once that of its code.

Sections say in ``reference``, methods in the literal REFERENCE, with which values they do as the
paper's code does. With ``arithmetic: reference`` these are the defaults; what a configuration says
itself still holds.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hmu import registry
from hmu.sections.concept import ConceptSection
from hmu.sections.evaluation import EvaluationSection

REFERENCE = "reference"


def completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """A well-formed configuration with the values of the paper's code where it asks for its
    arithmetic and says nothing else."""
    if given.get("arithmetic") != REFERENCE:
        return dict(given)
    return {
        **given,
        "evaluation": {**EvaluationSection.reference, **given.get("evaluation", {})},
        "concepts": {
            name: {**ConceptSection.reference, **each} for name, each in given["concepts"].items()
        },
        "variants": {
            name: {**_of_method(each["method"]), **each} for name, each in given["variants"].items()
        },
    }


def said(config: Mapping[str, Any]) -> list[str]:
    """What a validated configuration switches to the arithmetic of the paper's code, and what its
    own keys keep from it, in words; nothing where it does not ask for it."""
    if config["arithmetic"] != REFERENCE:
        return []
    switched, kept = [], []
    for key, value, theirs, of in _switches(config):
        if value == theirs:
            switched.append(f"{key} {_shown(theirs)}")
        else:
            kept.append(f"{key} {_shown(value)}{f' of {of}' if of else ''}")
    every = "; ".join(dict.fromkeys(switched))
    lines = [f"The arithmetic of the paper's code (arithmetic: reference): {every}."]
    if kept:
        lines.append(f"Kept from it by keys of their own: {'; '.join(kept)}.")
    return lines


def _switches(config: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, str]]:
    """Each key that differs between text and code: its value, that of the code, and of which
    concept or variant it is ("" where of none)."""
    for key, theirs in EvaluationSection.reference.items():
        yield f"evaluation.{key}", config["evaluation"][key], theirs, ""
    for name, concept in config["concepts"].items():
        for key, theirs in ConceptSection.reference.items():
            yield f"concepts.{key}", concept[key], theirs, name
    for name, variant in config["variants"].items():
        for key, theirs in _of_method(variant["method"]).items():
            yield f"{variant['method']}.{key}", variant[key], theirs, name


def _of_method(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = registry.literals("methods", name).get("REFERENCE", {})
    return found


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
