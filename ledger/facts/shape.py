"""The shape of a fact's data: where its sealed values, party refs, version pointers and free texts are.

Read once from a class's annotations and then walked over plain JSON data, so that sealing, checking of
references and the CPR rule all see the same places.
"""

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ledger.facts.values import DataKind, Erased, Meaning, Sealed


@dataclass(frozen=True)
class Shape:
    """One node. A sealed node is sealed whole; an open one may hold sealed nodes further in."""

    sealed: Sealed | None = None
    kind: str | None = None
    """See Meaning.kind."""
    data: DataKind | None = None
    """The kind of data, when it is another than that of the fact."""
    fields: dict[str, "Shape"] = field(default_factory=dict)
    """Of an object."""
    item: "Shape | None" = None
    """Of a list."""

    @cached_property
    def seals(self) -> bool:
        """Whether it is sealed, or anything further in is."""
        further = (*self.fields.values(), *([self.item] if self.item else []))
        return self.sealed is not None or any(node.seals for node in further)

    def at(self, path: str) -> "Shape | None":
        """The node at a dotted path (`posts.0.name`), None when there is none.

        Inside a value that is sealed whole, every node is sealed the same way.
        """
        node: Shape | None = self
        sealed = self.sealed
        for part in path.split("."):
            if node is None:
                return None
            node = node.item if node.item is not None and is_index(part) else node.fields.get(part)
            sealed = sealed or (node.sealed if node else None)
        return replace(node, sealed=sealed) if node else None


def is_index(part: str) -> bool:
    """Whether a part of a path is the index of a list, written in the one way there is (0, 1, 2)."""
    return part.isascii() and part.isdecimal() and str(int(part)) == part


Visit = Callable[[str, Any, Shape], Any]


@cache
def shape_of(cls: type[BaseModel]) -> Shape:
    """The shape of a model's data."""
    hints = get_type_hints(cls, include_extras=True)
    return Shape(fields={info.alias or name: _node(hints[name]) for name, info in cls.model_fields.items()})


@cache
def meaning_of(cls: type[BaseModel], path: str) -> str | None:
    """The kind of the value at a dotted path; of its items, when it is a list."""
    node = shape_of(cls).at(path)
    while node is not None and node.item is not None:
        node = node.item
    return node.kind if node else None


def _node(hint: Any) -> Shape:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        node = _node(inner)
        for mark in marks:
            if isinstance(mark, Sealed):
                node = replace(node, sealed=mark)
            elif isinstance(mark, Meaning):
                node = replace(node, kind=mark.kind)
            elif isinstance(mark, DataKind):
                node = replace(node, data=mark)
        return node
    if origin in (Union, types.UnionType):
        present = [_node(one) for one in get_args(hint) if one not in (type(None), Erased)]
        marked = [node for node in present if node != Shape()]
        return marked[0] if marked else Shape()
    if origin is tuple:
        return Shape(item=_node(get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return shape_of(hint)
    return Shape()


def rewrite(shape: Shape, value: Any, visit: Visit, path: str) -> Any:
    """A copy of JSON data in which every leaf and every sealed value is what `visit` returns for it.

    KeyError for a member that the shape does not know: nothing is passed over.
    """
    if shape.sealed is None:
        if isinstance(value, dict) and shape.fields:
            return {k: rewrite(shape.fields[k], v, visit, f"{path}.{k}") for k, v in value.items()}
        if isinstance(value, list) and shape.item is not None:
            item = shape.item
            return [rewrite(item, v, visit, f"{path}.{i}") for i, v in enumerate(value)]
    return visit(path, value, shape)


def leaves(shape: Shape, value: Any, path: str = "data") -> Iterator[tuple[str, Any, Shape]]:
    """Every single value of JSON data with its path and shape, sealed or not."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(shape.fields.get(key, Shape()), one, f"{path}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(shape.item or Shape(), one, f"{path}.{index}")
    else:
        yield path, value, shape
