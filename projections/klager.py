"""The complaints of a case: one row for each, from its receipt to where it ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Boolean, Column, Date, Integer, String, Table

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.history import History
from ledger.facts.klage import (
    AnkestyrelsenDecided,
    GenvurderingCompleted,
    GenvurderingResultat,
    HjemvisningReopened,
    KlageForm,
    KlageForwarded,
    KlageKind,
    KlageReceived,
    KlageWithdrawn,
    Udfald,
)
from projections.tables import members, table

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class KlageRow:
    """One complaint. Of each step there is the newest that is in force: its version, its day and what it said."""

    version: int
    kind: KlageKind
    by: str
    form: KlageForm
    received_on: date
    suspensive: bool | None
    decision: int | None
    """Version of the decision complained over."""
    decision_type: str | None
    genvurdering: int | None
    genvurdering_on: date | None
    genvurdering_resultat: GenvurderingResultat | None
    forwarded: int | None
    forwarded_on: date | None
    ankestyrelsen: int | None
    ankestyrelsen_decided_on: date | None
    ankestyrelsen_received_on: date | None
    udfald: Udfald | None
    hjemvist: bool
    reopened: int | None
    reopened_on: date | None
    withdrawn: int | None
    withdrawn_on: date | None
    entries: tuple[int, ...]


TABLE: Final[Table] = table(
    "klager",
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("by", String, nullable=False),
    Column("form", String, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("suspensive", Boolean),
    Column("decision", Integer),
    Column("decision_type", String),
    Column("genvurdering", Integer),
    Column("genvurdering_on", Date),
    Column("genvurdering_resultat", String),
    Column("forwarded", Integer),
    Column("forwarded_on", Date),
    Column("ankestyrelsen", Integer),
    Column("ankestyrelsen_decided_on", Date),
    Column("ankestyrelsen_received_on", Date),
    Column("udfald", String),
    Column("hjemvist", Boolean, nullable=False),
    Column("reopened", Integer),
    Column("reopened_on", Date),
    Column("withdrawn", Integer),
    Column("withdrawn_on", Date),
)


class _Steps(NamedTuple):
    """What followed on the complaints of a case: of each kind the newest, by the version it points to."""

    genvurderinger: Mapping[int, Entry[GenvurderingCompleted]]
    forwarded: Mapping[int, Entry[KlageForwarded]]
    ankestyrelsen: Mapping[int, Entry[AnkestyrelsenDecided]]
    reopened: Mapping[int, Entry[HjemvisningReopened]]
    withdrawn: Mapping[int, Entry[KlageWithdrawn]]


def tell(history: History) -> Iterator[KlageRow]:
    """The complaints, in the order they were received."""
    steps = _Steps(
        _newest(history, GenvurderingCompleted, "klage"),
        _newest(history, KlageForwarded, "klage"),
        _newest(history, AnkestyrelsenDecided, "klager"),
        _newest(history, HjemvisningReopened, "ankestyrelsen"),
        _newest(history, KlageWithdrawn, "klage"),
    )
    types = {entry.version: entry.type for entry in history.told}
    return (_row(entry, steps, types) for entry in history.of(KlageReceived))


def _newest(history: History, fact_type: type[F], ref: str) -> dict[int, Entry[F]]:
    return {target: entry for entry in history.of(fact_type) for target in entry.pointers(ref)}


def _row(entry: Entry[KlageReceived], steps: _Steps, types: Mapping[int, str]) -> KlageRow:
    fact, decision = entry.fact, entry.pointer("decision")
    genvurdering = steps.genvurderinger.get(entry.version)
    forwarded = steps.forwarded.get(entry.version)
    ankestyrelsen = steps.ankestyrelsen.get(entry.version)
    reopened = steps.reopened.get(ankestyrelsen.version) if ankestyrelsen else None
    withdrawn = steps.withdrawn.get(entry.version)
    followed: tuple[Entry[Fact] | None, ...] = (genvurdering, forwarded, ankestyrelsen, reopened, withdrawn)
    return KlageRow(
        version=entry.version,
        kind=fact.kind,
        by=fact.by,
        form=fact.form,
        received_on=entry.occurred_on,
        suspensive=fact.suspensive,
        decision=decision,
        decision_type=types.get(decision) if decision else None,
        genvurdering=_version(genvurdering),
        genvurdering_on=_day(genvurdering),
        genvurdering_resultat=genvurdering.fact.resultat_genvurdering if genvurdering else None,
        forwarded=_version(forwarded),
        forwarded_on=_day(forwarded),
        ankestyrelsen=_version(ankestyrelsen),
        ankestyrelsen_decided_on=ankestyrelsen.fact.decided_on if ankestyrelsen else None,
        ankestyrelsen_received_on=_day(ankestyrelsen),
        udfald=ankestyrelsen.fact.udfald if ankestyrelsen else None,
        hjemvist=ankestyrelsen is not None and ankestyrelsen.fact.udfald == Udfald.HJEMVIST,
        reopened=_version(reopened),
        reopened_on=_day(reopened),
        withdrawn=_version(withdrawn),
        withdrawn_on=_day(withdrawn),
        entries=(entry.version, *(step.version for step in followed if step)),
    )


def _version(entry: Entry[Fact] | None) -> int | None:
    return entry.version if entry else None


def _day(entry: Entry[Fact] | None) -> date | None:
    return entry.occurred_on if entry else None


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows as they are: a complaint's words are not among them."""
    return (members(TABLE, row) for row in tell(history))
