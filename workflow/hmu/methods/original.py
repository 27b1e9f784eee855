"""The model as it was: the row that every method is compared with."""

from hmu.interface.methods import Context, Edit

INPUTS: tuple[str, ...] = ()
CHANGES: tuple[str, ...] = ()
PARAMS: dict[str, object] = {}


def unlearn(context: Context) -> Edit:
    """Change nothing."""
    return Edit({})
