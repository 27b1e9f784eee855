"""The spaCy tagger, beside HumanML3D's own code on the same pipeline where spaCy is installed."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hmu.errors import InputError
from hmu.taggers import spacy as tagging

WORDS = {
    "a": ("DET", "a"), "the": ("DET", "the"), "he": ("PRON", "he"), "his": ("PRON", "his"),
    "person": ("NOUN", "person"), "feet": ("NOUN", "foot"), "hands": ("NOUN", "hand"),
    "kicks": ("VERB", "kick"), "threw": ("VERB", "throw"), "is": ("AUX", "be"),
    "boxing": ("VERB", "box"), "left": ("VERB", "leave"), "quickly": ("ADV", "quickly"),
    "stepbystep": ("NOUN", "stepbystep"), "three": ("NUM", "three"),
}  # fmt: skip
SENTENCES = (
    "a person kicks with his left leg.",
    "the person threw 3 balls step-by-step, he's boxing",
    "His hands and feet: quickly!",
    "360 - -",
    "",
)


def test_the_command_that_installs_spacy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(InputError) as caught:
        tagging.tagger()
    assert "`pip install spacy && python -m spacy download en_core_web_sm`" in str(caught.value)
    assert "tagger: rules" in str(caught.value)


def test_the_command_that_installs_the_model_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str, **_: object) -> None:
        raise OSError(f"[E050] Can't find model '{name}'.")

    without_model = ModuleType("spacy")
    without_model.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", without_model)
    with pytest.raises(InputError, match=r"`python -m spacy download en_core_web_sm`"):
        tagging.tagger()


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small English pipeline on disk, in the place of the model."""
    spacy = pytest.importorskip("spacy", reason="the optional package spacy is not installed")
    model = spacy.blank("en")
    ruler = model.add_pipe("attribute_ruler")
    for word, (pos, lemma) in WORDS.items():
        ruler.add([[{"LOWER": word}]], {"POS": pos, "LEMMA": lemma})
    model.to_disk(tmp_path / "model")
    monkeypatch.setattr(tagging, "MODEL", str(tmp_path / "model"))
    return tmp_path / "model"


def test_tokens_are_those_of_a_pipeline(pipeline: Path) -> None:
    tag = tagging.tagger()
    assert tag(SENTENCES[0]).startswith("a/DET person/NOUN kick/VERB with/ his/PRON left/VERB")
    assert tag("he threw, step-by-step") == "he/PRON throw/VERB stepbystep/NOUN"
    assert tag("360 - -") == ""


def test_tokens_are_those_of_humanml3d(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``process_text`` of text_process.py, with the same pipeline as its model."""
    import spacy

    folder = Path(os.environ.get("HMU_REFERENCE", "no")) / "EricGuo5513+HumanML3D"
    if not folder.is_dir():
        pytest.skip("HMU_REFERENCE does not name a folder with EricGuo5513+HumanML3D")
    tag, model = tagging.tagger(), spacy.load(pipeline)
    monkeypatch.setattr(spacy, "load", lambda name: model)
    spec = importlib.util.spec_from_file_location("text_process", folder / "text_process.py")
    assert spec is not None
    assert spec.loader is not None
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    for sentence in SENTENCES:
        words, tags = code.process_text(sentence)
        assert tag(sentence).split(" ") == [
            f"{word}/{pos}" for word, pos in zip(words, tags, strict=True)
        ] or not (words or tag(sentence))
