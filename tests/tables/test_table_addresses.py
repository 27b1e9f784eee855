"""Addresses of cells, and what follows from them."""

import pytest

from hmu.errors import InputError
from hmu.tables import binding
from hmu.tables.addresses import Address, by_model, merged, no_such_cell
from support.table_entries import SETS, config


def address(**changes: str) -> Address:
    given = {"dataset": "demo", "backbone": "momask", "concept": "violence", "variant": "lcr"}
    return Address(**{**given, "set": "forget", "metric": "r@1", **changes})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("forget", ("forget", "violence")),
        ("retain", ("retain", "violence")),
        ("kick/forget", ("forget", "kick")),
        ("all", ("all", None)),
    ],
)
def test_a_set_has_a_concept_where_its_clips_depend_on_one(
    given: str, place: tuple[str, str | None]
) -> None:
    assert address(set=given).place(SETS) == place


@pytest.mark.parametrize(
    ("given", "said"), [("implicit", "no set 'implicit'"), ("kick/all", "write 'all'")]
)
def test_a_set_that_is_none_is_an_answer(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        address(set=given).place(SETS)


def test_the_file_of_a_number_follows_from_its_address() -> None:
    values = address(set="kick/forget").values(SETS)
    assert values == (
        "results/metrics/demo/backbones/momask/variants/lcr/violence/concepts/kick/forget/"
        "r_precision/values.json"
    )
    assert "/real/violence/whole/all/" in address(variant="real", set="all").values(SETS)


def test_rows_and_columns_win_over_the_table_and_do_not_contradict_each_other() -> None:
    table = {"dataset": "demo", "concept": "violence"}
    whole = merged(table, {"concept": "kick", "set": "all"}, {"set": "all", "metric": "fid"})
    assert whole == {"dataset": "demo", "concept": "kick", "set": "all", "metric": "fid"}
    with pytest.raises(InputError, match="row says set: all, the column set: forget"):
        merged(table, {"set": "all"}, {"set": "forget"})


def test_a_wrong_address_is_answered_with_the_nearest() -> None:
    cells = binding.addresses(config(), "demo-violence")
    said = no_such_cell("results/cells/demo-violence/lcr/forget-fidd.json", cells)
    assert (
        "forget-fidd.json is not a cell of the configured tables; the row has forget-fid, " in said
    )
    assert said.endswith("Did you mean results/cells/demo-violence/lcr/forget-fid.json?")
    said = no_such_cell("results/cells/demo-violence/lrc/forget-fid.json", cells)
    assert "rows are demo-violence/real, demo-violence/retrained" in said
    assert said.endswith("Did you mean results/cells/demo-violence/lcr/forget-fid.json?")
    assert "Did you mean" not in no_such_cell("results/cells/x/y/z.json", cells)


def test_a_value_says_which_trained_model_it_is_by() -> None:
    values = ("presence@4", "forgotten_well", "tmr_fid", "fid", "mm_safe", "skating", "seconds")
    by = {
        model: [value for value in values if by_model(value, model)]
        for model in ("detector", "tmr", "evaluator")
    }
    assert by == {
        "detector": ["presence@4", "forgotten_well"],
        "tmr": ["tmr_fid"],
        "evaluator": ["fid", "mm_safe"],
    }
