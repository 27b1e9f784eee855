"""Motions and samples: what models are trained on and measured with.

The rules are those of the reference's loader of evaluation sets (Mamiglia/momask-codes,
data/t2m_dataset.py, Text2MotionDatasetEval): a clip counts if it has 40 to 199 frames, of Motion-X
24 to 199; each of its captions is a sample of its own, cut to the caption's start and end when it
has them, and dropped if fewer frames remain.
"""

from typing import Any

from hmu.errors import InputError
from hmu.io import parquet
from hmu.sections.dataset import LONGEST_CLIP

FRAMES_PER_SECOND = 20


def build(captions: Any, splits: Any, index: Any, shortest: int) -> tuple[Any, Any]:
    """The tables of motions and of samples, both ordered by clip.

    ``captions`` and ``splits`` as hmu.text.captions makes them, ``index`` the index of the
    features (columns clip and length, in frames). Motions: motion, clip, start (int32, frame in
    the clip), frames (int32, ``shortest`` or more), split. Samples: sample, motion, clip,
    caption_index, caption, tokens, split. Raises InputError when a split has no sample.
    """
    table = captions.merge(splits, on="clip", validate="many_to_one")
    table = table.merge(index[["clip", "length"]], on="clip", validate="many_to_one")
    table = table[table["length"].between(shortest, LONGEST_CLIP)]
    length = table["length"].astype("int64")
    start = (table["start"] * FRAMES_PER_SECOND).astype("int64")
    end = (table["end"] * FRAMES_PER_SECOND).astype("int64")
    # Cut off like int() in the reference; without a tag, the first frame and the last.
    start = start.where(table["start"] > 0, 0).clip(upper=length)
    end = end.where(table["end"] > 0, length).clip(upper=length)
    table = table.assign(first=start, frames=end - start)
    table = table[table["frames"].between(shortest, LONGEST_CLIP)]
    table = table.sort_values(["clip", "caption_index"], kind="stable", ignore_index=True)
    for split in ("train", "val", "test"):
        if not (table["split"] == split).any():
            raise InputError(
                f"The {split} split has no caption of a motion of {shortest} to {LONGEST_CLIP} "
                "frames: check the split lists, the lengths of the clips, and the captions' start "
                "and end."
            )
    whole = table["frames"] == table["length"]
    last = table["first"] + table["frames"]
    tagged = table["clip"] + "@" + table["first"].astype(str) + "-" + last.astype(str)
    table["motion"] = table["clip"].where(whole, tagged)
    table["sample"] = table["caption_index"].astype(str) + "%" + table["clip"]
    motions = table[["motion", "clip", "first", "frames", "split"]].rename(
        columns={"first": "start"}
    )
    motions = motions.astype({"start": "int32", "frames": "int32"})
    motions = motions.drop_duplicates("motion", ignore_index=True)
    names = ["sample", "motion", "clip", "caption_index", "caption", "tokens", "split"]
    return motions, table[names]


def read(captions: Any, splits: Any, index: Any, shortest: int) -> tuple[Any, Any]:
    """`build` from the paths of the three Parquet files."""
    tables = [parquet.frame(path) for path in (captions, splits, index)]
    return build(tables[0], tables[1], tables[2], shortest)
