"""Options that commands which generate have in common."""

import math
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from hmu.errors import InputError
from hmu.sections.base import wrong_value
from hmu.sections.generation import GenerationSection

_SETTINGS = {
    name: field
    for name, field in GenerationSection.model_fields.items()
    if name != "predict_length"  # --length says it, prompt by prompt
}


def sampling_arguments(parser: ArgumentParser) -> None:
    """Declare the device and the settings of generation."""
    how = parser.add_argument_group("how")
    how.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if any"
    )
    for name, field in _SETTINGS.items():
        how.add_argument(
            f"--{_option(name)}",
            dest=name,
            default=field.default,
            help=f"{field.description} Default {field.default}.".replace("%", "%%"),
            **_form(field),
        )


def sampling_settings(arguments: Namespace) -> dict[str, Any]:
    """The settings of generation, checked as the configuration's are."""
    settings = {name: getattr(arguments, name) for name in _SETTINGS}
    try:
        return GenerationSection(**settings).model_dump(include=set(settings))
    except ValidationError as error:
        option = _option(str(error.errors()[0]["loc"][0]))
        raise InputError(f"--{option}: {wrong_value(error)}; give another.") from error


def count(text: str) -> int:
    """A whole number of 1 or more, as an option's type."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _option(setting: str) -> str:
    return "batch-size" if setting == "batch" else setting.replace("_", "-")


def _form(field: FieldInfo) -> dict[str, Any]:
    """How a setting is typed, from its type."""
    if choices := get_args(field.annotation):
        return {"choices": choices}
    if field.annotation is bool:
        return {"action": BooleanOptionalAction}
    return {"type": int if field.annotation is int else _number, "metavar": "N"}


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text!r} is not a finite number")
    return value
