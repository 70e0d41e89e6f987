"""The documents of a case: one row for each that was filed, with how it must be treated now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Column, Date, Integer, String, Table

from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.lifecycle import (
    ConfidentialityChanged,
    ConfidentialityLevel,
    DocumentAdded,
    DocumentKind,
    Sensitivity,
)
from ledger.facts.values import Erased
from projections.tables import members, table


@dataclass(frozen=True)
class DocumentRow:
    """One document."""

    document: str
    version: int
    title: str | Erased
    kind: DocumentKind
    source_party: str | None
    dated_on: date
    received_on: date | None
    filed_on: date
    sensitivity: Sensitivity
    level: ConfidentialityLevel
    """Who may see it, by the newest marking of the document itself."""
    sha256: str
    pages: int | None
    size: int | None
    media_type: str | None
    entries: tuple[int, ...]


TABLE: Final[Table] = table(
    "documents",
    Column("document", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("source_party", String),
    Column("dated_on", Date, nullable=False),
    Column("received_on", Date),
    Column("filed_on", Date, nullable=False),
    Column("sensitivity", String, nullable=False),
    Column("level", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("pages", Integer),
    Column("size", Integer),
    Column("media_type", String),
)


def tell(history: History) -> Iterator[DocumentRow]:
    """The documents, in the order they were filed."""
    marked = {entry.fact.target: entry for entry in history.of(ConfidentialityChanged)}
    return (_row(entry, marked.get(entry.fact.document)) for entry in history.of(DocumentAdded))


def _row(entry: Entry[DocumentAdded], marking: Entry[ConfidentialityChanged] | None) -> DocumentRow:
    fact = entry.fact
    return DocumentRow(
        document=fact.document,
        version=entry.version,
        title=fact.title,
        kind=fact.kind,
        source_party=fact.source_party,
        dated_on=fact.dated_on,
        received_on=fact.received_on,
        filed_on=entry.occurred_on,
        sensitivity=fact.sensitivity,
        level=marking.fact.level if marking else ConfidentialityLevel.NORMAL,
        sha256=fact.sha256,
        pages=fact.pages,
        size=fact.size,
        media_type=fact.media_type,
        entries=(entry.version, *([marking.version] if marking else [])),
    )


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows without the titles."""
    return (members(TABLE, row) for row in tell(history))
