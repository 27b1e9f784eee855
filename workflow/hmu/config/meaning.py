"""What is wrong with a configuration though each value by itself is allowed: names that lead
nowhere, sizes that do not fit, official models that need others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from hmu import registry
from hmu.config.configuration import AnyBackbone, Configuration
from hmu.config.faults import unknown
from hmu.official.sources import DOWNLOAD
from hmu.sections import prompts as standard
from hmu.sections.backbone import Backbone
from hmu.sections.base import Section
from hmu.sections.dataset import DatasetSection
from hmu.sections.evaluation import EvaluationSection
from hmu.sections.prompts import SetSection
from hmu.sections.table import TableSection
from hmu.sections.text_encoder import TextEncoderSection

TABLES = Path(__file__).resolve().parents[2] / "tables"
Kind = TypeVar("Kind")

_PLUGINS = (
    ("datasets", "source", "sources"),
    ("datasets", "tagger", "taggers"),
    ("backbones", "kind", "backbones"),
    ("prompts", "kind", "prompts"),
    ("variants", "method", "methods"),
)
"""Which key of which section names a plugin, and the folder of that."""


@dataclass(frozen=True)
class _Given:
    """A configuration, ``raw``, of which only a part may be well formed."""

    raw: Mapping[str, Any]

    def entries(self, section: str, kind: Any) -> dict[str, Any]:
        """The entries of a section that are such as ``kind`` says, by name."""
        parsed = {name: _parsed(kind, each) for name, each in self.names(section).items()}
        return {name: each for name, each in parsed.items() if each is not None}

    def names(self, section: str) -> Mapping[str, Any]:
        """The entries of a section, whatever they are."""
        found = self.raw.get(section)
        return found if isinstance(found, Mapping) else {}


def _parsed(kind: type[Kind], value: Any) -> Kind | None:
    try:
        return TypeAdapter(kind).validate_python(value, strict=False)
    except ValidationError:
        return None


def of_meaning(config: Any) -> Iterator[str]:
    """The faults. What has another shape than the schema's is passed over."""
    whole = standard.completed(config if isinstance(config, Mapping) else {})
    given = _Given({"backbones": Configuration.model_fields["backbones"].default, **whole})
    backbones: dict[str, Backbone] = given.entries("backbones", AnyBackbone)
    datasets: dict[str, DatasetSection] = given.entries("datasets", DatasetSection)
    encoder = _parsed(TextEncoderSection, given.raw.get("text_encoder", {}))
    measured = _parsed(EvaluationSection, given.raw.get("evaluation", {}))
    yield from _plugin_faults(given)
    yield from _alike(given)
    own: list[tuple[str, Section | None]] = [
        *((f"datasets.{name}", each) for name, each in datasets.items()),
        *((f"backbones.{name}", each) for name, each in backbones.items()),
        ("text_encoder", encoder),
        ("evaluation", measured),
    ]
    for key, section in own:
        if section is not None:
            yield from section.faults(key)
    for name, backbone in backbones.items():
        yield from _sharing_faults(given, backbones, name, backbone)
    for name, table in given.entries("tables", TableSection).items():
        yield from _table_faults(given, f"tables.{name}", table)
    for name, each in given.entries("sets", SetSection).items():
        if each.prompts not in given.names("prompts"):
            known = given.names("prompts")
            yield f"sets.{name}.prompts: {unknown(each.prompts, known, 'source of prompts')}"
    if encoder is not None:
        yield from _official_faults(encoder.weights, backbones, datasets)


def _plugin_faults(given: _Given) -> Iterator[str]:
    """Names of plugins that there are not."""
    for section, key, folder in _PLUGINS:
        for name, entry in given.names(section).items():
            chosen = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(chosen, str) and chosen not in registry.names(folder):
                found = unknown(chosen, registry.names(folder), key)
                yield f"{section}.{name}.{key}: {found}"


def _alike(given: _Given) -> Iterator[str]:
    """Names that some file systems take for one another."""
    for section in given.raw:
        names = [name for name in given.names(section) if isinstance(name, str)]
        count = Counter(map(str.casefold, names))
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(name.casefold(), name)
            if count[name.casefold()] > 1 and name != other:
                yield (
                    f"{section}.{name}: is {other!r} but for capitals, and some file systems do "
                    "not tell them apart; rename one of them."
                )


def _table_faults(given: _Given, key: str, table: TableSection) -> Iterator[str]:
    layouts = sorted(path.stem for path in TABLES.glob("*.yaml"))
    if table.layout not in layouts:
        yield f"{key}.layout: {unknown(table.layout, layouts, 'layout')}"
    for kind in ("dataset", "backbone", "concept"):
        name, known = getattr(table, kind), given.names(f"{kind}s")
        if name is not None and name not in known:
            yield f"{key}.{kind}: {unknown(name, known, kind)}"
    for variant in table.rows:
        if variant not in given.names("variants"):
            yield f"{key}.rows: {unknown(variant, given.names('variants'), 'variant')}"


def _sharing_faults(
    given: _Given, backbones: Mapping[str, Backbone], name: str, backbone: Backbone
) -> Iterator[str]:
    """A backbone that shares parts of none, or that says something of the parts that it shares."""
    key, owner = f"backbones.{name}", backbone.shares
    if owner is None:
        return
    if owner in given.names("backbones") and owner not in backbones:
        return  # what is wrong with that one is said already
    whole = {each: found for each, found in backbones.items() if found.shares is None}
    if owner not in whole:
        yield f"{key}.shares: {unknown(owner, whole, 'backbone with parts of its own')}"
        return
    default, theirs = type(backbone)().parts(), whole[owner].parts()
    for part in backbone.shared:
        if part not in theirs:
            yield f"{key}.shares: {owner!r} has no {part}; leave shares out."
        elif backbone.parts()[part] not in (default[part], theirs[part]):
            yield f"{key}.{part}: is shared with {owner!r}; leave it out, or leave out shares."


def _official_faults(
    clip: str | None, backbones: Mapping[str, Backbone], datasets: Mapping[str, DatasetSection]
) -> Iterator[str]:
    """Official models read what official encoders and tokenizers say, and no other."""
    for name, backbone in backbones.items():
        key, weights = f"backbones.{name}.weights", backbone.weights
        if weights is None:
            continue
        if not clip:
            yield (
                f"{key}: official transformers read CLIP's embeddings; give text_encoder.weights "
                "too (ViT-B-32.pt)."
            )
        if not backbone.official:
            yield (
                f"{key}: there are no official files of the kind {backbone.kind}; leave them out."
            )
        sources = {weights, backbones.get(backbone.shares or name, backbone).weights}
        if None in sources or (len(sources) > 1 and DOWNLOAD in sources):
            yield (
                f"{key}: the tokenizer of {backbone.shares!r} must be official too, from a "
                f"directory or by {DOWNLOAD} as this."
            )
    for name, dataset in datasets.items():
        if dataset.length and not clip:
            yield (
                f"datasets.{name}.length: the official length estimator reads CLIP's embeddings; "
                "give text_encoder.weights too (ViT-B-32.pt)."
            )
        if dataset.evaluator and not dataset.word_vectors:
            yield (
                f"datasets.{name}.evaluator: the official evaluator reads GloVe vectors; give "
                f"datasets.{name}.word_vectors too."
            )
