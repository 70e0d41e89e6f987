"""Commands that read: the read models from a point in time, explained, compared and asked about."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from getpass import getpass
from operator import itemgetter
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.console import Console

from api import law_tables, tables
from api.terminal import (
    ActorOption,
    AsOfOption,
    Case,
    Format,
    FormatOption,
    KnownAtOption,
    PurposeOption,
    RulebookOption,
    app,
    open_books,
    point,
    read_day,
    reader,
    show,
)
from commands.access import log_access
from ledger.cpr import is_possible_cpr
from ledger.errors import Fault, Invalid, NotFound
from ledger.facts.book import Purpose
from ledger.facts.case import STATES, fold
from ledger.facts.entry import Actor
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections import balances, cases, deadlines, decisions, documents, findings, history, klager, tilsyn
from projections.follower import Follower
from projections.parties import find_by_cpr, names_in
from replay.answers import answer as answer_question
from replay.answers import questions
from replay.as_of import Point, Sight, law_at, see, sight
from replay.diff import diff as compare
from replay.explain import explain as explain_deadline

Shown = tuple[Any, Callable[[Console], None]]
"""A read model as JSON shows it, and how it is drawn for people."""
ListedCase = Annotated[str | None, typer.Argument(metavar="[CASE]", help="sagsnummer eller sags-id; ellers alle sager")]
MunicipalityOption = Annotated[str | None, typer.Option("--municipality", help="kun denne kommune")]
_POINTS: Final = "as-of:DATO, known-at:TIDSPUNKT, version:N eller rulebook:NAVN"
_NOT_BIRTHDAYS: Final = "Frister, der løber fra barnets fødselsdag, vises kun på den enkelte sag."
_CLAIMED: Final = "Hvad der var kendt, bygger på de tidspunkter, som det importerede system har oplyst."


def look(
    case: str, at: Point, who: Actor, purpose: Purpose, what: str, show_it: Callable[[Sight], Shown], how: Format
) -> None:
    """Shows something of a case from a point in time, once the look is on record."""
    with open_books() as books:
        book, case_id = books.find(case)
        seen = sight(book, case_id, at)
        log_access(book, who, [case_id], [what], purpose)
        value, draw = show_it(seen)
        claimed = at.known_at is not None and any(entry.source_recorded_at for entry in seen.history.recorded)

        def drawn(console: Console) -> None:
            draw(console)
            if claimed:
                console.print(_CLAIMED)

        show(value, drawn, how)


def reads_a_case(show_it: Callable[[Sight], Shown]) -> None:
    """Makes a command of its own of a function that shows a case."""
    name = show_it.__name__.removesuffix("_")

    def command(
        case: Case,
        as_of: AsOfOption = None,
        known_at: KnownAtOption = None,
        rulebook: RulebookOption = None,
        as_: ActorOption = None,
        purpose: PurposeOption = Purpose.DRIFT,
        how: FormatOption = Format.TABLE,
    ) -> None:
        look(case, point(as_of, known_at, rulebook), reader(as_), purpose, name, show_it, how)

    app.command(name=name, help=show_it.__doc__)(command)


@reads_a_case
def case(seen: Sight) -> Shown:
    """Viser en sag: tilstand, parter og nøgletal."""
    page = cases.tell(seen.history, seen.law)
    return page, lambda console: tables.print_case(console, page)


@reads_a_case
def history_(seen: Sight) -> Shown:
    """Viser sagens forløb; rettede og annullerede registreringer står der endnu."""
    seen.book.number()
    rows = list(history.tell(seen.history, names_in(fold(seen.history)), seen.book.seqs(seen.case_id)))
    return rows, lambda console: tables.print_history(console, rows)


@reads_a_case
def decisions_(seen: Sight) -> Shown:
    """Viser afgørelserne: hvem, hvad, hvornår, hjemmel og klagevejledning."""
    rows = list(decisions.tell(seen.history, names_in(fold(seen.history))))
    return rows, lambda console: tables.print_decisions(console, rows, seen.book.here.units)


@reads_a_case
def tilsyn_(seen: Sight) -> Shown:
    """Viser tilsynene: planlagt, holdt, om barnet var til stede, rapport og høring."""
    rows = list(tilsyn.tell(seen.history))
    return rows, lambda console: law_tables.print_tilsyn(console, rows)


@reads_a_case
def klager_(seen: Sight) -> Shown:
    """Viser klagerne og hvert skridt: genvurdering, videresendelse, Ankestyrelsen, genbehandling."""
    rows = list(klager.tell(seen.history))
    return rows, lambda console: law_tables.print_klager(console, rows)


@reads_a_case
def documents_(seen: Sight) -> Shown:
    """Viser de journaliserede dokumenter."""
    rows = list(documents.tell(seen.history))
    return rows, lambda console: law_tables.print_documents(console, rows)


@app.command(name="cases")
def cases_(
    municipality: MunicipalityOption = None,
    state: Annotated[str | None, typer.Option("--state", help="kun sager i denne tilstand")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser sagerne."""
    at, who = point(as_of, known_at, rulebook), reader(as_)
    if state is not None and state not in STATES:
        raise Invalid(Fault("--state", f"skal være en af: {', '.join(STATES)}"))
    with open_books() as books:
        rows: list[cases.CaseRow] = []
        for book in asked_books(books, municipality):
            found = [row for row in _case_rows(book, at) if state in (None, row.state)]
            log_access(book, who, [row.case_id for row in found], ["cases"], purpose)
            rows += sorted(found, key=lambda row: row.case_number)
        show(rows, lambda console: tables.print_cases(console, rows), how)


def _case_rows(book: Ledger, at: Point) -> Iterator[cases.CaseRow]:
    """The cases of a book: today from the table, else each told as it was."""
    if at != Point():
        yield from (cases.tell_row(seen.history) for seen in all_sights(book, at))
        return
    with Follower(book).caught_up() as connection:
        yield from cases.listed(connection, book.today())


def asked_books(books: Books, municipality: str | None) -> list[Ledger]:
    """The books to read: one municipality's, or all there are."""
    if municipality is None:
        return books.existing()
    book = books.made(municipality)
    return [book] if book else []


def all_sights(book: Ledger, at: Point) -> Iterator[Sight]:
    """Every case of a book that existed, and was known, at a point in time."""
    law = law_at(book, at)
    for case_id in book.cases():
        try:
            yield Sight(book, see(book, case_id, at), law, at.known)
        except NotFound:  # the case did not exist then
            continue


@app.command()
def find(
    municipality: MunicipalityOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Finder de sager, en person er part i. CPR-nummeret læses fra standard input, aldrig fra kommandolinjen."""
    who, cpr = reader(as_), _read_cpr()
    with open_books() as books:
        found: list[dict[str, Any]] = []
        for book in asked_books(books, municipality):
            with Follower(book).caught_up() as connection:
                numbers = {row.case_id: row.case_number for row in cases.listed(connection, book.today())}
            parties = find_by_cpr(book, cpr)
            log_access(book, who, [case_id for case_id, _ in parties], ["find"], purpose, asked_for=cpr)
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
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser fristerne: hvornår de løb ud, hvad der opfyldte dem, og om der blev givet besked om forsinkelse."""

    def tell(seen: Sight) -> list[deadlines.DeadlineRow]:
        return list(deadlines.tell(seen.history, seen.law))

    at, who = point(as_of, known_at, rulebook), reader(as_)
    listing = Listing(
        "deadlines", tell, law_tables.print_deadlines, _all_deadlines, deadlines.as_contract, _NOT_BIRTHDAYS
    )
    _list(listing, case, municipality, at, who, purpose, how)


def _all_deadlines(book: Ledger) -> "Told":
    """Today's deadlines from the table: all but those that run from a birthday, which is sealed."""
    with Follower(book).caught_up() as connection:
        rows: dict[UUID, list[Any]] = {}
        for case_id, row in deadlines.listed(connection, book.law(), book.today()):
            rows.setdefault(case_id, []).append(row)
        return [
            (row.case_id, row.case_number, rows.get(row.case_id, [])) for row in cases.listed(connection, book.today())
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
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvad der bør ses på: brudte regler i indlæste oplysninger, mangler og følger af rettelser."""

    def tell(seen: Sight) -> list[findings.FindingRow]:
        return list(findings.tell(seen.history, seen.law))

    at, who = point(as_of, known_at, rulebook), reader(as_)
    _list(Listing("findings", tell, law_tables.print_findings), case, municipality, at, who, purpose, how)


Told = list[tuple[UUID, str, list[Any]]]
"""Cases by number, each with its rows."""


@dataclass(frozen=True)
class Listing:
    """A read model that can be listed for one case or for all."""

    name: str
    tell: Callable[[Sight], list[Any]]
    draw: Callable[[Console, list[Any]], None]
    of_all: Callable[[Ledger], "Told"] | None = None
    """The rows of every case today, from the table; None when each case is told."""
    as_contract: Callable[[Any], Any] = lambda row: row
    """A row under the names that scripts rely on."""
    remark: str = ""
    """What the rows from the table leave out."""


def _all(listing: Listing, book: Ledger, at: Point) -> Told:
    """The rows of every case, each told as it was."""
    told = [(seen.case_id, cases.tell_row(seen.history).case_number, seen) for seen in all_sights(book, at)]
    return [(case_id, number, listing.tell(seen)) for case_id, number, seen in sorted(told, key=itemgetter(1))]


def _list(
    listing: Listing,
    case: str | None,
    municipality: str | None,
    at: Point,
    who: Actor,
    purpose: Purpose,
    how: Format,
) -> None:
    """Rows of one case, or of every case with its number in front."""
    if case is not None:

        def one(seen: Sight) -> Shown:
            rows = listing.tell(seen)
            return list(map(listing.as_contract, rows)), lambda console: listing.draw(console, rows)

        look(case, at, who, purpose, listing.name, one, how)
        return
    with open_books() as books:
        found: dict[str, list[Any]] = {}
        for book in asked_books(books, municipality):
            told = listing.of_all(book) if listing.of_all and at == Point() else _all(listing, book, at)
            log_access(book, who, [case_id for case_id, _, _ in told], [listing.name], purpose)
            found |= {number: rows for _, number, rows in told if rows}

        def drawn(console: Console) -> None:
            if not found:
                listing.draw(console, [])
            for number, rows in found.items():
                console.print(tables.styled((number, "bold")))
                listing.draw(console, rows)
            if listing.remark and listing.of_all and at == Point():
                console.print(listing.remark)

        shown = {number: list(map(listing.as_contract, rows)) for number, rows in found.items()}
        show(shown, drawn, how)


@app.command(name="balances")
def balances_(
    case: Case,
    year: Annotated[int | None, typer.Option("--year", help="kun dette budgetår")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser pengene: bevilget, udbetalt, dokumenteret, godkendt, egne udgifter og tilbagebetaling, post for post."""

    def show_it(seen: Sight) -> Shown:
        told = balances.tell(seen.history, seen.law.cap_oere)
        if year is not None:
            told = told.of_year(year)
        return told, lambda console: law_tables.print_balances(console, told)

    look(case, point(as_of, known_at, rulebook), reader(as_), purpose, "balances", show_it, how)


@app.command()
def explain(
    case: Case,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="regel, fx aarhus.decision (docs/rules.md)")],
    trigger: Annotated[str | None, typer.Option("--trigger", metavar="DATE", help="dagen, fristen løber fra")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Forklarer én frist dag for dag."""
    day = read_day(trigger, "--trigger") if trigger is not None else None

    def show_it(seen: Sight) -> Shown:
        names = names_in(fold(seen.history))
        found = explain_deadline(seen.history, seen.law, rule, day, names)

        def drawn(console: Console) -> None:
            for one in found:
                law_tables.print_explanation(console, one)

        return found, drawn

    look(case, point(as_of, known_at, rulebook), reader(as_), purpose, "explain", show_it, how)


@app.command()
def diff(
    case: Case,
    from_: Annotated[
        str, typer.Option("--from", metavar="X", help="as-of:DATO, known-at:TIDSPUNKT, version:N, rulebook:NAVN")
    ],
    to: Annotated[str, typer.Option("--to", metavar="Y", help="som --from")],
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvad der er anderledes mellem to tidspunkter, og hvilke registreringer der gjorde det."""
    before, after, who = _point_in(from_, "--from"), _point_in(to, "--to"), reader(as_)
    with open_books() as books:
        book, case_id = books.find(case)
        first, second = sight(book, case_id, before), sight(book, case_id, after)
        log_access(book, who, [case_id], ["diff"], purpose)
        found = compare(first, second, names_in(fold(second.history)))
        show(found, lambda console: law_tables.print_diff(console, found), how)


def _point_in(text: str, option: str) -> Point:
    """A point as `as-of:DATE`, `known-at:INSTANT`, `version:N` or `rulebook:NAME`, or several of them with commas."""
    parts = [part.partition(":")[::2] for part in text.split(",")]
    told = dict(parts)
    version = told.pop("version", None)
    odd = set(told) - {"as-of", "known-at", "rulebook"} or (version is not None and not _VERSION.fullmatch(version))
    if odd or len({name for name, _ in parts}) < len(parts):
        says = "skal have formen as-of:DATO, known-at:TIDSPUNKT, version:N eller rulebook:NAVN (evt. flere med komma)"
        raise Invalid(Fault(option, f"{text!r} {says}"))
    found = point(told.get("as-of"), told.get("known-at"), told.get("rulebook"), at=option)
    return replace(found, version=int(version)) if version else found


_VERSION: Final = re.compile(r"[0-9]{1,9}")


@app.command()
def answer(
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="sagsnummer eller sags-id")] = None,
    qid: Annotated[str | None, typer.Argument(metavar="QID", help="spørgsmål, fx Q01")] = None,
    given: Annotated[list[str] | None, typer.Argument(metavar="[NAVN=VÆRDI]…", help="fx post=P3")] = None,
    listed: Annotated[bool, typer.Option("--list", help="vis de fyrre spørgsmål")] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Besvarer et af revisionens fyrre spørgsmål om en sag, med de registreringer svaret bygger på."""
    if listed:
        rows = [{"id": one.id, "question": one.asks, "takes": list(one.takes)} for one in questions().values()]
        show(rows, lambda console: law_tables.print_questions(console, list(questions().values())), how)
        return
    if case is None or qid is None:
        raise Invalid(Fault("QID", "angiv sag og spørgsmål, eller se dem med: sagsbog answer --list"))
    asked = _given(given or [])

    def show_it(seen: Sight) -> Shown:
        found = answer_question(seen, qid, asked)
        return found, lambda console: law_tables.print_answer(console, found)

    look(case, point(as_of, known_at, rulebook), reader(as_), purpose, "answer", show_it, how)


def _given(options: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in options:
        name, is_given, value = option.partition("=")
        if not is_given or not name or not value or name in found:
            raise Invalid(Fault(option, "skal have formen NAVN=VÆRDI, og hvert navn kun én gang"))
        found[name] = value
    return found
