"""Names in a configuration that lead nowhere, or that cannot stand side by side."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from hmu import registry
from hmu.config.faults import unknown
from hmu.config.given import Given
from hmu.config.lookup import prompt_concepts
from hmu.sections.injection import InjectionSection
from hmu.sections.prompts import PromptsSection, SetSection
from hmu.sections.table import TableSection

TABLES = Path(__file__).resolve().parents[2] / "tables"
_NAMED = (
    *("datasets", "concepts", "backbones", "prompts", "sets", "variants"),
    *("tables", "curves", "injections"),
)
"""The sections whose entries a user names."""

_PLUGINS = (
    ("datasets", "source", "sources"),
    ("datasets", "tagger", "taggers"),
    ("backbones", "kind", "backbones"),
    ("prompts", "kind", "prompts"),
    ("variants", "method", "methods"),
)
"""Which key of which section names a plugin, and the folder of that."""


def of_names(given: Given) -> Iterator[str]:
    """The faults. What has another shape than the schema's is passed over."""
    yield from _plugin_faults(given)
    yield from _alike(given)
    for name, table in given.entries("tables", TableSection).items():
        yield from _table_faults(given, f"tables.{name}", table)
    for name, injection in given.entries("injections", InjectionSection).items():
        yield from _address_faults(given, f"injections.{name}", injection)
    known, concepts = given.names("prompts"), given.names("concepts")
    for name, each in given.entries("prompts", PromptsSection).items():
        for concept in prompt_concepts(each.model_dump()):
            if concept not in concepts:
                yield f"prompts.{name}: {unknown(concept, concepts, 'concept')}"
    for name, each in given.entries("sets", SetSection).items():
        if each.prompts not in known:
            yield f"sets.{name}.prompts: {unknown(each.prompts, known, 'source of prompts')}"


def _plugin_faults(given: Given) -> Iterator[str]:
    """Names of plugins that there are not."""
    for section, key, folder in _PLUGINS:
        for name, entry in given.names(section).items():
            chosen = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(chosen, str) and chosen not in registry.names(folder):
                found = unknown(chosen, registry.names(folder), key)
                yield f"{section}.{name}.{key}: {found}"


def _alike(given: Given) -> Iterator[str]:
    """Names that some file systems take for one another."""
    for section in _NAMED:
        first: dict[str, str] = {}
        for name in map(str, given.names(section)):
            other = first.setdefault(name.casefold(), name)
            if name != other:
                yield (
                    f"{section}.{name}: is {other!r} but for capitals, and some file systems do "
                    "not tell them apart; rename one of them."
                )


def _table_faults(given: Given, key: str, table: TableSection) -> Iterator[str]:
    layouts = sorted(path.stem for path in TABLES.glob("*.yaml"))
    if table.layout not in layouts:
        yield f"{key}.layout: {unknown(table.layout, layouts, 'layout')}"
    yield from _address_faults(given, key, table)
    for variant in table.rows:
        if variant not in given.names("variants"):
            yield f"{key}.rows: {unknown(variant, given.names('variants'), 'variant')}"


def _address_faults(
    given: Given, key: str, section: TableSection | InjectionSection
) -> Iterator[str]:
    for kind in ("dataset", "backbone", "concept"):
        name, known = getattr(section, kind), given.names(f"{kind}s")
        if name is not None and name not in known:
            yield f"{key}.{kind}: {unknown(name, known, kind)}"
