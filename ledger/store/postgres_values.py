"""Many values in one statement, each as such: both ends read them faster than lists."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

# Streams asked about are filled up to the next of these, so that statements stay few; and with more than 50 values
# psycopg would read a statement anew each time.
_SOME: Final = (2, 4, 8, 16, 24)


@cache
def values_of(rows: int, columns: int) -> bytes:
    """The places of some rows, numbered as PostgreSQL has it: for a statement in which psycopg looks for none."""
    places = [b"$%d" % place for place in range(1, rows * columns + 1)]
    row = [b"(" + b", ".join(places[start : start + columns]) + b")" for start in range(0, len(places), columns)]
    return b"VALUES " + b", ".join(row)


class Placed:
    """A statement with places in it, each a stream and a version: two arrays, where it says `:places`."""

    def __init__(self, statement: bytes) -> None:
        self._of_lists = statement.replace(b":places", b"%s::uuid[], %s::int[]")
        arrays = {size: b"ARRAY[" + b", ".join([b"%s"] * size) + b"]" for size in _SOME}
        self._of_values = {
            size: statement.replace(b":places", b"%s::uuid[], %s::int[]" % (array, array))
            for size, array in arrays.items()
        }

    def of(self, places: Sequence[tuple[UUID, int]], *before: Any) -> tuple[bytes, Sequence[Any]]:
        """The statement for some places, and its values; `before`: those that come first."""
        streams, versions = ([place[part] for place in places] for part in (0, 1))
        size = next((size for size in _SOME if size >= len(places)), None)
        if size is None:
            return self._of_lists, (*before, streams, versions)
        fill = [None] * (size - len(places))
        return self._of_values[size], (*before, *streams, *fill, *versions, *fill)
