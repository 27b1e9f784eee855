"""Generation and embedding give the same numbers however the work is cut."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from benchmarks.timing import Bench
from benchmarks.workspace import Workspace
from hmu import rng
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.codec import Codec
from hmu.backbones.momask import masked as momask
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.descriptors.embedding import SEES, Embedding
from hmu.errors import InputError
from hmu.evaluation import describe
from hmu.evaluation.made import Made
from hmu.generation.sampling import Request, generate
from hmu.interface.descriptors import Motion
from hmu.io import codes
from hmu.io.store import ClipStore, ClipWriter
from hmu.models import residual as residual_model
from hmu.models.batches.codes import CodeBatches
from hmu.models.batches.tables import Rows
from hmu.models.evaluator import Evaluator
from hmu.models.layered import LayeredSampler
from hmu.models.residual import ResidualTransformer
from hmu.models.sampling import choose
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.run.side_by_side import side_by_side
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from hmu.steps import codes as codes_step
from hmu.steps import describe as describe_step
from hmu.steps import generate as generate_step
from hmu.text.vectors import WordVectors

SIZES = TransformerSizes(
    latent=16, heads=2, layers=2, feedforward=32, text_dim=6, codes=12, code_dim=8, quantizers=3
)
SETTINGS = {
    "steps": 4,
    "guidance": 3.0,
    "residual_guidance": 2.0,
    "temperature": 1.0,
    "keep": 0.5,
    "precision": "float32",
}
CPU = torch.device("cpu")
SCALE = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))


def models() -> tuple[MaskedTransformer, ResidualTransformer, np.ndarray]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        masked, residual = (
            MaskedTransformer(SIZES).eval(),
            ResidualTransformer(ResidualSizes.of(SIZES)).eval(),
        )
        for parameter in [*masked.parameters(), *residual.parameters()]:
            parameter.data *= 8  # sharp enough that rounding meets no tie
        return masked, residual, torch.randn(5, 6).numpy()


def embedded(evaluator: Evaluator, tokenizer: Tokenizer, made: list[np.ndarray]) -> np.ndarray:
    """Embeddings of the motions that the tokenizer decodes from codes."""
    descriptor = Embedding(evaluator, WordVectors.open(), SCALE, CPU)
    frames = np.array([4 * len(each) for each in made])
    return describe.generated(descriptor, SEES, Made(Codec(tokenizer, SCALE, CPU), made, frames))


REQUESTS = [
    Request(f"{caption}%clip", repeat, 0, 5 + 3 * caption, caption)
    for repeat in range(2)
    for caption in range(5)
]


def test_codes_do_not_depend_on_batch_size_order_or_company() -> None:
    masked, residual, text = models()

    def run(requests: list[Request], batch: int) -> list[np.ndarray]:
        return generate(
            LayeredSampler(masked, residual), text, requests, {**SETTINGS, "batch": batch}, 1, CPU
        )

    together = run(REQUESTS, 10)
    for batch in (1, 3):
        for one, other in zip(together, run(REQUESTS, batch), strict=True):
            np.testing.assert_array_equal(one, other)
    backwards = run(REQUESTS[::-1], 4)[::-1]
    alone = [run([request], 1)[0] for request in REQUESTS]
    for one, other, third in zip(together, backwards, alone, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)


@pytest.mark.parametrize("backbone", [momask, bamm])
def test_scores_depend_on_no_batch_size_and_no_number_of_threads(
    backbone: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, at the paper's width, where few rows are multiplied otherwise than many."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sizes = TransformerSizes(layers=2, codes=64, quantizers=3)
        masked = backbone.MaskedTransformer(sizes).eval()
        residual = ResidualTransformer(ResidualSizes.of(sizes)).eval()
        text = torch.randn(12, sizes.text_dim).numpy()
    scores: dict[float, bytes] = {}  # by the number that a token is drawn with

    def listen(logits: torch.Tensor, uniform: torch.Tensor, *how: float) -> torch.Tensor:
        each = zip(uniform.tolist(), logits, strict=True)
        scores.update({number: row.numpy().tobytes() for number, row in each})
        return choose(logits, uniform, *how)

    for module in (backbone, residual_model):
        monkeypatch.setattr(module, "choose", listen)
    requests = [Request(str(row), 0, 0, 10 + 3 * row, row) for row in range(12)]
    settings = {**SETTINGS, "refinement_guidance": 2.0, "longest": 49, "predict_length": False}

    before = torch.get_num_threads()

    def run(batch: int, threads: int) -> dict[float, bytes]:
        scores.clear()
        torch.set_num_threads(threads)
        try:
            generate(
                LayeredSampler(masked, residual),
                text,
                requests,
                {**settings, "batch": batch},
                1,
                CPU,
            )
        finally:
            torch.set_num_threads(before)
        return scores.copy()

    alone = run(1, 1)
    assert len(alone) > 12 * 4 * len(requests)
    for batch, threads in ((2, 1), (5, 2), (12, 1), (12, 3)):
        # BAMM scores what has ended for a while too.
        assert alone.items() <= run(batch, threads).items()


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    masked, residual, text = models()
    torch.manual_seed(0)
    tokenizer = Tokenizer(TokenizerSizes(codes=12, code_dim=8, width=8, depth=1, quantizers=3))
    evaluator = Evaluator(EvaluatorSizes(motion_hidden=16, movement_hidden=8, movement_latent=8))
    before = torch.get_num_threads()

    def run(threads: int) -> tuple[list[np.ndarray], np.ndarray]:
        torch.set_num_threads(threads)
        found = generate(
            LayeredSampler(masked, residual), text, REQUESTS, {**SETTINGS, "batch": 10}, 1, CPU
        )
        with ThreadPoolExecutor(1) as later:  # other threads have as many again
            assert later.submit(torch.get_num_threads).result() == threads
        many = [each for each in found for _ in range(40)]
        return found, embedded(evaluator.eval(), tokenizer.eval(), many)

    try:
        (one, described), (other, again) = run(1), run(3)
    finally:
        torch.set_num_threads(before)
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(described, again)


def test_a_failing_batch_is_told_and_stops_the_others() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            raise InputError("of item 1")
        time.sleep(0.01)
        return item

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(InputError, match="of item 1"):
            list(side_by_side(work, range(1000), CPU))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert len(begun) < 100


def test_mixed_precision_draws_nearly_the_same() -> None:
    """Rounding flips near-ties and, in what follows them, a little more; sampling stays fine."""
    masked, residual, text = models()
    settings = {**SETTINGS, "batch": 10}
    one = generate(LayeredSampler(masked, residual), text, REQUESTS, settings, 1, CPU)
    mixed = {**settings, "precision": "bfloat16"}
    other = generate(LayeredSampler(masked, residual), text, REQUESTS, mixed, 1, CPU)
    first = [np.mean(a[:, 0] == b[:, 0]) for a, b in zip(one, other, strict=True)]
    assert np.mean(first) > 0.5  # chance: 1/12
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_lengths_are_kept_and_repeats_and_seeds_differ() -> None:
    masked, residual, text = models()
    settings = {**SETTINGS, "batch": 4}
    found = generate(LayeredSampler(masked, residual), text, REQUESTS, settings, 1, CPU)
    assert [each.shape for each in found] == [(request.tokens, 3) for request in REQUESTS]
    assert any(not np.array_equal(found[row], found[row + 5]) for row in range(5))
    other = generate(LayeredSampler(masked, residual), text, REQUESTS, settings, 2, CPU)
    assert any(not np.array_equal(one, two) for one, two in zip(found, other, strict=True))


def test_every_number_of_the_noise_is_used_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one model, for one request: draws of a repeat differ as repeats do."""
    masked, residual, text = models()
    used: list[torch.Tensor] = []
    for model, name, place in ((masked, "sample", 2), (residual, "generate", 3)):

        def listen(
            *given: object, own: object = getattr(model, name), place: int = place
        ) -> object:
            used.append(given[place])  # type: ignore[arg-type]
            return own(*given)  # type: ignore[operator]

        monkeypatch.setattr(model, name, listen)
    requests = [Request("0%clip", repeat, draw, 6, 0) for repeat in (0, 1) for draw in (0, 1)]
    generate(LayeredSampler(masked, residual), text, requests, {**SETTINGS, "batch": 4}, 1, CPU)
    numbers = torch.cat([each.flatten() for each in used])
    assert len(numbers) == 4 * 6 * (SETTINGS["steps"] + SIZES.quantizers - 1)
    assert len(numbers.unique()) == len(numbers)


def test_embeddings_do_not_depend_on_company() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokenizer = Tokenizer(
            TokenizerSizes(codes=12, code_dim=8, width=8, depth=1, quantizers=3)
        ).eval()
        for layer in tokenizer.quantizer.books():
            layer.codebook.normal_()
        small = EvaluatorSizes(
            movement_hidden=8, movement_latent=8, motion_hidden=8, text_hidden=8, embedding=8
        )
        evaluator = Evaluator(small).eval()
    masked, residual, text = models()
    found = generate(
        LayeredSampler(masked, residual), text, REQUESTS, {**SETTINGS, "batch": 4}, 1, CPU
    )
    together = embedded(evaluator, tokenizer, found)
    for row, each in enumerate(found):
        alone = embedded(evaluator, tokenizer, [each])
        np.testing.assert_allclose(together[row], alone[0], atol=1e-5)


def test_real_motions_are_embedded_as_alone(tmp_path: Path) -> None:
    small = EvaluatorSizes(
        movement_hidden=16, movement_latent=12, motion_hidden=16, text_hidden=8, embedding=8
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        evaluator = Evaluator(small).eval()
    frames = np.array([40, 196, 44, 40, 60])
    random = np.random.default_rng(2)
    motions = [random.normal(size=(length, 263)).astype(np.float32) for length in frames]
    with ClipWriter(tmp_path / "data", tmp_path / "index", (FEATURES,)) as writer:
        for row, motion in enumerate(motions):
            writer.add(str(row), motion)
    store = ClipStore(tmp_path / "data", tmp_path / "index")
    # The last two are parts of one clip, and one crop comes twice.
    crops = pd.DataFrame(
        {"clip": list("01234411"), "start": [0] * 5 + [4, 0, 8], "frames": [*frames, 40, 196, 80]}
    ).assign(repeat=0)
    descriptor = Embedding(evaluator, WordVectors.open(), SCALE, CPU)
    together = describe.stored(descriptor, SEES, store, crops, CPU)
    assert (together[1] == together[6]).all()
    for (clip, start, length, _), found in zip(
        crops.itertuples(index=False), together, strict=True
    ):
        motion = motions[int(clip)][start : start + length]
        lengths = torch.tensor([len(motion)])
        with torch.no_grad():
            alone = evaluator.embed_motion(torch.from_numpy(motion)[None], lengths)
        np.testing.assert_allclose(found, alone[0].numpy(), atol=1e-5)


def test_code_tables_round_trip(tmp_path: Path) -> None:
    rows = [np.arange(6, dtype=np.int16).reshape(2, 3), np.full((1, 3), -1, np.int16)]
    keys = {"motion": pa.array(["a", "b"]), "offset": pa.array([0, 1], pa.int8())}
    codes.write(tmp_path / "codes.parquet", keys, rows, 3)
    table = codes.CodeTable.read(tmp_path / "codes.parquet")
    assert table.layers == 3
    assert table.keys["length"].tolist() == [2, 1]
    for one, other in zip(rows, table.codes, strict=True):
        np.testing.assert_array_equal(one, other)
    only = codes.CodeTable.read(tmp_path / "codes.parquet", offset=1)
    assert [each.tolist() for each in only.codes] == [[[-1, -1, -1]]]


@pytest.mark.parametrize(("stride", "down"), [(2, 1), (2, 2), (2, 3), (1, 2), (3, 1), (3, 2)])
def test_every_rate_of_tokens_goes_through(stride: int, down: int, tmp_path: Path) -> None:
    """Codes, training batches, generation and embedding follow the tokenizer's frames per token;
    crops and lengths do not."""
    unit, frames = stride**down, {"000000": 48, "000001": 52, "000002": 63}
    space = Workspace(tmp_path, Bench(None, True, CPU, 1))
    masked, residual, text = models()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        shape = {"codes": 12, "code_dim": 8, "width": 8, "depth": 1, "quantizers": 3}
        tokenizer = Tokenizer(TokenizerSizes(**shape, stride=stride, down=down))
        for book in tokenizer.quantizer.books():
            book.codebook.normal_()
        small = EvaluatorSizes(
            movement_hidden=16, movement_latent=12, motion_hidden=16, text_hidden=8, embedding=8
        )
        evaluator = Evaluator(small)
    parts = {"masked": masked, "residual": residual, "tokenizer": tokenizer}
    for name, module in {**parts, "evaluator": evaluator}.items():
        space.model(name, module)
    random = np.random.default_rng(0)
    motions = [random.normal(size=(n, 263)).astype(np.float32) for n in frames.values()]
    space.motions(motions)
    codes_step.run(space.job("data index motions tokenizer tokenizer_config", "codes", {}))
    table = codes.CodeTable.read(space.path("codes"))
    for motion, offset, found in zip(
        table.keys["motion"], table.keys["offset"], table.codes, strict=True
    ):
        # As far as a crop reaches that begins there or whole tokens later.
        begins = range(offset, frames[motion] - 4 + 1, unit)
        last = max(begin + (frames[motion] - begin) // 4 * 4 for begin in begins)
        clip = motions[int(motion)][offset:last]
        assert len(found) == math.ceil(len(clip) / unit)
        whole = np.zeros((len(found) * unit, 263), np.float32)
        whole[: len(clip)] = clip
        expected = tokenizer.eval().encode(torch.from_numpy(whole)[None])[0]
        assert (torch.from_numpy(found) == expected).float().mean() > 0.99
    assert set(table.keys["offset"]) == set(range(unit))

    names = list(frames)
    captions = [f"caption {n}" for n in range(3)]
    space.table("captions", {"caption": captions, "row": range(3)})
    np.save(space.path("embeddings"), text[:3])
    space.table("prompts", {"prompt": names, "caption": captions})
    plan = {"repeat": 0, "prompt": names, "row": range(3), "frames": [48, 52, 60], "draw": 0}
    space.table("requests", plan)
    inputs = "masked masked_config residual residual_config tokenizer_config requests captions"
    settings = {**SETTINGS, "batch": 2, "kind": "momask"}
    generate_step.run(space.job(f"{inputs} embeddings prompts", "generations", {}, **settings))
    made = codes.CodeTable.read(space.path("generations"))
    assert [len(each) for each in made.codes] == [math.ceil(n / unit) for n in plan["frames"]]
    assert made.keys["frames"].tolist() == plan["frames"]
    inputs = "requests generations tokenizer tokenizer_config evaluator evaluator_config"
    told = {"decoded": "rescaled", "descriptor": "embedding"}
    describe_step.run(space.job(inputs, "description", {}, **told))
    assert np.isfinite(np.load(space.path("description"))).all()
    samples = pd.DataFrame({"motion": names, "caption": captions})
    batches = CodeBatches(
        table, Rows(samples, samples), text, {c: n for n, c in enumerate(captions)}, 3, CPU
    )
    for epoch in range(20):
        for batch in batches.training(partial(rng.uniforms, (epoch,))):
            crops = [(n // 4 * 4, n // 4 * 4 - 4) for n in frames.values()]
            tokens = [{math.ceil(n / unit) for n in each} for each in crops]
            for caption, length in zip(batch.text[:, 0], batch.lengths, strict=True):
                assert int(length) in tokens[text[:3, 0].tolist().index(float(caption))]


@dataclass(frozen=True)
class Lengths:
    """Describes a motion by the number of its frames."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        return np.array([[len(each.features)] for each in batch], np.float32)

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        raise TypeError


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_motion_is_as_long_as_its_sample(stride: int) -> None:
    """Whatever a token stands for: as many are made as hold it, and the rest is cut off."""
    sizes = TokenizerSizes(codes=4, code_dim=4, width=4, depth=1, quantizers=1, stride=stride)
    codec = Codec(Tokenizer(sizes).eval(), SCALE, CPU)
    frames = np.arange(4, 200, 4)
    made = [np.zeros((sizes.tokens(int(n)), 1), np.int16) for n in frames]
    described = describe.generated(Lengths(), ("features",), Made(codec, made, frames))
    assert described[:, 0].tolist() == frames.tolist()
    spare = [len(each) * stride**2 - n for each, n in zip(made, frames, strict=True)]
    assert min(spare) >= 0
    assert max(spare) < stride**2
