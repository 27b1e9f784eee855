"""Layouts: those of the package load, wrong ones are answered."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hmu.errors import InputError
from hmu.tables import layout_files

LAYOUTS = sorted(layout_files.FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_every_layout_loads(path: Path) -> None:
    loaded = layout_files.load(path)
    shown = {row.address.get("variant") for row in loaded.rows}
    assert loaded.reference in shown
    assert loaded.anchors & shown


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_no_layout_says_of_itself_which_data_it_is_bound_to(path: Path) -> None:
    """An entry may bind its names to other data, and its texts would then be wrong."""
    found = layout_files.load(path)
    parts = [found.address, *(row.address for row in found.rows)]
    named = {part[key] for part in parts for key in ("dataset", "concept") if key in part}
    texts = [found.title, *(text for row in found.rows for text in (row.group, row.label))]
    for name in {*named, "HumanML3D", "Motion-X"}:
        assert not [text for text in texts if re.search(rf"\b{re.escape(name)}\b", text)]


FORGET = {"set": "forget", "header": "F", "arrow": "↓"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "unknown keys colour"),
        ({"title": 5}, "the title is 5, which is no text: write it in quotes"),
        ({"columns": [{**FORGET, "metric": "fud"}]}, "gives 'fud'"),
        ({"columns": [{**FORGET, "metric": "fid", "arrow": "v"}]}, "has the arrow 'v'"),
        ({"columns": [FORGET]}, "the column 'F' has no name"),
        ({"columns": [{**FORGET, "metric": "fid", "set": "kick/forget"}]}, "give it a `name`"),
        ({"columns": [{**FORGET, "metric": "fid"}] * 2}, "'forget-fid' stands there twice"),
        ({"columns": [{**FORGET, "metric": "fid", "sett": "x"}]}, "unknown keys sett"),
        ({"columns": [{"set": "forget", "metric": "fid"}]}, "is not a table layout"),
        ({"rows": 5}, "is not a table layout"),
        ({"rows": [{"variant": "lcr", "set": "retain"}]}, "row says set: retain, the column"),
        ({"rows": [{"variant": "lcr", "group": g, "name": n} for g, n in ("ax", "by", "az")]},
         "the group of rows 'a' stands there twice"),
        ({"open": "lcr"}, "write true, false or a list of methods"),
        ({"paper": [{"source": "T", "values": {"lcr": [1.0]}}]}, "'lcr' are 1, the columns 8"),
        ({"paper": [{"source": "T", "values": {"lrc": [1.0] * 8}}]}, "name the rows lrc"),
        ({"paper": [{"source": "T", "values": {"lcr": ["1,0"] * 8}}]}, "is not a table layout"),
    ],
)  # fmt: skip
def test_a_wrong_layout_is_an_answer(tmp_path: Path, change: Any, message: str) -> None:
    raw = yaml.safe_load(layout_files.path_of("k").read_text(encoding="utf-8"))
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**raw, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong\.yaml") as caught:
        layout_files.load(path)
    assert message in str(caught.value)


def test_an_unknown_layout_is_an_answer() -> None:
    with pytest.raises(InputError, match=r"no table layout 'nine'.*main"):
        layout_files.path_of("nine")
