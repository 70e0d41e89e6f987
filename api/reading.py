"""Commands that read: the read models from a point in time, explained, compared and asked about."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from api import law_tables, shown, tables
from api.looking import Reader, View, look_at, look_at_two
from api.points import point_in, read_day
from api.terminal import (
    ActorOption,
    AsOfOption,
    Case,
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
from api.who import who_reads
from commands.access import read_purpose_text
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from replay.answers import questions
from replay.as_of import Point

Shown = tuple[Any, Callable[[Console], None]]
"""A read model as JSON shows it, and how it is drawn for people."""
_POINTS: Final = "as-of:DATO, known-at:TIDSPUNKT, version:N eller rulebook:NAVN"
_CLAIMED: Final = "Hvad der var kendt, bygger på de tidspunkter, som det importerede system har oplyst."


def reading(as_: str | None, purpose: Purpose, purpose_text: str | None) -> Reader:
    """Who looks, and why, as the options say."""
    told = read_purpose_text(purpose_text, "--purpose-text") if purpose_text is not None else None
    return Reader(who_reads(as_), purpose, told)


def look(case: str, at: Point, who: Reader, what: str, show_it: Callable[[View], Shown], how: Format) -> None:
    """Shows something of a case from a point in time, once the look is on record."""
    with open_books() as books:
        seen = look_at(books, who, case, at, what)
        value, draw = show_it(seen)
        claimed = at.known_at is not None and any(entry.source_recorded_at for entry in seen.history.recorded)

        def drawn(console: Console) -> None:
            draw(console)
            if claimed:
                console.print(_CLAIMED)

        show(value, drawn, how)


def reads_a_case(show_it: Callable[[View], Shown]) -> None:
    """Makes a command of its own of a function that shows a case."""
    name = show_it.__name__.removesuffix("_")

    def command(
        case: Case,
        as_of: AsOfOption = None,
        known_at: KnownAtOption = None,
        rulebook: RulebookOption = None,
        as_: ActorOption = None,
        purpose: PurposeOption = Purpose.DRIFT,
        purpose_text: PurposeTextOption = None,
        how: FormatOption = Format.TABLE,
    ) -> None:
        look(case, point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text), name, show_it, how)

    app.command(name=name, help=show_it.__doc__)(command)


@reads_a_case
def case(seen: View) -> Shown:
    """Viser en sag: tilstand, parter og nøgletal."""
    page = shown.case(seen)
    return page, lambda console: tables.print_case(console, page)


@reads_a_case
def history_(seen: View) -> Shown:
    """Viser sagens forløb; rettede og annullerede registreringer står der endnu."""
    rows = shown.history(seen)
    return rows, lambda console: tables.print_history(console, rows)


@reads_a_case
def decisions_(seen: View) -> Shown:
    """Viser afgørelserne: hvem, hvad, hvornår, hjemmel og klagevejledning."""
    rows = shown.decisions(seen)
    return rows, lambda console: tables.print_decisions(console, rows, seen.book.here.units)


@reads_a_case
def tilsyn_(seen: View) -> Shown:
    """Viser tilsynene: planlagt, holdt, om barnet var til stede, rapport og høring."""
    rows = shown.tilsyn(seen)
    return rows, lambda console: law_tables.print_tilsyn(console, rows)


@reads_a_case
def klager_(seen: View) -> Shown:
    """Viser klagerne og hvert skridt: genvurdering, videresendelse, Ankestyrelsen, genbehandling."""
    rows = shown.klager(seen)
    return rows, lambda console: law_tables.print_klager(console, rows)


@reads_a_case
def documents_(seen: View) -> Shown:
    """Viser de journaliserede dokumenter."""
    rows = shown.documents(seen)
    return rows, lambda console: law_tables.print_documents(console, rows)


@app.command(name="balances")
def balances_(
    case: Case,
    year: Annotated[int | None, typer.Option("--year", help="kun dette budgetår")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    rulebook: RulebookOption = None,
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser pengene: bevilget, udbetalt, dokumenteret, godkendt, egne udgifter og tilbagebetaling, post for post."""

    def show_it(seen: View) -> Shown:
        told = shown.balances(seen, year)
        return told, lambda console: law_tables.print_balances(console, told)

    look(case, point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text), "balances", show_it, how)


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
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Forklarer én frist dag for dag."""
    day = read_day(trigger, "--trigger") if trigger is not None else None

    def show_it(seen: View) -> Shown:
        found = shown.explain(seen, rule, day)

        def drawn(console: Console) -> None:
            for one in found:
                law_tables.print_explanation(console, one)

        return found, drawn

    look(case, point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text), "explain", show_it, how)


@app.command()
def diff(
    case: Case,
    from_: Annotated[
        str, typer.Option("--from", metavar="X", help="as-of:DATO, known-at:TIDSPUNKT, version:N, rulebook:NAVN")
    ],
    to: Annotated[str, typer.Option("--to", metavar="Y", help="som --from")],
    as_: ActorOption = None,
    purpose: PurposeOption = Purpose.DRIFT,
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Viser, hvad der er anderledes mellem to tidspunkter, og hvilke registreringer der gjorde det."""
    points = point_in(from_, "--from"), point_in(to, "--to")
    who = reading(as_, purpose, purpose_text)
    with open_books() as books:
        first, second = look_at_two(books, who, case, points, "diff")
        found = shown.diff(first, second)
        show(found, lambda console: law_tables.print_diff(console, found), how)


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
    purpose_text: PurposeTextOption = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Besvarer et af revisionens fyrre spørgsmål om en sag, med de registreringer svaret bygger på."""
    if listed:
        show(shown.asked(), lambda console: law_tables.print_questions(console, list(questions().values())), how)
        return
    if case is None or qid is None:
        raise Invalid(Fault("QID", "angiv sag og spørgsmål, eller se dem med: sagsbog answer --list"))
    asked = _given(given or [])

    def show_it(seen: View) -> Shown:
        found = shown.answer(seen, qid, asked)
        return found, lambda console: law_tables.print_answer(console, found)

    look(case, point(as_of, known_at, rulebook), reading(as_, purpose, purpose_text), "answer", show_it, how)


def _given(options: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in options:
        name, is_given, value = option.partition("=")
        if not is_given or not name or not value or name in found:
            raise Invalid(Fault(option, "skal have formen NAVN=VÆRDI, og hvert navn kun én gang"))
        found[name] = value
    return found
