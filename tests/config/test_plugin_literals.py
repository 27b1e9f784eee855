"""What plugins say of themselves: each literal that leads nowhere is answered, with the file."""

from pathlib import Path
from typing import Any

import pytest

from hmu import config, declarations, registry
from hmu.config.plugins import of_plugins
from hmu.errors import InputError


def test_the_plugins_of_the_package_are_in_order() -> None:
    assert list(of_plugins()) == []


def changed(monkeypatch: pytest.MonkeyPatch, plugin: str, **literals: Any) -> None:
    """Let a plugin, KIND/NAME, say other literals; None for one that it does not have."""
    kind, name = plugin.split("/")
    said = {**registry.literals(kind, name), **literals}
    own = {key: each for key, each in said.items() if each is not None}
    real = registry.literals
    monkeypatch.setattr(
        registry, "literals", lambda *given: own if given == (kind, name) else real(*given)
    )


PART = dict(registry.literals("backbones", "bamm")["PARTS"]["masked"])


@pytest.mark.parametrize(
    ("plugin", "literal", "value", "said"),
    [
        (
            "metrics/fid",
            "SETTINGS",
            ("nonsense",),
            "SETTINGS has 'nonsense'; write one of: repeats",
        ),
        ("metrics/fid", "SETTINGS", ("pol",), "SETTINGS has 'pol'; did you mean 'pool'?"),
        ("metrics/fid", "SETTINGS", "pool", "SETTINGS has 'pool'; write a tuple, ('pool',) for"),
        ("metrics/fid", "SETTINGS", None, "has no literal SETTINGS; add it, a tuple of names,"),
        ("metrics/fid", "NAMES", None, "has no literal NAMES"),
        ("metrics/fid", "NAMES", ("fid", "mm_dist"), "NAMES has 'mm_dist', and so has another"),
        (
            "metrics/fid",
            "READS",
            ("generated/embedding",),
            "READS is ('generated/embedding',); wri",
        ),
        ("metrics/fid", "READS", {"a": "generatd/embedding"}, "READS of 'a' is of 'generatd'; did"),
        (
            "metrics/fid",
            "READS",
            {"a": "real/embeding"},
            "has no descriptor 'embeding'; did you me",
        ),
        (
            "metrics/fid",
            "READS",
            {"a": 3},
            "READS of 'a' is of '3'; write one of: generated, real,",
        ),
        ("metrics/fid", "READS", {"a": "pairs/hidden_words"}, "hidden_words describes texts alone"),
        ("metrics/fid", "READS", {"a": "masked/tmr"}, "tmr has no masked texts; write text/tmr."),
        ("metrics/fid", "SAYS", {"fd": "What it is."}, "SAYS has 'fd'; did you mean 'fid'?"),
        ("metrics/fid", "CLAIMS", {"x": "How much."}, "CLAIMS has 'x'; write one of: fid."),
        ("metrics/fid", "ALONE", ("x",), "ALONE has 'x'; write one of: fid."),
        ("descriptors/movement", "SEES", ("joint",), "SEES has 'joint'; did you mean 'joints'?"),
        ("descriptors/movement", "MODELS", ("masked",), "MODELS has 'masked'; write one of: eval"),
        ("descriptors/movement", "MODELS", None, "has no literal MODELS"),
        ("descriptors/movement", "SETTINGS", ("steps",), "SETTINGS has 'steps'; write one of"),
        ("descriptors/tmr", "TEXTS", "tokens", "TEXTS has 'tokens'; write one of: caption."),
        (
            "backbones/bamm",
            "SETTINGS",
            ("batches",),
            "SETTINGS has 'batches'; did you mean 'batch'?",
        ),
        ("backbones/bamm", "SAMPLER", None, "has no literal SAMPLER"),
        ("backbones/bamm", "SAMPLER", "hmu.backbones.bamm.sampler", "and there is no such module"),
        ("backbones/bamm", "PARTS", {"masked": PART}, "PARTS has no 'tokenizer'"),
        ("backbones/bamm", "PARTS", {"tokenizer": {**PART, "reads": ("text",)}}, "reads of 'token"),
        (
            "backbones/bamm",
            "PARTS",
            {"tokenizer": {**PART, "recipe": "codes"}},
            "recipe is 'codes'",
        ),
        (
            "backbones/bamm",
            "PARTS",
            {"tokenizer": {"recipe": "hmu.paths"}},
            "has no 'network'; add",
        ),
        ("backbones/bamm", "PARTS", {"tokenizer": "hmu.paths"}, "is 'hmu.paths'; write a mapping"),
        ("backbones/bamm", "PARTS", None, "has no literal PARTS"),
        ("backbones/generations", "MOTIONS", None, "has no literal MOTIONS"),
        ("prompts/file", "FILES", ("file",), "FILES has 'file'; write one of: path, concept, with"),
        ("prompts/file", "FILES", None, "has no literal FILES"),
        ("prompts/file", "CONCEPTS", ("concepts",), "CONCEPTS has 'concepts'; did you mean 'conc"),
        ("prompts/file", "PARAMS", {"path": "string"}, "PARAMS of 'path' is 'string'; write what"),
        ("prompts/file", "PARAMS", None, "has no literal PARAMS"),
        ("prompts/phrase_book", "KNOWS", "hmu.rephrasing.books", "there is no such module"),
        ("sources/joints", "STAGE", "joint", "STAGE has 'joint'; did you mean 'joints'?"),
        ("sources/joints", "MARKS", "joints", "MARKS has 'joints'; write a tuple, ('joints',)"),
        ("taggers/spacy", "NEEDS", ("spacy",), "NEEDS is ('spacy',); write a mapping"),
        ("methods/lcr", "CHECKS", "hmu.unlearning.codes", "there is no such module"),
        ("methods/lcr", "PARAMS", {"k": 3}, "PARAMS of 'k' is 3; write what JSON Schema says"),
    ],
)
def test_what_leads_nowhere_is_answered_with_file_and_remedy(
    monkeypatch: pytest.MonkeyPatch, plugin: str, literal: str, value: object, said: str
) -> None:
    changed(monkeypatch, plugin, **{literal: value})
    file = f"workflow/hmu/{plugin}{'/__init__' if plugin.startswith('backbones') else ''}.py: "
    found = [each for each in of_plugins() if said in each]
    assert found[0].startswith(file)
    assert found[0].endswith(".")
    with pytest.raises(InputError) as error:
        config.validate({})
    assert found[0] in str(error.value)
    assert "config.yaml" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"NAMES = (\n",
            "workflow/hmu/metrics/mine.py, line 1 is not Python ('(' was never closed)",
        ),
        (b"X = 1\n\nREADS == {,}\n", "mine.py, line 3 is not Python (invalid syntax): correct it."),
        (b"NAMES = '\xe9'\n", "mine.py, line 1 is not Python ((unicode error)"),
        (b"NAMES = 1\0\n", "is not Python ("),
    ],
)
def test_a_file_that_is_no_python_is_answered_with_its_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    room = tmp_path / "workflow" / "hmu" / "metrics"
    room.mkdir(parents=True)
    (room / "mine.py").write_bytes(content)
    with pytest.raises(InputError) as error:
        declarations.read(room / "mine.py", room)
    assert said in str(error.value)
