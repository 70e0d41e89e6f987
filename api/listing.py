"""Commands that list: the cases of a municipality, their deadlines and findings, and a person's cases."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from getpass import getpass
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from api import law_tables, shown, tables
from api.looking import Reader, View, books_of, find_person, look_over, opens, rights, views
from api.reading import Shown, look, reading
from api.terminal import (
    ActorOption,
    AsOfOption,
    Format,
    FormatOption,
    KnownAtOption,
    PurposeOption,
    PurposeTextOption,
    RulebookOption,
    app,
    open_books,
    point,
    show,
)
from ledger.cpr import is_possible_cpr
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.facts.case import STATES
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections import cases, deadlines, findings
from projections.follower import Follower
from replay.as_of import Point

ListedCase = Annotated[str | None, typer.Argument(metavar="[CASE]", help="sagsnummer eller sags-id; ellers alle sager")]
MunicipalityOption = Annotated[str | None, typer.Option("--municipality", help="kun denne kommune")]


@app.command(name="cases")
def cases_(
    municipality: MunicipalityOption = None,
    state: Annotated[str | None, typer.Option("--state", help="kun sager i denne tilstand")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser sagerne."""
    at, who = point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text)
    if state is not None and state not in STATES:
        raise Invalid(Fault("--state", f"skal være en af: {', '.join(STATES)}"))
    with open_books() as books:
        rows: list[cases.CaseRow] = []
        for book in asked_books(books, who, municipality):
            found = [row for row in _case_rows(book, who, at) if state in (None, row.state)]
            look_over(book, who, [row.case_id for row in found], "cases")
            rows += sorted(found, key=lambda row: row.case_number)
        show(rows, lambda console: tables.print_cases(console, rows), how)


def _case_rows(book: Ledger, who: Reader, at: Point) -> Iterator[cases.CaseRow]:
    """The cases of a book: today from the table, else each told as it was."""
    if at != Point():
        yield from (shown.line(seen.eyes, cases.tell_row(seen.whole.history)) for seen in views(book, who, at))
        return
    may_see = rights(book, who)
    with Follower(book).caught_up() as connection:
        may_open = opens(book, who.who)
        for row in cases.listed(connection, book.today()):
            if may_open(row.case_id):
                yield shown.line(may_see, row)


def asked_books(books: Books, who: Reader, municipality: str | None) -> list[Ledger]:
    """The books to read: one municipality's, or all that exist for the reader."""
    if municipality is not None:
        books.known(municipality)
    return [book for book in books_of(books, who.who) if municipality in (None, book.municipality)]


@app.command()
def find(
    municipality: MunicipalityOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Finder de sager, en person er part i. CPR-nummeret læses fra standard input, aldrig fra kommandolinjen."""
    who, cpr = reading(as_, purpose, purpose_text), _read_cpr()
    with open_books() as books:
        found: list[dict[str, Any]] = []
        for book in asked_books(books, who, municipality):
            with Follower(book).caught_up() as connection:
                parties = find_person(book, who, cpr)
                numbers = cases.numbers(connection, [case_id for case_id, _ in parties])
            found += [
                {"case_number": numbers[case_id], "case_id": case_id, "municipality": book.municipality, "party": party}
                for case_id, party in parties
            ]

        def drawn(console: Console) -> None:
            for one in found:
                console.print(f"{one['case_number']} ({one['municipality']}): {one['party']}")
            if not found:
                console.print("Personen er ikke part i nogen sag.")

        show(found, drawn, how)


def _read_cpr() -> str:
    """A CPR number from standard input: typed unseen on a terminal, else the first line."""
    text = getpass("CPR-nummer: ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return is_possible_cpr(text.strip())
    except ValueError as error:
        raise Invalid(Fault("CPR-nummer", str(error))) from None


@app.command(name="deadlines")
def deadlines_(
    case: ListedCase = None,
    municipality: MunicipalityOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser fristerne: hvornår de løb ud, hvad der opfyldte dem, og om der blev givet besked om forsinkelse."""
    at, who = point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text)
    listing = Listing("deadlines", shown.deadlines, law_tables.print_deadlines, _all_deadlines, deadlines.as_contract)
    _list(listing, case, municipality, at, who, how)


def _all_deadlines(book: Ledger, who: Reader) -> "Told":
    """Today's deadlines from the table."""
    may_see, law = rights(book, who), book.law()
    with Follower(book).caught_up() as connection:
        may_open = opens(book, who.who)
        rows = dict(deadlines.listed(connection, book))
        return [
            (row.case_id, row.case_number, list(shown.deadlines_of(may_see, law, rows.get(row.case_id, []))))
            for row in cases.listed(connection, book.today())
            if may_open(row.case_id)
        ]


@app.command(name="findings")
def findings_(
    case: ListedCase = None,
    municipality: MunicipalityOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvad der bør ses på: brudte regler i indlæste oplysninger, mangler og følger af rettelser."""

    def tell(seen: View) -> list[findings.FindingRow]:
        Follower(seen.book).catch_up()  # so that the looks at the case are all found
        return shown.findings(seen)

    at, who = point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text)
    _list(Listing("findings", tell, law_tables.print_findings), case, municipality, at, who, how)


Told = list[tuple[UUID, str, list[Any]]]
"""Cases by number, each with its rows."""


@dataclass(frozen=True)
class Listing:
    """A read model that can be listed for one case or for all."""

    name: str
    tell: Callable[[View], list[Any]]
    draw: Callable[[Console, list[Any]], None]
    of_all: Callable[[Ledger, Reader], "Told"] | None = None
    """The rows of every case today, from the table; None when each case is told."""
    as_contract: Callable[[Any], Any] = lambda row: row
    """A row under the names that scripts rely on."""


def _all(listing: Listing, book: Ledger, who: Reader, at: Point) -> Told:
    """The rows of every case, each told as it was."""
    told = [(seen.case_id, cases.tell_row(seen.whole.history).case_number, seen) for seen in views(book, who, at)]
    return [(case_id, number, listing.tell(seen)) for case_id, number, seen in sorted(told, key=itemgetter(1))]


def _list(
    listing: Listing,
    case: str | None,
    municipality: str | None,
    at: Point,
    who: Reader,
    how: Format,
) -> None:
    """Rows of one case, or of every case with its number in front."""
    if case is not None:

        def one(seen: View) -> Shown:
            rows = listing.tell(seen)
            return list(map(listing.as_contract, rows)), lambda console: listing.draw(console, rows)

        look(case, at, who, listing.name, one, how)
        return
    with open_books() as books:
        found: dict[str, list[Any]] = {}
        for book in asked_books(books, who, municipality):
            told = listing.of_all(book, who) if listing.of_all and at == Point() else _all(listing, book, who, at)
            look_over(book, who, [case_id for case_id, _, _ in told], listing.name)
            found |= {number: rows for _, number, rows in told if rows}

        def drawn(console: Console) -> None:
            if not found:
                listing.draw(console, [])
            for number, rows in found.items():
                console.print(tables.styled((number, "bold")))
                listing.draw(console, rows)

        rows = {number: list(map(listing.as_contract, rows)) for number, rows in found.items()}
        show(rows, drawn, how)
