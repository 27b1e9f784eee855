"""Paths of results: no configured name can be taken for what the paths name themselves."""

import itertools
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu import paths

# What paths call things themselves, as names that a user may give.
NAMES = (
    *("original", "base", "real", "all", "whole", "concepts", "plans", "plan", "pairs", "prompts"),
    *("codes", "variants", "backbones", "without", "texts", "masked", "index", "pages", "values"),
    *("evaluator", "text", "statistics.parquet", "pair_requests", "captions", "embedding"),
)
names = st.sampled_from(NAMES) | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


def files() -> Iterator[str]:
    """The files of results whose datasets, concepts, variants and so on all have these names."""
    some = NAMES[:6]
    for dataset, concept in itertools.product(some[:3], some):
        yield f"{paths.concept(dataset, concept)}/clips.parquet"
        for stage in ("raw/a", "joints/data.npy", "features/data.npy", "text/samples.parquet"):
            yield f"{paths.data(dataset, '')}{stage}"
        yield f"{paths.detector(dataset, concept)}/model.safetensors"
        for name in ("evaluator", "length", "text_encoder", "word_vectors"):
            yield f"{paths.shared_model(dataset, name)}/model.safetensors"
        places = [paths.place(name, each) for name in some for each in (None, concept)]
        for place in places:
            for table in ("plan", "pair_requests"):
                yield paths.plan(dataset, place, table)
            for table in ("plan", "pairs"):
                yield paths.rows(dataset, place, table)
        for prompts in some:
            yield paths.prompts(dataset, prompts, "prompts")
            yield paths.prompts(dataset, prompts, "requests")
            yield paths.prompt_notes(dataset, prompts, "rejected.csv")
            yield f"{paths.embeddings(dataset, prompts)}/captions.parquet"
            for name in some:
                yield paths.real_description(dataset, prompts, name)
                yield paths.real_description(dataset, prompts, paths.described(name, concept))
                yield paths.text_description(dataset, prompts, name)
                yield paths.masked_description(dataset, concept, prompts, name)
        for backbone, variant in itertools.product(some[:3], some):
            yield f"{paths.checkpoint(dataset, backbone, concept, variant)}/origin.json"
            for trainset in (paths.EVERYTHING, paths.without(concept)):
                yield f"{paths.part(dataset, backbone, trainset, 'masked')}/model.safetensors"
                yield paths.codes(dataset, backbone, trainset)
            for table in ("statistics.parquet", "reference.parquet"):
                yield paths.code_statistics(dataset, backbone, concept, table)
            yield paths.wanted(dataset, backbone)
            yield paths.code_sheet(dataset, backbone, concept)
            yield paths.injection(dataset, backbone, concept, variant, "picture.png")
            for place in places[:6]:
                yield paths.film_strips(dataset, backbone, concept, variant, place)
                yield paths.method_strips(variant, dataset, backbone, concept, place)
            for model in (paths.ORIGINAL, paths.variant(concept, variant)):
                for place in places[:6]:
                    for asked in (
                        paths.all_prompts(variant), paths.planned(place), paths.paired(place)
                    ):  # fmt: skip
                        yield paths.generations(dataset, backbone, model, asked)
                        if model == paths.ORIGINAL and asked.startswith("plans"):
                            yield f"{paths.collected(dataset, backbone, asked)}/data.npy"
                        yield paths.description(dataset, backbone, model, asked, "embedding")
                    said = paths.described("embedding", concept)
                    yield paths.description(dataset, backbone, model, paths.planned(place), said)
            for place in places[:6]:
                who = paths.measured(backbone, variant)
                yield paths.metric(dataset, who, concept, place, "fid", "values.json")
    for triple in itertools.product(some, repeat=3):
        yield paths.cell(*triple)
    for name in some:
        yield paths.forget_retain(name)
        yield paths.curve(name)


def test_no_name_is_taken_for_another_whatever_they_are() -> None:
    """No file of one address is that of another, nor lies where another needs a folder.

    The same file may be asked for by more than one address only if these say the same.
    """
    found = set(files())
    folders = {str(parent) for name in found for parent in PurePosixPath(name).parents}
    assert not found & folders
    parsed: dict[str, str] = {}
    for template, pattern in PATTERNS.items():
        for name in found:
            if re.fullmatch(pattern, name):
                assert parsed.setdefault(name, template) == template, name
    assert len(parsed) > 1000


def pattern(template: str) -> str:
    """What Snakemake matches a path with, by the constraints that the rules have."""
    constraints = {
        "trainset": paths.TRAINSET,
        "place": paths.PLACE,
        "asked": paths.ASKED,
        "model": paths.MODEL,
        "measured": paths.MEASURED,
        "described": paths.DESCRIBED,
    }
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(
        f"(?P<{part}>{constraints.get(part, paths.NAME)})" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )


TEMPLATES = (
    paths.prompts("{dataset}", "{prompts}", "requests"),
    paths.prompt_notes("{dataset}", "{prompts}", "rejected.csv"),
    paths.plan("{dataset}", "{place}", "plan"),
    paths.rows("{dataset}", "{place}", "plan"),
    paths.rows("{dataset}", "{place}", "pairs"),
    paths.codes("{dataset}", "{backbone}", "{trainset}"),
    paths.reference_codes("{dataset}", "{backbone}"),
    paths.code_statistics("{dataset}", "{backbone}", "{concept}", "statistics.parquet"),
    paths.code_statistics("{dataset}", "{backbone}", "{concept}", "reference.parquet"),
    paths.part("{dataset}", "{backbone}", "{trainset}", "{part}") + "/model.safetensors",
    paths.shared_model("{dataset}", "evaluator") + "/model.safetensors",
    paths.detector("{dataset}", "{concept}") + "/model.safetensors",
    paths.generations("{dataset}", "{backbone}", "{model}", "{asked}"),
    paths.real_description("{dataset}", "{prompts}", "{described}"),
    paths.text_description("{dataset}", "{prompts}", "{descriptor}"),
    paths.masked_description("{dataset}", "{concept}", "{prompts}", "{descriptor}"),
    paths.description("{dataset}", "{backbone}", "{model}", "{asked}", "{described}"),
    paths.metric("{dataset}", "{measured}", "{concept}", "{place}", "{metric}", "values.json"),
    paths.cell("{table}", "{row}", "{column}"),
)
PATTERNS = {template: pattern(template) for template in TEMPLATES}


@given(*[names] * 8)
def test_a_path_says_the_address_that_it_was_made_of(
    dataset: str,
    backbone: str,
    concept: str,
    variant: str,
    name: str,
    prompts: str,
    plugin: str,
    other: str,
) -> None:
    """Matched with the rule's pattern, each wildcard has its own value again."""
    for place in (paths.place(name, None), paths.place(name, other)):
        for model in (paths.ORIGINAL, paths.variant(concept, variant)):
            for asked in (paths.all_prompts(prompts), paths.planned(place), paths.paired(place)):
                for described in (paths.described(plugin, None), paths.described(plugin, other)):
                    values = {
                        "dataset": dataset,
                        "backbone": backbone,
                        "model": model,
                        "asked": asked,
                        "described": described,
                    }
                    made = paths.description(*values.values())
                    template = paths.description(*(f"{{{each}}}" for each in values))
                    match = re.fullmatch(PATTERNS[template], made)
                    assert match is not None
                    assert match.groupdict() == values


@given(names, names)
def test_segments_are_read_as_they_were_written(name: str, concept: str) -> None:
    for own in (None, concept):
        assert paths.set_at(paths.place(name, own)) == (name, own)
    assert paths.variant_of(paths.variant(concept, name)) == (concept, name)
    assert paths.variant_of(paths.ORIGINAL) is None
    assert paths.left_out(paths.without(concept)) == concept
    for of in (None, concept):
        assert paths.descriptor_of(paths.described(name, of)) == (name, of)
    assert paths.left_out(paths.EVERYTHING) is None


@pytest.mark.parametrize("variant", ["base", "original", "real"])
def test_a_variant_has_a_place_of_its_own_whatever_its_name(variant: str) -> None:
    own = paths.generations("d", "b", paths.variant("c", variant), paths.all_prompts("p"))
    assert own != paths.generations("d", "b", paths.ORIGINAL, paths.all_prompts("p"))
