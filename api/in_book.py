"""Commands for the facts of the book: rates, mandates for more than one case, and enquiries counted."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from api.act_tables import print_notices, print_rates
from api.acting import DataOption, OnOption, day_and_data, given
from api.points import read_day
from api.recording import check_version, under
from api.terminal import (
    ActorOption,
    AsOfOption,
    Format,
    FormatOption,
    RequestIdOption,
    app,
    law_of,
    open_books,
    show,
)
from api.who import who_records
from commands import rates
from commands.book import BookReceipt, record_in_book
from ledger.clock import danish_day
from ledger.facts.book import Certainty, RateKind
from ledger.facts.entry import Actor
from ledger.store.ledger import Ledger

Municipality = Annotated[str, typer.Argument(help="kommune, fx esbjerg")]
Year = Annotated[int, typer.Argument(metavar="YEAR", help="år, satsen gælder for")]
Act = Callable[[Ledger, Actor, str], BookReceipt]
"""What is recorded in a book by an actor, under a request id."""


@app.command()
def rate(
    municipality: Municipality,
    kind: Annotated[RateKind, typer.Argument(help="satsens art")],
    year: Year,
    source: Annotated[str, typer.Option("--source", help="hvor satsen står")],
    certainty: Annotated[Certainty, typer.Option("--certainty", help="hvor sikker den er")],
    amount_oere: Annotated[int | None, typer.Option("--amount-oere", help="beløb i øre")] = None,
    value: Annotated[int | None, typer.Option("--value", help="tal, der ikke er et beløb")] = None,
    name: Annotated[str | None, typer.Option("--name", help="satsens navn; ellers artens")] = None,
    valid_from: Annotated[
        str | None, typer.Option("--valid-from", help="første dag, når det ikke er hele året")
    ] = None,
    only_here: Annotated[bool, typer.Option("--only-here", help="kun for kommunen, ikke for hele landet")] = False,
    on: Annotated[str | None, typer.Option("--on", help="dagen den blev fundet; ellers i dag")] = None,
    as_: ActorOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Foreslår en sats; den gælder, når en anden registrator har godkendt den (rate-confirm)."""
    day = read_day(on, "--on") if on is not None else None
    data = given(
        kind=kind.value, name=name or kind.value.replace("_", "-"), year=year, valid_from=valid_from, value=value,
        amount_oere=amount_oere, source=source, certainty=certainty.value,
        municipality=municipality if only_here else None,
    )  # fmt: skip

    def act(book: Ledger, actor: Actor, request: str) -> BookReceipt:
        return rates.propose_rate(book, data, actor, on=day or book.today(), request_id=request)

    _in_book(municipality, as_, request_id, how, act)


@app.command(name="rate-confirm")
def rate_confirm(
    municipality: Municipality,
    version: Annotated[int, typer.Argument(help="forslagets version i kommunens bog")],
    as_: ActorOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Godkender en foreslået sats som en anden registrator."""

    def act(book: Ledger, actor: Actor, request: str) -> BookReceipt:
        check_version(version, "VERSION")
        return rates.confirm_rate(book, version, actor, request_id=request)

    _in_book(municipality, as_, request_id, how, act)


@app.command(name="rate-reject")
def rate_reject(
    municipality: Municipality,
    version: Annotated[int, typer.Argument(help="forslagets version i kommunens bog")],
    reason: Annotated[str, typer.Option("--reason", help="begrundelse")],
    as_: ActorOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Afviser en foreslået sats."""

    def act(book: Ledger, actor: Actor, request: str) -> BookReceipt:
        check_version(version, "VERSION")
        return rates.reject_rate(book, version, reason, actor, request_id=request)

    _in_book(municipality, as_, request_id, how, act)


@app.command(name="rates")
def rates_(
    municipality: Municipality,
    as_of: AsOfOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser satserne på en dag: hvor de står, hvor sikre de er, og hvem der har registreret dem."""
    day = read_day(as_of, "--as-of") if as_of is not None else None
    with open_books() as books:
        found = rates.rates_in_force(law_of(books, municipality), day or danish_day(books.now()))
        show(found, lambda console: print_rates(console, found), how)


@app.command(name="record-book")
def record_book(
    municipality: Municipality,
    fact_type: Annotated[str, typer.Argument(metavar="TYPE", help="MandateRegistered eller EnquiriesCounted")],
    on: OnOption,
    data: DataOption,
    as_: ActorOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Registrerer i kommunens bog, hvad der ikke hører til én sag."""
    day, asked = day_and_data(on, data)

    def act(book: Ledger, actor: Actor, request: str) -> BookReceipt:
        return record_in_book(book, fact_type, asked, actor, on=day, request_id=request)

    _in_book(municipality, as_, request_id, how, act)


def _in_book(municipality: str, as_: str | None, request_id: str | None, how: Format, act: Act) -> None:
    who = who_records(as_)
    with open_books() as books:
        book = who.book_of(books, municipality)
        with under(request_id) as request:
            receipt = act(book, who.actor, request)

        def table(console: Console) -> None:
            number = receipt.seq if receipt.seq is not None else "følger"
            told = f"som version {receipt.version} (nummer {number} i bogen)"
            console.print(f"Registreret i bogen for {book.here.dansk} {told}.")
            print_notices(console, receipt.notices)

        show(receipt, table, how)
