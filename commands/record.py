"""Recording one live fact: validated, checked, appended with the expected version and a request id."""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from commands.check import CPR_IN_TEXT, check, fact_type, failing_now, read_fact, refusing
from commands.reading import read_as
from commands.so_far import CaseSoFar, at_hand
from ledger.cpr import holds_cpr
from ledger.errors import Conflict, FailedGuard, Fault, Forbidden, Invalid, Refused, SagsbogError
from ledger.facts.acts import BY_TWO, ActProposed, approver_fields
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, OnBehalfOf, RefValue, Request
from ledger.facts.fact import Fact
from ledger.facts.history import history
from ledger.facts.lifecycle import NEEDS_TWO, CaseOpened
from ledger.facts.payments import ExpenseDocumented
from ledger.facts.retention import SubjectErased
from ledger.facts.shape import shape_of
from ledger.facts.values import Id
from ledger.law.eyes import RESTRICTED, Eyes
from ledger.law.guards.expenses import screened_in, status_of
from ledger.law.municipality import Municipality
from ledger.law.rights import Viewer
from ledger.law.units import units_of
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of
from ledger.store.sealing import canonical

TWO_PERSONS: Final = FailedGuard(
    "G31",
    "Handlingen skal godkendes af en anden medarbejder: foreslå den (sagsbog propose, over HTTP …/proposals).",
    "god forvaltningsskik (to personer om en rettelse)",
)


_REQUEST_ID: Final = re.compile(r"[!-~]{1,100}")
_ID: Final = TypeAdapter(Id)
_IDS: Final = TypeAdapter(tuple[Id, ...])
_MANDATE: Final = TypeAdapter(OnBehalfOf)


@dataclass(frozen=True)
class Asked:
    """One fact that someone asks to have recorded."""

    type: str
    occurred_on: date
    data: Mapping[str, Any]
    refs: Mapping[str, RefValue] = field(default_factory=dict)
    document_ids: tuple[str, ...] = ()
    on_behalf_of: OnBehalfOf | None = None
    """The mandate used, when it is done for another unit."""


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
    notices: tuple[FailedGuard, ...] = ()
    """What was recorded all the same, but should be looked at."""


def record(
    ledger: Ledger, case_id: UUID, asked: Asked, actor: Actor, *, request_id: str, if_version: int | None = None
) -> Receipt:
    """Records one fact on a case; of a citizen's, the draft that the authority confirms or rejects.

    Raises Invalid, Refused or Conflict, and then nothing is recorded.
    """

    def drafts(case: CaseSoFar) -> list[Draft]:
        version = len(case.entries)
        if version and asked.type == CaseOpened.declared.type:
            number = case.entries[0].fact.case_number
            raise Conflict(f"Sagen {number} findes allerede (version {version}).", version)
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
    """Appends an act to a case, unless the same request did already: then its first receipt is given again."""
    with at_hand(ledger, case_id) as case:
        _check_open_to(ledger, actor, case)
        before, recorded = recorded_once(ledger, case_id, case, drafts, actor, request_id=request_id, what=what)
        last, notices = recorded[-1], tuple(dict.fromkeys(_notices(before, recorded)))
        number = [*before.entries[:1], *recorded][0].fact.case_number
    return Receipt(
        case_id, number, last.version, ledger.seq_of(last), last.seal.hex(), last.recorded_at, notices,
    )  # fmt: skip


def _check_open_to(ledger: Ledger, actor: Actor, case: CaseSoFar) -> None:
    """Forbidden when the case is restricted by now, and the actor is not among those who may open it (ROLES §3)."""
    if case.was_marked:
        today = history(case.entries, as_of=ledger.today())
        if Eyes(Viewer(actor, actor.party), ledger.here, today).is_shut_out:
            raise Forbidden(RESTRICTED)


def recorded_once(
    ledger: Ledger,
    stream: UUID,
    case: CaseSoFar,
    drafts: Callable[[CaseSoFar], list[Draft]],
    actor: Actor,
    *,
    request_id: str,
    what: Sequence[Any],
) -> tuple[CaseSoFar, list[Entry[Any]]]:
    """Appends an act to a stream, unless the same request did already: the stream before it, and the act's own entries.

    `what` is what was asked for: the same request id for something else is Invalid. Whether it was recorded already is
    asked when it cannot be recorded now: the ledger keeps a request once, and a request done before rarely fits again.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise Invalid(Fault("request_id", "skal være 1-100 tegn uden mellemrum, fx et UUID"))
    request = Request(request_id, _digest(ledger, [str(stream), *what]))
    head = case.head or Head(stream)
    try:
        recorded = ledger.append(head, drafts(case), entry_at=case.at, request=request, law=case.law)
    except SagsbogError:
        recorded = ledger.answered(actor.user_id, request)
        if not recorded:
            raise
    first = recorded[0].version
    return case if first == head.version + 1 else CaseSoFar.of(ledger.entries(stream)[: first - 1], case.law), recorded


def _digest(ledger: Ledger, what: Sequence[Any]) -> str:
    """What was asked for, so that nobody who does not hold the book's secret can tell what it was."""
    try:
        asked = canonical(what)
    except orjson.JSONEncodeError:
        raise Invalid(Fault("", "et tal er for stort, eller en tekst indeholder tegn, der ikke kan gemmes")) from None
    return hmac.new(ledger.vault.secret("requests"), asked, sha256).hexdigest()


def check_actor(ledger: Ledger, actor: Actor) -> Municipality:
    """The municipality the actor works in; Invalid when it has no such role or unit, or not that role in that unit."""
    municipality = ledger.here
    if actor.role not in municipality.roles:
        known = ", ".join(municipality.roles)
        raise Invalid(Fault("actor", f"rollen {actor.role} findes ikke i {municipality.dansk}; roller: {known}"))
    if actor.unit not in municipality.units:
        known = ", ".join(municipality.units)
        raise Invalid(Fault("actor", f"enheden {actor.unit} findes ikke i {municipality.dansk}; enheder: {known}"))
    if actor.unit not in (units := units_of(municipality, actor.role)):
        raise Invalid(Fault("actor", f"rollen {actor.role} findes ikke i {actor.unit}, kun i: {', '.join(units)}"))
    read_as(_ID, actor.user_id, at="actor.user_id")
    return municipality


def _draft(ledger: Ledger, asked: Asked, actor: Actor, case: CaseSoFar) -> Draft:
    if check_actor(ledger, actor).is_citizen(actor.role):
        return proposed(ledger, asked, actor, case)
    if fact_type(asked.type) in NEEDS_TWO:
        raise Refused(TWO_PERSONS)
    draft = candidate(asked, actor)
    refuse_if_guarded(ledger, draft, case)
    return draft


def candidate(asked: Asked, actor: Actor, approver: Actor | None = None) -> Draft:
    """What is asked for as it is recorded, read strictly; the second person is `approver`, whatever anyone claims."""
    cls = fact_type(asked.type)
    if cls in (*BY_TWO, SubjectErased):
        raise Invalid(
            Fault("type", f"{asked.type} registreres ikke direkte; den følger af den handling, den hører til")
        )
    if not isinstance(asked.data, Mapping):
        raise Invalid(Fault("data", "skal være et objekt"))
    claimed = approver_fields(asked.data)
    if claimed:
        raise Invalid(*(Fault(f"data.{name}", "udfyldes af systemet, når en anden godkender") for name in claimed))
    second = {name: _named(approver, cls, name) for name in approver_fields(cls.model_fields) if approver}
    fact = read_fact(cls, {**asked.data, **second})
    read_as(_IDS, asked.document_ids, at="document_ids")
    read_mandate(asked.on_behalf_of)
    return Draft(
        fact, asked.occurred_on, actor, "api", asked.refs, document_ids=asked.document_ids,
        on_behalf_of=asked.on_behalf_of,
    )  # fmt: skip


def read_mandate(used: OnBehalfOf | None) -> None:
    """Invalid when what is said of a mandate cannot be so; Refused when it names a person by CPR number."""
    if used is not None:
        read_as(_MANDATE, asdict(used), at="on_behalf_of")
        if holds_cpr(used.name):
            raise Refused(replace(CPR_IN_TEXT, field="on_behalf_of.name"))


def _named(person: Actor, cls: type[Fact], field_name: str) -> dict[str, str]:
    """A person as a field of a fact names them."""
    return {name: getattr(person, name) for name in shape_of(cls).fields[field_name].fields}


def proposed(ledger: Ledger, asked: Asked, actor: Actor, case: CaseSoFar) -> Draft:
    """The proposal of a fact: whole, and guarded as the fact would be but for what only its answer can tell."""
    citizen, cls = ledger.here.is_citizen(actor.role), fact_type(asked.type)
    if ledger.here.may_draft(actor.role, cls) and actor.party not in case.parties:
        raise Invalid(Fault("actor.party", "skal nævne den registrerede part, som borgeren er"))
    whole = candidate(asked, actor, approver=actor)
    if not citizen and not approver_fields(cls.model_fields):
        raise Invalid(Fault("type", f"{asked.type} registreres direkte; kun det, to skal være om, foreslås"))
    data = {name: value for name, value in whole.fact.as_data().items() if name not in approver_fields([name])}
    proposal = ActProposed(
        proposed_type=asked.type, proposed_on=asked.occurred_on, data=data, refs=dict(asked.refs),
        document_ids=asked.document_ids or None,
    )  # fmt: skip
    draft = Draft(proposal, ledger.today(), actor, "api", on_behalf_of=asked.on_behalf_of)
    unanswered = "G32" if citizen else "G31"  # a draft is confirmed by one who may, a correction by another
    also = refusing(failing_now(draft, case))
    refuse_if_guarded(ledger, whole, case, but=unanswered, also=also)
    return draft


def refuse_if_guarded(
    ledger: Ledger, draft: Draft, case: CaseSoFar, *, but: str = "", also: Iterable[FailedGuard] = ()
) -> None:
    """Raises Refused with every guard that says no to a draft; Invalid when it cannot be understood at all.

    `but`: the id of a guard that cannot be asked yet. `also`: what said no before.
    """
    guards = [*also, *check(draft.fact, draft.occurred_on, ledger.today(), draft.refs, case)]
    guards += refusing(one for one in failing_now(draft, case) if one.id != but)
    if guards:
        raise Refused(*dict.fromkeys(guards))


def _notices(before: CaseSoFar, recorded: Sequence[Entry[Any]]) -> Iterator[FailedGuard]:
    """What should be looked at about the facts of an act, each with the case as it was when it was recorded."""
    case = before if len(recorded) == 1 else CaseSoFar.of(before.entries, before.law)
    for number, entry in enumerate(recorded, 1):
        yield from (one.failed() for one in failing_now(entry, case) if not one.blocks)
        if isinstance(entry.fact, ExpenseDocumented):
            known = history([*before.entries, *recorded[:number]], as_of=entry.occurred_on)
            if status := status_of(screened_in(known.told, entry.version)):
                yield status
        if case is not before:
            case.add(entry)
