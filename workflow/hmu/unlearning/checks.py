"""What is wrong with edits that only their methods know: it is known when a run is planned."""

import importlib
from collections.abc import Iterable, Iterator

from hmu import registry
from hmu.errors import InputError
from hmu.interface.methods import Planned
from hmu.unlearning.declaration import Declaration


def faults(edits: Iterable[Planned]) -> Iterator[str]:
    """The faults of edits whose methods' literals have none: parts that a backbone has not, and
    what the modules in CHECKS find. Each names the variant, the parameter where it is one, and says
    what to do."""
    for planned in edits:
        variant = planned.address["variant"]
        method = {"method": planned.method, **planned.params}
        try:
            Declaration.of(method).parts(planned.sizes)
        except InputError as error:
            yield f"variants.{variant}, on the backbone {planned.address['backbone']!r}: {error}"
            continue
        if module := registry.literals("methods", planned.method).get("CHECKS"):
            for param, said in importlib.import_module(module).faults(planned):
                yield f"variants.{variant}.{param}: {said}"
