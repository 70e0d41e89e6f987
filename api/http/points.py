"""When a read asks about: the point in time, and how far the read models must have come first."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Annotated, Final

from anyio import sleep, to_thread
from fastapi import Depends, Path, Query, Request
from sqlalchemy import Connection, select

from api.http.service import Service, principal, service_of
from api.looking import find_case
from api.points import point, point_in
from api.principal import Principal
from ledger.errors import Fault, Invalid, Unavailable
from ledger.law.rulebook import bundled_rulebook
from ledger.store.ledger import Ledger
from projections.tables import TOLD, cursor, ready
from replay.as_of import Point

Case = Annotated[str, Path(description="sagsnummer eller sags-id")]
AsOf = Annotated[str | None, Query(description="hvad der var sket på den dag (ÅÅÅÅ-MM-DD); ellers i dag")]
KnownAt = Annotated[str | None, Query(description="hvad man vidste da: en dag, eller et tidspunkt med zone")]
Rulebook = Annotated[str | None, Query(description="et andet regelsæt: dets version eller fingeraftryk")]


async def asked_point(as_of: AsOf = None, known_at: KnownAt = None, rulebook: Rulebook = None) -> Point:
    """The point in time that a request asks about."""
    return point_of(as_of, known_at, rulebook)


def point_of(as_of: str | None, known_at: str | None, rulebook: str | None) -> Point:
    """The point in time that a query names."""
    return _without_directories(point(as_of, known_at, rulebook))


At = Annotated[Point, Depends(asked_point)]
OF_EVERY_READ: Final = ("as_of", "known_at", "rulebook", "at_least")
"""The names in a query that say when it asks about."""


def asked_point_in(text: str, where: str) -> Point:
    """One of two points that are compared: `as-of:DATE`, `known-at:INSTANT`, `version:N`, `rulebook:NAME`."""
    return _without_directories(point_in(text, where))


def _without_directories(at: Point) -> Point:
    """The rulebook by its digest: only those of the program, never a directory of the server's."""
    return replace(at, rulebook=bundled_rulebook(at.rulebook).digest) if at.rulebook is not None else at


_WITHIN: Final = 2.0  # seconds
_PAUSE: Final = 0.02
_SEQ: Final = re.compile(r"[0-9]{1,18}")
_VERSION: Final = re.compile(r"[0-9]{1,9}")


async def reached(
    request: Request,
    at_least: Annotated[
        str | None, Query(description="vent, til læsemodellerne har nået nummeret i bogen, eller SAG:VERSION")
    ] = None,
) -> None:
    """Waits until the read models have reached what the one who asks has seen already; Unavailable when they do not."""
    if at_least is None:
        return
    serving, who = service_of(request), await to_thread.run_sync(principal, request)
    until = monotonic() + _WITHIN
    while not await to_thread.run_sync(_has_reached, serving, who, at_least):
        if monotonic() > until:
            raise Unavailable(f"Læsemodellerne har ikke nået {at_least} endnu. Prøv igen om lidt.")
        await sleep(_PAUSE)


def _has_reached(serving: Service, who: Principal, at_least: str) -> bool:
    case, is_of_a_case, number = at_least.rpartition(":")
    if is_of_a_case and _VERSION.fullmatch(number):
        book, case_id = find_case(serving.books, who, case)
        with tables_of(book) as connection:
            version = connection.execute(select(TOLD.c.version).where(TOLD.c.case_id == case_id)).scalar()
        return (version or 0) >= int(number)
    if not _SEQ.fullmatch(at_least):
        raise Invalid(Fault("at_least", "skal være et nummer i bogen, eller SAG:VERSION"))
    with tables_of(who.book(serving.books)) as connection:
        return cursor(connection) >= int(at_least)


@contextmanager
def tables_of(book: Ledger) -> Iterator[Connection]:
    """The read models of a book as they stand: the follower keeps them up with the log."""
    ready(book.read_models)
    with book.read_models.connect() as connection:
        yield connection
