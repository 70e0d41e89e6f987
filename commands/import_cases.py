"""Importing `sagsbog-case/1` files: each file (each line of a .jsonl) is one case, all or nothing.

A file that is already there adds nothing; one that goes on where the ledger stops adds the rest; any
difference in what is known is a Conflict. The file's recorded_at is kept as what the old system claims.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from commands.check import CaseSoFar, check, fact_type, read_fact
from commands.reading import read_as, read_json, why_unreadable
from ledger.clock import danish_day
from ledger.cpr import holds_cpr
from ledger.errors import Conflict, Fault, Invalid, SagsbogError
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, Imported, OnBehalfOf, RefValue
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import CaseOpened, EntryCorrected, PartyRegistered
from ledger.facts.shape import Shape, rewrite, shape_of
from ledger.facts.values import CaseNumber, Day, Id, PartyRef, SlugText, StaffName
from ledger.store.books import Books
from ledger.store.codec import Head
from ledger.store.ledger import case_id_of
from ledger.store.seal import NO_SEAL

LARGEST: Final = 50_000_000
"""Bytes of one case. A real case of 5,000 entries is about 3 MB."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_SKIPPED: Final = 1_000_000  # bytes at a time


Instant = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC))]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FileActor(_Strict):
    """Who recorded the event, as the file claims."""

    user_id: Id
    name: StaffName
    unit: SlugText
    role: SlugText
    party: Id | None = None


class FileMandate(_Strict):
    """The mandate used."""

    mandate_ref: Id
    unit: SlugText
    name: StaffName


class FileEvent(_Strict):
    """One event of a case file. `data` is read by its fact class."""

    key: Id
    type: Name
    occurred_on: Day
    recorded_at: Instant
    actor: FileActor
    data: dict[str, Any]
    refs: dict[Name, Any] = Field(default_factory=dict)
    source: Literal["api", "import", "system", "migration"] = "import"
    on_behalf_of: FileMandate | None = None
    document_ids: tuple[Id, ...] = ()
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


class FileHead(_Strict):
    """Which case it is."""

    case_number: CaseNumber
    municipality: SlugText
    opened_on: Day


class FileParty(BaseModel):
    """A party as the file repeats it for its readers."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    party: PartyRef


class CaseFile(_Strict):
    """A `sagsbog-case/1` file. Its events are read one at a time, so that what is wrong is told by its key."""

    format: Literal["sagsbog-case/1"]
    case: FileHead
    parties: list[FileParty]
    events: list[dict[str, Any]]


_CASE_FILE: Final = TypeAdapter(CaseFile)
_EVENT: Final = TypeAdapter(FileEvent)


@dataclass(frozen=True)
class Outcome:
    """What became of one case of a file."""

    where: str
    """File, and line in a .jsonl."""
    case_number: str = ""
    municipality: str = ""
    added: int = 0
    total: int = 0
    error: SagsbogError | None = None
    read_bytes: int = 0
    """How far into the file it is."""


def import_file(books: Books, path: Path, importer: str, *, dry_run: bool = False) -> Iterator[Outcome]:
    """Imports one file, a case at a time. An outcome with an error kept nothing of that case."""
    try:
        read = 0
        found = False
        for where, raw in _raw_cases(path):
            found = True
            read += len(raw)
            try:
                outcome = import_case(books, raw, where, importer, dry_run=dry_run)
            except SagsbogError as error:
                outcome = Outcome(where, error=error)
            yield replace(outcome, read_bytes=read)
        if not found:
            yield Outcome(str(path), error=Invalid(Fault("", "indeholder ingen sager"), about=str(path)))
    except SagsbogError as error:
        yield Outcome(str(path), error=error)


def _raw_cases(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with path.open("rb") as file:
            if path.suffix != ".jsonl":
                yield str(path), file.read(LARGEST + 1)
                return
            number = 0
            while line := file.readline(LARGEST + 1):
                number += 1
                if line.strip():
                    yield f"{path}, linje {number}", line
                if len(line) > LARGEST:
                    while line and not line.endswith(b"\n"):  # the rest of a line too long
                        line = file.readline(_SKIPPED)
    except OSError as error:
        raise Invalid(Fault("", why_unreadable(error)), about=str(path)) from None


def import_case(books: Books, raw: bytes, where: str, importer: str, *, dry_run: bool) -> Outcome:
    """Imports one case. Raises Invalid or Conflict with file, event and field, and then keeps nothing of it."""
    if len(raw) > LARGEST:
        raise Invalid(
            Fault("", f"er over {LARGEST // 1_000_000} MB; læg flere sager i en .jsonl, én per linje"), about=where
        )
    file = read_as(_CASE_FILE, read_json(raw, about=where), about=where)
    municipality = file.case.municipality
    try:
        book = books.made(municipality)
    except Invalid as error:
        raise Invalid(*(replace(fault, where="case.municipality") for fault in error.faults), about=where) from None
    case_id = case_id_of(municipality, file.case.case_number)
    imported = Imported(importer, sha256(raw).hexdigest())
    given = _read_events(file, _Came(case_id, municipality, imported, books.now()), where)
    _check_head(file, given, where)
    known = book.entries(case_id) if book else []
    for stored, entry in zip(known, given.entries, strict=False):
        _check_same(stored, entry, f"{where}, hændelse {entry.key}")
    added = given.entries[len(known) :]
    for entry in added:
        _check_not_erased(entry, known, f"{where}, hændelse {entry.key}")
    if added and not dry_run:
        books.book(municipality).append(Head.of(case_id, known), [_draft(entry) for entry in added], entry_at=given.at)
    return Outcome(where, file.case.case_number, municipality, len(added), len(given.entries))


@dataclass(frozen=True)
class _Came:
    """Where and when the events of a file came in."""

    case_id: UUID
    municipality: str
    imported: Imported
    now: datetime


def _read_events(file: CaseFile, came: _Came, where: str) -> CaseSoFar:
    case = CaseSoFar()
    keys: dict[str, int] = {}
    for index, raw in enumerate(file.events):
        about = f"{where}, hændelse {_name_of(raw, index)}"
        event = read_as(_EVENT, raw, about=about)
        for name, form in (("occurred_on", "en dato (ÅÅÅÅ-MM-DD)"), ("recorded_at", "et tidspunkt med tidszone")):
            if raw[name][4] != "-":  # a number in quotes is seconds since 1970 to pydantic
                raise Invalid(Fault(name, f"skal være {form}"), about=about)
        try:
            case.add(_read_event(event, case, keys, came))
        except Invalid as error:
            raise Invalid(*error.faults, about=about) from None
        except Conflict as error:
            raise Conflict(f"{about}: {error}", error.current_version) from None
        keys[event.key] = len(case.entries)
    return case


def _name_of(event: Mapping[str, Any], index: int) -> str:
    key = event.get("key")
    return key if isinstance(key, str) and key.isprintable() and key[:100] == key else f"nummer {index + 1}"


def _read_event(event: FileEvent, case: CaseSoFar, keys: Mapping[str, int], came: _Came) -> Entry[Any]:
    if event.key in keys:
        raise Invalid(Fault("key", "er brugt af en tidligere hændelse i filen"))
    if event.recorded_at > came.now:
        raise Invalid(Fault("recorded_at", "ligger i fremtiden"))
    if case.entries and event.recorded_at < case.entries[-1].known_at:
        raise Invalid(Fault("recorded_at", "ligger før hændelsen ovenover; de skal stå, som de blev registreret"))
    cls = fact_type(event.type)
    fact = read_fact(cls, _with_versions(cls, event.data, keys))
    refs = {name: _versions(name, value, keys) for name, value in event.refs.items()}
    guards = check(fact, event.occurred_on, danish_day(event.recorded_at), refs, case)
    if guards:
        raise Invalid(*(Fault(guard.field, f"{guard.id}: {guard.sentence}") for guard in guards))
    mandate = event.on_behalf_of
    for who, person in (("actor", event.actor), ("on_behalf_of", mandate)):
        if person and holds_cpr(person.name):
            raise Invalid(Fault(f"{who}.name", "G34: indeholder et CPR-nummer"))
    return Entry(
        case_id=came.case_id,
        version=len(case.entries) + 1,
        fact=fact,
        occurred_on=event.occurred_on,
        recorded_at=came.now,
        actor=Actor(**dict(event.actor)),
        municipality=came.municipality,
        source=event.source,
        refs=refs,
        seal=NO_SEAL,
        previous=NO_SEAL,
        source_recorded_at=event.recorded_at,
        key=event.key,
        document_ids=event.document_ids,
        on_behalf_of=OnBehalfOf(**dict(mandate)) if mandate else None,
        imported=came.imported,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
    )


def _with_versions(cls: type[Fact], data: dict[str, Any], keys: Mapping[str, int]) -> Any:
    def version(path: str, value: Any, node: Shape) -> Any:
        if node.kind in ("entry", "entry_or_document") and isinstance(value, str):
            if node.kind == "entry" and value not in keys:
                raise Invalid(_unknown_key(path, value))
            return keys.get(value, value)
        return value

    return rewrite(shape_of(cls), data, version, "data")


def _versions(name: str, value: Any, keys: Mapping[str, int]) -> RefValue:
    many = value if isinstance(value, list) else [value]
    for key in many:
        if not isinstance(key, str):
            raise Invalid(Fault(f"refs.{name}", "skal være nøglen på en tidligere hændelse, eller en liste af nøgler"))
        if key not in keys:
            raise Invalid(_unknown_key(f"refs.{name}", key))
    return tuple(keys[key] for key in many) if many is value else keys[value]


def _unknown_key(where: str, key: str) -> Fault:
    return Fault(where, f"peger på {key!r}, som ikke er en tidligere hændelse i filen")


def _draft(entry: Entry[Any]) -> Draft:
    return Draft(
        entry.fact, entry.occurred_on, entry.actor, entry.source, entry.refs, entry.source_recorded_at, entry.key,
        entry.document_ids, entry.on_behalf_of, entry.imported, entry.correlation_id, entry.causation_id,
    )  # fmt: skip


def _check_head(file: CaseFile, given: CaseSoFar, where: str) -> None:
    """The file says who and which case twice; both must say the same."""
    opened = given.entries[0].fact if given.entries else None
    if not isinstance(opened, CaseOpened):
        raise Invalid(Fault("events", "er tom; den første hændelse skal være CaseOpened"), about=where)
    for name in ("case_number", "opened_on"):
        if getattr(file.case, name) != getattr(opened, name):
            raise Invalid(Fault(f"case.{name}", "er ikke den samme som i CaseOpened"), about=where)
    registered = {
        event["data"]["party"]: event["data"] for event in file.events if event["type"] == PartyRegistered.declared.type
    }
    repeated = {party.party: party.model_dump() for party in file.parties}
    if len(repeated) < len(file.parties):
        raise Invalid(Fault("parties", "nævner den samme part to gange"), about=where)
    if registered != repeated:
        differing = sorted(ref for ref in registered | repeated if registered.get(ref) != repeated.get(ref))
        raise Invalid(Fault("parties", f"er ikke de samme som i PartyRegistered: {', '.join(differing)}"), about=where)


def _check_not_erased(entry: Entry[Any], known: Sequence[Entry[Any]], about: str) -> None:
    """A file still holds what the ledger has erased; a correction must not bring it back."""
    target = entry.pointer("target") or 0
    if isinstance(entry.fact, EntryCorrected) and target <= len(known) and known[target - 1].erased:
        raise Invalid(
            Fault("refs.target", f"oplysninger på version {target} er slettet og kan ikke rettes"), about=about
        )


_SAME: Final = (
    "type", "occurred_on", "refs", "source", "source_recorded_at", "key", "document_ids", "on_behalf_of",
    "correlation_id", "causation_id",
)  # fmt: skip


def _check_same(stored: Entry[Any], given: Entry[Any], about: str) -> None:
    """What is known must be told the same again; what is erased cannot be compared, and is not brought back."""
    differing = [name for name in _SAME if getattr(stored, name) != getattr(given, name)]
    if stored.type == given.type:
        differing += [f"data.{name}" for name in type(given.fact).model_fields if _differs(name, stored, given)]
    if "actor.name" not in stored.erased and stored.actor != given.actor:
        differing.append("actor")
    if differing:
        raise Conflict(
            f"{about}: sagen er kendt, men version {stored.version} er en anden ({', '.join(differing)})."
            " En kendt hændelse kan ikke ændres ved import; ret den på sagen i stedet.",
            stored.version,
        )


def _differs(name: str, stored: Entry[Any], given: Entry[Any]) -> bool:
    if isinstance(given.fact, EntryCorrected) and name == "old":  # stored as a commitment only
        return False
    path = f"data.{name}"
    if any(gone == path or gone.startswith(f"{path}.") for gone in stored.erased):
        return False
    return bool(getattr(stored.fact, name) != getattr(given.fact, name))
