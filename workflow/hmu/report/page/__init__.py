"""The page itself: its template, its look and its scripts, files of their own beside this one."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from hmu.io import inert

_FOLDER = Path(__file__).resolve().parent
_INDEX, *_PARTS = "index.html.j2", "table.html.j2", "picture.html.j2"
STYLE = "report.css"
SCRIPTS = ("report.js", "tables.js", "cell.js", "skeleton.js", "viewer.js")
"""In the order in which they are loaded."""


def write(folder: Path, context: Mapping[str, Any]) -> None:
    """Write index.html into ``folder``, and beside it what it loads.

    All text of the ``context`` is escaped, its controls too; what its ``told`` has goes to the
    scripts as data.
    """
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({name: _read(name) for name in (_INDEX, *_PARTS)}),
        autoescape=True,
        finalize=lambda value: inert.visible(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    told = inert.visible_data(context["told"])
    template = environment.get_template(_INDEX)
    text = template.render({**context, "told": told}, style=STYLE, scripts=SCRIPTS)
    (folder / "index.html").write_text(text, encoding="utf-8")
    for name in (STYLE, *SCRIPTS):
        shutil.copyfile(_FOLDER / name, folder / name)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
