"""Generation and embedding give the same numbers however the work is cut."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from hmu import codes, embedding
from hmu.generation import Request, generate
from hmu.models.evaluator import Evaluator, EvaluatorSizes
from hmu.models.masked import MaskedTransformer
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.models.transformer import TransformerSizes

SIZES = TransformerSizes(
    latent=16, heads=2, layers=2, feedforward=32, text_dim=6, codes=12, code_dim=8, quantizers=3
)
SETTINGS = {"steps": 4, "guidance": 3.0, "residual_guidance": 2.0, "temperature": 1.0, "keep": 0.5}
CPU = torch.device("cpu")


def models() -> tuple[MaskedTransformer, ResidualTransformer, np.ndarray]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        masked, residual = MaskedTransformer(SIZES).eval(), ResidualTransformer(SIZES).eval()
        for parameter in [*masked.parameters(), *residual.parameters()]:
            parameter.data *= 8  # sharp enough that rounding meets no tie
        return masked, residual, torch.randn(5, 6).numpy()


REQUESTS = [
    Request(f"{caption}%clip", repeat, 0, 5 + 3 * caption, caption)
    for repeat in range(2)
    for caption in range(5)
]


def test_codes_do_not_depend_on_batch_size_order_or_company() -> None:
    masked, residual, text = models()

    def run(requests: list[Request], batch: int) -> list[np.ndarray]:
        return generate(masked, residual, text, requests, {**SETTINGS, "batch": batch}, 1, CPU)

    together = run(REQUESTS, 10)
    for batch in (1, 3):
        for one, other in zip(together, run(REQUESTS, batch), strict=True):
            np.testing.assert_array_equal(one, other)
    backwards = run(REQUESTS[::-1], 4)[::-1]
    alone = [run([request], 1)[0] for request in REQUESTS]
    for one, other, third in zip(together, backwards, alone, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)


def test_lengths_are_kept_and_repeats_and_seeds_differ() -> None:
    masked, residual, text = models()
    settings = {**SETTINGS, "batch": 4}
    found = generate(masked, residual, text, REQUESTS, settings, 1, CPU)
    assert [each.shape for each in found] == [(request.tokens, 3) for request in REQUESTS]
    assert any(not np.array_equal(found[row], found[row + 5]) for row in range(5))
    other = generate(masked, residual, text, REQUESTS, settings, 2, CPU)
    assert any(not np.array_equal(one, two) for one, two in zip(found, other, strict=True))


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
    found = generate(masked, residual, text, REQUESTS, {**SETTINGS, "batch": 4}, 1, CPU)
    same = np.ones(263, np.float32), np.zeros(263, np.float32)
    together = embedding.of_codes(evaluator, tokenizer, found, CPU, same)
    for row, each in enumerate(found):
        alone = embedding.of_codes(evaluator, tokenizer, [each], CPU, same)
        np.testing.assert_allclose(together[row], alone[0], atol=1e-5)


def test_real_motions_are_embedded_as_alone() -> None:
    small = EvaluatorSizes(
        movement_hidden=16, movement_latent=12, motion_hidden=16, text_hidden=8, embedding=8
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        evaluator = Evaluator(small).eval()
    frames = np.array([40, 196, 44, 40, 60])
    random = np.random.default_rng(2)
    motions = [random.normal(size=(length, 263)).astype(np.float32) for length in frames]
    together = embedding.of_motions(evaluator, frames, lambda row: motions[row], CPU)
    for motion, found in zip(motions, together, strict=True):
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
