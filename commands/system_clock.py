"""Systemuret: what time alone makes a fact is recorded, once, however often and however late the clock is run.

Nothing waits for it: a guard sees by itself that a hearing has expired. What it records is dated the day it became
so, never in the future.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from commands.acts import in_turn
from commands.record import recorded_once
from commands.so_far import CaseSoFar, at_hand
from ledger.errors import Conflict, SagsbogError
from ledger.facts.decision import HjemmetraeningEndedAtAge18, PartshoeringExpired
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.history import History
from ledger.facts.sentence import sentence
from ledger.law.counting import A_DAY
from ledger.law.deadline import Deadline, Status
from ledger.law.deadlines import deadlines
from ledger.law.law import Law
from ledger.law.rule import Kind
from ledger.law.told import Told
from ledger.law.training import trainings
from ledger.store.ledger import Ledger

SYSTEMURET: Final = Actor("system", "Systemuret", "system", "system")
_TRIES: Final = 20


@dataclass(frozen=True)
class Ticked:
    """What one run of the clock did on a case: recorded a fact, or could not."""

    case_id: UUID
    case_number: str
    type: str
    occurred_on: date
    sentence: str
    version: int | None
    """None when it could not be recorded; `sentence` then says why."""


def tick(ledger: Ledger) -> Iterator[Ticked]:
    """Records, for every case of the book, what has become so by today. A case that cannot be told stops no other."""
    run, law = uuid4(), ledger.law()
    for case_id in ledger.cases():
        try:
            yield from _tick_case(ledger, law, case_id, run)
        except SagsbogError as error:
            number = ledger.entry(case_id, 1).fact.case_number
            yield Ticked(case_id, number, "", ledger.today(), str(error), None)


def _tick_case(ledger: Ledger, law: Law, case_id: UUID, run: UUID) -> Iterator[Ticked]:
    said: set[str] = set()
    conflicts = 0
    while True:
        told = ledger.load(case_id)
        draft = next((one for one in due(told, law) if _request_id(told, one) not in said), None)
        if draft is None:
            return
        try:
            recorded = _record(ledger, told, draft._replace(correlation_id=run))
        except Conflict:  # the case goes on meanwhile: what is due is asked anew
            conflicts += 1
            if conflicts == _TRIES:
                raise
            continue
        said.add(_request_id(told, draft))
        if recorded.correlation_id == run:  # else it was said before: by another run, or by one that was annulled since
            yield Ticked(
                case_id,
                told.recorded[0].fact.case_number,
                recorded.type,
                recorded.occurred_on,
                sentence(recorded.fact),
                recorded.version,
            )


def due(told: History, law: Law) -> list[Draft]:
    """What time alone has made a fact by the day the history is asked for, and nobody has recorded."""
    running = deadlines(told, law)
    return [*_expired(told, running), *_come_of_age(told, running)]


def _expired(told: History, running: list[Deadline]) -> Iterator[Draft]:
    """Hearings that nobody answered in time, extensions and stops taken into account."""
    recorded = {version for entry in told.of(PartshoeringExpired) for version in entry.pointers("hearing")}
    for one in running:
        hearing, last = one.started_by.version, one.measured_by
        if one.rule.kind is Kind.HEARING and one.status(told.as_of) is Status.UNANSWERED and hearing not in recorded:
            assert last is not None, "a hearing without a last day is not unanswered"
            yield Draft(PartshoeringExpired(due_on=last), last + A_DAY, SYSTEMURET, "system", {"hearing": hearing})


def _come_of_age(told: History, running: list[Deadline]) -> Iterator[Draft]:
    """Training that ran on the 18th birthday ends that day by itself."""
    ends = HjemmetraeningEndedAtAge18.declared.type
    runs = trainings(Told(told.told))
    for one in running:
        birthday = one.due_on
        if not one.rule.birthday or birthday is None or not any(ends in met.on for met in one.rule.met):
            continue
        open_then = one.met_on is None and (one.stop_on is None or one.stop_on > birthday)
        if birthday <= told.as_of and open_then and any(run.runs_on(birthday) for run in runs):
            yield Draft(HjemmetraeningEndedAtAge18(birthday=birthday), birthday, SYSTEMURET, "system")


def _request_id(told: History, draft: Draft) -> str:
    """Made from what is said, so that it is said once."""
    versions = ".".join(str(version) for version in draft.refs.values())
    case_id = told.recorded[0].case_id
    return f"systemur:{case_id}:{draft.fact.declared.type}:{versions}:{draft.occurred_on}"


def _record(ledger: Ledger, told: History, draft: Draft) -> Entry[Any]:
    def drafts(case: CaseSoFar) -> list[Draft]:
        if len(case.entries) != told.version:
            raise Conflict("Sagen er ændret imens.", len(case.entries))
        return in_turn(ledger, case, [draft])

    what = ["clock", draft.fact.declared.type, draft.occurred_on, dict(draft.refs)]
    case_id, request_id = told.recorded[0].case_id, _request_id(told, draft)
    with at_hand(ledger, case_id) as case:
        _, (recorded,) = recorded_once(ledger, case_id, case, drafts, SYSTEMURET, request_id=request_id, what=what)
    return recorded
