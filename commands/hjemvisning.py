"""Genbehandling: taking up again what Ankestyrelsen has sent back, and telling when a new decision is expected."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from commands.acts import act, in_turn, read_request
from commands.check import read_fact
from commands.record import Receipt
from commands.so_far import CaseSoFar
from ledger.errors import Fault, Invalid
from ledger.facts.decision import DeadlineExtensionNotified
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Channel, Part
from ledger.facts.history import History, history
from ledger.facts.klage import AnkestyrelsenDecided, HjemvisningReopened, Udfald
from ledger.facts.values import Day, PartyRef, Text
from ledger.law.deadlines import deadlines
from ledger.law.law import Law
from ledger.store.ledger import Ledger

_RULE: Final = "statute.hjemvisning-decision"
_FIRST_TIME_OVER: Final = 2
"""The handling that led to the complaint was the first round (MaalgruppeAssessmentRequested counts the same way)."""


class Promised(Part):
    """The letter that tells the parties when to expect a new decision."""

    new_expected_on: Day
    reason: Text
    channel: Channel
    to: tuple[PartyRef, ...]


class Reopening(Part):
    """What is to be handled anew, and what the parties are told."""

    basis: Text
    promised: Promised | None = None


def reopen(
    ledger: Ledger,
    case_id: UUID,
    asked: Mapping[str, Any],
    actor: Actor,
    *,
    on: date,
    request_id: str,
    if_version: int | None = None,
) -> Receipt:
    """Takes up the newest matter that was sent back and not taken up yet (`asked`: a Reopening).

    With a date, the written notice of it is recorded in the same act. New decisions can follow then (G24).
    """
    said = read_request(Reopening, asked)

    def drafts(case: CaseSoFar) -> list[Draft]:
        told = history(case.entries, as_of=on)
        sent_back = _to_take_up(told)
        taken_up = HjemvisningReopened(
            basis=said.basis, round=_FIRST_TIME_OVER + len(list(told.of(HjemvisningReopened)))
        )
        done = [Draft(taken_up, on, actor, "api", {"ankestyrelsen": sent_back.version})]
        if said.promised:
            notice = _notice(said.promised, _due(told, case.law, sent_back))
            done.append(Draft(notice, on, actor, "api", {"trigger": sent_back.version}))
        return in_turn(ledger, case, done)

    what = ["reopen", on, asked]
    return act(ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version)


def _to_take_up(told: History) -> Entry[AnkestyrelsenDecided]:
    taken_up = {version for entry in told.of(HjemvisningReopened) for version in entry.pointers("ankestyrelsen")}
    found = [
        entry
        for entry in told.of(AnkestyrelsenDecided)
        if entry.fact.udfald is Udfald.HJEMVIST and entry.version not in taken_up
    ]
    if not found:
        raise Invalid(Fault("", "Ankestyrelsen har ikke hjemvist noget, som ikke er taget op igen."))
    return found[-1]


def _due(told: History, law: Law, sent_back: Entry[AnkestyrelsenDecided]) -> date | None:
    """The day a new decision is due already; None while the municipality has published no number of weeks."""
    found = (
        one for one in deadlines(told, law) if one.rule.slug == _RULE and one.started_by.version == sent_back.version
    )
    return next((one.due_on for one in found), None)


def _notice(promised: Promised, due: date | None) -> DeadlineExtensionNotified:
    said: dict[str, Any] = {"rule": _RULE, "written": True}
    if due is not None:
        said["old_due_on"] = due.isoformat()
    fact = read_fact(DeadlineExtensionNotified, promised.model_dump(mode="json", exclude_none=True) | said)
    assert isinstance(fact, DeadlineExtensionNotified)
    return fact
