"""Commands for acts of several facts on a case, and for what the system's clock records."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from api import shown
from api.act_tables import print_plan, print_settlement, print_ticks
from api.looking import View, find_to_write
from api.points import read_day
from api.reading import Shown, look, reading
from api.recording import OnBehalfOfOption, print_receipt, read_asked, read_on_behalf_of, under
from api.terminal import (
    ActorOption,
    AsOfOption,
    Case,
    Format,
    FormatOption,
    KnownAtOption,
    PurposeOption,
    PurposeTextOption,
    RequestIdOption,
    app,
    open_books,
    point,
    say,
    show,
)
from api.who import who_records
from commands import accounts, hjemvisning
from commands.annual_decision import annual_decision
from commands.record import Receipt
from commands.system_clock import tick
from ledger.facts.book import Purpose
from ledger.facts.entry import Actor
from ledger.facts.fact import Channel
from ledger.store.ledger import Ledger

R = TypeVar("R")
Act = Callable[[Ledger, UUID, Actor, str], R]
"""What is done on a case by an actor, under a request id."""
Year = Annotated[int, typer.Argument(metavar="YEAR", help="budgetår")]
SentOption = Annotated[str, typer.Option("--on", help="dagen brevet blev sendt")]
OnOption = Annotated[str, typer.Option("--on", help="dagen det skete")]
DataOption = Annotated[str, typer.Option("--data", help="JSON eller @FIL")]
ChannelOption = Annotated[Channel, typer.Option("--channel", help="hvordan brevet blev sendt")]
ToOption = Annotated[list[str], typer.Option("--to", help="part, som brevet blev sendt til; kan gentages")]
IfVersionOption = Annotated[int | None, typer.Option("--if-version", help="kun hvis sagen er på denne version")]


@app.command(name="annual-decision")
def annual_decision_(
    case: Case,
    on: SentOption,
    data: DataOption,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Afgør et års budget post for post i ét brev, og viser planen for raterne."""
    day, asked = day_and_data(on, data)
    mandate = read_on_behalf_of(on_behalf_of)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Any:
        return annual_decision(
            book, case_id, asked, actor, on=day, request_id=request, if_version=if_version,
            on_behalf_of=mandate,
        )  # fmt: skip

    receipt = _done(case, as_, request_id, act)
    print_receipt(receipt, how)
    if how is Format.TABLE:
        show(receipt, lambda console: print_plan(console, receipt.instalments), how)


@app.command()
def settlement(
    case: Case,
    year: Year,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvad et budgetår afregnes til: post for post, og hvad der ikke godkendes og hvorfor."""

    def show_it(seen: View) -> Shown:
        settled = shown.settlement(seen, year)
        return settled, lambda console: print_settlement(console, settled)

    look(case, point(as_of, known_at), reading(as_, purpose, purpose_text), "settlement", show_it, how)


@app.command(name="settlement-review")
def settlement_review(
    case: Case,
    year: Year,
    on: OnOption,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Registrerer gennemgangen af et års regnskab, som det er beregnet."""
    day = read_day(on, "--on")
    mandate = read_on_behalf_of(on_behalf_of)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return accounts.review(
            book, case_id, year, actor, on=day, request_id=request, if_version=if_version,
            on_behalf_of=mandate,
        )  # fmt: skip

    print_receipt(_done(case, as_, request_id, act), how)


@app.command(name="settlement-hear")
def settlement_hear(
    case: Case,
    year: Year,
    on: SentOption,
    channel: ChannelOption,
    to: ToOption,
    answer_due: Annotated[
        str | None, typer.Option("--answer-due", help="sidste dag at svare, hvis sat særskilt")
    ] = None,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Hører familien om det beregnede krav; gennemgangen følger med, når den ikke er registreret."""
    day = read_day(on, "--on")
    asked = given(channel=channel.value, to=to, answer_due_on=answer_due)
    mandate = read_on_behalf_of(on_behalf_of)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return accounts.hear(
            book, case_id, year, asked, actor, on=day, request_id=request, if_version=if_version,
            on_behalf_of=mandate,
        )  # fmt: skip

    print_receipt(_done(case, as_, request_id, act), how)


@app.command(name="settlement-decide")
def settlement_decide(
    case: Case,
    year: Year,
    on: SentOption,
    data: DataOption,
    on_behalf_of: OnBehalfOfOption = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Afgør et års regnskab, med kravet når der er noget at betale tilbage."""
    day, asked = day_and_data(on, data)
    mandate = read_on_behalf_of(on_behalf_of)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return accounts.decide(
            book, case_id, year, asked, actor, on=day, request_id=request, if_version=if_version,
            on_behalf_of=mandate,
        )  # fmt: skip

    print_receipt(_done(case, as_, request_id, act), how)


@app.command()
def reopen(
    case: Case,
    on: OnOption,
    basis: Annotated[str, typer.Option("--basis", help="hvad der skal behandles igen")],
    expected_on: Annotated[str | None, typer.Option("--expected-on", help="dag, ny afgørelse er lovet")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="grunden til, at det varer til den dag")] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="hvordan det blev meddelt")] = None,
    to: Annotated[list[str] | None, typer.Option("--to", help="part, det blev meddelt; kan gentages")] = None,
    as_: ActorOption = None,
    if_version: IfVersionOption = None,
    request_id: RequestIdOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Tager det op igen, som Ankestyrelsen har hjemvist, og meddeler den forventede dag, når den gives."""
    day = read_day(on, "--on")
    promised = given(new_expected_on=expected_on, reason=reason, channel=channel and channel.value, to=to)
    asked = given(basis=basis, promised=promised or None)

    def act(book: Ledger, case_id: UUID, actor: Actor, request: str) -> Receipt:
        return hjemvisning.reopen(book, case_id, asked, actor, on=day, request_id=request, if_version=if_version)

    print_receipt(_done(case, as_, request_id, act), how)


@app.command()
def clock(
    municipality: Annotated[str | None, typer.Argument(help="kun denne kommune")] = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Registrerer, hvad tiden alene har gjort: ubesvarede høringer og hjemmetræning, der er ophørt ved 18 år."""
    with open_books() as books:
        asked = books.existing() if municipality is None else filter(None, [books.made(municipality)])
        ticks = [one for book in asked for one in tick(book)]
        show(ticks, lambda console: print_ticks(console, ticks), how)
    failed = [one for one in ticks if one.version is None]
    for one in failed:
        say(f"{one.case_number}: {one.sentence}")
    if failed:
        raise typer.Exit(1)


def given(**members: Any) -> dict[str, Any]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def day_and_data(on: str, data: str) -> tuple[date, Mapping[str, Any]]:
    """The day and the JSON object of the command line."""
    asked = read_asked("", on, data, None, None)
    return asked.occurred_on, asked.data


def _done(case: str, as_: str | None, request_id: str | None, act: Act[R]) -> R:
    who = who_records(as_)
    with open_books() as books:
        book, case_id = find_to_write(books, who, case)
        with under(request_id) as request:
            return act(book, case_id, who.actor, request)
