"""The script of a table's page, run where there is a Node: what it shows of two rows."""

import json
import re
import shutil
import subprocess

import pytest

from hmu.tables.writers import comparison
from support import compared

NODE = shutil.which("node")

PAGE = """
const node = () => ({cells: [], className: "", textContent: "",
  appendChild(child) { this.cells.push(child); return child; }});
const list = () => ({options: [], value: "", add(option) { this.options.push(option.text); }});
const parts = {told: {textContent: TOLD}, first: list(), second: list(),
  differences: {lines: [], replaceChildren(...lines) { this.lines = lines; }}};
globalThis.document = {getElementById: (name) => parts[name], createElement: node};
globalThis.Option = class { constructor(text, value) { this.text = text; this.value = value; } };
"""


def shown(first: int, second: int, tested: bool = True) -> list[list[str]]:
    """The cells of the lines of two rows, as many as there are headings."""
    table = compared.table(tested)
    section = comparison.section(table)
    told = re.search(r'id="told">(.*)</script>', section)
    script = re.search(r"<script>(.*)</script>", section, re.DOTALL)
    assert told is not None
    assert script is not None
    place = [row.name for row in table.rows].index("original")
    code = (
        PAGE.replace("TOLD", json.dumps(told[1]))
        + script[1]
        + f"\none.value = {place + first}; other.value = {place + second}; one.onchange();"
        + "\nconsole.log(JSON.stringify(parts.differences.lines.map("
        + "(line) => line.cells.map((cell) => cell.textContent))));"
    )
    done = subprocess.run([str(NODE), "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines: list[list[str]] = json.loads(done.stdout)
    assert {len(line) for line in lines} == {section.count("<th>")}
    return lines


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_two_rows_are_compared_in_the_order_in_which_they_are_chosen() -> None:
    def of(heading: str, first: int, second: int) -> list[str]:
        return next(line[1:] for line in shown(first, second) if line[0] == heading)

    both = ["0.500 ±0.010", "0.200 ±0.010"]
    assert of("Forget set · R@1 →", 0, 2) == [
        *both, "0.300", "0.200 to 0.400", "differ", "34 clips", "< 0.001", "0.031"
    ]  # fmt: skip
    assert of("Forget set · R@1 →", 2, 0) == [
        *both[::-1], "-0.300", "-0.400 to -0.200", "differ", "34 clips", "< 0.001", "0.031"
    ]  # fmt: skip
    assert of("Forget set · R@1 →", 0, 1)[4] == "no difference seen"
    assert of("Forget set · R@1 →", 0, 0)[4] == "the same row"
    assert of("Forget set · R@1 →", 1, 2)[4] == "not measured on the same motions"
    assert of("Forget set · FID →", 0, 2)[2:] == [
        "0.300", "–", "cannot be said of 1 repeat", "1 repeat", "", ""
    ]  # fmt: skip
    assert of("Retain set · FID ↓", 0, 2)[:2] == ["–", "–"]


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_a_table_without_exact_tests_has_no_columns_of_them() -> None:
    (line,) = (line for line in shown(0, 2, tested=False) if line[0] == "Forget set · R@1 →")
    assert line[-2:] == ["differ", "34 clips"]
    page = comparison.section(compared.table(tested=False))
    assert "McNemar" not in page
    assert "McNemar" in comparison.section(compared.table())
