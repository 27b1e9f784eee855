"""From what a user wrote to a whole configuration, or to all that is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.config.cells import of_cells
from hmu.config.configuration import Configuration
from hmu.config.faults import of_schema
from hmu.config.given import Given
from hmu.config.meaning import of_meaning
from hmu.config.names import of_names
from hmu.config.plugins import of_plugins
from hmu.config.reading import read
from hmu.errors import InputError


def load(source: Path | str | Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in a YAML file (or a mapping), checked and with its defaults filled in.

    Raises InputError when the file cannot be read, is not YAML or holds a key twice, and for
    everything that `parse` finds.
    """
    if isinstance(source, Mapping):
        return validate(source)
    return validate(read(Path(source)), str(source))


def validate(config: Any, where: str = "config.yaml") -> dict[str, Any]:
    """As `parse`, as mappings, lists and plain values, which Snakemake takes."""
    return parse(config, where).plain()


def parse(config: Any, where: str = "config.yaml") -> Configuration:
    """The configuration with defaults filled in. ``where`` names it in messages.

    A backbone that shares parts of another has the sections of that one in their place.

    Raises one InputError that lists every fault on a line of its own: the key, what is wrong with
    it, what to do. Tables are looked into when there is no other fault, and nothing is while a file
    of a plugin is at fault.
    """
    if broken := [*of_plugins()]:
        raise InputError("\n".join(broken))
    given = Given.of(config)
    faults = dict.fromkeys([*of_schema(config), *of_names(given), *of_meaning(given)])
    if not faults:
        parsed = Configuration.model_validate(config, strict=False).shared()
        faults = dict.fromkeys(of_cells(parsed))
        if not faults:
            return parsed
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    raise InputError("\n".join([f"{where} has {count}:", *(f"  {fault}" for fault in faults)]))
