"""One running of a deadline rule in a case, and where it stands on a day (RULES §1.1)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from ledger.facts.entry import Entry
from ledger.facts.values import Slug
from ledger.law.rule import Kind, Rule


class Status(Slug):
    """Where a deadline stands on the day it is asked about."""

    RUNNING = "running", "løber"
    MET = "met", "overholdt"
    MET_LATE = "met_late", "opfyldt for sent"
    OVERDUE = "overdue", "overskredet"
    LAPSED = "lapsed", "bortfaldet"
    UNANSWERED = "unanswered", "ubesvaret"
    STOPPED = "stopped", "standset"


_FREEZES: Final = (Kind.HARD, Kind.PUBLISHED, Kind.SOFT)
"""What is late when the case or the training ends stays as late as it was then."""
_PASSES: Final = {Kind.RIGHT: Status.LAPSED, Kind.RETENTION: Status.LAPSED, Kind.HEARING: Status.UNANSWERED}


class Days(Protocol):
    """The days of a deadline: of one that is told, or of a row in a table."""

    @property
    def kind(self) -> Kind:
        """What it means when it passes."""

    @property
    def notice(self) -> bool:
        """Whether a delay must be told."""

    @property
    def due_on(self) -> date | None:
        """The due date as it first was."""

    @property
    def measured_by(self) -> date | None:
        """The last day to meet it: the due date, or for hearings the date that replaced it."""

    @property
    def met_on(self) -> date | None:
        """The day it was met."""

    @property
    def stop_on(self) -> date | None:
        """The day it stopped."""

    @property
    def first_notice_on(self) -> date | None:
        """The day a delay was first told."""


def status(one: Days, on: date) -> Status:
    """Where a deadline stands on a day, from what is told."""
    due, met, stop = one.measured_by, _by(one.met_on, on), _by(one.stop_on, on)
    if due is None:
        return Status.MET if met else Status.RUNNING
    if stop and not (met and met <= stop) and stop <= due:
        return Status.STOPPED
    if met:
        return Status.MET if met <= due else Status.MET_LATE
    if stop and due < stop and one.kind in _FREEZES:
        return Status.OVERDUE
    return Status.RUNNING if on <= due else _PASSES.get(one.kind, Status.OVERDUE)


def days_late(one: Days, on: date) -> int:
    """How many days late a deadline was met, or is on a day; 0 when it is not."""
    due = one.measured_by
    if due is None or status(one, on) not in (Status.MET_LATE, Status.OVERDUE):
        return 0
    stopped = _by(one.stop_on, on) if one.kind in _FREEZES else None
    return ((_by(one.met_on, on) or stopped or on) - due).days


def notice_in_time(one: Days, on: date) -> bool | None:
    """Whether a delay was told before the due date; None when it need not be told (yet)."""
    if not one.notice or one.due_on is None:
        return None
    if one.first_notice_on is not None and one.first_notice_on <= one.due_on:
        return True
    return False if days_late(one, on) else None


def _by(day: date | None, on: date) -> date | None:
    return day if day is not None and day <= on else None


@dataclass(slots=True, eq=False)
class Deadline:
    """One running of a rule. Its status is a question of the day; all else is told."""

    rule: Rule
    trigger_on: date
    """The day that counts."""
    counted_to: date | None
    """Where the count ends, before it rolls off a closed day."""
    due_on: date | None
    appears_on: date
    started_by: Entry[Any]
    year: int
    ends_on: date | None = None
    """Last day of the window it runs for."""
    required: int = 1
    """How many times it must be met."""
    covers: tuple[int, ...] = ()
    """Versions of all that it runs for."""
    extends: Rule | None = None
    """The rule whose delay promised this date."""
    shown: bool = True
    """False for one that older, migrated history started: it only tells what meets a promised date."""
    met_on: date | None = None
    met_by: tuple[int, ...] = ()
    stop_on: date | None = None
    stopped_by: int | None = None
    new_dates: list[tuple[date, int, date]] = field(default_factory=list)
    """Day, version and new date of each extension, in the order they happened."""
    notices: list[tuple[date, int]] = field(default_factory=list)
    """Day and version of each written notice of delay."""
    rests_on: set[int] = field(default_factory=set)

    @property
    def owed_by(self) -> Rule:
        """The rule that says who must act, and on whom it waits."""
        return self.extends or self.rule

    @property
    def extended_to(self) -> date | None:
        """The newest date given instead of, or promised besides, the due date."""
        return self.new_dates[-1][2] if self.new_dates else None

    @property
    def kind(self) -> Kind:
        """What it means when it passes."""
        return self.rule.kind

    @property
    def notice(self) -> bool:
        """Whether a delay must be told."""
        return self.rule.notice

    @property
    def first_notice_on(self) -> date | None:
        """The day a delay was first told."""
        return self.notices[0][0] if self.notices else None

    @property
    def measured_by(self) -> date | None:
        """The last day to meet it."""
        return (self.extended_to if self.rule.replaced_by else None) or self.due_on

    def status(self, on: date) -> Status:
        """Where it stands on a day."""
        return status(self, on)

    def days_late(self, on: date) -> int:
        """How many days late it was met, or is on a day; 0 when it is not."""
        return days_late(self, on)

    def notice_in_time(self, on: date) -> bool | None:
        """Whether a delay was told before the due date; None when it need not be told (yet)."""
        return notice_in_time(self, on)

    @property
    def entries(self) -> tuple[int, ...]:
        """The versions the row rests on."""
        changes = (version for _, version, _ in self.new_dates)
        notices = (version for _, version in self.notices)
        stopped = () if self.stopped_by is None else (self.stopped_by,)
        found = {self.started_by.version, *self.covers, *self.met_by, *changes, *notices, *stopped, *self.rests_on}
        return tuple(sorted(found))
