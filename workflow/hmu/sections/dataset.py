"""A dataset: where its raw data are, and how they are read."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from hmu.sections.base import Section

LONGEST_CLIP = 199
"""Frames of the longest motions that are trained on or measured; the least is a setting."""


class DemoSection(Section):
    """How the pipeline makes a small raw dataset of its own."""

    style: Literal["humanml3d", "motionx"] = Field(
        default="humanml3d", description="Raw style that is written."
    )
    clips: int = Field(default=500, ge=20, description="Clips to make.")


class DatasetSection(Section):
    """A dataset: where its raw data is, or how the pipeline makes them."""

    source: str = Field(
        description="Style of the raw data, a file in hmu/sources: humanml3d (AMASS, HumanAct12 "
        "and index.csv), motionx (smplx_322), joints (joints/*.npy of 22 joints, y up, 20 fps) or "
        "features (new_joint_vecs/*.npy).",
    )
    raw: str | None = Field(
        default=None,
        min_length=1,
        description="Directory of the raw data, relative to the folder that Snakemake runs in; "
        "null when the pipeline makes them (demo).",
    )
    demo: DemoSection | None = Field(
        default=None,
        description="How the pipeline makes a small raw dataset of its own; null when raw gives "
        "one.",
    )
    benchmark: Literal["HumanML3D", "Motion-X"] | None = Field(
        default=None,
        description="Which dataset of the paper this is: it selects keywords, and allows the "
        "paper's values beside ours; null for any other.",
    )
    shortest: int | None = Field(
        default=None,
        ge=8,
        le=LONGEST_CLIP,
        description="Fewest frames of a motion that is trained on or measured; null takes the "
        "benchmark's: 24 for Motion-X, 40 for any other dataset. The most is 199.",
    )
    tagger: str = Field(
        default="spacy",
        description="Tagger for captions that come as plain sentences, a file in hmu/taggers: "
        "spacy (en_core_web_sm, as HumanML3D uses) or rules (a small one of our own that needs no "
        "download). Captions that come with tokens keep them.",
    )
    on_bad_clip: Literal["stop", "quarantine"] = Field(
        default="stop",
        description="What a bad clip does: stop ends the run with a message; quarantine sets the "
        "clip aside and lists it in quarantine.csv.",
    )
    quarantine_limit: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of the clips above which quarantine stops the run all the same. Clips "
        "of data sets of AMASS that are not there at all do not count; coverage.md has them.",
    )
    statistics: Literal["auto", "published", "computed"] = Field(
        default="auto",
        description="Mean and deviation of the features: published takes Mean.npy and Std.npy of "
        "the raw directory, computed those of the clips, auto the published ones where the "
        "directory has both. How far the two are apart stands in features/report.json.",
    )
    word_vectors: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of GloVe vectors for the evaluator (our_vab_data.npy, "
        "our_vab_words.pkl, our_vab_idx.pkl), as the paper uses, or download for the public ones; "
        "null takes vectors of the pipeline's own.",
    )
    evaluator: str | None = Field(
        default=None,
        min_length=1,
        description="Directory of the official evaluator to take instead of training (folders "
        "text_mot_match and Comp_v6_KLD005), or download for the public one of HumanML3D; null "
        "trains one as the section evaluator says.",
    )
    tmr: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of a TMR checkpoint to take instead of training (last_weights, "
        "config.json, and mean.pt and std.pt of stats/humanml3d/guoh3dfeats where it does not lie "
        "in the folder models of TMR's repository); null trains one as the section tmr says, where "
        "a table asks for it.",
    )
    token_embeddings: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of DistilBERT's token embeddings of all captions that TMR reads, as "
        "TMR's prepare/text_embeddings.py makes it (distilbert-base-uncased.npy, _slice.npy and "
        "_index.json); null takes what the text encoder says of a caption, as its only token.",
    )
    length: str | None = Field(
        default=None,
        min_length=1,
        description="Directory of the official length estimator to take instead of training "
        "(folder length_estimator), or download for the public one of HumanML3D; null trains one "
        "as the section length says.",
    )

    def fewest_frames(self) -> int:
        """Fewest frames of a motion: what ``shortest`` says, or the benchmark's."""
        return self.shortest or shortest_of(self.benchmark)

    def faults(self, key: str) -> Iterator[str]:
        """Raw data from nowhere, from two places, or of two styles; statistics that no demo has."""
        if (self.raw is None) == (self.demo is None):
            given = "neither raw nor" if self.raw is None else "both raw and"
            yield f"{key}: has {given} demo; give one of them."
        elif self.demo and self.demo.style != self.source:
            yield (
                f"{key}.demo.style: is {self.demo.style!r} but source is {self.source!r}; write "
                "the same in both."
            )
        if self.demo and self.statistics == "published":
            yield f"{key}.statistics: is 'published', and the demo has none; write computed."


def shortest_of(benchmark: str | None) -> int:
    """Fewest frames of a motion of a dataset of the paper, or of any other (None).

    Those of the reference's loader of evaluation sets: 40, and 24 for Motion-X.
    """
    return 24 if benchmark == "Motion-X" else 40
