"""What acts of several facts share: a request read strictly, a letter, and guards asked of each fact in turn."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from pydantic import Field, TypeAdapter

from commands.check import check, failing_now, is_day, refusing
from commands.reading import NOT_A_DAY, read_as
from commands.record import Receipt, act_once, check_actor, read_mandate
from commands.so_far import CaseSoFar
from ledger.errors import Conflict, FailedGuard, Fault, Invalid, Refused
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry, OnBehalfOf
from ledger.facts.fact import Channel, DecidedBy, Klagevejledning, Part
from ledger.facts.shape import leaves, shape_of
from ledger.facts.values import Day, FactRef, LawText, PartyRef, Text
from ledger.law.guards import Question, guards
from ledger.store.ledger import Ledger
from ledger.store.seal import NO_SEAL

P = TypeVar("P", bound=Part)


class Letter(Part):
    """The letter that tells the parties of a decision; the day it was sent is the day of the act."""

    channel: Channel
    recipients: tuple[PartyRef, ...]
    decided_by: DecidedBy
    decided_on: Day | None = None
    hjemmel: tuple[LawText, ...]
    begrundelse: Text | None = None
    klagevejledning: Klagevejledning | None = None
    facts_relied_on: tuple[FactRef, ...] | None = Field(None, description="versions and document ids")

    def sent(self, on: date) -> dict[str, Any]:
        """What every decision in the letter says."""
        return self.model_dump(mode="json", exclude_none=True) | {"sent_on": on.isoformat()}


@cache
def _adapter(cls: type[Part]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def read_request(cls: type[P], data: Any) -> P:
    """What is asked for, from plain JSON data; Invalid names each field that is wrong."""
    told: P = read_as(_adapter(cls), data)
    odd = [
        Fault(path.removeprefix("."), NOT_A_DAY)
        for path, value, node in leaves(shape_of(cls), data, "")
        if node.kind == "day" and not is_day(value)
    ]
    if odd:
        raise Invalid(*odd)
    return told


def act(
    ledger: Ledger,
    case_id: UUID,
    drafts: Callable[[CaseSoFar], list[Draft]],
    actor: Actor,
    *,
    request_id: str,
    what: Sequence[Any],
    if_version: int | None = None,
    on_behalf_of: OnBehalfOf | None = None,
) -> Receipt:
    """Records the facts of one act on a case, all or none, all under the same mandate (if it is for another unit).

    The receipt is that of the last of them.
    """

    def checked(case: CaseSoFar) -> list[Draft]:
        check_actor(ledger, actor)
        read_mandate(on_behalf_of)
        version = len(case.entries)
        if if_version not in (None, version):
            raise Conflict(f"Sagen er på version {version}, ikke {if_version}. Hent den igen, og prøv på ny.", version)
        return drafts(case)

    asked = [*what, on_behalf_of] if on_behalf_of else what
    return act_once(ledger, case_id, checked, actor, request_id=request_id, what=asked)


def refusal_of(question: Question) -> FailedGuard:
    """What a guard says when its answer is no."""
    return next(one.failed() for one in guards() if one.asks is question)


def in_turn(
    ledger: Ledger,
    case: CaseSoFar,
    drafts: Iterable[Draft],
    *,
    also: Iterable[FailedGuard] = (),
    on_behalf_of: OnBehalfOf | None = None,
) -> list[Draft]:
    """The drafts of one act, each checked as if those before it stood on the case already.

    Raises Refused with all that said no to any of them (and `also` what did before), each of it once.
    """
    so_far, today = CaseSoFar.of(case.entries, case.law), ledger.today()
    guards, done = list(also), []
    for one in drafts:
        draft = one._replace(on_behalf_of=on_behalf_of) if on_behalf_of else one
        guards += check(draft.fact, draft.occurred_on, today, draft.refs, so_far)
        guards += refusing(failing_now(draft, so_far))
        so_far.add(_as_entry(draft, so_far))
        done.append(draft)
    if guards:
        raise Refused(*dict.fromkeys(guards))
    return done


def _as_entry(draft: Draft, case: CaseSoFar) -> Entry[Any]:
    """A draft as the entry it will be, seen by what follows it in the same act."""
    last = case.entries[-1]
    return Entry(
        last.case_id, last.version + 1, draft.fact, draft.occurred_on, last.recorded_at, draft.actor,
        last.municipality, draft.source, draft.refs, NO_SEAL, NO_SEAL, document_ids=draft.document_ids,
        on_behalf_of=draft.on_behalf_of,
    )  # fmt: skip
