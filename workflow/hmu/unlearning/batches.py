"""Training batches of the forget or of the retain set, for methods that train."""

from hmu.errors import InputError
from hmu.interface.methods import Context
from hmu.models.batches.codes import CodeBatches
from hmu.models.batches.tables import Rows


def code_batches(context: Context, batch: int, forget: bool) -> CodeBatches:
    """Codes and captions of the clips to forget, or of those to retain, from their train and val
    splits.

    The method reads ``codes``, ``captions`` and ``clips``. Raises InputError when a split is empty.
    """
    captions, clips = context.captions(), context.clips()
    named = clips["clip"][clips["forget"] == forget]
    samples = captions.samples[captions.samples["clip"].isin(named)]
    training, validation = (samples[samples["split"] == split] for split in ("train", "val"))
    if training.empty or validation.empty:
        side = "forget" if forget else "retain"
        raise InputError(
            f"The {side} set of the concept {context.address['concept']!r} leaves {len(training)} "
            f"captions to train on and {len(validation)} to validate with: both splits need some; "
            "check the split lists and the concept's keywords."
        )
    rows = dict(zip(samples["caption"], samples["row"], strict=True))
    return CodeBatches(
        context.codes(),
        Rows(training, validation),
        captions.embeddings,
        rows,
        batch,
        context.device,
    )
