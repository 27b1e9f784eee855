"""What is read of plugins without importing them."""

import importlib

import pytest

from hmu import registry
from hmu.methods import _tuned

KINDS = ("methods", "metrics", "descriptors", "prompts", "sources", "backbones")


@pytest.mark.parametrize("kind", KINDS)
def test_literals_are_what_the_plugin_says(kind: str) -> None:
    for name in registry.names(kind):
        module = importlib.import_module(f"hmu.{kind}.{name}")
        for literal, value in registry.literals(kind, name).items():
            assert getattr(module, literal) == value, (name, literal)


def test_a_mapping_may_spread_that_of_another_plugin() -> None:
    theirs, own = (registry.literals("methods", name)["PARAMS"] for name in ("uce", "rece"))
    assert theirs.items() < own.items()


def test_a_mapping_may_spread_that_of_a_module_that_is_no_plugin() -> None:
    assert not [name for name in registry.names("methods") if name.startswith("_")]
    for name in ("filtered", "npo", "task_vector"):
        assert _tuned.PARAMS.items() < registry.literals("methods", name)["PARAMS"].items()


def test_a_literal_that_is_imported_by_its_name_is_the_plugins_own() -> None:
    found = registry.literals("methods", "frozen")
    original = registry.literals("methods", "original")
    assert original.items() < found.items()
    assert found.keys() - original.keys() == {"CONTROL", "ALTERS"}
    assert "UCE" not in registry.literals("methods", "rece"), "what has another name is not"
