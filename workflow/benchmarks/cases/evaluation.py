"""One checkpoint on one set: generation, embeddings and metrics, ours by its steps as they are.

The last row is what the paper's code does for a checkpoint, a quarter of it: 256 samples, where a
forget set has about 1,024, and 24 of them generated 30 times for MultiModality, where the code
takes three pools. Of its 20 repeats one is measured; what ours does once for all repeats, and for
a set of whatever size, counts whole. The other rows leave MultiModality out, as the main tables of
the paper do.

Lengths are spread evenly (:func:`benchmarks.inputs.tokens`): the shorter the motions are, the more
the official padding to 49 tokens costs.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from benchmarks import inputs, official, pairs, text
from benchmarks.cases import metrics
from benchmarks.timing import Bench, Case
from benchmarks.workspace import Workspace
from hmu.interface.prompts import Prompt
from hmu.steps import describe, describe_real, describe_texts, generate, text_embeddings
from hmu.text import encoder


def cases(bench: Bench) -> Iterator[Case]:
    """Official: evaluation_mask_transformer_test_plus_res of utils/eval_t2m.py, repeat by repeat.

    Its data loader is a list of ready batches.
    """
    folder = official.checkout(bench, "EricGuo5513", "momask-codes")
    tower, package = text.towers(bench)
    with (
        official.importing(folder, {"clip": package}) as load,
        tempfile.TemporaryDirectory() as place,
    ):
        masked, their_masked = pairs.masked(load, bench)
        residual, their_residual = pairs.residual(load, bench)
        tokenizer, their_tokenizer = pairs.tokenizer(load, bench)
        evaluator, encoders = pairs.evaluator(load, bench, "models.t2m_eval_modules")
        space = Workspace(Path(place), bench)
        parts = {"masked": masked, "residual": residual, "tokenizer": tokenizer}
        for name, module in {**parts, "evaluator": evaluator}.items():
            space.model(name, module)
        encoder.save(space.path("text_encoder"), space.path("text_encoder_config"), tower)
        wrapper = _wrapper(load, encoders, bench)
        evaluate = load("utils.eval_t2m").evaluation_mask_transformer_test_plus_res

        def theirs(batches: list[Any], repeats: int, several: int) -> None:
            # The official code asks for a GPU by name; without one its tensors stay where they are.
            here = patch.object(torch.Tensor, "cuda", lambda tensor: tensor.to(bench.device))
            with here, torch.no_grad():
                for repeat in range(repeats):
                    evaluate(
                        batches, their_tokenizer, their_residual, their_masked, repeat, wrapper,
                        time_steps=10, cond_scale=4, temperature=1, topkr=0.9, cal_mm=several > 0,
                    )  # fmt: skip

        for name, precision, several, count, repeats in (
            ("no MultiModality", "float32", 0, 128, bench.size(5, 1)),
            ("no MultiModality", "bfloat16", 0, 128, bench.size(3, 1)),
            ("all metrics", "float32", bench.size(24, 3), bench.size(256, 64), 1),
        ):
            prompts, frames = inputs.prompts(count), inputs.tokens(count) * 4
            noise = inputs.motions(min(count, 128), 196)
            clips = [noise[row % len(noise), :n] for row, n in enumerate(frames)]
            told = _store(space, prompts, clips)
            metrics.planned(space, told, frames.tolist(), repeats, several or 3 * metrics.POOL)
            yield Case(
                f"evaluation, {name}, {precision}",
                f"{repeats} repeats of {count} samples",
                partial(_ours, space, precision, several > 0),
                partial(theirs, _batches(prompts, clips, several), repeats, several),
                ratio=3.0 if several else None,
                rounds=1,
            )


def _ours(space: Workspace, precision: str, several: bool) -> None:
    """The steps from captions to metrics; ``precision`` is that of the transformers.

    ``several``: with the pairs of motions that MultiModality compares.
    """
    texts = {"model": "text_encoder", "config": "text_encoder_config", "texts": "samples"}
    text_embeddings.run(space.job("config model texts", "embeddings captions", texts))
    models = "masked masked_config residual residual_config"
    evaluator = "evaluator evaluator_config"
    told = {"descriptor": "embedding", "decoded": "rescaled"}

    def described(address: str) -> dict[str, str]:
        path = f"described/{address}"
        space.path(path).parent.mkdir(parents=True, exist_ok=True)
        return {"description": path}

    for subject, table in (("generated", "requests"), ("pairs", "pair_requests"))[: 1 + several]:
        asked = {"requests": table}
        given = f"{models} tokenizer_config requests prompts captions embeddings"
        settings = {**inputs.SAMPLING, "precision": precision, "kind": "momask"}
        generate.run(space.job(given, "generations", asked, **settings))
        given = f"requests generations tokenizer tokenizer_config {evaluator}"
        renamed = {**asked, **described(f"{subject}/embedding")}
        describe.run(space.job(given, "description", renamed, **told))
    given = f"requests data index {evaluator}"
    describe_real.run(space.job(given, "description", described("real/embedding"), **told))
    for subject, keywords in (("text", []), ("masked", ["kick"])):
        for name in ("embedding", "hidden_words"):
            hidden = {**told, "descriptor": name, "keywords": keywords}
            renamed = described(f"{subject}/{name}")
            describe_texts.run(space.job(f"prompts {evaluator}", "description", renamed, **hidden))
    made = metrics.DESCRIBED if several else metrics.DESCRIBED - {"pairs/embedding"}
    for name in metrics.measured(made):
        metrics.measure(space, name)


def _store(space: Workspace, prompts: list[str], clips: list[np.ndarray]) -> list[Prompt]:
    """Write the motions and their captions; these as prompts."""
    space.motions(clips)
    names = [f"{number:06d}" for number in range(len(clips))]
    tokens = [" ".join(f"{word}/NOUN" for word in prompt.split()[:20]) for prompt in prompts]
    space.table("samples", {"sample": names, "motion": names, "clip": names, "caption": prompts})
    told = zip(names, prompts, tokens, strict=True)
    return [Prompt(name, caption, words, name) for name, caption, words in told]


def _batches(prompts: list[str], clips: list[np.ndarray], several: int) -> list[Any]:
    """Batches as the official loader collates them, padded to 196 frames.

    The first three, which the official code generates ``several`` captions of for MultiModality,
    share those alike; all others are whole pools.
    """
    words, tags, counts = (torch.from_numpy(each) for each in inputs.words(len(clips)))
    frames = torch.tensor([len(clip) for clip in clips])
    poses = torch.from_numpy(np.stack([np.pad(x, ((0, 196 - len(x)), (0, 0))) for x in clips]))
    begins = [several // 3 * part for part in range(3)] if several else []
    begins += range(several, len(clips), metrics.POOL)
    pools = map(slice, begins, [*begins[1:], len(clips)])
    return [
        (words[p], tags[p], prompts[p], counts[p], poses[p], frames[p], prompts[p]) for p in pools
    ]


def _wrapper(load: official.Importer, encoders: Any, bench: Bench) -> Any:
    """The official EvaluatorModelWrapper around encoders that are made already."""
    kind = load("models.t2m_eval_wrapper").EvaluatorModelWrapper
    wrapper = object.__new__(kind)
    wrapper.opt = type("Options", (), {"unit_length": 4})
    wrapper.device = bench.device
    for name, module in encoders.items():
        setattr(wrapper, name, module)
    return wrapper
