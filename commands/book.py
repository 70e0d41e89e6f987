"""Facts of the book (one municipality) that belong to no case: what one person records, and how each is checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from commands.acts import refusal_of
from commands.check import CPR_IN_TEXT, FUTURE, read_fact
from commands.record import check_actor, recorded_once
from commands.so_far import CaseSoFar, at_hand
from ledger.cpr import holds_cpr
from ledger.errors import FailedGuard, Fault, Invalid, Refused
from ledger.facts.book import EnquiriesCounted
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import MandateRegistered
from ledger.facts.shape import leaves, shape_of
from ledger.law.guards.lifecycle import role_may_record
from ledger.store.ledger import Ledger, book_stream

BY_ONE: Final[Mapping[str, type[Fact]]] = {
    cls.declared.type: cls for cls in (MandateRegistered, EnquiriesCounted)
}  # fmt: skip
"""What one person records in the book. Rates take two; reports and looks are recorded as they happen."""


@dataclass(frozen=True)
class BookReceipt:
    """What the one who recorded in the book gets to keep."""

    municipality: str
    type: str
    version: int
    """In the book's own stream."""
    seq: int | None
    """Number in the book's log; None until it is numbered."""
    seal: str
    recorded_at: datetime
    notices: tuple[str, ...] = ()
    """What should be known about it."""


def record_in_book(
    ledger: Ledger, fact_type: str, data: Mapping[str, Any], actor: Actor, *, on: date, request_id: str
) -> BookReceipt:
    """Records a fact of the book: a mandate for more than one case, or enquiries counted."""
    if fact_type not in BY_ONE:
        raise Invalid(Fault("type", f"i kommunens bog registreres {' eller '.join(BY_ONE)} (satser: sagsbog rate)"))

    def drafts(_: CaseSoFar) -> list[Draft]:
        fact = read_fact(BY_ONE[fact_type], data)
        refuse(ledger, fact, on, actor)
        return [Draft(fact, on, actor, "api")]

    what = ["record-book", fact_type, on, data]
    return receipt(ledger, in_book(ledger, drafts, actor, request_id=request_id, what=what))


def in_book(
    ledger: Ledger,
    drafts: Callable[[CaseSoFar], list[Draft]],
    actor: Actor,
    *,
    request_id: str,
    what: Sequence[Any],
) -> Entry[Any]:
    """Appends an act to the book's stream, once; the last of its entries."""
    check_actor(ledger, actor)
    stream = book_stream(ledger.municipality, "book")
    with at_hand(ledger, stream) as so_far:
        _, recorded = recorded_once(ledger, stream, so_far, drafts, actor, request_id=request_id, what=what)
    return recorded[-1]


def receipt(ledger: Ledger, entry: Entry[Any], *notices: str) -> BookReceipt:
    """The receipt of an entry of the book."""
    return BookReceipt(
        ledger.municipality, entry.type, entry.version, ledger.seq_of(entry), entry.seal.hex(), entry.recorded_at,
        notices,
    )  # fmt: skip


def refuse(ledger: Ledger, fact: Fact, on: date, actor: Actor, *also: FailedGuard) -> None:
    """Raises Refused with all that says no: not one's task, a day to come, a CPR number (`also`: what did before)."""
    guards = list(also)
    if not ledger.here.may_record(actor.role, type(fact)):
        guards.append(refusal_of(role_may_record))
    if on > ledger.today():
        guards.append(FUTURE)
    texts = (value for _, value, node in leaves(shape_of(type(fact)), fact.as_data()) if node.kind == "text")
    if any(holds_cpr(text) for text in texts):
        guards.append(CPR_IN_TEXT)
    if guards:
        raise Refused(*guards)
