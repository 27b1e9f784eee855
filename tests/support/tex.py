"""LaTeX on what the product writes, where a TeX is at hand."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

_PREAMBLE = (
    "\\documentclass{article}\n\\usepackage{booktabs}\n\\usepackage{graphicx}\n\\begin{document}\n"
)


def is_at_hand() -> bool:
    """Whether this machine has pdfTeX and the packages that tables need."""
    return bool(shutil.which("pdflatex")) and not any(
        subprocess.run(["kpsewhich", name], capture_output=True, check=False).returncode
        for name in ("article.cls", "booktabs.sty", "graphicx.sty")
    )


needed = pytest.mark.skipif(
    not is_at_hand(), reason="no pdflatex with booktabs and graphicx is on this machine"
)


def tables(paths: Iterable[Path]) -> str:
    """The body of a document that has each of these tables, a page each."""
    return "\\clearpage\n".join(path.read_text(encoding="utf-8") for path in paths)


def pages(body: str, folder: Path) -> int:
    """How many pages pdfTeX makes of a body; it must come through without an error."""
    folder.mkdir(parents=True, exist_ok=True)
    document = f"{_PREAMBLE}{body}\n\\end{{document}}\n"
    (folder / "all.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape"]
    done = subprocess.run([*command, "all.tex"], cwd=folder, capture_output=True, check=False)
    log = (folder / "all.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-3000:]
    assert "Missing character" not in log
    found = re.search(r"Output written on all\.pdf \((\d+) pages?", log)
    assert found, log[-500:]
    return int(found[1])
