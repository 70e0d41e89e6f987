"""The command `sagsbog`. Errors are one line on stderr: what, and what to do; never a traceback."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from pydantic import ValidationError
from rich.console import Console

from api import demo as tour
from api import logs, recording, tables
from api.settings import Settings
from api.terminal import (
    DATABASE_ERRORS,
    ActorOption,
    AsOfOption,
    Case,
    Format,
    FormatOption,
    KnownAtOption,
    PurposeOption,
    app,
    check_arguments,
    console,
    first_line,
    open_books,
    point,
    reader,
    say,
    show,
)
from commands.access import log_access
from commands.reading import why_unreadable
from ledger.errors import Fault, Invalid, NotFound, SagsbogError
from ledger.facts.book import Purpose
from ledger.facts.case import fold
from ledger.facts.history import History
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections import cases, decisions, history
from projections.parties import names_in
from replay.as_of import Point, see
from replay.verify import verify as verify_book

__all__ = ["main", "recording"]


@app.command(name="cases")
def cases_(
    municipality: Annotated[str | None, typer.Option("--municipality", help="kun denne kommune")] = None,
    state: Annotated[str | None, typer.Option("--state", help="kun sager i denne tilstand")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser sagerne."""
    at, who = point(as_of, known_at), reader(as_)
    if state is not None and state not in tables.STATES:
        raise Invalid(Fault("--state", f"skal være en af: {', '.join(tables.STATES)}"))
    with open_books() as books:
        rows: list[cases.CaseRow] = []
        for book in _asked_books(books, municipality):
            found = [row for case_id in book.cases() for row in _row(book, case_id, at) if state in (None, row.state)]
            log_access(book, who, [row.case_id for row in found], ["cases"], purpose)
            rows += sorted(found, key=lambda row: row.case_number)
        show(rows, lambda console: tables.print_cases(console, rows), how)


def _asked_books(books: Books, municipality: str | None) -> list[Ledger]:
    if municipality is None:
        return books.existing()
    book = books.made(municipality)
    return [book] if book else []


def _row(book: Ledger, case_id: UUID, at: Point) -> list[cases.CaseRow]:
    try:
        return [cases.tell_row(see(book, case_id, at))]
    except NotFound:  # the case did not exist then
        return []


Shown = tuple[Any, Callable[[Console], None]]
"""A read model as JSON shows it, and how it is drawn for people."""


def reads_a_case(show_it: Callable[[Ledger, History], Shown]) -> None:
    """Makes a command of its own that shows a case from a point in time, once the look is on record."""
    name = show_it.__name__.removesuffix("_")

    def command(
        case: Case,
        as_of: AsOfOption = None,
        known_at: KnownAtOption = None,
        as_: ActorOption = None,
        purpose: PurposeOption = Purpose.DRIFT,
        how: FormatOption = Format.TABLE,
    ) -> None:
        at, who = point(as_of, known_at), reader(as_)
        with open_books() as books:
            book, case_id = books.find(case)
            seen = see(book, case_id, at)
            log_access(book, who, [case_id], [name], purpose)
            answer, draw = show_it(book, seen)
            claimed = at.known_at is not None and any(entry.source_recorded_at for entry in seen.recorded)

            def drawn(console: Console) -> None:
                draw(console)
                if claimed:
                    console.print(_CLAIMED)

            show(answer, drawn, how)

    app.command(name=name, help=show_it.__doc__)(command)


_CLAIMED: Final = "Hvad der var kendt, bygger på de tidspunkter, som det importerede system har oplyst."


@reads_a_case
def case(_: Ledger, seen: History) -> Shown:
    """Viser en sag: tilstand, parter og nøgletal."""
    page = cases.tell(seen)
    return page, lambda console: tables.print_case(console, page)


@reads_a_case
def history_(book: Ledger, seen: History) -> Shown:
    """Viser sagens forløb; rettede og annullerede registreringer står der endnu."""
    book.number()
    rows = list(history.tell(seen, names_in(fold(seen)), book.seqs(seen.recorded[0].case_id)))
    return rows, lambda console: tables.print_history(console, rows)


@reads_a_case
def decisions_(book: Ledger, seen: History) -> Shown:
    """Viser afgørelserne: hvem, hvad, hvornår, hjemmel og klagevejledning."""
    rows = list(decisions.tell(seen, names_in(fold(seen))))
    return rows, lambda console: tables.print_decisions(console, rows, book.municipality)


@app.command()
def verify(how: FormatOption = Format.TABLE) -> None:
    """Efterprøver segl, kæder og log ud fra de gemte registreringer."""
    with open_books() as books:
        found = [verify_book(book) for book in books.existing()]
        show(found, lambda console: tables.print_verified(console, found), how)
    if any(one.faults for one in found):
        raise typer.Exit(1)


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="mappe, der ikke findes endnu")] = None,
    port: Annotated[int, typer.Option("--port", help="port til tjenesten")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="slut efter rundvisningen")] = False,
) -> None:
    """Lægger to opdigtede sager i en ny sagsbog og viser rundt i dem."""
    del port, no_serve  # the tour ends here until there is a service to serve
    directory = data or Path(tempfile.mkdtemp(prefix="sagsbog-demo-"))
    if data is not None and data.exists():
        raise Invalid(Fault("--data", f"{data} findes allerede; vælg en mappe, der ikke findes"))
    tour.show(directory, console())


def main() -> None:
    """Runs a command and turns every error into one line and an exit code: 1 refused or failed, 2 wrong usage."""
    try:
        check_arguments(sys.argv[1:])
        logs.configure(Settings().log_level)
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        sys.exit(_say(f"Kommandoen kan ikke læses ({error}). Se: sagsbog --help", 2))
    except SagsbogError as error:
        sys.exit(_say(str(error), 1))
    except ValidationError as error:  # of the settings
        names = ", ".join(f"SAGSBOG_{found['loc'][0]}".upper() for found in error.errors())
        sys.exit(_say(f"Indstillingen {names} har en ugyldig værdi.", 2))
    except DATABASE_ERRORS as error:
        sys.exit(_say(f"Databasen svarer ikke ({first_line(error)}). Intet halvt er gemt; prøv igen.", 1))
    except OSError as error:  # of the data directory
        sys.exit(_say(f"{error.filename or 'Filen'} {why_unreadable(error)}. Se SAGSBOG_DATABASE_URL og --data.", 1))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(code or 0)


def _say(sentence: str, code: int) -> int:
    say(sentence)
    return code
