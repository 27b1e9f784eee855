"""Tables of the paper bound to small data: a layout and an entry, and nothing more."""

from typing import Any

import pytest

from hmu.tables import binding
from hmu.tables.addresses import KEYS
from support.table_entries import SETS, VARIANTS, config

SMALL = config(
    datasets=dict.fromkeys(("demo", "demo-x")),
    backbones=dict.fromkeys(("small", "small-bamm", "stride-1", "stride-3")),
    concepts=dict.fromkeys(("violence", "kick", "punch", "wave", "jump")),
    variants={
        **{name: VARIANTS[name] for name in ("original", "retrained", "finetuned")},
        "lcr": {"method": "lcr", "k": 32},
        "lcr-16": {"method": "lcr", "k": 16},
        "lcr-composed-16-8": {"method": "lcr", "parts": {"kick": 16, "punch": 8}},
    },
    sets={**SETS, "implicit": {"prompts": "implicit", "clips": "all"}},
)
BOTH = {"humanml3d": "demo", "momask": "small"}
NARROW = {
    "forget-fid": "forget fid",
    "forget-mm_safe": "forget mm_safe",
    "retain-fid": "retain fid",
    "retain-mm_dist": "retain mm_dist",
}
TABLES: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, str]]] = {
    # Of each layout: what an entry says, the address of each row, that of each column.
    "table-1": (
        {"names": {**BOTH, "bamm": "small-bamm"}},
        {
            f"{group}-{variant}": f"demo {backbone} violence {variant}"
            for group, backbone in (("momask", "small"), ("bamm", "small-bamm"))
            for variant in ("retrained", "original", "finetuned", "lcr")
        },
        {
            f"{of}-{metric}": f"{of} {metric}"
            for of, metrics in (
                ("forget", "fid mm_safe r@1"),
                ("retain", "fid mm_dist diversity r@1"),
            )
            for metric in metrics.split()
        },
    ),
    "table-3": (
        {"names": {**BOTH, "motionx": "demo-x", "beat": "punch", "stab": "wave"}},
        {
            "humanml3d-retrained": "demo small violence retrained",
            "humanml3d-lcr": "demo small violence lcr",
            "humanml3d-lcr-kick": "demo small kick lcr",
            "humanml3d-lcr-beat": "demo small punch lcr",
            "motion-x-retrained": "demo-x small violence retrained",
            "motion-x-lcr": "demo-x small violence lcr",
            "motion-x-lcr-kick": "demo-x small kick lcr",
            "motion-x-lcr-stab": "demo-x small wave lcr",
        },
        NARROW,
    ),
    "table-4": (
        {"names": {**BOTH, "jump_leap_hop": "jump", "punch_jab_box_hit_beat": "punch"}},
        {
            f"{concept}-{variant}": f"demo small {concept} {variant}"
            for concept in ("jump", "punch", "kick")
            for variant in ("retrained", "lcr")
        },
        NARROW,
    ),
    "table-6": (
        {
            "names": {
                "humanml3d": "demo",
                "momask-stride-1": "stride-1",
                "momask-stride-2": "small",
                "momask-stride-3": "stride-3",
            },
        },
        {
            f"stride-{stride}-{variant}": f"demo {backbone} violence {variant}"
            for stride, backbone in ((1, "stride-1"), (2, "small"), (3, "stride-3"))
            for variant in ("retrained", "lcr")
        },
        NARROW,
    ),
    "table-7": (
        {"names": BOTH},
        {
            variant: f"demo small violence {variant}"
            for variant in ("retrained", "lcr-16", "lcr", "lcr-composed-16-8")
        },
        NARROW,
    ),
    "table-8": (
        {"names": BOTH},
        {v: f"demo small violence {v}" for v in ("retrained", "original", "lcr")},
        {
            "explicit-fid": "kick/forget fid",
            "explicit-mm_safe": "kick/forget mm_safe",
            "implicit-fid": "implicit fid",
            "implicit-mm_dist": "implicit mm_dist",
        },
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_paper_is_a_layout_and_an_entry(name: str) -> None:
    entry, rows, columns = TABLES[name]
    bound = binding.bind({**SMALL, "tables": {"t": {"layout": name, **entry}}}, "t")
    found = {
        (cell.row, cell.column): " ".join(getattr(cell, key) for key in KEYS)
        for cell in bound.cells
    }
    assert found == {
        (row, column): f"{rows[row]} {columns[column]}" for row in rows for column in columns
    }
    printed = {(cell.row, cell.column) for cell in bound.cells if cell.paper}
    assert printed, "the paper's values are those of the layout's own names"
