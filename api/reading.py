"""Commands that read: the read models from a point in time, explained, compared and asked about."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

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
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.facts.case import fold
from ledger.facts.entry import Actor
from projections import balances, cases, decisions, documents, history, klager, tilsyn
from projections.parties import names_in
from replay.answers import answer as answer_question
from replay.answers import questions
from replay.as_of import Point, Sight, sight
from replay.diff import diff as compare
from replay.explain import explain as explain_deadline

Shown = tuple[Any, Callable[[Console], None]]
"""A read model as JSON shows it, and how it is drawn for people."""
_POINTS: Final = "as-of:DATO, known-at:TIDSPUNKT, version:N eller rulebook:NAVN"
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
