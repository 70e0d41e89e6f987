"""The tour: two invented cases in a fresh ledger, shown as a caseworker would want to see them."""

from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from uuid import UUID

from rich.console import Console

from api import law_tables, tables
from api.settings import Settings
from api.terminal import console as terminal_console
from api.terminal import now
from commands.access import draft_look
from commands.import_cases import import_file
from ledger.facts.book import Purpose
from ledger.facts.case import STATES, fold
from ledger.facts.entry import Actor
from ledger.facts.sentence import danish_day
from ledger.law.deadline import Status
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections import balances, cases, deadlines, decisions, findings, history
from projections.parties import names_in
from replay.as_of import Point, see, sight
from replay.verify import verify

SAMPLES: Final = ("aarhus-approved.json", "esbjerg-settlement.json")
_GUIDE: Final = Actor("demo", "Rundvisning", "drift", "drift", claimed=True)
_CASEWORKER: Final = "u-aa-karen"
_SHOWN: Final = 8  # last entries of the timeline
_NEXT: Final = (
    "explain AAR-2021-00417 aarhus.decision",
    "answer ESB-2020-00158 Q35 year=2022",
    "history ESB-2020-00158",
    "--help",
)


def show(directory: Path, console: Console) -> None:
    """Makes a ledger in a directory, imports the samples and shows them."""
    with Books(f"sqlite:///{directory}", now) as books:
        console.rule("Sagsbog for hjemmetræning")
        console.print(f"En ny, tom sagsbog i {directory}. Personerne er opdigtede.")
        numbers = [_import(books, name, console) for name in SAMPLES]
        console.print(f"Hovednøglen til alle personoplysninger ligger i {books.new_key_at}.", soft_wrap=True)
        for number in numbers:
            book, case_id = books.find(number)
            book.log_look(
                draft_look(
                    book,
                    _GUIDE,
                    [case_id],
                    ["case", "history", "decisions", "deadlines", "balances", "findings"],
                    Purpose.DRIFT,
                )
            )
            _show_case(book, case_id, console)
        _show_then(books, console)
        console.rule("Er noget ændret?")
        tables.print_verified(console, [verify(book) for book in books.existing()])
        console.print("\nSe selv videre:", style="bold")
        console.print(f"export SAGSBOG_DATABASE_URL=sqlite:///{directory}", soft_wrap=True)
        for command in _NEXT:
            console.print(f".venv/bin/sagsbog {command}", soft_wrap=True)


def serve(directory: Path, port: int) -> None:
    """Serves the ledger of the tour on this machine until Ctrl-C, and says how to ask it."""
    from api import serving  # noqa: PLC0415 - a tour without it is shown sooner
    from api.identity import LocalIdentity  # noqa: PLC0415 - as in api/who.py

    console = terminal_console()
    own = {"database_url": f"sqlite:///{directory}", "master_key": None, "oidc_issuer": None, "log_level": "warning"}
    settings = Settings().model_copy(update=own)

    def told(address: str) -> None:
        token = LocalIdentity(directory).token(_CASEWORKER)
        console.print(f"\nTjenesten kører på {address} (dokumentation: {address}/docs). Stop med Ctrl-C.", style="bold")
        console.print(f"Spørg den som {_CASEWORKER}, opdigtet rådgiver i Aarhus:")
        console.print(f"TOKEN={token}", soft_wrap=True)
        console.print(f'curl -H "Authorization: Bearer $TOKEN" {address}/v1/cases/AAR-2021-00417', soft_wrap=True)

    serving.serve(settings, "127.0.0.1", port, 1, told)


def _import(books: Books, name: str, console: Console) -> str:
    with as_file(files("api").joinpath("samples", name)) as path:
        (outcome,) = import_file(books, path, _GUIDE.user_id)
    if outcome.error:
        raise outcome.error
    console.print(f"Indlæst: {outcome.case_number} fra {name}, {outcome.added} registreringer.")
    return outcome.case_number


def _show_case(book: Ledger, case_id: UUID, console: Console) -> None:
    """A case on the day of its last entry, and what has become overdue since."""
    last = max(entry.occurred_on for entry in book.entries(case_id))
    at = sight(book, case_id, Point(as_of=last))
    seen, names = at.history, names_in(fold(at.history).lifecycle.parties)
    console.print()
    console.rule(f"Sagen {cases.tell_row(seen).case_number}")
    tables.print_case(console, cases.tell(seen, at.law))
    console.print("\nHvem har afgjort hvad, hvornår og efter hvilken bestemmelse?", style="bold")
    tables.print_register(console, list(decisions.tell(seen, names)), book.here.units)
    console.print("\nHvilke frister blev overskredet?", style="bold")
    law_tables.print_deadlines(console, [row for row in deadlines.tell(seen, at.law) if row.days_late])
    console.print("\nHvad er bevilget, brugt og krævet tilbage?", style="bold")
    law_tables.print_balances(console, balances.tell(seen, at.law.cap_oere))
    console.print("\nHvad bør nogen se på?", style="bold")
    law_tables.print_findings(console, list(findings.tell(seen, at.law)))
    console.print("\nDet seneste i sagen", style="bold")
    tables.print_history(console, list(history.tell(seen, names, book.seqs(case_id)))[-_SHOWN:])
    _show_today(book, case_id, console)


def _show_today(book: Ledger, case_id: UUID, console: Console) -> None:
    at = sight(book, case_id, Point())
    overdue = [row for row in deadlines.tell(at.history, at.law) if row.status is Status.OVERDUE]
    today = danish_day(at.history.as_of)
    console.print(f"\nEksemplet slutter her. Hvad er overskredet i dag, {today}?", style="bold")
    law_tables.print_deadlines(console, overdue)


def _show_then(books: Books, console: Console) -> None:
    """The same case on an earlier day."""
    book, case_id = books.find("AAR-2021-00417")
    console.print()
    console.rule("Og tilbage i tiden")
    for day in (date(2021, 5, 20), date(2021, 10, 1), date(2022, 1, 1)):
        row = cases.tell_row(see(book, case_id, Point(as_of=day)))
        console.print(f"Den {danish_day(day)} var sagen {row.case_number} i tilstanden: {STATES[row.state]}.")
