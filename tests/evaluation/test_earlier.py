"""One repeat more describes the motions of that repeat alone, and leaves the bytes of the whole."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from hmu.backbones.codec import Codec
from hmu.evaluation import describe, earlier
from hmu.evaluation.earlier import Repeats
from hmu.evaluation.made import Made
from hmu.interface.descriptors import Motion
from hmu.io.store import ClipStore, ClipWriter
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.sections.tokenizer import TokenizerSizes

CPU = torch.device("cpu")
SEES = ("codes", "features")
PROMPTS = 150
"""More than a batch holds."""


class Company:
    """Says of a motion what others are in its batch, as rounding does in the last bits."""

    def __init__(self) -> None:
        self.seen = 0

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        self.seen += len(batch)
        frames = sum(len(each.features) for each in batch if each.features is not None)
        own = [0 if each.features is None else float(each.features[0, 0]) for each in batch]
        return np.array([[each, len(batch), frames] for each in own], np.float32)

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        raise TypeError


def generated(repeats: int, first: int = 0) -> Made:
    """Motions of each prompt in each repeat; the first is of the code ``first``."""
    sizes = TokenizerSizes(codes=8, code_dim=4, width=4, depth=1, quantizers=1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokenizer = Tokenizer(sizes).eval()
    scale = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
    keys = [(str(each), repeat, 0) for repeat in range(repeats) for each in range(PROMPTS)]
    random = np.random.default_rng(1)
    codes = [random.integers(8, size=(random.integers(2, 6), 1)).astype(np.int16) for _ in keys]
    codes[0][0] = first
    return Made(Codec(tokenizer, scale, CPU), codes, np.array([4 * len(c) for c in codes]), keys)


def told(made: Made) -> Repeats:
    return Repeats.of(made.repeats, made.identities())


def describing(made: Made, folder: Path) -> tuple[np.ndarray, int]:
    """What a job finds, and how many motions it looked at for that."""
    company = Company()
    found = describe.generated(company, SEES, made, earlier.find(folder, told(made)))
    np.save(folder / "made.npy", found)
    earlier.keep(folder / "kept", folder / "made.npy", told(made))
    return found, company.seen


@pytest.mark.parametrize("repeats", [4, 2])
def test_another_number_of_repeats_has_the_bytes_of_the_whole(tmp_path: Path, repeats: int) -> None:
    before, _ = describing(generated(3), tmp_path)
    company = Company()
    made = generated(repeats)
    known = earlier.find(tmp_path / "kept", told(made))
    grown = describe.generated(company, SEES, made, known)
    assert company.seen == max(0, repeats - 3) * PROMPTS
    whole = describe.generated(Company(), SEES, made)
    assert grown.tobytes() == whole.tobytes()
    shorter = min(repeats, 3) * PROMPTS
    assert grown[:shorter].tobytes() == before[:shorter].tobytes()


def test_the_same_again_and_other_motions_are_described_again(tmp_path: Path) -> None:
    describing(generated(3), tmp_path)
    kept = tmp_path / "kept"
    assert earlier.find(kept, told(generated(3))) is None
    assert earlier.find(kept, told(generated(4, first=7))) is None
    made = generated(4)
    other = [(prompt, repeat + 1, draw) for prompt, repeat, draw in made.keys]
    named = Made(made.codec, made.codes, made.frames, other)
    assert earlier.find(kept, told(named)) is None, "a control alters each motion by its key"
    cut = Made(made.codec, made.codes, made.frames - 1, made.keys)
    assert earlier.find(kept, told(cut)) is None
    found = earlier.find(kept, told(made))
    assert found is not None
    assert found.shape == (3 * PROMPTS, 3)


def test_real_crops_are_described_with_those_of_the_repeat_that_has_them_first(
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(2)
    with ClipWriter(tmp_path / "data", tmp_path / "index", (FEATURES,)) as writer:
        for clip in range(20):
            writer.add(str(clip), random.normal(size=(60, FEATURES)).astype(np.float32))
    store = ClipStore(tmp_path / "data", tmp_path / "index")
    rows = [(r, str(clip), int(random.integers(3)), 40) for r in range(4) for clip in range(20)]
    crops = pd.DataFrame(rows, columns=["repeat", "clip", "start", "frames"])
    three = crops[crops["repeat"] < 3]
    known = describe.stored(Company(), ("features",), store, three, CPU)
    company = Company()
    grown = describe.stored(company, ("features",), store, crops, CPU, known)
    new = {*rows_of(crops)} - {*rows_of(three)}
    assert company.seen == len(new)
    assert 0 < len(new) < 20
    whole = describe.stored(Company(), ("features",), store, crops, CPU)
    assert grown.tobytes() == whole.tobytes()
    assert grown[: len(three)].tobytes() == known.tobytes()
    fewer = describe.stored(company, ("features",), store, three, CPU, grown[: len(three)])
    assert fewer.tobytes() == known.tobytes()


def rows_of(crops: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(crops[["clip", "start", "frames"]].itertuples(index=False, name=None))
