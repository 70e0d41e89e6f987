"""The access log: every look at personal data is itself on record, before the answer is given."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from ledger.errors import Conflict
from ledger.facts.book import AccessLogged, Purpose
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.store.ledger import Ledger, book_stream

_TRIES: Final = 50


def log_access(
    ledger: Ledger,
    actor: Actor,
    cases: Sequence[UUID],
    what: Sequence[str],
    purpose: Purpose,
    *,
    asked_for: str | None = None,
) -> None:
    """Records that `actor` was shown `what` of the cases. Durable when this returns.

    `asked_for`: a CPR number that was asked for; only its blind index is kept.
    """
    today = ledger.today()
    fact = AccessLogged(
        cases=tuple(cases), what=tuple(what), purpose=purpose, period=f"access-{today.year}",
        query_index=ledger.vault.blind_index(asked_for) if asked_for else None,
    )  # fmt: skip
    stream = book_stream(ledger.municipality, "access")
    for attempt in range(_TRIES):
        try:
            ledger.append(ledger.head(stream), [Draft(fact, today, actor, "system")])
        except Conflict:  # another reader was first; the order of readers does not matter
            if attempt == _TRIES - 1:
                raise
        else:
            return
