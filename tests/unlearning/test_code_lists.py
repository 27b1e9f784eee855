"""Lists of codes that travel between this code and the reference's."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from hmu.errors import InputError
from hmu.unlearning import code_lists


def test_what_is_written_is_read_and_is_what_the_reference_reads(tmp_path: Path) -> None:
    path = tmp_path / "codes.yaml"
    layers = [np.array([14, 3]), np.array([], np.int64)]
    code_lists.write(path, layers)
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == [[14, 3], []]
    found = code_lists.read(path, quantizers=2, codes=15)
    assert [each.tolist() for each in found] == [[3, 14], []]


def test_a_union_has_the_codes_of_all_lists() -> None:
    one, other = [np.array([1, 2])], [np.array([2, 5]), np.array([7])]
    assert [each.tolist() for each in code_lists.union([one, other])] == [[1, 2, 5], [7]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[1, 2], [3], [4]]", "codes of 3 layers, and the tokenizer has 2 quantizers"),
        ("[[1, 15]]", "code 15 in layer 0, and the codebook has 0 to 14: it belongs to another"),
        ("[[-1]]", "code -1 in layer 0"),
        ("[1, 2]", "write a list of codes for each layer"),
        ("[[true]]", "write a list of codes for each layer"),
        ("[[1.5]]", "write a list of codes for each layer"),
        ("{a: 1}", "write a list of codes for each layer"),
        ("[[1", "cannot be read as YAML"),
        (None, "is missing: give a file of codes"),
    ],
)
def test_a_list_of_another_codebook_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "codes.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        code_lists.read(path, quantizers=2, codes=15)
    assert "codes.yaml" in str(caught.value)
