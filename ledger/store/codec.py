"""Entries to bytes and back.

An entry is stored as one JSON object with sorted keys that a stranger can read: no wrappers, dates as
dates, instants in UTC with microseconds. Stored names and old schema versions are read for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper, StoredEvent

from ledger.clock import iso
from ledger.facts.acts import ActProposed
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, Imported, OnBehalfOf, RefValue, Request, versions_in
from ledger.facts.fact import Fact, catalogue
from ledger.facts.history import plain
from ledger.facts.lifecycle import CaseOpened, EntryCorrected
from ledger.facts.shape import Shape, shape_of
from ledger.store.head import Head
from ledger.store.kept import Kept, request_mark
from ledger.store.seal import seal_of
from ledger.store.sealer import Sealer
from ledger.store.sealing import Opener, canonical
from ledger.store.vault import Vault

_TICK: Final = timedelta(microseconds=1)
EntryAt = Callable[[int], Entry[Any]]
"""The entry at a version of the same case."""


class Occasion(NamedTuple):
    """What the entries of one append have in common."""

    now: datetime
    request: Request | None = None
    rulebook: str | None = None
    """Digest of the rulebook in force."""
    book_version: int | None = None
    """How far the book's own stream was read for the rates and mandates in force; None when there was nothing in it."""


class AsStored(NamedTuple):
    """The parts of an entry that may be sealed, as they are stored."""

    data: Mapping[str, Any]
    actor: Mapping[str, Any]
    request: Mapping[str, Any] | None
    subjects: Mapping[str, UUID]
    """Party ref to the data subject under whose key something is."""


def shape_in_case(
    fact_type: type[Fact], data: Mapping[str, Any], refs: Mapping[str, RefValue], entry_at: EntryAt
) -> tuple[Shape, Mapping[str, Any]]:
    """The shape of a fact's data, and the data in which the parties it is about are named.

    A correction's values take the shape of the field they correct, a proposal's the shape of what is proposed.
    """
    shape = shape_of(fact_type)
    if fact_type is EntryCorrected:
        (version,) = versions_in(refs["target"])
        target: Fact = entry_at(version).fact
        node = Shape() if data["field"] == "occurred_on" else shape_of(type(target)).at(data["field"])
        assert node is not None, "a correction of a field that does not exist is refused before"
        return replace(shape, fields={**shape.fields, "old": node, "new": node}), {**plain(target), **data}
    if fact_type is ActProposed:
        proposed, about = shape_in_case(catalogue()[data["proposed_type"]], data["data"], data["refs"], entry_at)
        return replace(shape, fields={**shape.fields, "data": proposed}), about
    return shape, data


class Codec(Mapper[UUID]):
    """Seals drafts into entries, and reads entries back. The library's mapper, with our own bytes."""

    def __init__(self, vault: Vault, municipality: str) -> None:
        self.vault = vault
        self.municipality = municipality

    def seal(
        self, head: Head, drafts: Sequence[Draft], entry_at: EntryAt, occasion: Occasion
    ) -> list[tuple[Entry[Any], Kept]]:
        """The drafts as sealed entries that follow on `head`; keys of new data subjects are durable by then."""
        first = drafts[0].fact
        sealer = Sealer(self.vault, head, first.child if isinstance(first, CaseOpened) else head.child)
        request = occasion.request
        done: list[tuple[Entry[Any], Kept]] = []

        def at(version: int) -> Entry[Any]:
            return done[version - head.version - 1][0] if version > head.version else entry_at(version)

        for draft in drafts:
            end = head.then(done[-1][0]) if done else head
            place, data = (end.case_id, end.version + 1), draft.fact.as_data()
            shape, about = shape_in_case(type(draft.fact), data, draft.refs, at)
            parts = AsStored(
                sealer.data(place, draft.fact, data, shape, about),
                sealer.actor(place, draft.actor, about),
                sealer.request(place, request) if request else None,
                sealer.used.pop(place, {}),
            )
            mark = request_mark(draft.actor.user_id, request.id) if request and not done else None
            done.append(self._entry(end, draft, occasion, parts, mark))
        sealer.keep_keys()
        return done

    def _entry(
        self, end: Head, draft: Draft, occasion: Occasion, parts: AsStored, mark: str | None
    ) -> tuple[Entry[Any], Kept]:
        """The draft as the entry that follows on `end`, and as it is kept."""
        case_id, version, kind = end.case_id, end.version + 1, draft.fact.declared.type
        recorded_at = max(occasion.now, end.recorded_at + _TICK) if end.recorded_at else occasion.now
        stored = self._encoded(end, draft, occasion, parts, recorded_at)
        seal = seal_of(case_id, version, kind, stored)
        entry = Entry(
            case_id,
            version,
            draft.fact,
            draft.occurred_on,
            recorded_at,
            draft.actor,
            self.municipality,
            draft.source,
            draft.refs,
            seal,
            end.seal,
            draft.source_recorded_at,
            draft.key,
            draft.document_ids,
            draft.on_behalf_of,
            draft.imported,
            occasion.request,
            draft.correlation_id,
            draft.causation_id,
            occasion.rulebook,
            occasion.book_version,
            parts.subjects,
        )
        return entry, Kept(case_id, version, kind, stored, seal, mark)

    def _encoded(self, end: Head, draft: Draft, occasion: Occasion, parts: AsStored, recorded_at: datetime) -> bytes:
        """The stored bytes of an entry. What has no value is left out."""
        declared = draft.fact.declared
        always = {
            "actor": parts.actor,
            "case_id": end.case_id,
            "data": parts.data,
            "municipality": self.municipality,
            "occurred_on": draft.occurred_on,
            "previous": end.seal.hex(),
            "recorded_at": iso(recorded_at),
            "schema_version": declared.schema_version,
            "source": draft.source,
            "type": declared.type,
            "version": end.version + 1,
        }
        sometimes = {
            "book_version": occasion.book_version,
            "causation_id": draft.causation_id,
            "correlation_id": draft.correlation_id,
            "document_ids": draft.document_ids,
            "imported": draft.imported and asdict(draft.imported),
            "key": draft.key,
            "on_behalf_of": draft.on_behalf_of and asdict(draft.on_behalf_of),
            "refs": draft.refs,
            "request": parts.request,
            "rulebook": occasion.rulebook,
            "source_recorded_at": draft.source_recorded_at and iso(draft.source_recorded_at),
            "subjects": parts.subjects,
        }
        return canonical(always | {name: value for name, value in sometimes.items() if value})

    def to_domain_event(self, stored_event: StoredEvent) -> Entry[Any]:  # type: ignore[override]  # structural
        """The entry that was stored, its sealed values opened as far as their keys exist."""
        assert isinstance(stored_event.originator_id, UUID)
        return self.decode(
            stored_event.originator_id,
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
        )

    def decode(self, case_id: UUID, version: int, type_name: str, stored: bytes) -> Entry[Any]:
        """Reads a stored entry. What the law has changed since does not matter: nothing is judged here."""
        raw = orjson.loads(stored)
        fact_type = catalogue()[type_name]
        subjects = {party: _uuid(subject) for party, subject in raw.get("subjects", _EMPTY).items()}
        opener = Opener((case_id, version), lambda party: (subjects[party], self.vault.key(subjects[party])))
        data = opener.open(raw["data"], "data") if subjects else raw["data"]
        if type(raw["actor"]["name"]) is dict:  # a citizen's, sealed
            actor = Actor(**opener.open(raw["actor"], "actor"))
        else:
            actor = _staff(**raw["actor"])
        request = Request(**opener.open(raw["request"], "request")) if "request" in raw else None
        for upcast in fact_type.declared.upcasts[raw["schema_version"] - 1 :]:
            data = upcast(data)
        get = raw.get
        return Entry(
            case_id,
            version,
            fact_type.model_validate(data),
            date.fromisoformat(raw["occurred_on"]),
            datetime.fromisoformat(raw["recorded_at"]),
            actor,
            raw["municipality"],
            raw["source"],
            _refs(get("refs", _EMPTY)),
            seal_of(case_id, version, type_name, stored),
            bytes.fromhex(raw["previous"]),
            datetime.fromisoformat(raw["source_recorded_at"]) if "source_recorded_at" in raw else None,
            get("key"),
            tuple(get("document_ids", ())),
            OnBehalfOf(**raw["on_behalf_of"]) if "on_behalf_of" in raw else None,
            Imported(**raw["imported"]) if "imported" in raw else None,
            request,
            UUID(raw["correlation_id"]) if "correlation_id" in raw else None,
            UUID(raw["causation_id"]) if "causation_id" in raw else None,
            get("rulebook"),
            get("book_version"),
            subjects,
            tuple(opener.erased),
        )


def recorded_at(stored: StoredEvent) -> datetime:
    """When an entry was recorded, without opening it."""
    return datetime.fromisoformat(orjson.loads(stored.state)["recorded_at"])


_EMPTY: Mapping[str, Any] = {}
_staff = lru_cache(maxsize=10_000)(Actor)
"""The same few members of staff record again and again."""


@lru_cache(maxsize=100_000)
def _uuid(text: str) -> UUID:
    """The same few data subjects are read again and again."""
    return UUID(text)


def _refs(raw: Mapping[str, Any]) -> Mapping[str, RefValue]:
    return {name: tuple(to) if isinstance(to, list) else to for name, to in raw.items()}
