"""An entry: one fact with everything that must be known about its being recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID, uuid5

from ledger.facts.fact import Fact
from ledger.facts.values import Id, SlugText, StaffName

F_co = TypeVar("F_co", bound=Fact, covariant=True)
RefValue = int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who recorded an entry: a member of staff, a citizen or the system."""

    user_id: str
    name: str
    unit: str
    role: str
    party: str | None = None
    """The citizen's party ref; their name is sealed under it."""
    claimed: bool = False
    """Believed, not proved: given on the command line of an embedded ledger."""


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """The mandate used when the actor acts for another person or unit."""

    mandate_ref: Id
    unit: SlugText
    """Slug of the unit that granted the mandate."""
    name: StaffName


@dataclass(frozen=True, slots=True)
class Imported:
    """Where an imported entry came from. Its actor is then what the file claims."""

    by: str
    """user id of the importer"""
    sha256: str
    """of the file (of the line, in a file of many cases)"""


@dataclass(frozen=True, slots=True)
class Request:
    """The request an entry was recorded by, so that a repeated request finds its first answer."""

    id: str
    digest: str
    """keyed digest of what was asked, hex"""


def versions_in(value: RefValue | None) -> tuple[int, ...]:
    """The versions that a ref points to, whether one or several."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


class Entry(NamedTuple, Generic[F_co]):
    """One fact in the ledger. Immutable; versions are 1, 2, 3 … without gaps in a stream."""

    case_id: UUID
    """The stream: a case, or one of the book's own streams."""
    version: int
    fact: F_co
    occurred_on: date
    """The day it happened in the world (Danish calendar)."""
    recorded_at: datetime
    """UTC instant of the ledger's own clock, never back-dated."""
    actor: Actor
    municipality: str
    source: str
    """api, import, system or migration"""
    refs: Mapping[str, RefValue]
    """Named pointers to earlier versions of the same case."""
    seal: bytes
    """SHA-256 over the stored entry: see ledger/store/seal.py."""
    previous: bytes
    """Seal of the entry before it in the same stream; 32 zero bytes for the first."""
    source_recorded_at: datetime | None = None
    """When the source system says it was recorded: a claim."""
    key: str | None = None
    """The entry's key in the case file it came from."""
    document_ids: tuple[str, ...] = ()
    on_behalf_of: OnBehalfOf | None = None
    imported: Imported | None = None
    request: Request | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    rulebook: str | None = None
    """Digest of the rulebook in force when it was recorded."""
    book_version: int | None = None
    """Version of the book's stream (mandates, rates) it was recorded under."""
    subjects: Mapping[str, UUID] = {}
    """Party ref to data subject, for the sealed values of this entry."""
    erased: tuple[str, ...] = ()
    """Paths of sealed values whose key is gone."""

    @property
    def type(self) -> str:
        """Stored name of the fact's type."""
        return self.fact.declared.type

    @property
    def known_at(self) -> datetime:
        """When it was known: what the source claims, else when the ledger recorded it (CASE_FORMAT 7)."""
        return self.source_recorded_at or self.recorded_at

    @property
    def event_id(self) -> UUID:
        """Globally unique, computed: uuid5(case id, version)."""
        return uuid5(self.case_id, str(self.version))

    def pointers(self, name: str) -> tuple[int, ...]:
        """The versions a ref points to; empty when the entry does not carry it."""
        return versions_in(self.refs.get(name))

    def pointer(self, name: str) -> int | None:
        """The one version a ref points to, None when the entry does not carry it."""
        return next(iter(self.pointers(name)), None)
