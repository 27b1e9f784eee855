"""Whose numbers may stand beside the paper's."""

from collections.abc import Mapping
from typing import Any

from hmu.config.configuration import Configuration
from hmu.sections.backbone import Backbone, Trained
from hmu.sections.base import Section

# Of MM-Safe and of the scale of decoded motions the paper has one arithmetic in its text and
# another in its code, from which its numbers came; on its forget sets, where some caption of every
# pool is masked, and with one scale for all models, as when they are trained here, both give the
# same. Its code also measures the few samples that fill no pool. The size of a batch changes no
# result, but for rounding in bfloat16 or on a GPU.
_FREE = {
    "length": frozenset[str](),
    "evaluator": frozenset[str](),
    "generation": frozenset({"batch"}),
    "evaluation": frozenset({"mm_safe", "decoded", "last_pool"}),
}
"""The sections that must be the paper's, and what of them need not be."""


def paper_comparable(config: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """The datasets and backbones of a validated configuration whose numbers may stand beside the
    paper's.

    The dataset is one of the paper's with its lengths; models, generation and evaluation have the
    paper's settings (of MM-Safe and of the decoded scale, those of its text or of its code), and
    captions are encoded by the official CLIP weights and GloVe vectors.
    """
    given = Configuration.model_validate(config, strict=False)
    if given.text_encoder.weights is None:
        return frozenset()
    if not all(_as_by_default(getattr(given, name), free) for name, free in _FREE.items()):
        return frozenset()
    return frozenset(
        (dataset, backbone)
        for dataset, each in given.datasets.items()
        if each.benchmark is not None and each.shortest is None and each.word_vectors is not None
        for backbone, model in given.backbones.items()
        if _of_the_paper(model)
    )


def _as_by_default(section: Section, free: frozenset[str]) -> bool:
    return section.model_dump(exclude=set(free)) == type(section)().model_dump(exclude=set(free))


def _of_the_paper(backbone: Backbone) -> bool:
    by_default = backbone.parts() == type(backbone)().parts()
    unlearned = isinstance(backbone, Trained) and backbone.file is not None
    return backbone.in_paper and by_default and not unlearned
