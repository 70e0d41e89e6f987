"""The access log: every look at personal data is itself on record, before the answer is given."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from ledger.cpr import holds_cpr
from ledger.errors import Fault, Invalid, PreconditionRequired
from ledger.facts.book import AccessLogged, Purpose
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.history import History
from ledger.law.part import CITIZEN, looks_at_others_cases, purpose_needed
from ledger.store.ledger import Ledger

_LONGEST: Final = 1_000
_SAY_WHY: Final = (
    "Du har ikke del i sagen. Sig, hvorfor du ser den: send headeren X-Purpose med et af ordene "
    f"{', '.join(Purpose)}, og gerne en begrundelse i X-Purpose-Text."
)


def draft_look(
    ledger: Ledger,
    actor: Actor,
    cases: Sequence[UUID],
    what: Sequence[str],
    purpose: Purpose,
    *,
    asked_for: str | None = None,
    purpose_text: str | None = None,
    documents: Sequence[str] | None = None,
) -> Draft:
    """That `actor` is shown `what` of the cases: for `Ledger.log_look`, before they are.

    `asked_for`: a CPR number that was asked for; only its blind index is kept. `purpose_text`: why, in the
    reader's own words; sealed, as the index is, under the key of the year.
    """
    today = ledger.today()
    fact = AccessLogged(
        cases=tuple(dict.fromkeys(cases)), what=tuple(dict.fromkeys(what)), purpose=purpose,
        documents=tuple(documents) if documents else None, period=f"access-{today.year}", purpose_text=purpose_text,
        query_index=ledger.vault.blind_index(asked_for) if asked_for else None,
    )  # fmt: skip
    # Without the party ref: a citizen's name goes with the year's key too, not with one of all who are called p-mor.
    return Draft(fact, today, replace(actor, party=None) if actor.party else actor, "system")


def check_purpose(ledger: Ledger, seen: History, actor: Actor) -> None:
    """PreconditionRequired when the actor must say why they look at a case, and did not.

    `seen`: the case from the point in time it is asked about. Whoever came to the case later has part in it too.
    """
    if purpose_needed(seen, actor) and purpose_needed(ledger.load(seen.recorded[0].case_id), actor):
        raise PreconditionRequired(_SAY_WHY)


def check_purpose_of_list(actor: Actor) -> None:
    """PreconditionRequired when the actor must say why they look at any case, and did not."""
    if looks_at_others_cases(actor):
        raise PreconditionRequired(_SAY_WHY)


def usual_purpose(actor: Actor) -> Purpose:
    """What an actor who need not say why is supposed to look for: a citizen asks for aktindsigt in their own case."""
    return Purpose.AKTINDSIGT if actor.role == CITIZEN else Purpose.SAGSBEHANDLING


def read_purpose_text(text: str, where: str) -> str:
    """Why someone looks, in their own words; Invalid when it is empty, far too long, or holds a CPR number."""
    told = " ".join(text.split())
    if not told or len(told) > _LONGEST or not told.isprintable():
        raise Invalid(Fault(where, f"skal være en begrundelse på højst {_LONGEST} tegn"))
    if holds_cpr(told):
        raise Invalid(Fault(where, "må ikke indeholde et CPR-nummer"))
    return told
