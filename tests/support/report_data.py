"""What the report's scripts hand over to its page."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any


def report_data(folder: Path, name: str) -> Any:
    """The part of this name ("motions/0") of the report in ``folder``."""
    text = (folder / f"data/{name}.js").read_text(encoding="ascii")
    found = re.fullmatch(r"report\.receive\(\"[^\"]+\", \"([^\"]*)\"\);\n", text)
    assert found is not None
    return json.loads(gzip.decompress(base64.b64decode(found[1])))
