"""Make the built-in dataset at the raw level."""

from hmu.demo.raw import write_humanml3d, write_motionx
from hmu.errors import InputError
from hmu.run.job import Job

WRITERS = {"humanml3d": write_humanml3d, "motionx": write_motionx}


def run(job: Job) -> None:
    """Write the output directory ``raw`` of ``clips`` clips in the ``style`` of the settings.

    Raises InputError for an unknown style or fewer than one clip.
    """
    style, clips = job.settings["style"], int(job.settings["clips"])
    if style not in WRITERS:
        raise InputError(
            f"config: the demo has no style {style!r}; use one of {', '.join(WRITERS)}."
        )
    if clips < 1:
        raise InputError("config: the demo's `clips` must be at least 1.")
    WRITERS[style](job.outputs["raw"], job.seed, clips)
