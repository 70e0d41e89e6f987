"""A case on one page: where it stands, who takes part, and its numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Integer, String, Table, select

from ledger.facts.case import Case, fold
from ledger.facts.decision import HjemmetraeningApproved, HjemmetraeningRefused
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.intake import ApplicationReceived, ApplicationWithdrawn
from ledger.facts.klage import KlageKind, KlageReceived
from ledger.facts.tilsyn import TilsynHeld
from ledger.law.counting import months_after
from ledger.law.deadlines import deadlines
from ledger.law.law import Law
from ledger.law.period import period_of
from projections.parties import PartyRow
from projections.parties import tell as tell_parties
from projections.tables import members, table


@dataclass(frozen=True)
class CaseRow:
    """One line of the list of cases."""

    case_number: str
    case_id: UUID
    municipality: str
    state: str
    state_since: date | None
    version: int
    opened_on: date
    child: str
    as_of: date


@dataclass(frozen=True)
class CasePage(CaseRow):
    """A whole case."""

    tracked_from: date
    law_period: str | None
    parties: tuple[PartyRow, ...]
    metrics: dict[str, int | bool]
    entries: tuple[int, ...]


def tell_row(history: History) -> CaseRow:
    """The case in one line."""
    return CaseRow(**_line(history, fold(history)))


def tell(history: History, law: Law) -> CasePage:
    """The case on one page."""
    case = fold(history)
    opened = case.lifecycle.opened
    assert opened is not None
    return CasePage(
        **_line(history, case),
        tracked_from=opened.fact.tracked_from or opened.fact.opened_on,
        law_period=period_of(history.as_of),
        parties=tuple(tell_parties(case.lifecycle.parties)),
        metrics=metrics(history, law),
        entries=tuple(sorted(entry.version for entry in history.told)),
    )


def _line(history: History, case: Case) -> dict[str, Any]:
    opened = case.lifecycle.opened
    assert opened is not None, "a history that is told begins with CaseOpened"
    return {
        "case_number": opened.fact.case_number,
        "case_id": opened.case_id,
        "municipality": opened.municipality,
        "state": case.state,
        "state_since": case.state_since,
        "version": history.version,
        "opened_on": opened.fact.opened_on,
        "child": opened.fact.child,
        "as_of": history.as_of,
    }


def metrics(history: History, law: Law) -> dict[str, int | bool]:
    """The case's numbers (REPORTS §1-2). Durations only for an application that the ledger itself followed to now."""
    complaints = (entry for entry in history.of(KlageReceived) if entry.fact.kind is KlageKind.DECISION)
    grants = (entry for entry in history.of(HjemmetraeningApproved) if entry.fact.ends_on)
    late = [one for one in deadlines(history, law) if one.days_late(history.as_of)]
    return {
        **_duration(history),
        "tilsyn_held": _count(history.of(TilsynHeld)),
        "overruns": len(late),
        "overruns_with_notice": sum(one.notice_in_time(history.as_of) is True for one in late),
        "complaints": _count(complaints),
        "time_limited_grants": _count(grants),
        "events": len(history.told),
    }


def _count(entries: Iterable[object]) -> int:
    return sum(1 for _ in entries)


def _duration(history: History) -> dict[str, int | bool]:
    application = _followed(history)
    if application is None:
        return {}
    sent = _sent(history, application)
    ended = sent[0] if sent else history.as_of
    since = application.occurred_on
    days = (
        {"first_decision_days": (sent[0] - since).days, "final_decision_days": (sent[-1] - since).days} if sent else {}
    )
    return days | {f"over_{months}_months": ended > months_after(since, months) for months in (9, 12, 18)}


def _followed(history: History) -> Entry[ApplicationReceived] | None:
    """The first application that was not taken back before it was decided (REPORTS §1)."""
    withdrawn = {version for entry in history.of(ApplicationWithdrawn) for version in entry.pointers("application")}
    applied = (entry for entry in history.of(ApplicationReceived) if not history.is_migrated(entry))
    return next((one for one in applied if one.version not in withdrawn or _sent(history, one)), None)


def _sent(history: History, application: Entry[ApplicationReceived]) -> list[date]:
    """The days of the decisions on an application."""
    decisions = chain(history.of(HjemmetraeningApproved), history.of(HjemmetraeningRefused))
    return sorted(one.occurred_on for one in decisions if one.pointer("application") == application.version)


TABLE: Final[Table] = table(
    "cases",
    Column("case_number", String, nullable=False, index=True),
    Column("municipality", String, nullable=False),
    Column("state", String, nullable=False),
    Column("state_since", Date),
    Column("version", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("child", String, nullable=False),
)


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The case's line."""
    yield members(TABLE, tell_row(history))


def listed(
    connection: Connection, on: date, *, since: str = "", state: str | None = None, most: int | None = None
) -> Iterator[CaseRow]:
    """The cases as the table has them, by number; `on` is the day it was told for.

    `since`: the first number asked for. `state`: only the cases in it. `most`: no more than so many.
    """
    number = TABLE.c.case_number if connection.dialect.name == "sqlite" else TABLE.c.case_number.collate("C")
    query = select(TABLE).where(number >= since).order_by(number).limit(most)
    for row in connection.execute(query if state is None else query.where(TABLE.c.state == state)):
        yield CaseRow(**{name: value for name, value in row._mapping.items() if name != "line"}, as_of=on)  # noqa: SLF001  (a public name of SQLAlchemy)


def numbers(connection: Connection, cases: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of some cases, as the table has them."""
    query = select(TABLE.c.case_id, TABLE.c.case_number).where(TABLE.c.case_id.in_(cases))
    return {row.case_id: row.case_number for row in connection.execute(query)}


def changes_after(history: History, _law: object) -> date | None:
    """The first later day from which a move counts that was decided already."""
    days = (entry.fact.moves_on(entry.occurred_on) for entry in history.told)
    return min((day for day in days if day > history.as_of), default=None)
