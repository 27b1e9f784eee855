"""Lineage records that no job left, for tests."""

from typing import Any

from hmu.provenance.lineage import FORMAT, Lineage, seal


def write_record(
    lineage: Lineage,
    rule: str,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    **more: Any,
) -> None:
    """Write the record of a job with these entries of files; ``more`` are other keys of it."""
    record = {
        "format": FORMAT,
        "step": rule,
        "rule": rule,
        "job": {
            "inputs": {"read": [each["path"] for each in inputs]},
            "outputs": {each["path"]: each["path"] for each in outputs},
            "only": {},
        },
        "code": {"files": {}},
        "inputs": inputs,
        "outputs": outputs,
    }
    lineage.write(seal({**record, **more}), [each["path"] for each in outputs])
