"""The schema as a file, for people and editors to read: `make schema` writes it anew."""

import json
import re
from pathlib import Path

from hmu.config.schema import schema

FILE = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.json"


def text() -> str:
    """The content of the file; a list of plain values stands on one line."""
    whole = json.dumps(schema(), indent=2, ensure_ascii=False)
    flat = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda found: f"[{_line(found[1])}]", whole)
    return f"{flat}\n"


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
