"""Deadlines, money and findings as tables for people."""

from collections.abc import Iterable, Sequence
from datetime import date
from inspect import Parameter
from itertools import groupby
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding

from api.tables import by_number, counted, new_table, styled
from ledger.facts.case import STATES
from ledger.facts.sentence import danish_day, kroner, listed, read_aloud
from ledger.law.deadline import Status
from ledger.law.rule import Side
from projections.balances import Balances, PostRow, TotalRow
from projections.deadlines import DeadlineRow
from projections.documents import DocumentRow
from projections.findings import FindingRow
from projections.klager import KlageRow
from projections.tilsyn import TilsynRow
from replay.answers import Answer, Question
from replay.diff import Change, Diff
from replay.explain import Closed, Explanation, Step

_INDENT = (0, 0, 0, 2)
_SIDES: Final = {side.value: side.dansk for side in Side}
_LATE = (Status.MET_LATE, Status.OVERDUE)


def print_deadlines(console: Console, rows: Sequence[DeadlineRow]) -> None:
    """Deadlines, a line each."""
    if not rows:
        console.print("Der er ingen frister.")
        return
    table = new_table("Frist", "Løber fra", "Udløber", "Opfyldt", "Status, og hvem fristen påhviler")
    table.columns[0].min_width = _whole((row.rule for row in rows), console)
    for row in rows:
        table.add_row(
            styled(f"{row.title}\n", (row.rule, "dim")),
            row.trigger_on.isoformat(),
            _due(row),
            row.met_on.isoformat() if row.met_on else "–",
            styled((_status(row), "bold" if row.status in _LATE else ""), (f"\n{row.obliged}", "dim")),
        )
    console.print(table)


def _whole(rules: Iterable[str], console: Console) -> int:
    """A column's width that keeps rules in one piece, so that they can be copied, where there is room for it."""
    return min(max(map(len, rules)), console.width // 3)


def _due(row: DeadlineRow) -> str:
    due = row.due_on.isoformat() if row.due_on else "ikke fastsat"
    return f"{due}\n→ {row.extended_to.isoformat()}" if row.extended_to else due


def _status(row: DeadlineRow) -> str:
    told = {True: "; der er givet besked i tide", False: "; der er ikke givet besked i tide", None: ""}
    return f"{_late(row.status, row.days_late)}{told[row.notice_in_time]}"


def _late(status: Status, days: int) -> str:
    """A status with the days it is too late by: opfyldt for sent, 8 dage."""
    return f"{status.dansk}, {days} {'dag' if days == 1 else 'dage'}" if days else status.dansk


def print_explanation(console: Console, one: Explanation) -> None:
    """One deadline, told from its beginning."""
    console.print(styled((one.title, "bold"), f" · {one.rule}"))
    console.print(Padding(styled(one.says), _INDENT))
    quote = f" (”{one.quote}”)" if one.quote else ""
    _line(console, "Kilde", f"{one.source}{quote}")
    if one.remark:
        _line(console, "Bemærk", one.remark)
    _line(console, "Påhviler", one.obliged)
    _line(console, "Løber fra", f"{danish_day(one.trigger_on)}, fordi: {_step(one.because)}")
    _line(console, "Længde", one.length)
    _closed(console, "Talt forbi", one.not_counted)
    if one.rolled_over:
        _closed(console, f"Udløb {danish_day(one.rolled_over[0].day)}, men rykket forbi", one.rolled_over)
    _line(console, "Udløber", danish_day(one.due_on) if one.due_on else "ikke fastsat")
    for step in one.extensions:
        new = f" Ny dato: {danish_day(step.new_date)}." if step.new_date else ""
        _line(console, "Forlænget", f"{_step(step)}{new}")
    _notice(console, one)
    for step in one.met_by:
        _line(console, "Opfyldt ved", _step(step))
    if one.stopped_by and one.stop_on:
        _line(console, "Standset", f"{danish_day(one.stop_on)}: {_step(one.stopped_by)}")
    _line(console, f"Pr. {danish_day(one.as_of)}", _late(one.status, one.days_late))
    _print_waited(console, one)


def _step(step: Step) -> str:
    return f"{step.sentence} ({danish_day(step.occurred_on)}, version {step.version})"


def _closed(console: Console, label: str, days: Iterable[Closed]) -> None:
    told = [f"{danish_day(one.day)} ({one.reason})" for one in days]
    if told:
        _line(console, label, listed(told))


def _notice(console: Console, one: Explanation) -> None:
    if one.notice_in_time is not None:
        told = "Familien fik skriftlig besked" if one.notice_in_time else "Familien fik ikke skriftlig besked"
        _line(console, "Besked", f"{told}, før fristen udløb.")


def _print_waited(console: Console, one: Explanation) -> None:
    if not one.waited:
        return
    console.print(Padding(styled((f"Hvem ventede sagen på i de {one.days} kalenderdage?", "bold")), _INDENT))
    table = new_table("Fra", "Til", "Dage", "Ventede på", "Regel")
    table.columns[-1].min_width = _whole((day.rule for day in one.waited), console)
    for (who, rule), group in groupby(one.waited, key=lambda day: (day.on, day.rule)):
        days = list(group)
        table.add_row(days[0].day.isoformat(), days[-1].day.isoformat(), str(len(days)), who, rule)
    console.print(Padding(table, _INDENT))
    sums = listed(f"{_SIDES[side]} {count}" for side, count in one.waited_by_side.items())
    _line(console, "Dage i alt", f"{sums}; tilsammen {one.days}")


def _line(console: Console, label: str, value: str) -> None:
    console.print(Padding(styled((f"{label}: ", "dim"), value), _INDENT))


def oere_shown(oere: int | None) -> str:
    """An amount in a column: 1.234,50."""
    return "–" if oere is None else kroner(oere).removesuffix(" kr.")


def print_findings(console: Console, rows: Sequence[FindingRow]) -> None:
    """What should be looked at, in the order it happened."""
    if not rows:
        console.print("Der er intet at bemærke.")
        return
    table = new_table("Dag", "Ver.", "Nr.", "Kode", "Bemærkning")
    for row in rows:
        table.add_row(row.occurred_on.isoformat(), str(row.version), row.guard or "–", row.flag or "–", row.sentence)
    console.print(table)


def print_tilsyn(console: Console, rows: Sequence[TilsynRow]) -> None:
    """The tilsyn of a case, planned and held."""
    table = new_table("Tilsyn", "Planlagt", "Holdt", "Barnet til stede", "Rapport", "Høring")
    for row in rows:
        there = read_aloud(row.child_present) + (f" ({row.child_absent_reason})" if row.child_absent_reason else "")
        steps = (_version(row.report), _version(row.hearing))
        table.add_row(row.kind.dansk, _day(row.planned_on), _day(row.held_on), there, *steps)
    console.print(table if rows else "Der er ingen tilsyn.")


def print_klager(console: Console, rows: Sequence[KlageRow]) -> None:
    """The complaints of a case, each with its steps."""
    table = new_table("Klage", "Modtaget", "Over", "Genvurdering", "Sendt videre", "Ankestyrelsen", "Genbehandling")
    for row in rows:
        told = f" ({row.genvurdering_resultat.dansk})" if row.genvurdering_resultat else ""
        udfald = f" ({row.udfald.dansk})" if row.udfald else ""
        table.add_row(
            f"{row.kind.dansk}{', trukket' if row.withdrawn else ''} ({_version(row.version)})",
            _day(row.received_on),
            _version(row.decision),
            f"{_day(row.genvurdering_on)}{told}",
            _day(row.forwarded_on),
            f"{_day(row.ankestyrelsen_received_on)}{udfald}",
            _day(row.reopened_on),
        )
    console.print(table if rows else "Der er ingen klager.")


def print_documents(console: Console, rows: Sequence[DocumentRow]) -> None:
    """The documents of a case."""
    table = new_table("Dokument", "Titel", "Art", "Dateret", "Modtaget", "Følsomhed")
    for row in rows:
        days = (_day(row.dated_on), _day(row.received_on))
        table.add_row(row.document, str(row.title), row.kind.dansk, *days, row.sensitivity.dansk)
    console.print(table if rows else "Der er ingen dokumenter.")


def _day(day: date | None) -> str:
    return day.isoformat() if day else "–"


def _version(version: int | None) -> str:
    return "–" if version is None else f"version {version}"


def print_balances(console: Console, told: Balances) -> None:
    """The money of each year, post by post, and the claim for what was not used."""
    if not told.balances and not told.repayment:
        console.print("Der er ingen bevillinger eller udgifter.")
    for year, row in told.balances.items():
        console.print(styled((f"Budgetår {year} (beløb i kr.)", "bold")))
        table = new_table("Post", *_AMOUNTS, right=_AMOUNTS)
        for post, figures in sorted(row.posts.items(), key=lambda one: by_number(one[0])):
            table.add_row(_post(post, figures), *_figures(figures))
        table.add_row(styled(("I alt", "bold")), *_figures(row.total))
        console.print(table)
        total = row.total
        _line(console, "Heraf udbetalt i rater", kroner(total.instalments_oere))
        _line(console, "Kommunens udgift", kroner(total.cost_oere))
        _line(console, "Dokumenteret, men ikke dækket", kroner(total.uncovered_oere))
        _line(console, "Årets loft", _cap(total))
    for year, claim in told.repayment.items():
        console.print(styled((f"Tilbagebetaling for {year}", "bold")))
        for label, oere in (
            ("Hørt om", claim.heard_oere),
            ("Rejst", claim.issued_oere),
            ("Ændret til", claim.adjusted_to_oere),
            ("Modtaget", claim.received_oere),
            ("Udestår", claim.outstanding_oere),
        ):
            _line(console, label, "–" if oere is None else kroner(oere))


_AMOUNTS: Final = ("Bevilget", "Udbetalt", "Doku-\nmenteret", "Godkendt", "Egen\nudgift", "Tilbage-\nbetales")


def _post(post: str, row: PostRow) -> str:
    return f"{post} {row.name or ''}{f' ({row.option.dansk})' if row.option else ''}"


def _figures(row: PostRow | TotalRow) -> list[str]:
    oere = (
        row.approved_oere, row.paid_oere, row.documented_oere, row.accepted_oere, row.own_cost_oere, row.repay_oere
    )  # fmt: skip
    return [oere_shown(one) for one in oere]


def _cap(total: TotalRow) -> str:
    if total.cap_oere is None or total.headroom_oere is None:
        return "ikke registreret; der kan ikke bevilges, før satsen er registreret med kilde"
    return f"{kroner(total.cap_oere)}, heraf ubrugt {kroner(total.headroom_oere)}"


MODELS: Final = {
    "case": "Sagen",
    "parties": "Part",
    "history": "Forløb, version",
    "decisions": "Afgørelse, version",
    "deadlines": "Frist",
    "balances": "Budget",
    "repayments": "Tilbagebetaling",
    "findings": "Bemærkning",
    "tilsyn": "Tilsyn",
    "klager": "Klage",
    "documents": "Dokument",
}
"""Read models as people read them."""
_CHANGES: Final = {Change.ADDED: "kommet til", Change.REMOVED: "faldet bort", Change.CHANGED: "ændret"}


def print_diff(console: Console, found: Diff) -> None:
    """What changed between two points, and which entries did it."""
    console.print(
        f"Fra {danish_day(found.from_day)} (version {found.from_version})"
        f" til {danish_day(found.to_day)} (version {found.to_version})."
    )
    for one in found.changes:
        if one.model == "history":  # its entries are told below
            continue
        by = f"version {counted(one.entries)}" if one.entries else "alene fordi tiden er gået"
        console.print(styled((f"{MODELS[one.model]} {one.row}".strip(), "bold"), f" {_CHANGES[one.change]} ({by})"))
        for field in one.fields if one.change is Change.CHANGED else ():
            name = _FIELDS.get(field.name, field.name)
            before, after = _different(field.before, field.after)
            _line(console, name, f"{_value(before, field.name)} → {_value(after, field.name)}")
    if not found.changes:
        console.print("Intet er anderledes.")
    for cause in found.entries:
        _line(console, f"Version {cause.version}, {danish_day(cause.occurred_on)}", cause.sentence)


_FIELDS: Final = {
    "accepted_oere": "godkendt", "adjusted_to_oere": "ændret til", "approved_oere": "bevilget",
    "cap_oere": "loft", "child_present": "barnet til stede", "complaints": "klager", "cost_oere": "kommunens udgift",
    "days_late": "dage for sent", "documented_oere": "dokumenteret", "due_on": "udløber", "events": "registreringer",
    "extended_to": "forlænget til", "final_decision_days": "dage til sidste afgørelse",
    "first_decision_days": "dage til første afgørelse", "headroom_oere": "ubrugt af loftet",
    "health_professional": "sundhedsfaglig deltog", "hearing": "partshøring", "heard_oere": "hørt om", "held": "holdt",
    "held_on": "holdt den", "instalments_oere": "udbetalt i rater", "issued_oere": "rejst", "law_period": "lovperiode",
    "met_on": "opfyldt", "metrics": "nøgletal", "notice_in_time": "besked i tide", "outstanding_oere": "udestår",
    "over_9_months": "over 9 måneder", "over_12_months": "over 12 måneder", "over_18_months": "over 18 måneder",
    "overruns": "overskredne frister", "overruns_with_notice": "heraf med besked i tide",
    "own_cost_oere": "egen udgift", "paid_oere": "udbetalt", "planned_on": "planlagt til", "received_oere": "modtaget",
    "repay_oere": "tilbagebetales", "report": "rapport", "state": "tilstand", "state_since": "siden",
    "status": "status", "tilsyn_held": "tilsyn holdt", "time_limited_grants": "tidsbegrænsede bevillinger",
    "uncovered_oere": "ikke dækket", "units": "enheder",
}  # fmt: skip
"""Columns as people read them."""


def _different(before: Any, after: Any) -> tuple[Any, Any]:
    """Of two sets of numbers, those that differ."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return before, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def _value(value: Any, name: str = "") -> str:
    if isinstance(value, dict):
        return listed(f"{_FIELDS.get(one, one)} {_value(number, one)}" for one, number in value.items())
    if name == "state":
        return STATES[value]
    return read_aloud(value, "oere" if name.endswith("_oere") else None)


def print_questions(console: Console, asked: Sequence[Question]) -> None:
    """The forty questions."""
    table = new_table("Nr.", "Spørgsmål", "Tager")
    for one in asked:
        takes = [name if parameter.default is Parameter.empty else f"[{name}]" for name, parameter in one.takes.items()]
        table.add_row(one.id, one.asks, " ".join(takes))
    console.print(table)


def print_answer(console: Console, found: Answer) -> None:
    """An answer with what it rests on."""
    console.print(styled((f"{found.id} {found.question}", "bold")))
    console.print(styled(found.answer))
    for lack in found.missing:
        _line(console, "Mangler", lack)
    for one in found.entries:
        claimed = f"; ifølge kilden {one.source_recorded_at:%Y-%m-%d %H:%M} UTC" if one.source_recorded_at else ""
        recorded = f"registreret {one.recorded_at:%Y-%m-%d %H:%M} UTC{claimed} af {one.recorded_by.name}"
        _line(console, f"Version {one.version}, {danish_day(one.occurred_on)}", f"{one.sentence} ({recorded})")
        _line(console, "  segl", one.seal)
    _line(console, "Spurgt pr.", f"{danish_day(found.as_of)}, version {found.version}, regelsæt {found.rulebook[:12]}")
