"""The tilsyn of a case: one row for each that was planned or held, with its report and the hearing over it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Table

from ledger.facts.decision import PartshoeringSent
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.tilsyn import TilsynHeld, TilsynKind, TilsynPlanned, TilsynRescheduled, TilsynsrapportPrepared
from ledger.facts.values import Erased
from projections.tables import members, table


@dataclass(frozen=True)
class TilsynRow:
    """One tilsyn."""

    kind: TilsynKind
    tilsyn: str | None = None
    """Its id in the case; None when it was held without having been planned."""
    planned: int | None = None
    planned_on: date | None = None
    """The day it is planned for now; None when it was called off, or never planned."""
    held: int | None = None
    held_on: date | None = None
    child_present: bool | None = None
    child_absent_reason: str | Erased | None = None
    health_professional: bool | None = None
    units: tuple[str, ...] = ()
    report: int | None = None
    hearing: int | None = None
    entries: tuple[int, ...] = ()

    @property
    def child_absence_explained(self) -> bool:
        """Whether a reason is given why the child was not there; one that was erased since was given."""
        return self.child_absent_reason is not None


TABLE: Final[Table] = table(
    "tilsyn",
    Column("kind", String, nullable=False),
    Column("tilsyn", String),
    Column("planned", Integer),
    Column("planned_on", Date),
    Column("held", Integer),
    Column("held_on", Date),
    Column("child_present", Boolean),
    Column("child_absence_explained", Boolean, nullable=False),
    Column("health_professional", Boolean),
    Column("units", JSON, nullable=False),
    Column("report", Integer),
    Column("hearing", Integer),
)


def tell(history: History) -> Iterator[TilsynRow]:
    """The tilsyn, by the day they were held or are planned for; what was called off comes last."""
    plans = _planned(history)
    reports = {target: entry.version for entry in history.of(TilsynsrapportPrepared) for target in _tilsyn(entry)}
    hearings = {target: entry.version for entry in history.of(PartshoeringSent) for target in _tilsyn(entry)}
    by_plan = {version: name for name, row in plans.items() for version in row.entries}
    held = []
    for entry in history.of(TilsynHeld):
        plan = plans.pop(by_plan.get(entry.pointer("planned") or 0, ""), None)
        row = _held(entry, plan or TilsynRow(kind=entry.fact.kind))
        held.append(_followed(row, reports.get(entry.version), hearings.get(entry.version)))
    return iter(sorted([*held, *plans.values()], key=_order))


def _tilsyn(entry: Entry[Any]) -> tuple[int, ...]:
    return entry.pointers("tilsyn")


def _planned(history: History) -> dict[str, TilsynRow]:
    """What was planned, by id, as it is planned now."""
    plans: dict[str, TilsynRow] = {}
    for entry in history.told:
        fact = entry.fact
        if isinstance(fact, TilsynPlanned):
            before = plans.get(fact.tilsyn, TilsynRow(kind=fact.kind)).entries
            plans[fact.tilsyn] = TilsynRow(
                fact.kind, fact.tilsyn, entry.version, fact.planned_on, entries=(*before, entry.version)
            )
        elif isinstance(fact, TilsynRescheduled) and fact.tilsyn in plans:
            row = plans[fact.tilsyn]
            plans[fact.tilsyn] = replace(row, planned_on=fact.new_planned_on, entries=(*row.entries, entry.version))
    return plans


def _held(entry: Entry[TilsynHeld], plan: TilsynRow) -> TilsynRow:
    fact = entry.fact
    return replace(
        plan,
        kind=fact.kind,
        held=entry.version,
        held_on=entry.occurred_on,
        child_present=fact.child_present,
        child_absent_reason=fact.child_absent_reason,
        health_professional=fact.health_professional,
        units=fact.units,
        entries=(*plan.entries, entry.version),
    )


def _followed(row: TilsynRow, report: int | None, hearing: int | None) -> TilsynRow:
    after = tuple(version for version in (report, hearing) if version)
    return replace(row, report=report, hearing=hearing, entries=(*row.entries, *after))


def _order(row: TilsynRow) -> tuple[date, int]:
    return row.held_on or row.planned_on or date.max, row.entries[0]


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows, with whether the child's absence is explained in the place of the reason."""
    return (members(TABLE, row) for row in tell(history))
