"""The marks of a fact's fields: of which kind of data each is, and whose it is when it is sealed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ledger.facts.fact import Fact
from ledger.facts.shape import Shape, shape_of
from ledger.facts.values import DataKind


@dataclass(frozen=True)
class Mark:
    """What decides who may see a field."""

    kinds: frozenset[DataKind]
    """Kinds of data that it holds; none = as the fact it stands in."""
    subject: str | None
    """As in Sealed, when any of it is sealed."""


@cache
def marks_of(fact_type: type[Fact]) -> Mapping[str, Mark]:
    """The fields of a fact type by name."""
    shape = shape_of(fact_type)
    return {name: _mark(shape.fields[info.alias or name]) for name, info in fact_type.model_fields.items()}


@cache
def marked_kinds(fact_type: type[Fact]) -> frozenset[DataKind]:
    """The kinds of data that fields of a type are besides that of the fact."""
    return frozenset(kind for mark in marks_of(fact_type).values() for kind in mark.kinds)


def _mark(shape: Shape) -> Mark:
    nodes = list(_nodes(shape))
    sealed = next((node.sealed.subject for node in nodes if node.sealed), None)
    return Mark(frozenset(node.data for node in nodes if node.data), sealed)


def _nodes(shape: Shape) -> Iterator[Shape]:
    yield shape
    for inner in (*shape.fields.values(), *([shape.item] if shape.item else [])):
        yield from _nodes(inner)
