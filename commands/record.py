"""Recording one live fact: validated, checked, appended with the expected version and a request id."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from commands.check import CaseSoFar, check, fact_type, read_fact
from commands.reading import read_as
from ledger.errors import Conflict, FailedGuard, Fault, Invalid, Refused
from ledger.facts.acts import BY_TWO
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, RefValue, Request
from ledger.facts.lifecycle import NEEDS_TWO, CaseOpened
from ledger.facts.retention import SubjectErased
from ledger.facts.values import Id
from ledger.law.municipality import Municipality, municipalities
from ledger.store.codec import Head
from ledger.store.ledger import Ledger, case_id_of
from ledger.store.sealing import canonical

NOT_YOUR_ROLE: Final = FailedGuard("G32", "Din rolle må ikke registrere denne hændelse.", "ROLES §2")
TWO_PERSONS: Final = FailedGuard(
    "G31",
    "Handlingen skal godkendes af en anden medarbejder: foreslå den med `sagsbog propose`.",
    "ROLES §4",
)


_REQUEST_ID: Final = re.compile(r"[!-~]{1,100}")
_ID: Final = TypeAdapter(Id)
IDS: Final = TypeAdapter(tuple[Id, ...])


@dataclass(frozen=True)
class Asked:
    """One fact that someone asks to have recorded."""

    type: str
    occurred_on: date
    data: Mapping[str, Any]
    refs: Mapping[str, RefValue] = field(default_factory=dict)
    document_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """What the one who recorded gets to keep."""

    case_id: UUID
    case_number: str
    version: int
    seq: int | None
    """Number in the book's log; None until it is numbered."""
    seal: str
    recorded_at: datetime


def record(
    ledger: Ledger, case_id: UUID, asked: Asked, actor: Actor, *, request_id: str, if_version: int | None = None
) -> Receipt:
    """Records one fact on a case. Raises Invalid, Refused or Conflict, and then nothing is recorded."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        version = len(case.entries)
        if not isinstance(asked.data, Mapping):
            raise Invalid(Fault("data", "skal være et objekt"))
        if version and asked.type == CaseOpened.declared.type:
            raise Conflict(f"Sagen {asked.data.get('case_number')} findes allerede (version {version}).", version)
        if if_version not in (None, version):
            raise Conflict(f"Sagen er på version {version}, ikke {if_version}. Hent den igen, og prøv på ny.", version)
        return [_draft(ledger, asked, actor, case)]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["record", asked])


def open_case(
    ledger: Ledger, opened: Mapping[str, Any], occurred_on: date, actor: Actor, *, request_id: str
) -> Receipt:
    """Opens a case: `opened` is the data of its CaseOpened."""
    fact = read_fact(CaseOpened, opened)
    assert isinstance(fact, CaseOpened)
    asked = Asked(CaseOpened.declared.type, occurred_on, fact.as_data())
    return record(ledger, case_id_of(ledger.municipality, fact.case_number), asked, actor, request_id=request_id)


def act_once(
    ledger: Ledger,
    case_id: UUID,
    drafts: Callable[[CaseSoFar], list[Draft]],
    actor: Actor,
    *,
    request_id: str,
    what: Sequence[Any],
) -> Receipt:
    """Appends an act, unless the same request did already: then its first receipt is given again.

    `what` is what was asked for: the same request id for something else is Invalid.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise Invalid(Fault("request_id", "skal være 1-100 tegn uden mellemrum, fx et UUID"))
    try:
        asked = canonical([str(case_id), *what])
    except orjson.JSONEncodeError:
        raise Invalid(Fault("", "indeholder tegn eller tal, der ikke kan gemmes")) from None
    digest = hmac.new(ledger.vault.secret("requests"), asked, sha256).hexdigest()
    request = Request(request_id, digest)
    recorded = ledger.answered(actor.user_id, request)
    if not recorded:
        case = CaseSoFar.of(ledger.entries(case_id))
        act = drafts(case)
        recorded = ledger.append(Head.of(case_id, case.entries), act, entry_at=case.at, request=request)
    return _receipt(ledger, recorded[-1])


def check_actor(ledger: Ledger, actor: Actor) -> Municipality:
    """The municipality the actor works in; Invalid when it has no such role or unit."""
    municipality = municipalities()[ledger.municipality]
    if actor.role not in municipality.roles:
        known = ", ".join(municipality.roles)
        raise Invalid(Fault("actor", f"rollen {actor.role} findes ikke i {municipality.dansk}; roller: {known}"))
    if actor.unit not in municipality.units:
        known = ", ".join(municipality.units)
        raise Invalid(Fault("actor", f"enheden {actor.unit} findes ikke i {municipality.dansk}; enheder: {known}"))
    read_as(_ID, actor.user_id, at="actor.user_id")
    return municipality


def _draft(ledger: Ledger, asked: Asked, actor: Actor, case: CaseSoFar) -> Draft:
    cls = fact_type(asked.type)
    municipality = check_actor(ledger, actor)
    if cls in NEEDS_TWO:
        raise Refused(TWO_PERSONS)
    if cls in (*BY_TWO, SubjectErased):
        raise Invalid(
            Fault("type", f"{asked.type} registreres ikke direkte; den følger af den handling, den hører til")
        )
    claimed = {"approved_by", "second_approver"} & set(asked.data)
    if claimed:
        raise Invalid(*(Fault(f"data.{name}", "udfyldes af systemet, når en anden godkender") for name in claimed))
    fact = read_fact(cls, asked.data)
    read_as(IDS, asked.document_ids, at="document_ids")
    guards = check(fact, asked.occurred_on, ledger.today(), asked.refs, case)
    if not municipality.may_record(actor.role, cls):
        guards.append(NOT_YOUR_ROLE)
    if guards:
        raise Refused(*guards)
    return Draft(fact, asked.occurred_on, actor, "api", asked.refs, document_ids=asked.document_ids)


def _receipt(ledger: Ledger, entry: Entry[Any]) -> Receipt:
    number = ledger.entry(entry.case_id, 1).fact.case_number
    return Receipt(entry.case_id, number, entry.version, ledger.seq_of(entry), entry.seal.hex(), entry.recorded_at)
