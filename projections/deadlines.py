"""Deadlines: one row for each running of a rule, and where it stands on the day it is asked about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    String,
    Table,
    and_,
    or_,
    select,
    true,
)

from ledger.facts.history import History
from ledger.law.deadline import Deadline, Status, days_late, notice_in_time, status
from ledger.law.deadlines import changes_after, deadlines, with_birthdays_ahead
from ledger.law.law import Law
from ledger.law.rule import Kind, Rule
from ledger.store.ledger import Ledger
from ledger.store.vault import Vault
from projections.tables import Private, members, opened, sealed_column, table

__all__ = ["DeadlineRow", "as_contract", "changes_after", "listed", "tell"]


@dataclass(frozen=True)
class DeadlineRow:
    """One deadline on the asked day."""

    rule: str
    title: str
    trigger_on: date
    due_on: date | None
    met_on: date | None
    """Null when it was stopped before it was met."""
    status: Status
    days_late: int
    extended_to: date | None
    notice_in_time: bool | None
    obliged: str
    kind: Kind
    entries: tuple[int, ...]


def tell(history: History, law: Law) -> Iterator[DeadlineRow]:
    """The deadlines of a case, by due date."""
    return (_row(one, history.as_of) for one in deadlines(history, law))


def as_contract(row: DeadlineRow) -> dict[str, Any]:
    """The row under the names that scripts rely on: `class` is no name in Python."""
    return {"class" if name == "kind" else name: value for name, value in vars(row).items()}


TABLE: Final[Table] = table(
    "deadlines",
    Column("rule", String, nullable=False),
    Column("owed_by", String, nullable=False),  # the rule that says who must act
    Column("started_by", Integer, nullable=False),  # version
    Column("trigger_on", Date),  # all days are null in a row that holds them sealed
    Column("due_on", Date, index=True),
    Column("measured_by", Date),
    Column("met_on", Date),
    Column("stop_on", Date),
    Column("extended_to", Date),
    Column("first_notice_on", Date),
    sealed_column("days"),
    Column("entries", JSON, nullable=False),
)
_DAYS: Final = ("trigger_on", "due_on", "measured_by", "met_on", "stop_on", "extended_to", "first_notice_on")


def stored(history: History, law: Law) -> Iterator[Mapping[str, Any]]:
    """The deadlines with their days; where each stands is a question of the day it is asked.

    Those that run from a birthday tell a date of birth: their days are sealed for the child. So is whether they have
    appeared, and they come last, so that their place among the others tells nothing.
    """
    told = with_birthdays_ahead(history, law)
    for one in sorted(told, key=lambda one: one.rule.birthday is not None):
        days = _sealed(one) if one.rule.birthday else {"days": None}
        yield members(
            TABLE, one, rule=one.rule.slug, owed_by=one.owed_by.slug, started_by=one.started_by.version,
            entries=list(one.entries), **days,
        )  # fmt: skip


def _sealed(one: Deadline) -> dict[str, Any]:
    """What a row has in the place of its days, when they are the child's alone."""
    days = {name: getattr(one, name) for name in (*_DAYS, "appears_on")}
    child = one.started_by.subjects[one.started_by.fact.party]
    return dict.fromkeys(_DAYS) | {"days": Private(child, days)}


@dataclass(frozen=True)
class Kept:
    """A deadline as its table has it."""

    rule: Rule
    owed_by: Rule
    trigger_on: date
    due_on: date | None
    measured_by: date | None
    met_on: date | None
    stop_on: date | None
    extended_to: date | None
    first_notice_on: date | None
    version: int
    """Of the entry that set it running."""
    entries: tuple[int, ...]

    @property
    def kind(self) -> Kind:
        """What it means when it passes."""
        return self.rule.kind

    @property
    def notice(self) -> bool:
        """Whether a delay must be told."""
        return self.rule.notice


def may_be(stands: Status | None, due_before: date | None, today: date) -> ColumnElement[bool]:
    """Leaves out rows that cannot stand so today, or run out before a day; never those whose days are sealed."""
    met = TABLE.c.met_on <= today
    passed = TABLE.c.measured_by < today
    by_status: dict[Status | None, ColumnElement[bool]] = {
        None: true(), Status.MET: met, Status.MET_LATE: met, Status.STOPPED: TABLE.c.stop_on <= today,
        Status.RUNNING: or_(TABLE.c.measured_by.is_(None), ~passed),
    }  # fmt: skip
    early = true() if due_before is None else TABLE.c.due_on < due_before
    return or_(TABLE.c.trigger_on.is_(None), and_(by_status.get(stands, passed), early))


def listed(
    connection: Connection,
    ledger: Ledger,
    cases: Sequence[UUID] | None = None,
    only: ColumnElement[bool] | None = None,
) -> Iterator[tuple[UUID, list[DeadlineRow]]]:
    """The deadlines of each case that has any, or of those named, as they stand today. As the table has them.

    Those that run from the birthday of a child whose key is gone are gone with it. `only`: of which rows.
    """
    law, today = ledger.law(), ledger.today()
    ledger.vault.refresh()
    query = select(TABLE).order_by(TABLE.c.case_id, TABLE.c.line)
    asked = [*([TABLE.c.case_id.in_(cases)] if cases is not None else []), *([only] if only is not None else [])]
    kept = connection.execute(query.where(*asked))
    for case_id, rows in groupby(kept, key=attrgetter("case_id")):
        found = [one for row in rows if (one := _kept(row, ledger.vault, law, today))]
        yield case_id, [_row(one, today) for one in sorted(found, key=_order)]


def _kept(row: Row[Any], vault: Vault, law: Law, today: date) -> Kept | None:
    """A row as it was told; None when its days have been erased, or it has not appeared yet."""
    days = {name: getattr(row, name) for name in _DAYS}
    if days["trigger_on"] is None:
        private = opened(vault, row.days)
        if private is None or date.fromisoformat(private.pop("appears_on")) > today:
            return None
        days = {name: date.fromisoformat(day) if day else None for name, day in private.items()}
    rule, owed_by = (law.rule(slug, days["trigger_on"]) for slug in (row.rule, row.owed_by))
    return Kept(rule=rule, owed_by=owed_by, version=row.started_by, entries=tuple(row.entries), **days)


def _order(one: Kept) -> tuple[date, str, date, date, int]:
    return (one.due_on or date.max, one.rule.slug, one.trigger_on, one.met_on or date.max, one.version)


def _row(one: Deadline | Kept, on: date) -> DeadlineRow:
    stands = status(one, on)
    return DeadlineRow(
        rule=one.rule.slug,
        title=one.rule.dansk,
        trigger_on=one.trigger_on,
        due_on=one.due_on,
        met_on=None if stands is Status.STOPPED else one.met_on,
        status=stands,
        days_late=days_late(one, on),
        extended_to=one.extended_to,
        notice_in_time=notice_in_time(one, on),
        obliged=one.owed_by.obliged,
        kind=one.rule.kind,
        entries=one.entries,
    )
