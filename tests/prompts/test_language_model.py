"""Prompts by a language model: asked once, kept, resumed, and the key written nowhere."""

import dataclasses
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hmu import registry
from hmu.errors import InputError
from hmu.interface.prompts import Prompt, PromptContext, Rejected
from hmu.prompts import _answers, language_model
from hmu.run import runner
from support.language_model import Service, serving

KEY = "sk-very-secret-1234"
CAPTIONS = {
    "0%a": "a man kicks",
    "1%a": "he walks",
    "0%b": "a person is kicking twice",
    "1%b": "a man kicks",
    "0%c": "someone kicked a ball",
}
DEFAULTS = {name: node.get("default") for name, node in language_model.PARAMS.items()}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    pytest.importorskip("openai", reason="the package openai is not installed")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving() as running:
        yield running


def context(folder: Path, **params: Any) -> PromptContext:
    tokens = ["kick/VERB" if "kick" in caption else "x/X" for caption in CAPTIONS.values()]
    columns = {"sample": list(CAPTIONS), "caption": list(CAPTIONS.values()), "tokens": tokens}
    told = {"concept": "kick", "model": "small", "answers": str(folder / "kept/answers.jsonl")}
    concepts = {"kick": ("kick",), "violence": ("kick", "punch")}
    given = {**DEFAULTS, **told, "per_minute": 1e6, **params}
    return PromptContext(pd.DataFrame(columns), given, {}, concepts)


def kept(given: PromptContext) -> list[dict[str, str]]:
    text = Path(given.params["answers"]).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_each_caption_is_asked_once_and_stands_for_all_its_samples(
    service: Service, tmp_path: Path
) -> None:
    given = context(tmp_path, url=service.url)
    path = tmp_path / "answers.jsonl"
    path.write_text(language_model.ask(given), encoding="utf-8")
    assert service.asked == ["a man kicks", "a person is kicking twice", "someone kicked a ball"]
    assert service.keys == {KEY}
    assert all("punch" in told and "{words}" not in told for told in service.told)
    made = list(language_model.prompts(dataclasses.replace(given, files={"answers": path})))
    assert made == [
        Prompt("0%a", "a man swing a legs", "", "0%a"),
        Prompt("0%b", "a person is swing a leging twice", "", "0%b"),
        Prompt("1%b", "a man swing a legs", "", "1%b"),
        Prompt("0%c", "someone swing a leged a ball", "", "0%c"),
    ]
    first = kept(given)[0]
    assert first["model"] == "small"
    assert first["answered_by"] == "small-2026"
    assert first["date"].startswith(time.strftime("%Y-"))
    assert {first["instruction"]} == service.told
    # What is there is not asked again; what another model, or another instruction, is told, is.
    assert language_model.ask(given) == path.read_text(encoding="utf-8")
    assert len(service.asked) == 3
    language_model.ask(context(tmp_path, url=service.url, model="large"))
    assert len(service.asked) == 6
    language_model.ask(context(tmp_path, url=service.url, instruction="Say it anew."))
    assert len(service.asked) == 9
    assert len(kept(given)) == 9


def test_an_interrupted_run_goes_on_where_it_stopped(service: Service, tmp_path: Path) -> None:
    given = context(tmp_path, url=service.url, tries=2)
    service.errors = [200, 500, 500]
    with pytest.raises(InputError, match=r"'small' at http.*are kept in .*answers\.jsonl"):
        language_model.ask(given)
    assert [each["caption"] for each in kept(given)] == ["a man kicks"]
    path = Path(given.params["answers"])
    with path.open("ab") as stream:  # killed while it wrote
        stream.write('{"model": "small", "ä'.encode()[:-1])
    service.errors = [500, 429]  # each is tried again
    language_model.ask(context(tmp_path, url=service.url, tries=3))
    assert service.asked == ["a man kicks", "a person is kicking twice", "someone kicked a ball"]
    assert [each["caption"] for each in kept(given)] == service.asked


def test_the_key_is_in_no_message(service: Service, tmp_path: Path) -> None:
    for status in (400, 401, 403, 404, 500):
        service.errors = [status]
        with pytest.raises(InputError) as error:
            language_model.ask(context(tmp_path, url=service.url, tries=1))
        assert KEY not in str(error.value)
        assert "OPENAI_API_KEY" in str(error.value)
        assert error.value.__cause__ is None
    assert service.asked == []


@pytest.mark.parametrize("sent", [b"", b"{}", b"[1]", b'{"choices": []}', b"<html>"])
def test_what_is_no_answer_is_said(service: Service, tmp_path: Path, sent: bytes) -> None:
    service.broken = sent
    with pytest.raises(InputError, match="does not answer"):
        language_model.ask(context(tmp_path, url=service.url, tries=1))


def test_an_empty_answer_is_kept_and_rejected(service: Service, tmp_path: Path) -> None:
    given = context(tmp_path, url=service.url)
    service.answers = {"a man kicks": None, "someone kicked a ball": "ha " * 400}
    path = tmp_path / "answers.jsonl"
    path.write_text(language_model.ask(given), encoding="utf-8")
    made = list(language_model.prompts(dataclasses.replace(given, files={"answers": path})))
    assert [each.sample for each in made if isinstance(each, Rejected)] == ["0%a", "1%b", "0%c"]


def test_captions_are_asked_no_faster_than_is_said(service: Service, tmp_path: Path) -> None:
    started = time.monotonic()
    language_model.ask(context(tmp_path, url=service.url, per_minute=60 / 0.4))
    assert time.monotonic() - started > 0.8


def test_the_step_writes_the_key_nowhere(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = context(tmp_path, url=service.url)
    samples = given.samples.assign(split="test")
    samples.to_parquet(tmp_path / "samples.parquet")
    results = tmp_path / "results"
    job = {
        "step": "ask",
        "inputs": {"samples": str(tmp_path / "samples.parquet")},
        "outputs": {"answers": str(results / "prompts/d/p/answers.jsonl")},
        "settings": {
            "kind": "language_model",
            "params": dict(given.params),
            "concepts": {name: list(words) for name, words in given.concepts.items()},
        },
        "plugins": ["hmu.prompts.language_model"],
        "results": str(results),
    }
    assert runner.execute(json.dumps(job), log=results / "logs/ask.log") == 0
    service.errors = [401]
    job["settings"]["params"]["model"] = "large"
    assert runner.execute(json.dumps(job), log=results / "logs/again.log") == 2
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"small-2026" in each for each in written)
    assert not any(KEY.encode() in each for each in written)
    assert KEY not in "".join(capsys.readouterr())
    record = json.loads(next((results / "lineage").rglob("*.json")).read_text(encoding="utf-8"))
    assert "small" in json.dumps(record)
    assert language_model.PARAMS["instruction"]["default"] in json.dumps(record)


def test_without_client_or_key_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(InputError, match=r"pip install openai.*phrase_book"):
        language_model.ask(context(tmp_path))
    monkeypatch.setitem(sys.modules, "openai", object())
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="into the variable OPENAI_API_KEY of the environment"):
        language_model.ask(context(tmp_path))


def test_planning_does_not_import_the_client() -> None:
    assert registry.literals("prompts", "language_model")["ASKS"] is True
    source = Path(language_model.__file__).read_text(encoding="utf-8")
    assert not re.search(r"^(import|from) openai", source, re.MULTILINE)


@pytest.mark.parametrize(
    "line", ["[]", '{"model": "x"}', "no", json.dumps(dict.fromkeys(sorted(_answers._KEYS), 1))]
)
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(f"{line}\n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"answers\.jsonl, line 1 is no answer"):
        _answers.read(path)


def test_an_answer_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text("", encoding="utf-8")
    given = dataclasses.replace(context(tmp_path), files={"answers": path})
    with pytest.raises(InputError, match="has no answer to 'a man kicks': delete it to ask again"):
        next(iter(language_model.prompts(given)))
