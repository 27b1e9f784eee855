"""Faults of a configuration: all in one message, each with its remedy."""

import copy

import pytest

from hmu import config
from hmu.cli import main
from hmu.errors import InputError
from support.configurations import changed, faults, minimal


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("sed", 1, "sed: there is no key 'sed'; did you mean 'seed'?"),
        ("generation.stepz", 1, "generation.stepz: there is no key 'stepz'; did you mean 'steps'?"),
        ("seed", "many", 'seed: is "many", not a whole number'),
        ("seed", True, "seed: is true, not a whole number"),
        ("seed", 1.5, "seed: is 1.5, not a whole number"),
        ("threads", 0, "threads: is 0; write at least 1."),
        ("device", "gpu", 'device: is "gpu"; write auto or cpu or cuda.'),
        ("length", None, "length: is null, not a mapping"),
        ("length.training.rate", "1e-4", "a dot, 1.0e-4 (YAML needs the dot)"),
        ("generation.keep", 0, "generation.keep: is 0; write more than 0."),
        ("datasets.own.sauce", "x", "did you mean 'source'?"),
        ("datasets.own.source", "joint", "there is no source 'joint'; did you mean 'joints'?"),
        ("datasets.own.tagger", "rule", "did you mean 'rules'?"),
        ("datasets.own.raw", None, "datasets.own: has neither raw nor demo; give one of them."),
        ("datasets.own.demo", {}, "datasets.own: has both raw and demo; give one of them."),
        ("datasets.own.quarantine_limit", 2, "quarantine_limit: is 2; write at most 1."),
        ("datasets.a/b", {"source": "joints", "raw": "x"}, "a name that can be a folder"),
        ("tables.main.concept", "wve", "there is no concept 'wve'; did you mean 'wave'?"),
        ("tables.main.dataset", "won", "there is no dataset 'won'; did you mean 'own'?"),
        ("tables.main.backbone", "bamm", "there is no backbone 'bamm'; write one of: momask."),
        ("tables.main.layout", "mian", "there is no layout 'mian'; did you mean 'main'?"),
        ("tables.main.rows", ["lrc"], "there is no variant 'lrc'; did you mean 'lcr'?"),
        ("variants.lcr.method", "lrc", "variants.lcr.method: there is no method 'lrc'"),
        ("variants.lcr.K", 3, "variants.lcr.K: there is no key 'K'; did you mean 'k'?"),
        ("length.training.rate", float("nan"), "rate: is nan; write a finite number."),
        ("variants.lcr.alpha", float("inf"), "alpha: is inf; write a finite number."),
        ("variants.lcr.kk", 3, "variants.lcr.kk: there is no key 'kk'; did you mean 'k'?"),
        ("variants.lcr.k", "all", 'variants.lcr.k: is "all", not a whole number'),
        ("variants.lcr", {}, "variants.lcr.method: is missing; add it (Name of the method"),
        ("variants.lcr", {"method": "uce", "words": []}, "words: is empty; write at least one."),
        ("variants.lcr", {"method": "rece", "rho": -1}, "rho: is -1; write at least 0."),
        ("concepts.wave.keywords", "wave", "write a list, or a mapping of lists."),
        ("concepts.wave.keywords", [], "concepts.wave.keywords: is empty; write at least one."),
        ("concepts.wave.keywords", {"own": []}, "concepts.wave.keywords.own: is empty"),
        ("concepts.wave.keywords", {"other": ["x"]}, "has none for the dataset 'own'"),
        ("concepts.wave.matching", "word", "write substring or lemma."),
        ("evaluation.multimodality.pairs", 31, "write at most 30 (draws)."),
        (
            "backbones.momask.masked.heads",
            5,
            "masked.latent: is 384; write a multiple of 5 (heads).",
        ),
        ("backbones.momask.masked.dropout", 1, "is 1; write less than 1."),
        ("backbones.momask.residual", {"latent": 9, "heads": 3}, "is 9; write a multiple of 2."),
        ("backbones.momask.tokenizer.codes", 40_000, "is 40000; write at most 32767."),
        ("backbones.momask.tokenizer.training.window", 200, "is 200; write at most 199, the frame"),
        ("evaluator.movement_training.window", 200, "movement_training.window: is 200; write at "),
        ("backbones.momask.tokenizer.quantizers", 1, "is 1; write at least 2."),
        ("backbones.momask.kind", "bam", "there is no kind 'bam'; did you mean 'bamm'?"),
        ("backbones.momask.shares", "momask", "no backbone with parts of its own 'momask'"),
        ("backbones.momask.masked.training.betas", [0.9], "is [0.9]; write 2 values."),
        ("backbones.momask.masked.training.betas", [0.9, 1], "betas.1: is 1; write less than 1."),
        ("concepts.wave.keywords", ["wave\n"], "a keyword"),
        ("datasets.own.demo", 3, "demo: is 3; write a mapping of keys to values, or null."),
        ("prompts.mine", {"kind": "fil"}, "there is no kind 'fil'; did you mean 'file'?"),
        ("prompts.mine", {"kind": "file"}, "prompts.mine.path: is missing; add it (A file of pro"),
        ("sets.own", {"prompts": "mine"}, "there is no source of prompts 'mine'; write one of: c"),
    ],
)
def test_a_fault_is_named_with_its_remedy(path, value, said):
    lines = faults(changed(path, value))
    assert len(lines) == 1
    assert said in lines[0]
    assert lines[0].startswith(path.rpartition(".")[0])


def test_a_key_that_is_no_text_is_an_answer():
    given = minimal()
    given["datasets"][2024] = next(iter(given["datasets"].values()))
    assert "datasets: has the key 2024; write it in quotes." in faults(given)


def test_all_faults_come_in_one_message():
    broken = changed("sed", 1)
    broken["threads"] = "two"
    broken["variants"]["x"] = {"method": "nothing"}
    broken["tables"]["main"]["concept"] = "nowhere"
    broken["concepts"]["wave"] = None
    assert {line.partition(":")[0] for line in faults(broken)} == {
        "sed", "threads", "variants.x.method", "tables.main.concept", "concepts.wave"
    }  # fmt: skip


@pytest.mark.parametrize("value", [None, True, 3, float("inf"), "x", [], [None], {}, {3: 4}])
def test_any_value_anywhere_is_answered(value):
    """Whatever stands at whatever key: a valid configuration, or one message."""

    def places(node, way=()):
        yield way
        if isinstance(node, dict):
            for name, inner in node.items():
                yield from places(inner, (*way, name))

    given, messages = config.validate(minimal()), []
    for *way, last in filter(None, places(given)):
        broken = copy.deepcopy(given)
        node = broken
        for name in way:
            node = node[name]
        node[last] = value
        try:
            config.validate(broken)
        except InputError as error:
            messages.append(str(error))
    assert len(messages) > 10
    assert all(message.startswith("config.yaml has ") for message in messages)


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_configuration_at_all(value):
    assert "not a mapping" in faults(value)[0]


def test_missing_sections_are_each_named():
    lines = faults({})
    assert [line.partition(":")[0] for line in lines] == [
        "datasets", "concepts", "variants", "tables"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a/b", ".", "-x", "", "wave\n", "wave b", "é", "x" * 65])
@pytest.mark.parametrize("section", ["concepts", "variants", "tables", "sets", "backbones"])
def test_a_name_that_cannot_be_a_folder_is_refused(section, name):
    entry = {
        "concepts": {"keywords": ["x"]},
        "variants": {"method": "original"},
        "tables": minimal()["tables"]["main"],
        "sets": {},
        "backbones": {},
    }[section]
    value = minimal()
    value[section] = {**value.get(section, {"momask": {}}), name: entry}
    if section == "sets":
        value["sets"].pop("momask")
    (line,) = faults(value)
    assert line.startswith(f"{section}: ")
    assert "a name that can be a folder" in line or "write at most 64 characters" in line


def test_names_that_differ_by_capitals_alone_are_refused():
    value = changed("concepts.Wave", {"keywords": ["x"]})
    (line,) = faults(value)
    assert line.startswith("concepts.Wave: is 'wave' but for capitals, and some file systems")
    value = changed("sets", {"Forget": {}})
    assert faults(value)[0].startswith("sets.Forget: is 'forget' but for capitals")


def test_a_source_of_prompts_names_concepts_that_there_are():
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "wafe"}})
    value["prompts"]["theirs"] = {"kind": "phrase_book", "concept": "wave", "without": ["jump"]}
    with pytest.raises(InputError) as error:
        config.validate(value)
    assert "prompts.mine: there is no concept 'wafe'; did you mean 'wave'?" in str(error.value)
    assert "prompts.theirs: there is no concept 'jump'" in str(error.value)


def test_a_concept_of_prompts_has_keywords_where_a_table_asks_for_them():
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "jump"}})
    value["concepts"]["jump"] = {"keywords": {"other": ["jump"]}}
    config.validate(value)
    value["sets"] = {"retain": {"prompts": "mine"}}
    with pytest.raises(InputError, match=r"concepts.jump.keywords: has none for the dataset 'own'"):
        config.validate(value)


def test_a_concept_that_the_phrase_book_does_not_know_is_said_at_planning():
    """Where a table asks for its prompts: a concept with one word that the book has will do."""
    value = changed("prompts", {"mine": {"kind": "phrase_book", "concept": "odd"}})
    value["concepts"]["odd"] = {"keywords": ["knit", "purl"]}
    config.validate(value)
    value["sets"] = {"retain": {"prompts": "mine"}}
    with pytest.raises(InputError) as error:
        config.validate(value)
    assert "prompts.mine.concept: is 'odd', and the phrase book has no motion" in str(error.value)
    assert "knit, purl name; add phrases to it, or take `kind: language_model`" in str(error.value)
    value["concepts"]["odd"]["keywords"] = ["knit", "Kick"]
    config.validate(value)


def test_the_shortest_motion_fills_a_token_from_any_offset():
    value = changed("backbones.momask.tokenizer.down", 4)
    value["datasets"]["own"]["shortest"] = 19
    config.validate(value)
    value["datasets"]["own"]["shortest"] = 18
    [line] = faults(value)
    assert line.startswith("datasets.own.shortest: is 18; write at least 19 for the tokenizer of")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nseed: 2\n", "the key 'seed' is given twice"),
        ("seed: [1\n", "is not valid YAML"),
        ("- a\n", "not a mapping"),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml") as caught:
        config.load(path)
    assert said in str(caught.value)


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        config.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"seed: \xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml cannot be read as UTF-8 text"):
        config.load(tmp_path / "latin.yaml")


@pytest.mark.parametrize(
    ("text", "said"), [("a: [1\nb: 2\n", "line 2, column"), (None, "cannot be read")]
)
def test_hmu_cells_says_what_is_wrong_with_a_file(tmp_path, capsys, text, said):
    """Snakemake reads --configfile before this workflow, and does not say where it is wrong."""
    path = tmp_path / "mine.yaml"
    if text:
        path.write_text(text, encoding="utf-8")
    assert main(["cells", "--config", str(path)]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"hmu: {path} ")
    assert said in shown
