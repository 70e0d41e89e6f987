"""The ledger of one book: append, load, read on. The same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache, partial
from itertools import takewhile
from time import monotonic, sleep
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_DNS, UUID, uuid5

import structlog
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError
from eventsourcing.utils import Environment, EnvType
from sqlalchemy import Engine

from ledger.clock import Clock, danish_day
from ledger.errors import Conflict, Fault, Invalid, NotFound
from ledger.facts.draft import Draft
from ledger.facts.entry import Entry, Request
from ledger.facts.fact import Fact
from ledger.facts.history import History, Known, always, history
from ledger.facts.values import ERASED
from ledger.law.law import Law
from ledger.law.municipality import Municipality
from ledger.law.rulebook import Rulebook
from ledger.store.book_law import BookLaw
from ledger.store.codec import Codec, EntryAt, Occasion
from ledger.store.head import Head
from ledger.store.kept import request_mark
from ledger.store.looks import Looks
from ledger.store.recorder import LedgerRecorder
from ledger.store.streams import Streams
from ledger.store.together import Together
from ledger.store.vault import Vault

log = structlog.get_logger()
SAGSBOG: Final = uuid5(NAMESPACE_DNS, "sagsbog")
"""The namespace of every id made from a name."""
_OWN_STREAMS: Final = ("book", "access")


@lru_cache(maxsize=10_000)
def case_id_of(municipality: str, case_number: str) -> UUID:
    """The id of a case: the same number opened twice in a municipality collides by itself."""
    return uuid5(SAGSBOG, f"{municipality}/{case_number}")


@cache
def book_stream(municipality: str, name: str) -> UUID:
    """The id of one of the book's own streams: mandates and rates in `book`, reading in `access`."""
    return uuid5(SAGSBOG, f"{municipality}//{name}")


@dataclass(frozen=True)
class Address:
    """Where the books are, and what opens them: another process can open them by it."""

    database_url: str = field(repr=False)  # may hold a password
    master_key: str | None = field(repr=False)


class Numbered(NamedTuple):
    """An entry with its number in the book's log."""

    seq: int
    entry: Entry[Any]


class UnderTheLaw(NamedTuple):
    """A stream and the law, as both stood at one moment."""

    entries: list[Entry[Any]]
    law: Law
    destroyed: int
    """How many keys had been destroyed by then."""


class Ledger(Application[UUID]):
    """One municipality's book of facts."""

    name = "sagsbog"
    recorder: LedgerRecorder
    mapper: Codec

    def __init__(
        self,
        municipality: str,
        factory: InfrastructureFactory[Any],
        vault: Vault,
        clock: Clock,
        rulebook: Rulebook,
        *,
        read_models: Engine,
        address: Address,
    ) -> None:
        """`read_models`: where the book's read models are; the ledger itself never looks there."""
        self.municipality = municipality
        self.vault = vault
        self.clock = clock
        self.rulebook = rulebook
        self.read_models = read_models
        self.address = address
        self._given_factory = factory
        self._law = BookLaw(municipality, rulebook)
        super().__init__()
        self.streams = Streams(self.recorder, self.mapper, vault)
        self.looks = Looks(book_stream(municipality, "access"), self.recorder, self.head, self.append)
        self._numbering = Together(self.recorder.numbered)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Empty: settings are read in one place, and the library's own switches are not for us."""
        return Environment(name, env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:  # noqa: ARG002
        """The factory of the engine this book lives on."""
        return self._given_factory

    def construct_mapper(self) -> Codec:
        """Our own bytes instead of the library's."""
        return Codec(self.vault, self.municipality)

    def append(
        self,
        head: Head,
        drafts: Sequence[Draft],
        *,
        entry_at: EntryAt | None = None,
        request: Request | None = None,
        law: Law | None = None,
    ) -> list[Entry[Any]]:
        """Appends an act of one or more facts right after `head`; durable and sealed when this returns.

        `entry_at` finds earlier entries of the stream for corrections. `law` is what the facts were held against; the
        law that was read last when it is not given. Raises Conflict when someone else was first; nothing of the act is
        kept then. A repeated request gives the entries of the first one.
        """
        at, destroyed = entry_at or partial(self.entry, head.case_id), self.vault.destroyed
        read_to = self._read_to(head.case_id, law)
        occasion = Occasion(self.clock(), request, self.rulebook.digest, read_to)
        sealed = self.mapper.seal(head, drafts, at, occasion)
        try:
            self.recorder.insert_events([kept for _, kept in sealed])
        except IntegrityError:
            first = self.answered(drafts[0].actor.user_id, request) if request else []
            if not first:
                raise self._conflict(head) from None
            return first
        entries = [entry for entry, _ in sealed]
        self.streams.appended(head, entries, destroyed)
        versions = (entries[0].version, entries[-1].version)
        log.info("appended", book=self.municipality, stream=str(head.case_id), versions=versions)
        return entries

    def log_look(self, look: Draft) -> None:
        """Appends a look at cases; durable when this returns."""
        self.looks.put(look)

    def _read_to(self, stream: UUID, law: Law | None) -> int | None:
        """How far the book's stream was read for a law, or for the one read last; None for what is recorded in it."""
        if stream == book_stream(self.municipality, "book"):
            return None
        if law is None:
            law = self._law.last or self.law()
        return law.book_version or None

    def answered(self, principal: str, request: Request) -> list[Entry[Any]]:
        """The entries that a request led to earlier; empty when it is new."""
        found = self.recorder.find_request(request_mark(principal, request.id))
        if found is None:
            return []
        case_id, version = found
        first, *later = self.entries(case_id, after=version - 1)
        if first.request is None or first.request.digest not in (request.digest, ERASED):
            raise Invalid(Fault("request_id", "er allerede brugt til en anden anmodning; brug et nyt"))
        return [first, *takewhile(lambda entry: self._goes_on(entry, request), later)]

    def _goes_on(self, entry: Entry[Any], request: Request) -> bool:
        """Whether an entry belongs to the act before it: two people may use the same request id."""
        if entry.request is None or entry.request.id != request.id:
            return False
        mark = request_mark(str(entry.actor.user_id), request.id)
        return self.recorder.find_request(mark) != (entry.case_id, entry.version)

    def entries(self, stream: UUID, *, after: int = 0) -> list[Entry[Any]]:
        """The entries of a stream in version order; empty when there is no such stream."""
        (found,) = self.at_once(stream)
        return found[after:]

    def at_once(self, *streams: UUID) -> list[list[Entry[Any]]]:
        """The entries of some streams, each in version order, as all of them stand at one moment."""
        return self.streams.read(streams).entries

    def under_the_law(self, stream: UUID) -> "UnderTheLaw":
        """The entries of a stream, and the law that they are held against at that moment."""
        (entries, of_the_book), destroyed = self.streams.read([stream, book_stream(self.municipality, "book")])
        return UnderTheLaw(entries, self._law.of(of_the_book, destroyed), destroyed)

    def ever(self, fact_type: type[Fact], stream: UUID) -> bool:
        """Whether a fact of a type was ever recorded in a stream, whatever became of it."""
        return any(isinstance(entry.fact, fact_type) for entry in self.entries(stream))

    def entry(self, case_id: UUID, version: int) -> Entry[Any]:
        """One entry that exists."""
        (stored,) = self.recorder.select_events(case_id, gt=version - 1, lte=version)
        return self.mapper.to_domain_event(stored)

    def load(
        self, case_id: UUID, *, as_of: date | None = None, known: Known = always, up_to: int | None = None
    ) -> History:
        """The history of a case as it was known, up to a version, and had happened by a day (default: today)."""
        entries = self.entries(case_id)[:up_to]
        found = history(entries, as_of=as_of or self.today(), known=known)
        if not found.recorded:
            raise NotFound(f"Der er ingen sag {case_id} i {self.municipality}, eller den fandtes ikke endnu.")
        return found

    @property
    def here(self) -> Municipality:
        """The municipality, as the rulebook describes it."""
        return self.rulebook.municipalities[self.municipality]

    def law(self, known: Known = always, rulebook: Rulebook | None = None) -> Law:
        """The law this book is under, with the rates and mandates it had registered, as known at an instant."""
        (of_the_book,), destroyed = self.streams.read([book_stream(self.municipality, "book")])
        return self._law.of(of_the_book, destroyed, known, rulebook)

    def head(self, stream: UUID) -> Head:
        """The end of one of the book's own streams, without reading the rest of it."""
        last = self.recorder.select_events(stream, desc=True, limit=1)
        return Head.of(stream, [self.mapper.to_domain_event(event) for event in last])

    def has(self, case_id: UUID) -> bool:
        """Whether there is such a case; the book's own streams are none. What was there once never goes."""
        if case_id in (book_stream(self.municipality, own) for own in _OWN_STREAMS):
            return False
        return case_id in self.streams.remembered or bool(self.recorder.select_events(case_id, limit=1))

    def cases(self) -> list[UUID]:
        """The ids of all cases of the book."""
        return self.recorder.streams("CaseOpened")

    def number(self) -> int:
        """Numbers what is committed and not numbered yet; says how many entries it was."""
        return self.recorder.number()

    def seqs(self, case_id: UUID) -> dict[int, int]:
        """Version to number in the log, for the entries of a case that are numbered."""
        return self.recorder.seqs(case_id)

    def seq_of(self, entry: Entry[Any], *, within: float = 0.25) -> int | None:
        """An entry's number in the log, waited for as long as `within` seconds; None when it is not there yet."""
        until = monotonic() + within
        while True:
            seq = self._numbering.do((entry.case_id, entry.version))
            if seq is not None or monotonic() > until:
                return seq
            sleep(0.01)

    def read_after(self, seq: int, limit: int = 1_000) -> list[Numbered]:
        """What follows a cursor in the log, in order and without gaps."""
        self.vault.refresh()
        found = self.recorder.select_notifications(seq, limit, inclusive_of_start=False)
        return [Numbered(one.id, self.mapper.to_domain_event(one)) for one in found]

    def today(self) -> date:
        """The Danish calendar date of the ledger's clock."""
        return danish_day(self.clock())

    def close(self) -> None:
        """Lets go of ledger, vault and read models."""
        super().close()
        self.vault.close()
        self.read_models.dispose()

    def _conflict(self, head: Head) -> Conflict:
        current = self.head(head.case_id).version
        log.info("conflict", book=self.municipality, stream=str(head.case_id), expected=head.version, current=current)
        return Conflict(
            f"Sagen er ændret imens: den er nu på version {current}, ikke {head.version}."
            " Hent den igen, og prøv på ny.",
            current,
        )
