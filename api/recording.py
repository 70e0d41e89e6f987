"""Commands that record: import, open, record, and the acts of two persons."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.looking import find_to_write
from api.points import read_day
from api.tables import printable
from api.terminal import (
    ActorOption,
    Case,
    Format,
    FormatOption,
    RequestIdOption,
    app,
    first_line,
    law_of,
    open_books,
    read_refs,
    say,
    show,
)
from api.who import who_reads, who_records
from commands.case_file import LARGEST
from commands.import_cases import Outcome, import_file
from commands.reading import read_json, why_unreadable
from commands.record import Asked, Receipt, open_case
from commands.record import record as record_fact
from commands.two_persons import confirm as confirm_act
from commands.two_persons import propose as propose_act
from commands.two_persons import reject as reject_act
from ledger.clock import danish_day
from ledger.errors import Fault, Invalid, SagsbogError
from ledger.facts.entry import Actor, OnBehalfOf
from ledger.facts.history import history
from ledger.store.books import Books, database_errors
from ledger.store.ledger import Ledger
from projections import findings

OnBehalfOfOption = Annotated[
    str | None,
    typer.Option("--on-behalf-of", metavar="MANDATE:UNIT:NAME", help="bemyndigelsen, og hvem der handles på vegne af"),
]
IfVersionOption = Annotated[int | None, typer.Option("--if-version", help="kun hvis sagen er på denne version")]


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="sagsbog-case/1-filer eller .jsonl med mange")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="prøv uden at gemme")] = False,
    as_: ActorOption = None,
) -> None:
    """Indlæser sager. Hver sag gemmes helt eller slet ikke."""
    importer = who_reads(as_).actor.user_id
    failed = 0
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with open_books() as books, bar:
        for file in files:
            task = bar.add_task(printable(file.name), total=file.stat().st_size if file.is_file() else None)
            for outcome in import_file(books, file, importer, dry_run=dry_run):
                bar.update(task, completed=outcome.read_bytes)
                failed += _told(outcome, dry_run=dry_run)
                if outcome.entries:
                    typer.echo(f"  {_findings(books, outcome)}")
    if failed:
        raise typer.Exit(1)


def _told(outcome: Outcome, *, dry_run: bool) -> bool:
    if outcome.error is not None:
        say(str(outcome.error))
        return True
    would = "ville blive tilføjet" if dry_run else "tilføjet"
    told = f"{outcome.case_number} ({outcome.municipality}): {outcome.added} {would}, {outcome.total} i filen."
    typer.echo(printable(told))
    return False


def _findings(books: Books, outcome: Outcome) -> str:
    """What should be looked at in a case that came in, by guard and flag."""
    law = law_of(books, outcome.municipality)
    seen = history(outcome.entries, as_of=danish_day(books.now()))
    counted = Counter(" ".join(filter(None, (row.guard, row.flag))) for row in findings.tell(seen, law))
    if not counted:
        return "Ingen bemærkninger."
    told = ", ".join(f"{code}: {count}" for code, count in sorted(counted.items()))
    return f"Bemærkninger: {counted.total()} ({told}). Se dem med: sagsbog findings {outcome.case_number}"


@app.command(name="open")
def open_(
    municipality: Annotated[str, typer.Argument(help="kommune, fx aarhus")],
    case_number: Annotated[str, typer.Argument(help="sagsnummer")],
    child: Annotated[str, typer.Option("--child", help="barnets navn på sagen, fx p-barn")],
    on: Annotated[str, typer.Option("--on", help="dagen sagen blev oprettet")],
    as_: ActorOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Opretter en sag."""
    day, who = read_day(on, "--on"), who_records(as_)
    opened = {"case_number": case_number, "opened_on": on, "subject": "hjemmetraening", "child": child}
    with open_books() as books:
        book = who.book_of(books, municipality)
        with under(request_id) as request:
            receipt = open_case(book, opened, day, who.actor, request_id=request)
        print_receipt(receipt, how)


@app.command()
def record(
    case: Case,
    fact_type: Annotated[str, typer.Argument(metavar="TYPE", help="hændelsestype, fx TilsynHeld (docs/events.md)")],
    on: Annotated[str, typer.Option("--on", help="dagen det skete")],
    data: Annotated[str, typer.Option("--data", help="JSON eller @FIL")] = "{}",
    ref: Annotated[list[str] | None, typer.Option("--ref", help="NAVN=VERSION[,VERSION]")] = None,
    document: Annotated[list[str] | None, typer.Option("--document", help="dokument-id")] = None,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Registrerer én hændelse på en sag; en borgers bliver et udkast."""
    asked = read_asked(fact_type, on, data, ref, document, on_behalf_of)
    check_if_version(if_version)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return record_fact(book, case_id, asked, actor, request_id=request, if_version=if_version)

    _on_case(case, as_, request_id, how, act)


@app.command()
def propose(
    case: Case,
    fact_type: Annotated[
        str, typer.Argument(metavar="TYPE", help="EntryCorrected, EntryAnnulled eller en afgørelse om et stort beløb")
    ],
    on: Annotated[str, typer.Option("--on", help="dagen det skete; ved en rettelse dagen for rettelsen")],
    data: Annotated[str, typer.Option("--data", help="JSON eller @FIL, uden den, der godkender")],
    ref: Annotated[list[str], typer.Option("--ref", help="NAVN=VERSION[,VERSION]; ved en rettelse target=VERSION")],
    document: Annotated[list[str] | None, typer.Option("--document", help="dokument-id")] = None,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Foreslår en rettelse, en annullering eller et stort beløb, som en anden skal godkende."""
    asked = read_asked(fact_type, on, data, ref, document, on_behalf_of)
    check_if_version(if_version)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return propose_act(book, case_id, asked, actor, request_id=request, if_version=if_version)

    _on_case(case, as_, request_id, how, act)


@app.command()
def confirm(
    case: Case,
    version: Annotated[int, typer.Argument(help="forslagets version")],
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Godkender et forslag eller et udkast som en anden end den, der kom med det."""
    check_version(version, "VERSION")
    check_if_version(if_version)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return confirm_act(book, case_id, version, actor, request_id=request, if_version=if_version)

    _on_case(case, as_, request_id, how, act)


@app.command()
def reject(
    case: Case,
    version: Annotated[int, typer.Argument(help="forslagets version")],
    reason: Annotated[str, typer.Option("--reason", help="begrundelse")],
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Afviser et forslag eller et udkast."""
    check_version(version, "VERSION")
    check_if_version(if_version)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return reject_act(book, case_id, version, reason, actor, request_id=request, if_version=if_version)

    _on_case(case, as_, request_id, how, act)


def check_version(version: int, where: str) -> None:
    """Invalid when a number from the command line cannot be a version."""
    if not 0 <= version <= _MOST:
        raise Invalid(Fault(where, f"skal være en version mellem 0 og {_MOST}"))


def check_if_version(version: int | None) -> None:
    """Invalid when the version that a command builds on cannot be one."""
    if version is not None:
        check_version(version, "--if-version")


def read_on_behalf_of(option: str | None) -> OnBehalfOf | None:
    """The mandate used, from MANDATE:UNIT:NAME."""
    if option is None:
        return None
    parts = option.rsplit(":", 2)  # the id of a mandate may hold colons itself
    if len(parts) != _PARTS or not all(parts):
        raise Invalid(Fault("--on-behalf-of", f"{option!r} skal have formen BEMYNDIGELSE:ENHED:NAVN"))
    return OnBehalfOf(*parts)


_PARTS: Final = 3


_MOST: Final = 2**31 - 1

Act = Callable[[Ledger, UUID, Actor, str], Receipt]
"""What is done on a case by an actor, under a request id."""


def _on_case(case: str, as_: str | None, request_id: str | None, how: Format, act: Act) -> None:
    who = who_records(as_)
    with open_books() as books:
        book, case_id = find_to_write(books, who, case)
        with under(request_id) as request:
            receipt = act(book, case_id, who.actor, request)
        print_receipt(receipt, how)


@contextmanager
def under(request_id: str | None) -> Iterator[str]:
    """The request id to record under. When the database fails, says how to ask again without recording twice."""
    request = str(uuid4()) if request_id is None else request_id
    try:
        yield request
    except database_errors() as error:
        raise SagsbogError(
            f"Databasen svarer ikke ({first_line(error)}). Det vides ikke, om det blev registreret. Gentag kommandoen "
            f"med --request-id {request}; så registreres det højst én gang."
        ) from None


def read_asked(
    fact_type: str,
    on: str,
    data: str,
    ref: list[str] | None,
    document: list[str] | None,
    on_behalf_of: str | None = None,
) -> Asked:
    """The fact that the command line asks to have recorded."""
    if data.startswith("@"):
        try:
            with Path(data[1:]).open("rb") as file:
                raw = file.read(LARGEST + 1)
        except OSError as error:
            raise Invalid(Fault("--data", f"{data[1:]} {why_unreadable(error)}")) from None
        if len(raw) > LARGEST:
            raise Invalid(Fault("--data", f"{data[1:]} er over {LARGEST // 1_000_000} MB"))
    else:
        raw = data.encode()
    told = read_json(raw, about="--data")
    if not isinstance(told, dict):
        raise Invalid(Fault("--data", "skal være et JSON-objekt"))
    mandate = read_on_behalf_of(on_behalf_of)
    return Asked(fact_type, read_day(on, "--on"), told, read_refs(ref or []), tuple(document or ()), mandate)


def print_receipt(receipt: Receipt, how: Format) -> None:
    """The receipt, with what should be looked at all the same."""

    def table(console: Console) -> None:
        number = receipt.seq if receipt.seq is not None else "følger"
        console.print(f"Registreret på {receipt.case_number} som version {receipt.version} (nummer {number} i bogen).")
        console.print(f"Segl {receipt.seal}")
        for notice in receipt.notices:
            console.print(f"Bemærk {notice.id}: {notice.told}")

    show(receipt, table, how)
