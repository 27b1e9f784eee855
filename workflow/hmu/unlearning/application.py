"""From a job to a checkpoint: load the method, give it what it asks for, write what it edits."""

from hmu import registry
from hmu.errors import InputError
from hmu.interface.methods import Edit
from hmu.models import origin
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning import checkpoint
from hmu.unlearning.context import MethodContext

ADDRESS = ("backbone", "concept", "dataset", "variant")
"""In this order, because a method draws its noise from it."""


def unlearn(job: Job, trains: bool) -> Edit:
    """Apply a method and write the outputs ``delta`` and ``origin``; what it edited.

    Settings: ``method``, ``params``, ``address``, ``transformers`` and ``changes`` (names of
    parts), ``keywords`` (by concept), ``training`` (by part), ``sampling`` (or None), ``device``;
    and, of a job without a dataset, ``absent`` (what the method declares but is not given) and
    ``base`` (the folder of the original model, where it is not the workflow's). The other inputs
    are those that the method declares. Raises InputError when it does other things.
    """
    settings = job.settings
    method = settings["method"]
    context = MethodContext(
        method=method,
        inputs=job.inputs,
        params=settings["params"],
        address={name: settings["address"][name] for name in ADDRESS},
        transformers=settings["transformers"],
        words=settings["keywords"],
        training=settings["training"],
        samplers=settings["sampling"],
        seed=job.seed,
        device=device.choose(settings["device"]),
        scratch=job.scratch,
        absent=settings.get("absent", ()),
    )
    plugin = registry.load("methods", method)
    edit: Edit = plugin.unlearn(context)
    _check(method, edit, settings["changes"], trains)
    base = {part: job.input(part) for part in edit.tensors}
    changed = checkpoint.write(job.outputs["delta"], edit, base)
    origin.write(
        job,
        "unlearned",
        **context.address,
        method=method,
        params=context.params,
        seed=job.seed,
        changed=changed,
        notes=edit.notes,
        **({"alters": plugin.ALTERS} if hasattr(plugin, "ALTERS") else {}),
        **({"base": settings["base"]} if "base" in settings else {}),
    )
    return edit


def _check(method: str, edit: Edit, changes: list[str], trains: bool) -> None:
    """Raise InputError when a method did other things than its literals say."""
    for part in edit.tensors:
        if part not in changes:
            raise InputError(
                f"The method {method} edited {part!r}: add it to CHANGES in its file, by which the "
                "workflow knows what the edit concerns."
            )
    if bool(edit.logs) != trains:
        raise InputError(
            f"The method {method} must return logs if it says TRAINS = True, and only then: "
            "correct one of the two."
        )
