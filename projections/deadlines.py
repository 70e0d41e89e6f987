"""Deadlines: one row for each running of a rule, and where it stands on the day it is asked about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, Date, Integer, String, Table, select

from ledger.facts.history import History
from ledger.law.deadline import Deadline, Status, days_late, notice_in_time, status
from ledger.law.deadlines import changes_after, deadlines
from ledger.law.law import Law
from ledger.law.rule import Kind, Rule
from projections.tables import members, table

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
    Column("trigger_on", Date, nullable=False),
    Column("due_on", Date, index=True),
    Column("measured_by", Date),
    Column("met_on", Date),
    Column("stop_on", Date),
    Column("extended_to", Date),
    Column("first_notice_on", Date),
    Column("entries", JSON, nullable=False),
)


def stored(history: History, law: Law) -> Iterator[Mapping[str, Any]]:
    """The deadlines with their days; where each stands is a question of the day it is asked.

    Not those that run from a birthday: their days would tell a date of birth, which is sealed.
    """
    for one in deadlines(history, law):
        if not one.rule.birthday:
            yield members(
                TABLE, one, rule=one.rule.slug, owed_by=one.owed_by.slug, started_by=one.started_by.version,
                entries=list(one.entries),
            )  # fmt: skip


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
    entries: tuple[int, ...]

    @property
    def kind(self) -> Kind:
        """What it means when it passes."""
        return self.rule.kind

    @property
    def notice(self) -> bool:
        """Whether a delay must be told."""
        return self.rule.notice


def listed(connection: Connection, law: Law, on: date) -> Iterator[tuple[UUID, DeadlineRow]]:
    """The deadlines of all cases as they stand on a day, each with its case. As the table has them."""
    for row in connection.execute(select(TABLE).order_by(TABLE.c.case_id, TABLE.c.line)):
        kept = Kept(
            law.rule(row.rule, row.trigger_on), law.rule(row.owed_by, row.trigger_on), row.trigger_on, row.due_on,
            row.measured_by, row.met_on, row.stop_on, row.extended_to, row.first_notice_on, tuple(row.entries),
        )  # fmt: skip
        yield row.case_id, _row(kept, on)


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
