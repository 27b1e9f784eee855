"""Captions that name a concept, in other words by a language model, as GPT-4 wrote the paper's.

The model is behind a service that speaks OpenAI's protocol (chat completions): OpenAI's own, or a
server of one's own. A rule of its own asks (`ask`), a caption at a time, and keeps each answer in a
file of the user's (:mod:`hmu.prompts._answers`). The key comes from the environment and is written
nowhere.
"""

import importlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.interface.prompts import Prompt, PromptContext, Rejected
from hmu.io import inert
from hmu.io.progress import each
from hmu.prompts import _answers
from hmu.prompts._answers import Answer
from hmu.prompts._explicit import PARAMS as NAMED
from hmu.prompts._explicit import explicit, unspoken

PARAMS = {
    **NAMED,
    "model": {"type": "string", "minLength": 1, "description": "The service's name of the model."},
    "answers": {
        "type": "string",
        "minLength": 1,
        "description": "The file in which the answers are kept (JSONL). What it has is not asked "
        "again: put it under version control.",
    },
    "url": {
        "type": ["string", "null"],
        "default": None,
        "description": "The address of the service, up to /v1; null for that in the environment's "
        "OPENAI_BASE_URL, or else OpenAI's.",
    },
    "key": {
        "type": "string",
        "default": "OPENAI_API_KEY",
        "description": "The variable of the environment that holds the key of the service.",
    },
    "instruction": {
        "type": "string",
        "minLength": 1,
        "default": "You get a caption of a human motion. Say the same motion in one English "
        "sentence that only describes how the body moves, without a name for the action. Keep who "
        "moves, left and right, directions, and how often. Do not use these words or any form of "
        "them: {words}. Answer with the sentence alone.",
        "description": "What the model is told before each caption; {words} stands for the "
        "keywords of the concepts.",
    },
    "per_minute": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 60,
        "description": "How many captions are asked a minute at the most.",
    },
    "tries": {
        "type": "integer",
        "minimum": 1,
        "default": 6,
        "description": "How often a request is made that fails, at longer and longer intervals.",
    },
}
FILES: tuple[str, ...] = ()
CONCEPTS = ("concept", "without")
ASKS = True
UNTAGGED = True
_LONGEST = 1000  # characters of an answer
_SECONDS = 60.0  # without an answer


def prompts(context: PromptContext) -> Iterator[Prompt | Rejected]:
    """One prompt for each sample whose caption names the concept, of the sample's name.

    Raises InputError for a caption to which the file ``answers`` has no answer.
    """
    path = context.files["answers"]
    answers = _answers.read(path)
    told = _told(context)
    for sample, caption in explicit(context):
        found = answers.get((context.params["model"], told, caption))
        if found is None:
            raise InputError(f"{path} has no answer to {caption!r}: delete it to ask again.")
        if not found.answer or len(found.answer) > _LONGEST:
            yield Rejected(sample, "the model's answer is empty, or no sentence")
        elif fault := inert.control_fault(found.answer):
            yield Rejected(sample, f"the model's answer {fault}", found.answer)
        else:
            yield Prompt(sample, found.answer, "", sample)


def ask(context: PromptContext) -> str:
    """Ask the model to say each caption that names the concept in other words; all answers, as a
    file.

    The file that the parameter ``answers`` names gets each answer as it comes. Raises InputError
    where the service cannot be asked; what it answered until then is kept.
    """
    params, kept = context.params, Path(context.params["answers"])
    model, told = params["model"], _told(context)
    _answers.mend(kept)
    known = _answers.read(kept)
    captions = sorted({caption for _, caption in explicit(context)})
    asked = [caption for caption in captions if (model, told, caption) not in known]
    if asked:
        answered = _service(params, told)
        pause = 60 / params["per_minute"]
        for caption in each(asked, "answers", "captions"):
            started = time.monotonic()
            answer = answered(caption)
            _answers.append(kept, answer)
            known[answer.asked] = answer
            if caption != asked[-1]:
                time.sleep(max(0.0, started + pause - time.monotonic()))
    return _answers.lines(known[model, told, caption] for caption in captions)


def _told(context: PromptContext) -> str:
    instruction: str = context.params["instruction"]
    return instruction.replace("{words}", ", ".join(unspoken(context)))


def _service(params: Mapping[str, Any], told: str) -> Callable[[str], Answer]:
    """What answers a caption. Raises InputError where the client or the key is missing."""
    try:
        openai = importlib.import_module("openai")
    except ImportError:
        raise InputError(
            "Prompts by a language model need the package openai: `pip install openai`, or take "
            "`kind: phrase_book`, or `kind: file` with prompts of your own."
        ) from None
    url = params["url"] or os.environ.get("OPENAI_BASE_URL") or None
    key = os.environ.get(params["key"]) or ("none" if url else None)
    if key is None:
        raise InputError(
            f"The language model {params['model']!r} needs a key: put it into the variable "
            f"{params['key']} of the environment, or name another service by `url`."
        )
    client = openai.OpenAI(
        api_key=key, base_url=url, max_retries=params["tries"] - 1, timeout=_SECONDS
    )

    def answered(caption: str) -> Answer:
        messages = [{"role": "system", "content": told}, {"role": "user", "content": caption}]
        try:
            response = client.chat.completions.create(model=params["model"], messages=messages)
            text = response.choices[0].message.content or ""
            named = str(response.model or params["model"])
        except (openai.OpenAIError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise InputError(_fault(error, params, url, key)) from None
        words = " ".join(str(text).split()).strip("\"'“”")
        date = datetime.now(UTC).isoformat(timespec="seconds")
        return Answer(params["model"], told, caption, words, named, date)

    return answered


def _fault(error: Exception, params: Mapping[str, Any], url: str | None, key: str) -> str:
    """What to do about a failed request, without the key, which a service may repeat."""
    status = getattr(error, "status_code", None)
    said = type(error).__name__ if status in (401, 403) else str(error).replace(key, "***")
    return (
        f"The language model {params['model']!r} at {url or 'OpenAI'} does not answer "
        f"({said[:300]}). Look at `url`, `model` and the variable {params['key']}; answers so far "
        f"are kept in {params['answers']}, and the next run goes on from there."
    )
