"""What a configuration may say of motions that were made elsewhere."""

from typing import Literal

from pydantic import Field

from hmu.sections.backbone import Backbone


class Section(Backbone):
    """Motions that one model made elsewhere, for one dataset: a directory of them."""

    motions: str = Field(
        min_length=1,
        description="Directory of the motions, a .npy file each, named as the table "
        "results/wanted/DATASET/BACKBONE.csv says, which Snakemake makes before there are any.",
    )
    form: Literal["features", "joints"] = Field(
        default="features",
        description="What a file holds: features (frames, 263), not normalised, or joints "
        "(frames, 22 or more, 3) in metres, y up, 20 frames a second.",
    )
    lengths: Literal["wanted", "own"] = Field(
        default="wanted",
        description="Whether each motion is as long as the table says, or as the model that made "
        "it chose.",
    )
