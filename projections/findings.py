"""Findings: what the entries of a case break, or lack, by today's reading of what was there when each was recorded.

A live fact that a guard refuses is never here. What is: facts that came from elsewhere, flags, what a later
correction has put out of order, and what has gone missing by the passing of days.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Integer, String, Table, select

from ledger.facts.entry import Entry
from ledger.facts.history import History, history
from ledger.facts.lifecycle import NEEDS_TWO
from ledger.facts.payments import ExpenseDocumented
from ledger.law.guards import Guard, failing
from ledger.law.guards.expenses import status_of
from ledger.law.guards.seen import CaseTold, Seen
from ledger.law.law import Law
from ledger.law.missing import Missing, changes_after, missing
from ledger.law.posting import posted
from projections.tables import members, table

__all__ = ["FindingRow", "changes_after", "tell"]

Mode = Literal["block", "flag", "status"]
CONSEQUENCE: Final = "CONSEQUENCE_OF_CORRECTION"


@dataclass(frozen=True)
class FindingRow:
    """One thing to look at in a case."""

    guard: str
    """G01 …; empty when RULES names the finding only by its flag."""
    flag: str
    sentence: str
    version: int
    """The entry it is about; 0 when it is about a look at the case, which is no entry of it."""
    mode: Mode
    """block: a live fact would have been refused; flag: it is only pointed out; status: it is told to the family."""
    occurred_on: date
    entries: tuple[int, ...]


def tell(history: History, law: Law) -> Iterator[FindingRow]:
    """The findings of a case, in the order things happened."""
    found = [*_guarded(history, law), *_expenses(history), *_claimed(history)]
    found += [_of_missing(one, history) for one in missing(history, law)]
    yield from sorted(found, key=lambda row: (row.occurred_on, row.version, row.guard, row.flag, row.sentence))


def _guarded(history: History, law: Law) -> Iterator[FindingRow]:
    told, corrections = CaseTold(history), _Corrections(history)
    for entry in history.told:
        if history.is_migrated(entry):
            continue
        told.looked_at.clear()
        broken = failing(entry.fact, Seen.by(entry, told, law))
        changed = bool(broken) and corrections.may_have_changed(entry, told.looked_at)
        then = corrections.then(entry, law) if changed else broken
        for one in broken:
            flag = one.flag if one in then else CONSEQUENCE
            yield _row(entry, history, "block" if one.blocks else "flag", (one.id, flag, one.sentence))


def _row(entry: Entry[Any], history: History, mode: Mode, says: tuple[str, str, str]) -> FindingRow:
    """`says`: guard, flag and sentence."""
    entries = (entry.version, *history.corrected_by.get(entry.version, ()))
    return FindingRow(*says, entry.version, mode, entry.occurred_on, entries)


class _Corrections:
    """What was corrected or annulled later than an entry was recorded."""

    def __init__(self, seen: History) -> None:
        self._recorded = {entry.version: entry for entry in seen.recorded}
        self._versions = [entry.version for entry in seen.recorded if isinstance(entry.fact, NEEDS_TWO)]
        self._newest: dict[str | int, int] = {}
        """Type, and version, to the newest correction that reaches it."""
        for version in self._versions:
            for reached in self._reached(version):
                self._newest[reached.type] = self._newest[reached.version] = version
        self._told: dict[int, CaseTold] = {}

    def may_have_changed(self, entry: Entry[Any], looked_at: Iterable[str]) -> bool:
        """Whether any later correction reaches the entry, or a type that its guards looked at."""
        reached: tuple[str | int, ...] = (entry.version, *looked_at)
        return any(self._newest.get(one, 0) > entry.version for one in reached)

    def then(self, entry: Entry[Any], law: Law) -> set[Guard]:
        """The guards that said no already when the entry was recorded, with the case as it read then."""
        place = bisect_right(self._versions, entry.version)
        if place not in self._told:
            until = self._versions[place]
            known = [one for version, one in self._recorded.items() if version < until]
            self._told[place] = CaseTold(history(known, as_of=date.max))
        recorded = self._recorded[entry.version]
        return set(failing(recorded.fact, Seen.by(recorded, self._told[place], law)))

    def _reached(self, version: int) -> Iterator[Entry[Any]]:
        for target in self._recorded[version].pointers("target"):
            if target in self._recorded:
                yield self._recorded[target]
                yield from self._reached(target)


def _expenses(history: History) -> Iterator[FindingRow]:
    """G17: the expenses that are not covered, as they are screened by now."""
    screened = posted(history).screened()
    for entry in history.of(ExpenseDocumented):
        found = screened.get(entry.version)
        status = status_of(found)
        if status and found and found.code and not history.is_migrated(entry):
            yield _row(entry, history, "status", (status.id, found.code.value, status.sentence))


_CLAIMS: Final = {
    "approved_by": "Godkendelsen er kun oplyst i den indlæste fil; den er ikke givet i sagsbogen.",
    "second_approver": "Den anden godkender er kun oplyst i den indlæste fil; godkendelsen er ikke givet i sagsbogen.",
}


def _claimed(history: History) -> Iterator[FindingRow]:
    """What only the file says that an entry came with."""
    for entry in history.told:
        claims = (says for name, says in _CLAIMS.items() if getattr(entry.fact, name, None) is not None)
        for says in claims if entry.imported and not history.is_migrated(entry) else ():
            yield _row(entry, history, "flag", ("", "APPROVAL_ONLY_CLAIMED", says))
        if entry.source == "migration" and not history.is_migrated(entry):
            says = "Hændelsen er mærket som ældre historik, men ligger efter den dag, sagen er ført i sagsbogen fra."
            yield _row(entry, history, "flag", ("", "MIGRATION_AFTER_START", says))


def _of_missing(one: Missing, history: History) -> FindingRow:
    entries = {version for rests_on in one.rests_on for version in (rests_on, *history.corrected_by.get(rests_on, ()))}
    return FindingRow("", one.flag, one.sentence, one.rests_on[0], "flag", one.on, tuple(sorted(entries)))


TABLE: Final[Table] = table(
    "findings",
    Column("guard", String, nullable=False),
    Column("flag", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mode", String, nullable=False),
    Column("occurred_on", Date, nullable=False),
)


def stored(history: History, law: Law) -> Iterator[Mapping[str, Any]]:
    """The findings without their sentences, which are told when a row is read."""
    return (members(TABLE, row) for row in tell(history, law))


def cases_with_any(connection: Connection, cases: Sequence[UUID]) -> list[UUID]:
    """Those of some cases that have findings, as the table has them."""
    query = select(TABLE.c.case_id).where(TABLE.c.case_id.in_(cases)).distinct()
    return list(connection.execute(query).scalars())
