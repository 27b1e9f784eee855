"""What is read of plugins without importing them."""

import importlib

import pytest

from hmu import registry

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
