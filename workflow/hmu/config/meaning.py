"""What is wrong with a configuration though each value by itself is allowed: sizes that do not fit,
windows that no motion fills, parts that are shared and not there, official models that need
others."""

from collections.abc import Collection, Iterator, Mapping

from hmu.config.configuration import AnyBackbone
from hmu.config.faults import unknown
from hmu.config.given import Given, parsed
from hmu.official import releases
from hmu.official.sources import DOWNLOAD
from hmu.sections.backbone import Trained
from hmu.sections.base import Section
from hmu.sections.dataset import LONGEST_CLIP, DatasetSection
from hmu.sections.evaluation import EvaluationSection
from hmu.sections.evaluator import EvaluatorSection
from hmu.sections.text_encoder import TextEncoderSection
from hmu.sections.tmr import TmrSection
from hmu.sections.training import WindowedSchedule


def of_meaning(given: Given) -> Iterator[str]:
    """The faults. What has another shape than the schema's is passed over."""
    backbones = given.entries("backbones", AnyBackbone)
    trained = {name: each for name, each in backbones.items() if isinstance(each, Trained)}
    datasets: dict[str, DatasetSection] = given.entries("datasets", DatasetSection)
    encoder = parsed(TextEncoderSection, given.raw.get("text_encoder", {}))
    own: dict[str, Section | None] = {
        **{f"datasets.{name}": each for name, each in datasets.items()},
        **{f"backbones.{name}": each for name, each in backbones.items()},
        "text_encoder": encoder,
        "evaluator": parsed(EvaluatorSection, given.raw.get("evaluator", {})),
        "tmr": parsed(TmrSection, given.raw.get("tmr", {})),
        "evaluation": parsed(EvaluationSection, given.raw.get("evaluation", {})),
    }
    for key, section in own.items():
        if section is not None:
            yield from section.faults(key)
            yield from _window_faults(key, section)
    refused = given.names("backbones").keys() - backbones.keys()
    for name, backbone in trained.items():
        yield from _sharing_faults(refused, trained, name, backbone)
    if encoder is not None:
        yield from _official_faults(encoder.weights, trained, datasets)


def _window_faults(key: str, section: Section) -> Iterator[str]:
    """Windows that no motion fills, in a section or in those inside it."""
    for name, value in section:
        if isinstance(value, WindowedSchedule) and value.window > LONGEST_CLIP:
            yield (
                f"{key}.{name}.window: is {value.window}; write at most {LONGEST_CLIP}, the frames "
                "of the longest motions that are trained on."
            )
        elif isinstance(value, Section):
            yield from _window_faults(f"{key}.{name}", value)


def _sharing_faults(
    refused: Collection[str], backbones: Mapping[str, Trained], name: str, backbone: Trained
) -> Iterator[str]:
    """A backbone that shares parts of none, or that says something of the parts that it shares.

    Of the ``refused`` ones it is said already what is wrong.
    """
    key, owner = f"backbones.{name}", backbone.shares
    if owner is None or owner in refused:
        return
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
    clip: str | None, backbones: Mapping[str, Trained], datasets: Mapping[str, DatasetSection]
) -> Iterator[str]:
    """Official models read what official encoders and tokenizers say, and no other."""
    for name, backbone in backbones.items():
        key, weights = f"backbones.{name}.weights", backbone.weights
        if backbone.file is not None and weights in (None, DOWNLOAD):
            yield (
                f"backbones.{name}.file: is {backbone.file!r}, a file in the directory {key}; give "
                "that directory, or leave file out."
            )
        if weights is None:
            continue
        if backbone.kind not in releases.kinds():
            yield (
                f"{key}: there are no official files of the kind {backbone.kind}; leave them out."
            )
            continue
        if not clip:
            yield (
                f"{key}: official transformers read CLIP's embeddings; give text_encoder.weights "
                "too (ViT-B-32.pt)."
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
        if dataset.tmr and not dataset.token_embeddings:
            yield (
                f"datasets.{name}.tmr: a TMR checkpoint reads DistilBERT's token embeddings; give "
                f"datasets.{name}.token_embeddings too."
            )
