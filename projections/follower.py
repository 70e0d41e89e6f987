"""The live follower: tells again each case that something new was recorded in, and the days that pass.

One loop for both engines. The rows of a batch and the cursor move in one transaction of the read models, and
whoever moves them waits for whoever else does: a process can be killed anywhere, and no row is lost or doubled.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from time import sleep
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from eventsourcing.persistence import Notification
from sqlalchemy import Connection, Engine, Table, delete, func, select, update

from ledger.facts.acts import BY_TWO
from ledger.facts.book import EnquiriesCounted, ReportIssued
from ledger.facts.history import History, history
from ledger.facts.lifecycle import CaseOpened
from ledger.law.law import Law
from ledger.store.codec import recorded_at
from ledger.store.ledger import Ledger, book_stream
from projections import access
from projections.bulk import write
from projections.tables import PROGRESS, TOLD, Rows, changes_after, cursor, law_of, lead, models, ready, rows_of, stand

log = structlog.get_logger()
_MANY: Final = 1_000_000
_OF_NO_CASE: Final = {one.declared.type for one in (EnquiriesCounted, ReportIssued, *BY_TWO)}
_CASES_AT_ONCE: Final = 50  # their rows are held in memory together
_CASES_IN_A_BATCH: Final = 200  # what a stop waits for


@dataclass(frozen=True)
class Progress:
    """How far the read models of a book have followed its log."""

    municipality: str
    log_size: int
    cursor: int
    lag: int
    """Entries in the log that are not told yet."""
    not_numbered: int
    """Entries committed that the log has not reached yet."""
    cases: int
    to_tell_again: int
    """Cases that the passing of days, a rate or a new rulebook may have changed."""
    current_law: bool
    """Whether everything is told under the rulebook in force."""


class Lag(NamedTuple):
    """How far the read models are behind, as far as it can be told by looking."""

    entries: int
    """Entries in the log that are not told yet."""
    seconds: float
    """Since the oldest entry that is not told was recorded; 0 when all are told."""


def lag_of(ledger: Ledger) -> Lag | None:
    """How far the read models of a book are behind, whoever follows it; None when nobody ever has."""
    with ledger.read_models.connect() as connection:
        if not stand(connection):
            return None
        told = cursor(connection)
    waiting = ledger.recorder.next_after(told)
    newest = ledger.recorder.max_notification_id() or 0
    since = (ledger.clock() - recorded_at(waiting)).total_seconds() if waiting else 0.0
    return Lag(max(newest - told, 0), max(since, 0.0))


class Follower:
    """Keeps the read models of one book up with its log."""

    def __init__(self, ledger: Ledger, engine: Engine | None = None) -> None:
        """`engine`: where the tables are, when they are not the book's own (a rebuild fills others)."""
        self.ledger = ledger
        self.engine = engine or ledger.read_models
        self._book = book_stream(ledger.municipality, "book")
        self._access = book_stream(ledger.municipality, "access")
        ready(self.engine)

    def follow(self, stop: Callable[[], bool], pause: float = 0.2) -> None:
        """Keeps up until told to stop; looks every `pause` seconds when there is nothing to do."""
        while not stop():
            if not self.catch_up():
                sleep(pause)

    def catch_up(self, batch: int = 1_000, stop: Callable[[], bool] = lambda: False) -> int:
        """Tells everything that is new by now; says how many entries it was, and cases that a new day had changed.

        `stop`: asked before each batch whether the rest is to wait. What is recorded meanwhile is for the next time:
        however much is written, this comes to an end.
        """
        self.ledger.number()
        until, total = self.ledger.recorder.max_notification_id() or 0, 0
        while not stop() and (moved := self._step(batch, until)):
            total += moved
        return total

    def status(self) -> "Progress":
        """How far the tables have followed the log."""
        self.ledger.number()
        newest, waiting = self.ledger.recorder.max_notification_id() or 0, self.ledger.recorder.unnumbered()
        with self.engine.connect() as connection:
            seq, again = cursor(connection), len(_due(connection, self.ledger.today(), _MANY))
            cases: int = connection.execute(select(func.count()).select_from(TOLD)).scalar_one()
            current = law_of(connection) == self.ledger.rulebook.digest
        return Progress(self.ledger.municipality, newest, seq, newest - seq, waiting, cases, again, current)

    @contextmanager
    def caught_up(self) -> Iterator[Connection]:
        """The tables, with everything told that is in the log now."""
        self.catch_up()
        with self.engine.connect() as connection:
            yield connection

    def _step(self, batch: int, until: int) -> int:
        if not self._is_behind(until):
            return 0
        with self.engine.begin() as connection:
            lead(connection)
            moved = self.advance(connection, batch, until)
        log.info("told", book=self.ledger.municipality, moved=moved)
        return moved

    def _is_behind(self, until: int) -> bool:
        """Whether there is anything to tell: looked at without making anyone wait."""
        with self.engine.connect() as connection:
            outdated = law_of(connection) != self.ledger.rulebook.digest
            return outdated or until > cursor(connection) or bool(_due(connection, self.ledger.today(), 1))

    def advance(self, connection: Connection, batch: int = 1_000, until: int | None = None) -> int:
        """Moves one batch on, within the transaction of a caller that leads; 0 when there is nothing left.

        What is told depends on the log up to the cursor, on the day, and on the rates known: a newer rate tells again.
        """
        digest = self.ledger.rulebook.digest
        if law_of(connection) != digest:  # a new edition of the law: every case may read otherwise
            connection.execute(update(TOLD).values(tell_again_on=self.ledger.today()))
            connection.execute(update(PROGRESS).values(rulebook=digest))
        following = self.ledger.recorder.select_notifications(
            cursor(connection), batch, until, inclusive_of_start=False
        )
        new = _of_some_cases(following)
        if not new:
            due = _due(connection, self.ledger.today(), batch)
            self.tell(connection, due)
            return len(due)
        if any(self._is_of_every_case(entry) for entry in new):
            connection.execute(update(TOLD).values(tell_again_on=self.ledger.today()))
        versions = {entry.originator_id: entry.originator_version for entry in new}
        access.tell(connection, self.ledger, [one for one in new if one.originator_id == self._access])
        own = (self._book, self._access)
        self.tell(connection, {UUID(str(case)): version for case, version in versions.items() if case not in own})
        connection.execute(update(PROGRESS).values(seq=new[-1].id))
        return len(new)

    def _is_of_every_case(self, entry: Notification) -> bool:
        """Whether every case of the book may read otherwise for it: a rate, a mandate, a correction of one."""
        return entry.originator_id == self._book and entry.topic not in _OF_NO_CASE

    def tell(self, connection: Connection, versions: Mapping[UUID, int]) -> None:
        """Tells cases whole, each up to a version, and puts the rows in the place of those that were there."""
        if versions:
            law, today = self.ledger.law(), self.ledger.today()
            for some in _portions(list(versions.items())):
                rows: Rows = {name: [] for name in (TOLD.name, *models())}
                for case_id, version in some:
                    try:
                        self._add(rows, self.ledger.load(case_id, as_of=today, up_to=version), law)
                    except Exception as error:
                        error.add_note(f"while case {case_id} was told up to version {version}")
                        raise
                for table in (TOLD, *(model.TABLE for model in models().values())):
                    _replace(connection, table, [case_id for case_id, _ in some], rows[table.name])

    def _add(self, rows: Rows, seen: History, law: Law) -> None:
        if not isinstance(seen.recorded[0].fact, CaseOpened):
            return  # another stream of the book's own
        for name, told in rows_of(self.ledger, seen, law).items():
            rows[name] += told
        again = min((day for day in (_next_entry_on(seen), changes_after(seen, law)) if day), default=None)
        assert again is None or again > seen.as_of, "a case that is told is told for its day"
        case_id = seen.recorded[0].case_id
        rows[TOLD.name].append(
            {"case_id": case_id, "version": seen.version, "told_as_of": seen.as_of, "tell_again_on": again}
        )


def _of_some_cases(entries: Sequence[Notification]) -> Sequence[Notification]:
    """The first entries, those of no more cases than are told in one batch: however often a case was written to."""
    cases: set[UUID | str] = set()
    for count, entry in enumerate(entries):
        cases.add(entry.originator_id)
        if len(cases) > _CASES_IN_A_BATCH:
            return entries[:count]
    return entries


def _next_entry_on(seen: History) -> date | None:
    """The first later day on which something that is recorded already will have happened."""
    if len(seen.told) + len(seen.annulled_by) == len(seen.recorded):
        return None
    later = history(seen.recorded, as_of=date.max).told
    return next((entry.occurred_on for entry in later if entry.occurred_on > seen.as_of), None)


def _due(connection: Connection, today: date, limit: int) -> dict[UUID, int]:
    """Cases that the passing of time has changed, with the version that they are told up to."""
    query = select(TOLD.c.case_id, TOLD.c.version).where(TOLD.c.tell_again_on <= today)
    return {row.case_id: row.version for row in connection.execute(query.order_by(TOLD.c.tell_again_on).limit(limit))}


def _portions(items: Sequence[tuple[UUID, int]]) -> Iterator[Sequence[tuple[UUID, int]]]:
    return (items[start : start + _CASES_AT_ONCE] for start in range(0, len(items), _CASES_AT_ONCE))


def _replace(connection: Connection, table: Table, cases: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(delete(table).where(table.c.case_id.in_(cases)))
    write(connection, table, rows)
