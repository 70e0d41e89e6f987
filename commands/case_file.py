"""Case files, format `sagsbog-case/1`: read into the case they describe, or refused with file, event and field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from commands.check import check, fact_type, is_day, read_fact
from commands.reading import NOT_A_DAY, read_as, read_json, why_unreadable
from commands.so_far import CaseSoFar
from ledger.clock import danish_day
from ledger.cpr import holds_cpr
from ledger.errors import Conflict, Fault, Invalid
from ledger.facts.acts import BY_TWO
from ledger.facts.entry import Actor, Entry, Imported, OnBehalfOf, RefValue
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import CaseOpened, EntryCorrected, PartyRegistered
from ledger.facts.retention import SubjectErased
from ledger.facts.shape import Shape, rewrite, shape_of
from ledger.facts.values import CaseNumber, Day, Id, PartyRef, SlugText, StaffName
from ledger.law.municipality import Municipality
from ledger.law.rulebook import Rulebook, unknown_municipality
from ledger.store.ledger import case_id_of
from ledger.store.seal import NO_SEAL
from ledger.store.sealer import CITIZEN

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
_INSTANT: Final = re.compile(r"[0-9]{4}-")


@dataclass(frozen=True)
class GivenCase:
    """A case as a file gives it."""

    case_id: UUID
    case_number: str
    municipality: str
    case: CaseSoFar
    """Its events as entries; their versions and refs are the ledger's, their seals are not made yet."""


def raw_cases(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each case of a file as it lies there, with where it lies. At most one is in memory."""
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


def read_case(raw: bytes, where: str, importer: str, now: datetime, rulebook: Rulebook) -> GivenCase:
    """The case that a file (or a line) describes. Raises Invalid or Conflict with file, event and field."""
    if len(raw) > LARGEST:
        size = f"er over {LARGEST // 1_000_000} MB; læg flere sager i en .jsonl, én per linje"
        raise Invalid(Fault("", size), about=where)
    file = read_as(_CASE_FILE, read_json(raw, about=where), about=where)
    head = file.case
    if head.municipality not in rulebook.municipalities:
        raise unknown_municipality(rulebook, head.municipality, "case.municipality", about=where)
    case_id = case_id_of(head.municipality, head.case_number)
    came = _Came(case_id, rulebook.municipalities[head.municipality], Imported(importer, sha256(raw).hexdigest()), now)
    given = _read_events(file, came, where)
    _check_head(file, given, where)
    return GivenCase(case_id, head.case_number, head.municipality, given)


@dataclass(frozen=True)
class _Came:
    """Where and when the events of a file came in."""

    case_id: UUID
    municipality: Municipality
    imported: Imported
    now: datetime


def _read_events(file: CaseFile, came: _Came, where: str) -> CaseSoFar:
    case = CaseSoFar()
    keys: dict[str, int] = {}
    for index, raw in enumerate(file.events):
        about = f"{where}, hændelse {_name_of(raw, index)}"
        event = read_as(_EVENT, raw, about=about)
        if not is_day(raw["occurred_on"]):
            raise Invalid(Fault("occurred_on", NOT_A_DAY), about=about)
        if not _INSTANT.match(raw["recorded_at"]):  # seconds since 1970 in quotes read as an instant, too
            raise Invalid(Fault("recorded_at", "skal være et tidspunkt med tidszone"), about=about)
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
    if cls in (*BY_TWO, SubjectErased):
        raise Invalid(Fault("type", f"{event.type} hører til en handling i denne sagsbog og kan ikke indlæses"))
    _check_actor(event.actor, case, came.municipality.roles)
    refs = {name: _versions(name, value, keys) for name, value in event.refs.items()}
    fact = read_fact(cls, _with_versions(cls, event.data, refs, case, keys))
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
        municipality=came.municipality.slug,
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


def _check_actor(actor: FileActor, case: CaseSoFar, roles: Mapping[str, str]) -> None:
    if actor.role not in roles:
        raise Invalid(Fault("actor.role", f"rollen {actor.role} findes ikke; roller: {', '.join(roles)}"))
    if actor.role == CITIZEN and actor.party not in case.parties:
        raise Invalid(Fault("actor.party", "skal nævne den registrerede part, som borgeren er"))


def _with_versions(
    cls: type[Fact], data: dict[str, Any], refs: Mapping[str, RefValue], case: CaseSoFar, keys: Mapping[str, int]
) -> Any:
    """The data with keys of earlier events rewritten to versions; a correction's values like what they correct."""

    def version(path: str, value: Any, node: Shape) -> Any:
        if node.kind in ("entry", "entry_or_document") and isinstance(value, str):
            if node.kind == "entry" and value not in keys:
                raise Invalid(_unknown_key(path, value))
            return keys.get(value, value)
        return value

    try:
        return rewrite(_shape(cls, data, refs, case), data, version, "data")
    except KeyError:  # an unknown field; read_fact names it
        return data


def _shape(cls: type[Fact], data: Mapping[str, Any], refs: Mapping[str, RefValue], case: CaseSoFar) -> Shape:
    shape = shape_of(cls)
    target = refs.get("target")
    if cls is not EntryCorrected or not isinstance(target, int):
        return shape
    corrected: Fact = case.at(target).fact
    node = shape_of(type(corrected)).at(str(data.get("field"))) or Shape()
    return replace(shape, fields={**shape.fields, "old": node, "new": node})


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
