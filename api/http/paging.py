"""Lists a page at a time. A cursor tells where the page before ended, not how many rows it had: facts may come between.

A cursor is sealed with a secret of the book: days and numbers that rows are sorted by are not for a URL to tell, and
nobody can make one up.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, Query, Request

from api.http.service import Who
from ledger.errors import Fault, Invalid
from ledger.store.ledger import Ledger

T = TypeVar("T")
Place = list[Any]
"""What a row is sorted by, as JSON can hold it."""
MOST: Final = 200
_NOT_THE_QUERY: Final = ("cursor", "limit", "at_least")
_LONGEST: Final = 2_000  # characters; a real one has about a hundred
_NONCE: Final = 12
_FOREIGN: Final = Fault("cursor", "hører ikke til denne liste; begynd forfra uden cursor")


@dataclass(frozen=True)
class Paging:
    """Which page of a list is asked for, by whom."""

    limit: int
    cursor: str | None
    query: bytes
    """What else was asked for: a cursor of another list is no good."""

    def after(self, book: Ledger) -> Place | None:
        """The place of the last row that was shown before; None on the first page."""
        if self.cursor is None:
            return None
        if len(self.cursor) > _LONGEST:
            raise Invalid(_FOREIGN)
        try:
            sealed = urlsafe_b64decode(self.cursor.encode())
            plain = _key(book).decrypt(sealed[:_NONCE], sealed[_NONCE:], self.query)
        except (InvalidTag, ValueError):
            raise Invalid(_FOREIGN) from None
        place: Place = orjson.loads(plain)
        return place

    def of(self, book: Ledger, rows: Iterable[T], place: Callable[[T], Place]) -> dict[str, Any]:
        """The page of rows that are all here; those of the same place keep their order."""
        after = self.after(book)
        placed = placed_in_order(rows, place)
        return self.page(book, ((at, row) for at, row in placed if after is None or at > after))

    def page(self, book: Ledger, after: Iterable[tuple[Place, Any]]) -> dict[str, Any]:
        """The page, of what comes after the last row that was shown, in order."""
        found = [*islice(after, self.limit + 1)]
        shown, there_is_more = found[: self.limit], len(found) > self.limit
        return {
            "items": [row for _, row in shown],
            "next": self._cursor(book, shown[-1][0]) if there_is_more else None,
        }

    def _cursor(self, book: Ledger, place: Place) -> str:
        nonce = os.urandom(_NONCE)
        return urlsafe_b64encode(nonce + _key(book).encrypt(nonce, orjson.dumps(place), self.query)).decode()


def placed_in_order(rows: Iterable[T], place: Callable[[T], Place]) -> Iterator[tuple[Place, T]]:
    """The rows by place. One of several in the same place has its number there with it."""
    counted: Counter[str] = Counter()
    for row in sorted(rows, key=place):
        at = place(row)
        name = repr(at)
        yield [*at, counted[name]], row
        counted[name] += 1


def _key(book: Ledger) -> AESGCM:
    return AESGCM(book.vault.secret("cursors"))


async def asked_page(
    request: Request,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=MOST, description="højst så mange rækker")] = 50,
    cursor: Annotated[str | None, Query(description="`next` fra siden før")] = None,
) -> Paging:
    """The page that a request asks for."""
    asked = sorted(one for one in request.query_params.multi_items() if one[0] not in _NOT_THE_QUERY)
    query = sha256(orjson.dumps([1, request.url.path, asked, who.actor.user_id, who.actor.unit, who.actor.role]))
    return Paging(limit, cursor, query.digest())


Asked = Annotated[Paging, Depends(asked_page)]
