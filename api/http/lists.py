"""What there is to read over all cases of a municipality: today from the tables, else each case told as it was."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, repeat
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api import shown
from api.http.cases import deadline_place, finding_place
from api.http.openapi import takes
from api.http.paging import Asked, Paging, Place, placed_in_order
from api.http.points import At, reached, tables_of
from api.http.service import Reading, Service, Serving
from api.http.tells import lists
from api.http.writing import Body
from api.looking import Reader, View, find_person, look_over, opens, rights, views
from api.points import read_day
from api.tables import as_json
from commands.acts import read_request
from ledger.errors import Fault, Invalid
from ledger.facts.case import STATES
from ledger.facts.fact import Part
from ledger.facts.values import Cpr, DataKind
from ledger.law.deadline import Status
from projections import access, cases, deadlines, findings
from projections.cases import CaseRow
from replay.as_of import Point

router = APIRouter(prefix="/v1", tags=["På tværs af sager"], dependencies=[Depends(reached)])

State = StrEnum("State", list(STATES))  # type: ignore[misc]
Rows = Iterable[Any]
MOST_TOLD: Final = 1_000
"""Cases of a book that may be told anew for an answer."""
_AT_ONCE: Final = (10, 50, 200)  # cases read from the tables together: a page often ends with the first few


class Listing:
    """A list over the cases of the book that a request reads, in the order of their numbers."""

    def __init__(self, serving: Service, reader: Reader, at: Point, paging: Paging) -> None:
        self.book, self.reader, self.at, self.paging = reader.who.book(serving.books), reader, at, paging
        self.rights = rights(self.book, reader)
        if at != Point() and len(self.book.cases()) > MOST_TOLD:
            given = next(name for name in ("known_at", "rulebook", "as_of") if getattr(at, name) is not None)
            only = f"kan kun bruges på lister i en bog med højst {MOST_TOLD} sager; spørg om én sag ad gangen"
            raise Invalid(Fault(given, only))

    def page(
        self, name: str, of: Callable[[Sequence[CaseRow]], Iterable[tuple[UUID, Rows]]], place: Callable[[Any], Place]
    ) -> Response:
        """The page asked for, once the look at the cases on it is on record. `of`: the rows of some cases, in order."""
        after = self.paging.after(self.book)
        found = self._placed(after[0] if after else "", of, place)
        page = self.paging.page(self.book, ((at, row) for at, row in found if after is None or at > after))
        look_over(self.book, self.reader, list(dict.fromkeys(row["case_id"] for row in page["items"])), name)
        return Response(as_json(page), media_type="application/json")

    def told(self, tell: Callable[[View], Rows], some: Sequence[CaseRow]) -> Iterator[tuple[UUID, Rows]]:
        """The rows of cases that are told now, as they were."""
        for seen in views(self.book, self.reader, self.at, [row.case_id for row in some]):
            yield seen.case_id, tell(seen)

    def _placed(self, since: str, of: Callable[..., Any], place: Callable[[Any], Place]) -> Iterator[tuple[Place, Any]]:
        for some in self._by_number(since):
            numbers = {row.case_id: row.case_number for row in some}
            for case_id, rows in of(some):
                for at, row in placed_in_order(rows, place):
                    told = row if isinstance(row, dict) else vars(row)
                    yield [numbers[case_id], *at], {"case_number": numbers[case_id], "case_id": case_id, **told}

    def _by_number(self, since: str | None) -> Iterator[list[CaseRow]]:
        """The cases that may be opened, some at a time."""
        may_open = opens(self.book, self.reader.who)
        for most in chain(_AT_ONCE, repeat(_AT_ONCE[-1])):
            if since is None:
                return
            with tables_of(self.book) as connection:
                found = list(cases.listed(connection, self.book.today(), since=since, most=most + 1))
            yield [row for row in found[:most] if may_open(row.case_id)]
            since = found[most].case_number if len(found) > most else None


@router.get("/cases", operation_id="list_cases", summary="Sagerne", responses=lists(CaseRow))
def cases_(serving: Serving, reading: Reading, at: At, paging: Asked, state: State | None = None) -> Response:
    """The cases by number, each with where it stands."""
    listing = Listing(serving, reading, at, paging)

    def as_it_was(seen: View) -> Rows:
        return [cases.tell_row(seen.whole.history)]

    def of(some: Sequence[CaseRow]) -> Iterator[tuple[UUID, Rows]]:
        today = ((row.case_id, [row]) for row in some)
        for case_id, rows in today if at == Point() else listing.told(as_it_was, some):
            yield case_id, [shown.line(listing.rights, row) for row in rows if state in (None, row.state)]

    return listing.page("cases", of, lambda _: [])


@router.get(
    "/deadlines",
    operation_id="list_deadlines",
    summary="Fristerne i alle sager",
    responses=lists(deadlines.DeadlineRow, of_cases=True),
)
def deadlines_(
    serving: Serving,
    reading: Reading,
    at: At,
    paging: Asked,
    status: Status | None = None,
    due_before: Annotated[str | None, Query(description="kun dem, der løber ud før den dag")] = None,
) -> Response:
    """The deadlines case by case, each with where it stands."""
    before = read_day(due_before, "due_before") if due_before is not None else None
    listing = Listing(serving, reading, at, paging)

    def today(some: Sequence[CaseRow]) -> Iterator[tuple[UUID, Rows]]:
        law, only = listing.book.law(), deadlines.may_be(status, before, listing.book.today())
        with tables_of(listing.book) as connection:
            kept = dict(deadlines.listed(connection, listing.book, [row.case_id for row in some], only))
        return ((row.case_id, shown.deadlines_of(listing.rights, law, kept.get(row.case_id, []))) for row in some)

    def of(some: Sequence[CaseRow]) -> Iterator[tuple[UUID, Rows]]:
        for case_id, rows in today(some) if at == Point() else listing.told(shown.deadlines, some):
            asked = (row for row in rows if status in (None, row.status))
            due = (row for row in asked if before is None or (row.due_on is not None and row.due_on < before))
            yield case_id, map(deadlines.as_contract, due)

    return listing.page("deadlines", of, deadline_place)


@router.get(
    "/findings",
    operation_id="list_findings",
    summary="Hvad der bør ses på i alle sager",
    responses=lists(findings.FindingRow, of_cases=True),
)
def findings_(serving: Serving, reading: Reading, at: At, paging: Asked) -> Response:
    """The findings case by case. The sentences are told when they are read: no table holds them."""
    listing = Listing(serving, reading, at, paging)

    def of(some: Sequence[CaseRow]) -> Iterator[tuple[UUID, Rows]]:
        return listing.told(shown.findings, _with_findings(listing, some) if at == Point() else some)

    return listing.page("findings", of, finding_place)


def _with_findings(listing: Listing, some: Sequence[CaseRow]) -> list[CaseRow]:
    """Those cases that may have any findings today: the others need not be told."""
    cases = [row.case_id for row in some]
    with tables_of(listing.book) as connection:
        having = set(findings.cases_with_any(connection, cases))
        if listing.rights.all_of(DataKind.LOG):
            having |= set(access.looked_at_from_elsewhere(connection, cases))
    return [row for row in some if row.case_id in having]


class Search(Part):
    """Whose cases are looked for."""

    cpr: Cpr


@router.post(
    "/cases/search", operation_id="search_cases", summary="Find de sager, en person er part i",
    openapi_extra=takes(Search), responses=lists(dict[str, Any]),
)  # fmt: skip
def search(serving: Serving, reading: Reading, told: Body) -> Response:
    """By CPR number, which comes in the body: never in an address, and in no log but as its blind index."""
    cpr = read_request(Search, told).cpr
    book = reading.who.book(serving.books)
    parties = find_person(book, reading, cpr)
    with tables_of(book) as connection:
        numbers = cases.numbers(connection, [case_id for case_id, _ in parties])
    found = [
        {"case_number": numbers[case_id], "case_id": case_id, "municipality": book.municipality, "party": party}
        for case_id, party in parties
    ]
    return Response(as_json({"items": found, "next": None}), media_type="application/json")
