"""JSON and YAML that mean two things, or more than can be handled, are refused at once."""

import json
import time
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hmu.io import json_document, yaml_document

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGED = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{p: *a{n - 1}, q: *a{n - 1}, r: *a{n - 1}}}\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (yaml_document.parse, BOMB, "stand for more than"),
        (yaml_document.parse, MERGED, "stand for more than"),
        (yaml_document.parse, "a: &a [1, *a]", "contains itself"),
        (yaml_document.parse, "a: &a {b: {c: *a}}", "contains itself"),
        (yaml_document.parse, "[" * 5000 + "]" * 5000, "levels deep"),
        (yaml_document.parse, "[" * 80 + "]" * 80, "levels deep"),
        (yaml_document.parse, "a: " + "9" * 100_000, "has 100000 digits"),
        (yaml_document.parse, "a: 1\na: 2", "given twice"),
        (yaml_document.parse, "a: !!python/object/apply:os.getcwd []", "could not determine"),
        (yaml_document.parse, "a: [1", "expected"),
        (yaml_document.parse, "? [1, 2]\n: 3", "unhashable key"),
        (yaml_document.parse, "\x00", "not allowed"),
        (yaml_document.parse, "a: 1\n---\nb: 2", "single document"),
        (json_document.parse, "[" * 100_000, "levels deep"),
        (json_document.parse, "[" * 80 + "]" * 80, "levels deep"),
        (json_document.parse, '{"a":' * 80 + "1" + "}" * 80, "levels deep"),
        (json_document.parse, "9" * 100_000, "has 100000 digits"),
        (json_document.parse, '{"a": 1, "b": {"c": 1, "c": 2}}', "'c' is given twice"),
        (json_document.parse, '{"a": NaN}', "NaN is no number"),
        (json_document.parse, "[-Infinity]", "-Infinity is no number"),
        (json_document.parse, "{} {}", "more after its end"),
        (json_document.parse, "", "Expecting value"),
        (json_document.parse, "\x00", "Expecting value"),
    ],
)
def test_it_is_refused_in_one_line_within_a_second(
    parse: Callable[[str], object], text: str, said: str
) -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=said):
        parse(text)
    assert time.process_time() - start < 1  # not how fast it is, but that it ends


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab-_", min_size=1), inner),
    max_leaves=20,
)  # fmt: skip


@given(values)
def test_what_is_well_said_is_read_as_everybody_reads_it(value: object) -> None:
    text = json.dumps(value)
    assert json_document.parse(text) == json.loads(text) == value
    assert list(json_document.parse_all(f" {text}\n{text} ")) == [value, value]
    written = yaml.safe_dump(value)
    assert yaml_document.parse(written) == yaml.safe_load(written)


def test_aliases_and_merges_within_bounds_are_read() -> None:
    text = "base: &base {a: 1, b: 2}\nmine: {<<: *base, b: 3}\nrows: [*base, *base]"
    assert yaml_document.parse(text) == yaml.safe_load(text)
    assert yaml_document.parse("") is None
