"""Guards on acting on behalf of another: the mandate used is registered, and covers who, whom, what, when, how much."""

from collections.abc import Callable
from typing import Any, Final

from ledger.facts.acts import ActProposed
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import MandateRegistered
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen

_DELEGATION: Final = "delegation af kompetence (den registrerede bemyndigelse)"
_AMOUNTS: Final = ("amount_oere", "new_amount_oere", "total_repay_oere", "monthly_taf_oere")
"""Fields that say how much is decided."""


def mandates(seen: Seen) -> dict[str, Entry[MandateRegistered]]:
    """The newest registration of each mandate there was before a fact: the book's, and the case's own before them."""
    book = (one for one in seen.law.mandates if one.occurred_on <= seen.on)
    return {one.fact.mandate: one for one in (*book, *seen.all_of(MandateRegistered))}


def extends_to(mandate: MandateRegistered, seen: Seen, fact: Fact) -> bool:
    """Whether a mandate covers a fact on its day, whoever holds it."""
    return covers_type(mandate, seen, fact) and is_in_force(mandate, seen, fact) and covers_amount(mandate, seen, fact)


def covers(mandate: MandateRegistered, seen: Seen, fact: Fact) -> bool:
    """Whether a mandate lets the one who records a fact do so on behalf of the unit they name."""
    return is_held(mandate, seen, fact) and is_granted(mandate, seen, fact) and extends_to(mandate, seen, fact)


def is_held(mandate: MandateRegistered, seen: Seen, _: Fact) -> bool:
    """Whether the one who records holds it: by their unit, and in person when it is personal."""
    return mandate.holder_unit == seen.actor.unit and mandate.holder_user in (None, seen.actor.user_id)


def is_granted(mandate: MandateRegistered, seen: Seen, _: Fact) -> bool:
    """Whether the unit acted for is the one that granted it."""
    return seen.on_behalf_of is not None and mandate.granted_by.unit == seen.on_behalf_of.unit


def covers_type(mandate: MandateRegistered, _: Seen, fact: Fact) -> bool:
    """Whether it lists the type; a proposal is of the type that it proposes."""
    told = fact.proposed_type if isinstance(fact, ActProposed) else fact.declared.type
    return told in mandate.event_types


def is_in_force(mandate: MandateRegistered, seen: Seen, fact: Fact) -> bool:
    """Whether the fact's day, or that of what is proposed, is among its days."""
    on = fact.proposed_on if isinstance(fact, ActProposed) else seen.on
    return mandate.valid_from <= on and (mandate.valid_to is None or on <= mandate.valid_to)


def covers_amount(mandate: MandateRegistered, _: Seen, fact: Fact) -> bool:
    """Whether what is decided is within its limit."""
    said = fact.data if isinstance(fact, ActProposed) else vars(fact)
    amounts = [amount for name in _AMOUNTS if isinstance(amount := said.get(name), int)]
    return mandate.max_amount_oere is None or max(amounts, default=0) <= mandate.max_amount_oere


Line = Callable[[MandateRegistered, Seen, Any], bool]


def _within(line: Line, seen: Seen, fact: Fact) -> bool:
    """Whether the mandate that is used keeps within a line. One that is not there is another guard's matter."""
    if seen.on_behalf_of is None:
        return True
    used = mandates(seen).get(seen.on_behalf_of.mandate_ref)
    return used is None or line(used.fact, seen, fact)


@guard("G32", Fact, source=_DELEGATION)
def mandate_is_registered(seen: Seen, _: Fact) -> bool:
    """Bemyndigelsen er ikke registreret; det skal den være, før den bruges."""
    return seen.on_behalf_of is None or seen.on_behalf_of.mandate_ref in mandates(seen)


@guard("G32", Fact, source=_DELEGATION)
def mandate_is_held_by_the_actor(seen: Seen, fact: Fact) -> bool:
    """Bemyndigelsen er givet til en anden enhed eller medarbejder end dig."""
    return _within(is_held, seen, fact)


@guard("G32", Fact, source=_DELEGATION)
def mandate_is_granted_by_whom_it_is_used_for(seen: Seen, fact: Fact) -> bool:
    """Bemyndigelsen er givet af en anden enhed end den, du handler på vegne af."""
    return _within(is_granted, seen, fact)


@guard("G32", Fact, source=_DELEGATION)
def mandate_covers_the_type(seen: Seen, fact: Fact) -> bool:
    """Bemyndigelsen dækker ikke denne hændelse."""
    return _within(covers_type, seen, fact)


@guard("G32", Fact, source=_DELEGATION)
def mandate_is_in_force_on_the_day(seen: Seen, fact: Fact) -> bool:
    """Bemyndigelsen gælder ikke på dagen."""
    return _within(is_in_force, seen, fact)


@guard("G32", Fact, source=_DELEGATION)
def mandate_covers_the_amount(seen: Seen, fact: Fact) -> bool:
    """Beløbet er større, end bemyndigelsen dækker."""
    return _within(covers_amount, seen, fact)
