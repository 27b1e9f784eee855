"""The features of HumanML3D: from joints to the 263 values."""

from collections.abc import Iterator

import numpy as np

from benchmarks import inputs, notebook, official
from benchmarks.timing import Bench, Case
from hmu.motion.features import to_features

_FRAMES = (41, 61, 81, 121, 161, 196)
"""As clips of HumanML3D are long."""


def cases(bench: Bench) -> Iterator[Case]:
    """Official: ``process_file`` of the notebook, a clip at a time, on the same joints."""
    theirs = notebook.process_file(official.checkout(bench, "EricGuo5513", "HumanML3D"))
    count = bench.size(120, 6)
    clips = [inputs.joints(clip, _FRAMES[clip % len(_FRAMES)]) for clip in range(count)]
    for clip in clips[: len(_FRAMES)]:
        np.testing.assert_allclose(to_features(clip), theirs(clip), atol=1e-4)
    yield Case(
        "features",
        f"{count} clips, {sum(map(len, clips))} frames",
        lambda: [to_features(clip) for clip in clips],
        lambda: [theirs(clip) for clip in clips],
        ratio=10,
    )
