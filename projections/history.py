"""The timeline: every entry that was known, with what was corrected or annulled still showing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, Date, Integer, String, Table

from ledger.facts.entry import Actor, Entry, Imported
from ledger.facts.history import History
from ledger.facts.sentence import Names, sentence
from ledger.law.period import period_of
from ledger.store.sealer import CITIZEN
from projections.tables import Instant, members, table


@dataclass(frozen=True)
class HistoryRow:
    """One entry of the timeline."""

    version: int
    event_id: UUID
    seq: int | None
    type: str
    title: str
    sentence: str
    """As the entry reads now."""
    original_sentence: str | None
    """As it was recorded, when it has been corrected since."""
    occurred_on: date
    law_period: str | None
    """p0, p1 or p2, from the day it happened."""
    recorded_at: datetime
    source_recorded_at: datetime | None
    actor: Actor
    source: str
    imported: Imported | None
    """Set when actor and source_recorded_at are what a file claimed."""
    key: str | None
    corrected_by: tuple[int, ...]
    annulled_by: int | None
    seal: str
    entries: tuple[int, ...]


def tell(history: History, names: Names = str, seqs: Mapping[int, int] | None = None) -> Iterator[HistoryRow]:
    """The entries that had happened by the day asked for, in the order they happened."""
    for now, recorded in _shown(history):
        yield _row(now, recorded, history, names, seqs or {})


def _shown(history: History) -> list[tuple[Entry[Any], Entry[Any]]]:
    """Each entry as it reads now, and as it was recorded."""
    reads = {entry.version: entry for entry in history.told}
    shown = [
        (reads.get(entry.version, entry), entry)
        for entry in history.recorded
        if entry.version in reads or (entry.version in history.annulled_by and entry.occurred_on <= history.as_of)
    ]
    return sorted(shown, key=lambda pair: (pair[0].occurred_on, pair[0].version))


def _row(now: Entry[Any], recorded: Entry[Any], history: History, names: Names, seqs: Mapping[int, int]) -> HistoryRow:
    corrected_by = history.corrected_by.get(now.version, ())
    annulled_by = history.annulled_by.get(now.version)
    return HistoryRow(
        version=now.version,
        event_id=now.event_id,
        seq=seqs.get(now.version),
        type=now.type,
        title=now.fact.declared.dansk,
        sentence=sentence(now.fact, names),
        original_sentence=sentence(recorded.fact, names) if corrected_by else None,
        occurred_on=now.occurred_on,
        law_period=period_of(now.occurred_on),
        recorded_at=now.recorded_at,
        source_recorded_at=now.source_recorded_at,
        actor=now.actor,
        source=now.source,
        imported=now.imported,
        key=now.key,
        corrected_by=corrected_by,
        annulled_by=annulled_by,
        seal=now.seal.hex(),
        entries=(now.version, *corrected_by, *([annulled_by] if annulled_by else [])),
    )


TABLE: Final[Table] = table(
    "history",
    Column("version", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("law_period", String),
    Column("recorded_at", Instant, nullable=False),
    Column("source_recorded_at", Instant),
    Column("user_id", String),
    Column("unit", String, nullable=False),
    Column("role", String, nullable=False),
    Column("source", String, nullable=False),
    Column("key", String),
    Column("corrected_by", JSON, nullable=False),
    Column("annulled_by", Integer),
    Column("seal", String, nullable=False),
)


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows without sentences and names, and without the user id of a citizen."""
    for entry, _ in _shown(history):
        yield members(
            TABLE,
            entry,
            law_period=period_of(entry.occurred_on),
            user_id=None if entry.actor.role == CITIZEN else entry.actor.user_id,
            unit=entry.actor.unit,
            role=entry.actor.role,
            corrected_by=history.corrected_by.get(entry.version, ()),
            annulled_by=history.annulled_by.get(entry.version),
            seal=entry.seal.hex(),
        )
