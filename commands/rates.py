"""Rates: proposed by one registrar and confirmed by another (ROLES §4), and listed with where they come from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter

from commands.acts import refusal_of
from commands.book import BookReceipt, in_book, receipt, refuse
from commands.check import read_fact
from commands.reading import read_as
from commands.so_far import CaseSoFar
from commands.two_persons import open_proposal
from ledger.clock import known_by
from ledger.errors import FailedGuard, Fault, Invalid, Refused
from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.book import Certainty, RateKind, RateRegistered
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.sentence import kroner
from ledger.law.guards.lifecycle import role_may_record
from ledger.law.law import Law
from ledger.law.rates import RateRow
from ledger.store.ledger import Ledger

ANOTHER_REGISTRAR: Final = FailedGuard(
    "G31",
    "Satsen skal godkendes af en anden registrator end den, der foreslog den.",
    "god forvaltningsskik (to personer)",
)
_ROW: Final = TypeAdapter(RateRow)


@dataclass(frozen=True)
class RateInForce:
    """A rate as it is on a day, and where it comes from."""

    kind: RateKind
    name: str
    valid_from: date
    amount_oere: int | None
    value: int | None
    """The number, when it is not an amount."""
    source: str
    certainty: Certainty
    version: int | None
    """Of the RateRegistered in the book's stream; None when it is the rulebook's."""
    registered_by: tuple[str, ...]
    """User ids of the two registrars; empty when it is the rulebook's."""


def rates_in_force(law: Law, on: date) -> list[RateInForce]:
    """The rates in force on a day, by kind and name. What is not registered for the year is not there."""
    rows: list[RateRow | RateRegistered] = [*law.rulebook.rates, *(entry.fact for entry in law.registered)]
    amounts = {(row.kind, row.name): row.amount_oere is not None for row in rows}
    return [one for kind, name in sorted(amounts) for one in _in_force(law, kind, name, on, amounts[kind, name])]


def _in_force(law: Law, kind: RateKind, name: str, on: date, is_amount: bool) -> Iterator[RateInForce]:
    rate = law.rate(kind, name, on)
    if rate is not None:
        entry = next((one for one in law.registered if one.version == rate.version), None)
        oere, value = (rate.value, None) if is_amount else (None, rate.value)
        persons = (entry.actor.user_id, entry.fact.second_approver.user_id) if entry else ()
        yield RateInForce(
            kind, name, rate.valid_from, oere, value, rate.source, rate.certainty, rate.version, persons
        )  # fmt: skip


def propose_rate(ledger: Ledger, data: Mapping[str, Any], actor: Actor, *, on: date, request_id: str) -> BookReceipt:
    """Proposes a rate. It is in force when another registrar has confirmed it; says what it would take the place of."""

    def drafts(_: CaseSoFar) -> list[Draft]:
        rate = _rate(ledger, data, actor)
        refuse(ledger, rate, on, actor)
        kept = {name: value for name, value in rate.as_data().items() if name != "second_approver"}
        proposal = ActProposed(proposed_type=RateRegistered.declared.type, proposed_on=on, data=kept, refs={})
        return [Draft(proposal, ledger.today(), actor, "api")]

    what = ["rate", on, data]
    entry = in_book(ledger, drafts, actor, request_id=request_id, what=what)
    return receipt(ledger, entry, *_stands_already(_law_then(ledger, entry), _rate(ledger, entry.fact.data, actor)))


def confirm_rate(ledger: Ledger, version: int, actor: Actor, *, request_id: str) -> BookReceipt:
    """Confirms a proposed rate as another registrar: it is recorded by the one who proposed it."""

    def drafts(book: CaseSoFar) -> list[Draft]:
        proposal = _answerable(ledger, book, version, actor)
        rate, on = _rate(ledger, proposal.fact.data, actor), proposal.fact.proposed_on
        refuse(ledger, rate, on, proposal.actor)
        return [
            Draft(ActConfirmed(), ledger.today(), actor, "api", {"proposal": version}),
            Draft(rate, on, proposal.actor, "api"),
        ]

    entry = in_book(ledger, drafts, actor, request_id=request_id, what=["rate-confirm", version])
    return receipt(ledger, entry, *_yields(_law_then(ledger, entry), entry))


def reject_rate(ledger: Ledger, version: int, reason: str, actor: Actor, *, request_id: str) -> BookReceipt:
    """Rejects a proposed rate, with the reason."""

    def drafts(book: CaseSoFar) -> list[Draft]:
        _answerable(ledger, book, version, actor)
        rejected = read_fact(ActRejected, {"reason": reason})
        refuse(ledger, rejected, ledger.today(), actor)
        return [Draft(rejected, ledger.today(), actor, "api", {"proposal": version})]

    return receipt(ledger, in_book(ledger, drafts, actor, request_id=request_id, what=["rate-reject", version, reason]))


def _rate(ledger: Ledger, data: Mapping[str, Any], approver: Actor) -> RateRegistered:
    """The rate that is proposed, as it is recorded when `approver` confirms it."""
    if not isinstance(data, Mapping):
        raise Invalid(Fault("data", "skal være et objekt"))
    if "second_approver" in data:
        raise Invalid(Fault("data.second_approver", "udfyldes af systemet, når en anden registrator godkender"))
    read_as(_ROW, data, at="data")
    if data.get("municipality") not in (None, ledger.municipality):
        raise Invalid(Fault("data.municipality", f"skal være {ledger.municipality} eller udelades (hele landet)"))
    second = {"user_id": approver.user_id, "name": approver.name, "role": approver.role}
    fact = read_fact(RateRegistered, {**data, "second_approver": second})
    assert isinstance(fact, RateRegistered)
    return fact


def _answerable(ledger: Ledger, book: CaseSoFar, version: int, actor: Actor) -> Entry[ActProposed]:
    proposal = open_proposal(book, version)
    no = [] if ledger.here.may_record(actor.role, RateRegistered) else [refusal_of(role_may_record)]
    if actor.user_id == proposal.actor.user_id:
        no.append(ANOTHER_REGISTRAR)
    if no:
        raise Refused(*no)
    return proposal


def _law_then(ledger: Ledger, entry: Entry[Any]) -> Law:
    """The law as it was known when an entry was recorded: a repeated request is told the same."""
    return ledger.law(known_by(entry.recorded_at))


def _first_day(rate: RateRegistered) -> date:
    return rate.valid_from or date(rate.year, 1, 1)


def _told(rate: RateRegistered, value: int) -> str:
    return str(value) if rate.amount_oere is None else kroner(value)


def _stands_already(law: Law, rate: RateRegistered) -> Iterator[str]:
    """Another value for the very same period."""
    now = law.rate(rate.kind, rate.name, _first_day(rate))
    new = rate.value if rate.amount_oere is None else rate.amount_oere
    if now is not None and now.valid_from == _first_day(rate) and now.value != new:
        value = _told(rate, now.value)
        yield f"For samme periode gælder nu {value} ({now.source}); den nye sats går forud, når den er godkendt."


def _yields(law: Law, entry: Entry[RateRegistered]) -> Iterator[str]:
    """What comes before a rate that was just registered: the municipality's own comes before the whole country's."""
    now = law.rate(entry.fact.kind, entry.fact.name, _first_day(entry.fact))
    if now is not None and now.version != entry.version:
        yield f"Satsen er registreret, men {_told(entry.fact, now.value)} ({now.source}) går stadig forud for den."
