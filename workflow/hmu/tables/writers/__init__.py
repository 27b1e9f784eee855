"""The forms of a table, one a file, and how all but CSV write numbers."""

from collections.abc import Mapping
from typing import Any


def number(value: float) -> str:
    """Three decimals, as in the paper."""
    return f"{value:.3f}"


def printed(paper: Mapping[str, Any], sign: str) -> str:
    """The paper's value as text, with its interval after ``sign`` where it has one."""
    value = number(paper["value"])
    return value if paper["interval"] is None else f"{value}{sign}{number(paper['interval'])}"
