"""The timeline: every entry that was known, with what was corrected or annulled still showing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.facts.entry import Actor, Entry, Imported
from ledger.facts.history import History
from ledger.facts.sentence import Names, sentence
from ledger.law.period import period_of


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
    reads = {entry.version: entry for entry in history.told}
    shown = [
        (reads.get(entry.version, entry), entry)
        for entry in history.recorded
        if entry.version in reads or (entry.version in history.annulled_by and entry.occurred_on <= history.as_of)
    ]
    for now, recorded in sorted(shown, key=lambda pair: (pair[0].occurred_on, pair[0].version)):
        yield _row(now, recorded, history, names, seqs or {})


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
