"""For a token transformer: codes of the training motions, and embeddings of their captions."""

import os
from collections.abc import Mapping
from typing import Any

import torch

from hmu.interface.backbones import Recipe
from hmu.models import storage
from hmu.models.batches.codes import CodeBatches
from hmu.models.stored import Stored
from hmu.run.job import Inputs, one
from hmu.sections.base import Section
from hmu.sections.tokenizer import Vocabulary
from hmu.sections.training import Schedule


def recipe(
    sizes: type[Section], inputs: Inputs, section: Mapping[str, Any], device: torch.device
) -> Recipe:
    """The part's section says its sizes, with the codes of the tokenizer and the width of texts."""
    # oneDNN would keep what it prepared for each number of tokens in a batch. Few come again, and
    # what it keeps lies between the tensors, so that memory grows from epoch to epoch.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
    schedule = Schedule.of(section["training"])
    concept = one(inputs, "concept") if "concept" in inputs else None
    batches = CodeBatches.read(inputs, schedule.batch, device, concept)
    tokenizer = Stored.among(inputs, "tokenizer")
    vocabulary = storage.load_sizes(tokenizer.config, Vocabulary, others=True)
    made = sizes.of(section, **dict(vocabulary), text_dim=batches.text.shape[1])
    return Recipe(made, batches, schedule)
