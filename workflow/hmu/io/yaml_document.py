"""YAML from anywhere: what means one thing, of a size that can be handled, or nothing.

YAML can say a key twice, let a few lines stand for more than fits any memory, and contain itself.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from hmu.io.json_document import DEEPEST, LONGEST_NUMBER

MOST = 2_000_000
"""Values that a document may stand for when all its aliases are written out."""


def parse(text: str) -> Any:
    """What YAML ``text`` says.

    Raises ValueError for what is not YAML, a key given twice, and what is deeper than
    :data:`DEEPEST`, stands for more than :data:`MOST` values, contains itself, or has whole numbers
    longer than :data:`LONGEST_NUMBER`.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error: the second would silently win."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} levels deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key.value, str):
                continue  # a list, which no key can be: the base class says so
            if key.value in seen and key.tag != _MERGE:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_MERGE = "tag:yaml.org,2002:merge"


def _measure(root: yaml.Node) -> None:
    """Refuse what would not end, or not soon, when it is read."""
    sizes: dict[int, int] = {}
    open_now: set[int] = set()

    def size(node: yaml.Node, depth: int) -> int:
        if depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} levels deep")
        if id(node) in open_now:
            raise ValueError(f"it contains itself ({_place(node)})")
        if id(node) not in sizes:
            open_now.add(id(node))
            sizes[id(node)] = 1 + sum(size(each, depth + 1) for each in _inside(node))
            open_now.remove(id(node))
        if sizes[id(node)] > MOST:
            raise ValueError(f"its aliases stand for more than {MOST} values ({_place(node)})")
        return sizes[id(node)]

    size(root, 0)


def _inside(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif node.tag == "tag:yaml.org,2002:int" and len(node.value) > LONGEST_NUMBER:
        raise ValueError(f"a number in it has {len(node.value)} digits ({_place(node)})")


def _place(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"
