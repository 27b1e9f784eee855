"""What a method declares, what it is given, and what a checkpoint keeps of its edit."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from hmu import registry, rng
from hmu.errors import InputError
from hmu.interface.methods import Edit
from hmu.io import codes, files
from hmu.models.storage import load_state, save_state
from hmu.provenance.code import Code
from hmu.run.job import Job
from hmu.sections.variant import VariantSection
from hmu.steps import unlearn, unlearn_by_training
from hmu.unlearning import declaration
from hmu.unlearning.batches import code_batches
from hmu.unlearning.checkpoint import difference
from hmu.unlearning.context import MethodContext
from hmu.unlearning.declaration import Declaration
from support.project import Project, shown

PARTS = ("tokenizer", "masked", "residual")
PLACE = "demo/momask/violence"
METHOD: dict[str, Any] = {
    "INPUTS": ("clips",),
    "INPUTS_BY": {"counts": {"motions": ("statistics",), "reference": ("features", "model")}},
    "CHANGES": ("tokenizer",),
    "CHANGES_BY": {"deep": {True: ("transformers",)}},
    "CONCEPTS": ("parts", "like"),
    "FILES": ("codes_from",),
    "PARAMS": {
        "counts": {"enum": ["motions", "reference"], "default": "motions"},
        "deep": {"type": "boolean", "default": False},
        "parts": {"type": "object", "default": {}},
        "like": {"type": ["string", "null"], "default": None},
        "codes_from": {"type": ["array", "null"], "default": None},
    },
}


@pytest.fixture
def method(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The literals of the method ``mine``, to be changed by a test."""
    literals = dict(METHOD)
    monkeypatch.setattr(registry, "literals", lambda kind, name: literals)
    source = registry.PACKAGE / "methods" / "mine.py"
    monkeypatch.setattr(registry, "source", lambda kind, name: source)
    return literals


def variant(**given: Any) -> dict[str, Any]:
    defaults = {name: each["default"] for name, each in METHOD["PARAMS"].items()}
    return {"method": "mine", **defaults, **given}


# Declarations


def test_a_parameter_decides_what_a_method_reads_and_changes(method: dict[str, Any]) -> None:
    plain = Declaration.of(variant())
    assert plain.inputs == ("clips", "statistics")
    assert plain.parts(PARTS) == plain.changed(PARTS) == ["tokenizer"]
    other = Declaration.of(variant(counts="reference", deep=True))
    assert other.inputs == ("clips", "features", "model")
    assert other.changed(PARTS) == list(PARTS)


def test_parameters_name_other_concepts_and_files(method: dict[str, Any]) -> None:
    assert Declaration.of(variant()).concepts == ()
    named = Declaration.of(variant(parts={"kick": 16, "punch": 8}, like="kick", codes_from=["a"]))
    assert named.concepts == ("kick", "punch")
    assert named.files == {"codes_from": ["a"]}


def test_a_part_that_a_backbone_lacks_is_named(method: dict[str, Any]) -> None:
    method["CHANGES"] = ("residual",)
    assert Declaration.of(variant()).changed(PARTS) == ["residual"]
    with pytest.raises(InputError, match="'mine' is for backbones with a part 'residual'"):
        Declaration.of(variant()).changed(("tokenizer", "masked"))


@pytest.mark.parametrize(
    ("literal", "value", "fault"),
    [
        ("INPUTS", ("statistic",), "INPUTS has 'statistic'; did you mean 'statistics'?"),
        ("INPUTS", "clips", "INPUTS has 'clips'; write a tuple, ('clips',) for one name."),
        ("CHANGES", ("codebook",), "CHANGES has 'codebook'; write one of: tokenizer, transformers"),
        ("INPUTS_BY", {"count": {}}, "INPUTS_BY has 'count'; did you mean 'counts'?"),
        (
            "INPUTS_BY",
            {"counts": {"motion": ("clips",)}},
            "INPUTS_BY of counts has 'motion'; did you mean 'motions'?",
        ),
        ("INPUTS_BY", {"counts": {"motions": ("code",)}}, "INPUTS_BY of counts has 'code';"),
        ("CONCEPTS", ("part",), "CONCEPTS has 'part'; did you mean 'parts'?"),
        ("FILES", ("codes",), "FILES has 'codes'; did you mean 'codes_from'?"),
        ("ALTERS", "joints", "ALTERS is 'joints'; write 'codes' or 'features'."),
    ],
)
def test_a_literal_that_means_nothing_is_a_fault_of_the_file(
    method: dict[str, Any], literal: str, value: Any, fault: str
) -> None:
    assert list(declaration.faults({"v": variant()}, ["kick"], PARTS)) == []
    method[literal] = value
    found = list(declaration.faults({"v": variant(), "w": variant()}, ["kick"], PARTS))
    assert len(found) == 1, "a method is at fault once, however many variants it has"
    assert found[0].startswith(f"workflow/hmu/methods/mine.py: {fault}")


def test_a_missing_literal_is_a_fault(method: dict[str, Any]) -> None:
    del method["CHANGES"]
    (fault,) = declaration.faults({"v": variant()}, [], PARTS)
    assert fault.startswith("workflow/hmu/methods/mine.py: has no literal CHANGES; add it")


def test_an_unknown_concept_is_a_fault_of_the_variant(method: dict[str, Any]) -> None:
    (fault,) = declaration.faults({"v": variant(parts={"kik": 1})}, ["kick"], PARTS)
    assert fault.startswith("variants.v.parts: there is no concept 'kik'")
    assert "CONCEPTS of workflow/hmu/methods/mine.py; did you mean 'kick'?" in fault


def test_what_the_sizes_of_a_backbone_bound_is_known_before_anything_runs(
    method: dict[str, Any],
) -> None:
    numbers = {"k": {"default": 9}, "parts": {"default": {}}, "layers": {"default": [1]}}
    method["PARAMS"] = {**METHOD["PARAMS"], **numbers}
    codes = ("<", "tokenizer.codes")
    method["BOUNDS"] = {"k": codes, "parts": codes, "layers": ("<=", "tokenizer.quantizers")}
    assert list(declaration.faults({"v": variant()}, [], PARTS)) == []
    backbones = {"b": {"tokenizer": {"codes": 8, "quantizers": 2}}}

    def said(**given: Any) -> list[str]:
        whole = variant(**{"k": 9, "layers": [1], **given})
        return list(declaration.out_of_bounds({"v": whole}, backbones, [("b", "v")] * 2))

    assert said(k=7, parts={"kick": 7}, layers=[1, 2]) == []
    assert said() == [
        "variants.v.k: is 9, and backbones.b.tokenizer.codes is 8; write less than 8."
    ]
    assert len(said(k=8, parts={"kick": 3, "punch": 8}, layers=[1, 3])) == 3
    method["READ_IF"] = {"k": {"parts": ({},), "deep": (False,)}}
    assert len(said()) == 1
    assert said(parts={"kick": 3}) == said(deep=True) == [], "k is not read then"


def test_a_parameter_that_is_not_read_is_a_fault_where_it_is_given(method: dict[str, Any]) -> None:
    method["READ_IF"] = {
        "like": {"counts": ("motions",), "parts": ({},)},
        "parts": {"deep": (True,)},
    }

    def said(**given: Any) -> list[str]:
        return list(declaration.faults({"v": variant(**given)}, ["kick"], PARTS))

    assert said() == said(like="kick") == said(deep=True, parts={"kick": 1}) == []
    (fault,) = said(like="kick", counts="reference", deep=1)
    assert fault == (
        'variants.v.like: is "kick", and the method mine reads it only with counts: "motions"; '
        "leave one of the two out."
    )
    assert len(said(like="kick", parts={"kick": 1}, deep=True)) == 1
    assert len(said(like="kick", parts={"kick": 1}, deep=1)) == 2, "1 is not true"
    method["READ_IF"] = {"likes": {"count": (1,)}}
    faults = said()
    assert len(faults) == 2
    assert "READ_IF has 'likes'; did you mean 'like'?" in faults[0]
    assert "READ_IF has 'count'; did you mean 'counts'?" in faults[1]


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"k": 8, "codes": "codes.yaml"}, "k"),
        ({"k": 8, "selection": "budget"}, "k"),
        ({"k": 8, "parts": {"kick": 4}}, "k"),
        ({"parts": {"kick": 4}, "selection": "budget"}, "parts"),
        ({"retain_budget": 0.1}, "retain_budget"),
        ({"alpha": 0.5, "replacement": "nearest"}, "alpha"),
    ],
)
def test_lcr_is_told_nothing_that_it_does_not_read(given: dict[str, Any], parameter: str) -> None:
    whole = VariantSection.model_validate({"method": "lcr", **given}, strict=False).model_dump()
    (fault,) = declaration.faults({"v": whole}, ["kick"], PARTS)
    assert fault.startswith(f"variants.v.{parameter}: is ")


def test_a_default_beyond_the_codebook_is_known_before_anything_runs() -> None:
    backbones = {"b": {"tokenizer": {"codes": 16, "quantizers": 2}}}

    def said(**given: Any) -> list[str]:
        whole = VariantSection.model_validate({"method": "lcr", **given}, strict=False)
        variants = {"v": whole.model_dump()}
        return list(declaration.out_of_bounds(variants, backbones, [("b", "v")]))

    assert said() == [
        "variants.v.k: is 32, and backbones.b.tokenizer.codes is 16; write less than 16."
    ]
    assert said(codes="codes.yaml") == said(selection="budget") == said(parts={"kick": 8}) == []
    assert len(said(parts={"kick": 16})) == 1


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        ({"kay": ("<", "tokenizer.codes")}, "BOUNDS has 'kay';"),
        ({"deep": ("=", "tokenizer.codes")}, "BOUNDS of deep has '='; did you mean '<='?"),
        ({"deep": ("<", "tokeniser.codes")}, "BOUNDS of deep has 'tokeniser'; did you mean"),
    ],
)
def test_a_bound_that_means_nothing_is_a_fault_of_the_file(
    method: dict[str, Any], bounds: dict[str, Any], fault: str
) -> None:
    method["BOUNDS"] = bounds
    (found,) = declaration.faults({"v": variant()}, ["kick"], PARTS)
    assert found.startswith(f"workflow/hmu/methods/mine.py: {fault}")


# What a method is given


def context(inputs: Mapping[str, Path | list[Path]], **more: Any) -> MethodContext:
    given: dict[str, Any] = {
        "method": "mine",
        "inputs": inputs,
        "params": {},
        "address": {"backbone": "b", "concept": "violence", "dataset": "d", "variant": "v"},
        "transformers": ["masked", "residual"],
        "words": {},
        "training": {},
        "samplers": None,
        "seed": 0,
        "device": torch.device("cpu"),
        "scratch": Path("scratch"),
    }
    return MethodContext(**{**given, **more})


@pytest.mark.parametrize(
    ("ask", "remedy"),
    [
        (lambda given: given.statistics(), "add 'statistics' to INPUTS"),
        (lambda given: given.clips("kick"), "the concept to CONCEPTS"),
        (lambda given: given.keywords(), "add 'keywords' to INPUTS"),
        (lambda given: given.keywords("kick"), "the concept to CONCEPTS"),
        (lambda given: given.encode(["kick"]), "add 'text_encoder' to INPUTS"),
        (lambda given: given.captions(), "add 'captions' to INPUTS"),
        (lambda given: given.codes(), "add 'codes' to INPUTS"),
        (lambda given: given.motions(), "add 'motions' to INPUTS"),
        (lambda given: given.features(), "add 'features' to INPUTS"),
        (lambda given: given.state("masked"), "add 'masked' to INPUTS"),
        (lambda given: given.state("masked", retrained=True), "add 'retrained' to INPUTS"),
        (lambda given: given.model("masked"), "add 'model' to INPUTS"),
        (lambda given: given.scale(), "add 'model' to INPUTS"),
        (lambda given: given.sampling(), "add 'sampling' to INPUTS"),
        (lambda given: given.schedule("masked"), "say TRAINS = True"),
        (lambda given: given.files("codes_from"), "add 'codes_from' to FILES"),
    ],
)
def test_what_is_not_declared_is_answered_with_the_literal_to_add(ask: Any, remedy: str) -> None:
    with pytest.raises(InputError, match="The method 'mine'") as refused:
        ask(context({}, params={"codes_from": ["a"]}))
    assert remedy in str(refused.value)


def test_tables_of_other_concepts_stand_beside_the_own(tmp_path: Path) -> None:
    inputs = {}
    for name in ("violence", "kick"):
        inputs[f"clips/{name}"] = tmp_path / f"{name}.parquet"
        pd.DataFrame({"clip": [name]}).to_parquet(inputs[f"clips/{name}"])
    given = context(inputs, words={"violence": ["hit"], "kick": ["kick"]})
    assert given.clips()["clip"].item() == given.clips("violence")["clip"].item() == "violence"
    assert given.clips("kick")["clip"].item() == "kick"
    assert given.keywords() == ["hit"]
    assert given.keywords("kick") == ["kick"]


def test_captions_know_their_embeddings(tmp_path: Path) -> None:
    inputs = {name: tmp_path / name for name in ("samples", "captions", "embeddings")}
    pd.DataFrame({"sample": ["0%a", "1%a"], "caption": ["b", "a"]}).to_parquet(inputs["samples"])
    pd.DataFrame({"caption": ["", "a", "b"], "row": [0, 1, 2]}).to_parquet(inputs["captions"])
    with inputs["embeddings"].open("wb") as stream:
        np.save(stream, np.arange(6, dtype=np.float32).reshape(3, 2))
    captions = context(inputs).captions()
    assert captions.embeddings[captions.samples["row"]].tolist() == [[4, 5], [2, 3]]


def clips_of_two_sets(tmp_path: Path) -> MethodContext:
    """Clips a to d of two tokens each: a and b to train on, a and c to forget."""
    clips, tokens = list("abcd"), np.zeros((2, 1), np.int16)
    keys = {"motion": pa.array(clips), "frames": pa.array([8] * 4, pa.int32())}
    codes.write(tmp_path / "codes", keys, [tokens] * 4, layers=1)
    splits = ["train", "train", "val", "val"]
    samples = pd.DataFrame({"motion": clips, "clip": clips, "caption": clips, "split": splits})
    samples.to_parquet(tmp_path / "samples")
    pd.DataFrame({"caption": clips, "row": range(4)}).to_parquet(tmp_path / "captions")
    forget = {"clip": clips, "forget": [True, False, True, False]}
    pd.DataFrame(forget).to_parquet(tmp_path / "clips")
    with (tmp_path / "embeddings").open("wb") as stream:
        np.save(stream, np.arange(4, dtype=np.float32)[:, None])
    names = ("codes", "samples", "captions", "embeddings")
    inputs = {name: tmp_path / name for name in names}
    return context({**inputs, "clips/violence": tmp_path / "clips"})


@pytest.mark.parametrize(("forget", "trained", "held_out"), [(True, 0, 2), (False, 1, 3)])
def test_batches_are_of_the_set_that_is_asked_for(
    tmp_path: Path, forget: bool, trained: int, held_out: int
) -> None:
    batches = code_batches(clips_of_two_sets(tmp_path), 8, forget)
    (batch,) = batches.training(partial(rng.uniforms, (0,)))
    assert batch.text.tolist() == [[trained]]
    (batch,) = batches.validation()
    assert batch.text.tolist() == [[held_out]]


def test_a_set_without_clips_to_validate_with_is_named(tmp_path: Path) -> None:
    given = clips_of_two_sets(tmp_path)
    forget = {"clip": list("abcd"), "forget": [True, False, False, False]}
    pd.DataFrame(forget).to_parquet(tmp_path / "clips")
    with pytest.raises(InputError, match="forget set of the concept 'violence' leaves 1 captions"):
        code_batches(given, 8, forget=True)


def test_a_method_depends_on_the_code_that_it_asks_for_and_no_other() -> None:
    def code(method: str, step: str, *more: str) -> set[str]:
        found = Code().closure(f"hmu.steps.{step}", f"hmu.methods.{method}", *more)
        return {path.relative_to(registry.PACKAGE).as_posix() for path in found}

    def runs(found: set[str]) -> set[str]:
        rooms = ("models/", "backbones/", "text/")
        return {name for name in found if name.startswith(rooms)} - {"models/__init__.py"}

    assert runs(code("lcr", "unlearn")) == {
        f"models/{name}.py" for name in ("origin", "storage", "stored")
    }
    run = ("hmu.backbones.opening", "hmu.backbones.momask.masked")
    trained = code("finetune", "unlearn_by_training", *run)
    assert {"models/training.py", "models/transformer.py"} <= runs(trained)
    assert not {name for name in trained if name.startswith("text/")}


# What a method gives back


def job(tmp_path: Path) -> Job:
    """A job of the method ``mine``, which may change the part ``masked``."""
    outputs = {name: tmp_path / name for name in ("delta", "origin", "training")}
    base = {part: tmp_path / f"{part}.safetensors" for part in ("masked", "residual")}
    for path in base.values():
        save_state(path, {"a": torch.zeros(2), "b": torch.zeros(2)})
    names = ("backbone", "concept", "dataset", "variant")
    settings = {
        "method": "mine",
        "params": {},
        "address": dict.fromkeys(names, "x"),
        "transformers": ["masked", "residual"],
        "changes": ["masked"],
        "keywords": {},
        "training": {},
        "sampling": None,
        "device": "cpu",
    }
    return Job("unlearn", base, outputs, settings)


class Mine:
    """A method that gives back an edit that was decided before."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit

    def unlearn(self, given: MethodContext) -> Edit:
        return self.edit


def test_a_checkpoint_keeps_what_changed_and_of_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = Edit({"masked": {"a": torch.zeros(2), "b": torch.ones(2)}}, {"why": "a test"})
    monkeypatch.setattr(registry, "load", lambda *place: Mine(edit))
    given = job(tmp_path)
    unlearn.run(given)
    delta = load_state(given.outputs["delta"])
    assert list(delta) == ["masked/b"]
    assert delta["masked/b"].tolist() == [1, 1]
    origin = files.read_json(given.outputs["origin"])
    assert origin["how"] == "unlearned"
    assert origin["changed"] == ["masked/b"]
    assert origin["from"]["masked"] == {
        "path": given.input("masked").as_posix(),
        "sha256": files.sha256(given.input("masked")),
    }
    assert (origin["variant"], origin["notes"]) == ("x", {"why": "a test"})
    assert list(given.outputs["training"].iterdir()) == []


def test_an_edit_of_an_undeclared_part_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = Edit({"residual": {"a": torch.ones(2)}})
    monkeypatch.setattr(registry, "load", lambda *place: Mine(edit))
    with pytest.raises(InputError, match="edited 'residual': add it to CHANGES"):
        unlearn.run(job(tmp_path))
    assert not (tmp_path / "delta").exists()


@pytest.mark.parametrize(
    ("logs", "step"), [({}, unlearn_by_training), ({"masked": [{"epoch": 1.0}]}, unlearn)]
)
def test_a_method_returns_logs_if_it_says_that_it_trains_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: dict[str, Any], step: Any
) -> None:
    """The workflow asks for the log of a method that says TRAINS, and of no other."""
    monkeypatch.setattr(registry, "load", lambda *place: Mine(Edit({}, logs=logs)))
    with pytest.raises(InputError, match="mine must return logs if it says TRAINS"):
        step.run(job(tmp_path))
    assert not (tmp_path / "delta").exists()


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float64])
def test_an_edit_in_float32_leaves_the_type_and_what_it_did_not_touch(
    tmp_path: Path, stored: torch.dtype
) -> None:
    """Whatever the method: it is given float32, and the checkpoint has the model's own type."""
    path = tmp_path / "masked.safetensors"
    base = {"a": torch.linspace(0, 1, 7).to(stored) / 3, "b": torch.ones(2, dtype=stored) / 3}
    save_state(path, base)
    given = context({"masked": path}).state("masked")
    assert {tensor.dtype for tensor in given.values()} == {torch.float32}
    edited = {**given, "a": torch.cat([given["a"][:6], torch.tensor([0.25])])}
    found = difference({"masked": load_state(path)}, {"masked": edited})
    assert list(found) == ["masked/a"]
    assert found["masked/a"].dtype == stored
    assert torch.equal(found["masked/a"][:6], base["a"][:6])
    assert found["masked/a"][6] == 0.25


def test_an_edit_that_the_type_of_the_model_cannot_hold_is_answered() -> None:
    base = {"masked": {"a": torch.zeros(2, dtype=torch.float16)}}
    with pytest.raises(InputError, match=r"masked/a: .* 7e\+04, .*float16.* in float32"):
        difference(base, {"masked": {"a": torch.tensor([0.0, 70_000.0])}})


def test_difference_keeps_only_what_changed() -> None:
    base = {"tokenizer": {"a": torch.zeros(2), "b": torch.zeros(2)}}
    assert list(difference(base, {"tokenizer": {"a": torch.zeros(2), "b": torch.ones(2)}})) == [
        "tokenizer/b"
    ]
    with pytest.raises(ValueError, match="shape"):
        difference(base, {"tokenizer": {"a": torch.zeros(3)}})
    with pytest.raises(ValueError, match="type"):
        difference(base, {"tokenizer": {"a": torch.zeros(2, dtype=torch.int64)}})


# In the workflow


MOVE = '''
"""Let a keyword be read as another word."""

import torch

from hmu.interface.methods import Context, Edit

INPUTS = ("keywords", "text_encoder")
CHANGES = ("transformers",)
PARAMS = {"target": {"type": "string", "default": "walk", "description": "The other word."}}


def unlearn(context: Context) -> Edit:
    words = [context.keywords()[0], context.params["target"]]
    word, target = torch.from_numpy(context.encode(words))
    tensors = {}
    for part in context.transformers:
        weight = context.state(part)["cond_emb.weight"]
        change = torch.outer(weight @ (target - word), word / word.dot(word))
        tensors[part] = {"cond_emb.weight": weight + change}
    return Edit(tensors)
'''


def test_a_method_can_move_the_embedding_of_a_keyword(project: Project) -> None:
    """One file: it embeds texts, knows the concept's words and edits whatever generates."""
    path = project.root / "workflow/hmu/methods/move.py"
    path.write_text(MOVE, encoding="utf-8")
    project.configure(lambda config: config["variants"].update(moved={"method": "move"}))
    folder = project.root / "results/checkpoints" / PLACE / "moved"
    made = project.made(str((folder / "delta.safetensors").relative_to(project.root)))
    assert made == [f"unlearn {PLACE}/moved"]

    models = project.root / "results/models/demo"
    delta = load_state(folder / "delta.safetensors")
    assert sorted(delta) == ["masked/cond_emb.weight", "residual/cond_emb.weight"]
    inputs = {
        "text_encoder": models / "text_encoder/model.safetensors",
        "text_encoder_config": models / "text_encoder/config.json",
    }
    table = pd.read_parquet(project.root / "results/embeddings/demo/captions/captions.parquet")
    captions = np.load(project.root / "results/embeddings/demo/captions/embeddings.npy")
    found = context(inputs).encode(["kick", "walk", *table["caption"][:3]])
    assert np.array_equal(found[2:], captions[:3]), "any text is encoded as a caption is"
    kick, walk = torch.from_numpy(found[:2])
    for part in ("masked", "residual"):
        file = models / f"backbones/momask/all/{part}/model.safetensors"
        weight, moved = load_state(file)["cond_emb.weight"], delta[f"{part}/cond_emb.weight"]
        assert torch.allclose(moved @ kick, weight @ walk, atol=1e-5)
        assert not torch.allclose(weight @ kick, weight @ walk, atol=1e-2)
        aside = walk - kick * walk.dot(kick) / kick.dot(kick)
        assert torch.allclose(moved @ aside, weight @ aside, atol=1e-5)

    # It generates motions of its own; the code that encodes is its code, and no other method's.
    planned = project.planned()
    assert [each for each in planned if each.startswith("generate ")], planned
    shown = ("tables", "report", "differences", "forget_retain ", "method_strips ")
    assert not [each for each in planned if "moved" not in each and not each.startswith(shown)]
    encoding = project.root / "workflow/hmu/unlearning/encoding.py"
    encoding.write_text(f"{encoding.read_text(encoding='utf-8')}\nMORE = 1\n", encoding="utf-8")
    again = [each for each in project.planned() if each.startswith("unlearn")]
    assert again == [f"unlearn {PLACE}/moved"]


PARTS_OF = '''
"""Quieten the codes that the parts of a concept have most often."""

from hmu.interface.methods import Context, Edit

INPUTS = ("keywords",)
INPUTS_BY = {"counts": {"motions": ("statistics",), "clips": ("clips", "codes", "motions")}}
CHANGES = ("tokenizer",)
CONCEPTS = ("parts",)
PARAMS = {
    "parts": {"type": "object", "description": "Codes by concept."},
    "counts": {"enum": ["motions", "clips"], "default": "motions", "description": "What counts."},
}


def unlearn(context: Context) -> Edit:
    name = "quantizer.layers.0.codebook"
    codebook = context.state("tokenizer")[name].clone()
    notes = {}
    for concept, k in context.params["parts"].items():
        statistics = context.statistics(concept)
        first = statistics[statistics["layer"] == 0].nsmallest(k, "rank")["code"].tolist()
        codebook[first] *= 0.5
        notes[concept] = {"codes": first, "keywords": context.keywords(concept)}
    return Edit({"tokenizer": {name: codebook}}, notes)
'''


def test_a_method_reads_statistics_of_the_concepts_that_a_parameter_names(
    project: Project,
) -> None:
    path = project.root / "workflow/hmu/methods/parts_of.py"
    path.write_text(PARTS_OF, encoding="utf-8")

    def composed(config: dict[str, Any]) -> None:
        config["concepts"] |= {"kick": {"keywords": ["kick"]}, "punch": {"keywords": ["punch"]}}
        given = {"method": "parts_of", "parts": {"kick": 3, "punch": 2}}
        config["variants"] |= {"composed": given, "counted": {**given, "counts": "clips"}}

    project.configure(composed)
    folder = f"results/checkpoints/{PLACE}"
    counted = project.planned(f"{folder}/counted/delta.safetensors")
    assert counted == ["concept demo/kick", "concept demo/punch", f"unlearn {PLACE}/counted"]
    made = project.made(f"{folder}/composed/origin.json")
    assert made == [
        "code_statistics demo/momask/kick",
        "code_statistics demo/momask/punch",
        "concept demo/kick",
        "concept demo/punch",
        f"unlearn {PLACE}/composed",
    ]
    notes = project.json(f"{folder}/composed/origin.json")["notes"]
    assert {name: len(each["codes"]) for name, each in notes.items()} == {"kick": 3, "punch": 2}
    assert notes["punch"]["keywords"] == ["punch"]

    project.configure(lambda config: config["variants"]["composed"].update(parts={"kik": 3}))
    done = project.snakemake("-n")
    assert done.returncode != 0
    assert "variants.composed.parts: there is no concept 'kik'" in shown(done)
    assert "Traceback" not in shown(done)


def test_codes_are_counted_and_replaced_in_the_ways_that_a_variant_names(project: Project) -> None:
    def more(config: dict[str, Any]) -> None:
        ours = {"counts": "reference", "selection": "reference", "replacement": "reference"}
        config["variants"] |= {
            "lcr-paper": {"method": "lcr", "k": 4, **ours},
            "lcr-smooth": {"method": "lcr", "k": 4, "layers": 2, "replacement": "smoothest"},
        }

    project.configure(more)
    folder = f"results/checkpoints/{PLACE}"
    origins = [f"{folder}/{name}/origin.json" for name in ("lcr-paper", "lcr-smooth")]
    assert project.made(*origins) == [
        "reference_codes demo/momask",
        f"reference_statistics {PLACE}",
        f"unlearn {PLACE}/lcr-paper",
        f"unlearn {PLACE}/lcr-smooth",
    ]
    paper, smooth = (project.json(name)["notes"]["layers"] for name in origins)
    assert len(set(paper[0]["replaced_by"])) == 1
    for layer in smooth:
        assert not set(layer["codes"]) & set(layer["replaced_by"])
    counted = pd.read_parquet(
        project.root / "results/codes/demo/momask/concepts/violence/reference.parquet"
    )
    crops = project.root / "results/codes/demo/momask/all/reference_crops.parquet"
    table = codes.CodeTable.read(crops)
    assert {len(each) for each in table.codes} == {49}
    assert counted.groupby("layer")["forget_tokens"].sum().tolist() == pytest.approx([1.0, 1.0])


TRAINED = {
    "esd": {"method": "esd", "prompts": "test", "steps": 60, "rate": 1.0e-3, "target": "empty"},
    "task-vector": {"method": "task_vector", "epochs": 2, "rank": 2, "rate": 1.0e-3},
    "npo": {"method": "npo", "epochs": 2, "rate": 1.0e-3},
    "filtered": {"method": "filtered", "epochs": 2, "k": 8, "rate": 1.0e-3},
}


@pytest.mark.parametrize("backbone", ["momask", "bamm"])
def test_methods_train_on_either_backbone(project: Project, backbone: str) -> None:
    project.configure(lambda config: config["variants"].update(TRAINED))
    place = f"demo/{backbone}/violence"
    folders = {name: f"results/checkpoints/{place}/{name}" for name in TRAINED}
    made = project.made(*(f"{folder}/origin.json" for folder in folders.values()))
    edits = [job for job in made if job.startswith("unlearn")]
    assert edits == sorted(f"unlearn_by_training {place}/{name}" for name in TRAINED)
    for name, folder in folders.items():
        changed = {
            part.partition("/")[0] for part in project.json(f"{folder}/origin.json")["changed"]
        }
        assert changed == ({"masked"} if name == "esd" else {"masked", "residual"})
        log = pd.read_parquet(project.root / folder / "training/log.parquet")
        assert log["epoch"].max() == 2
        assert np.isfinite(log.select_dtypes("number").to_numpy()).any(axis=0).all()
    erased = pd.read_parquet(project.root / folders["esd"] / "training/log.parquet")
    assert erased["validation loss"].iloc[-1] < erased["train loss"].iloc[0]


ALL = '''
"""Read all that a method can read, and change nothing."""

from hmu.interface.methods import Context, Edit

INPUTS = ("transformers", "model", "sampling", "retrained", "statistics", "clips", "keywords")
INPUTS_BY = {"data": {True: ("codes", "captions", "motions", "features", "text_encoder")}}
CHANGES = ("tokenizer",)
FILES = ("words",)
PARAMS = {
    "data": {"type": "boolean", "default": False, "description": "Whether data too."},
    "words": {"type": ["string", "null"], "default": None, "description": "A file."},
}


def unlearn(context: Context) -> Edit:
    captions, motions = context.captions(), context.motions()
    parts = ("tokenizer", *context.transformers)
    store, scale = context.features(), context.scale()
    clip = motions["clip"][0]
    notes = {
        "parts": [type(context.model(part)).__name__ for part in parts],
        "same": [context.state(p).keys() == context.state(p, retrained=True).keys() for p in parts],
        "steps": context.sampling()["steps"],
        "text": [captions.embeddings.shape[1], context.encode(["a", "b"]).shape[1]],
        "rows": int(captions.samples["row"].max()) < len(captions.embeddings),
        "motions": set(context.codes().keys["motion"]) == set(motions["motion"]),
        "features": scale.forward(store[clip]).shape[1],
        "words": context.files("words")[0].read_text(),
    }
    return Edit({}, notes)
'''


def test_a_method_can_read_all_that_the_contract_offers(project: Project) -> None:
    path = project.root / "workflow/hmu/methods/reader.py"
    path.write_text(ALL, encoding="utf-8")
    (project.root / "words.txt").write_text("kick", encoding="utf-8")
    given = {"method": "reader", "data": True, "words": "words.txt"}
    project.configure(lambda config: config["variants"].update(reader=given))
    origin = f"results/checkpoints/{PLACE}/reader/origin.json"
    assert project.made(origin) == [f"unlearn {PLACE}/reader"]
    assert project.json(origin)["notes"] == {
        "parts": ["Tokenizer", "MaskedTransformer", "ResidualTransformer"],
        "same": [True, True, True],
        "steps": 10,
        "text": [16, 16],
        "rows": True,
        "motions": True,
        "features": 263,
        "words": "kick",
    }
    (project.root / "words.txt").write_text("punch", encoding="utf-8")
    assert project.planned(origin) == [f"unlearn {PLACE}/reader"]
