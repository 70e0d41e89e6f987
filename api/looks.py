"""Who has looked at a case, for those who may know: the parent's extract, and looks by people without part in it."""

from collections.abc import Generator, Iterator
from time import monotonic, sleep
from typing import Any, Final

from api.looking import View
from ledger.errors import Fault, Invalid
from ledger.facts.case import fold
from ledger.store.ledger import Ledger, book_stream
from projections.access import Look, are_named, extract, looks_at, newest, released
from projections.access import unusual as unusual_looks
from projections.findings import FindingRow
from projections.follower import Follower
from projections.tables import ready
from replay.as_of import Sight

_WITHIN: Final = 0.5  # seconds
_PAUSE: Final = 0.01


def access_log(seen: View, party: str | None = None, before: int | None = None) -> Generator[dict[str, Any]]:
    """The looks at a case, newest first; those with smaller numbers than `before` when it is given.

    Staff see names. A party does once a decision on their own request for the list has given it; staff who name a
    `party` see what that party does.
    """
    _follow(seen.book)
    if party is not None and party not in fold(seen.whole.history).lifecycle.parties:
        raise Invalid(Fault("party", f"der er ingen part {party} i sagen"))
    party = seen.eyes.viewer.party or party
    named = party is None or are_named(released(seen.whole.history, party))
    return extract(_looks(seen.whole, before), seen.law, seen.book.vault, named=named)


def unusual(whole: Sight) -> list[FindingRow]:
    """The looks by people without part in the case, as findings. `whole`: whatever is hidden from who reads them."""
    return list(unusual_looks(whole.history, whole.law, _looks(whole)))


def _follow(book: Ledger) -> None:
    """Waits until this very look can be in the list, too; but no longer than it may take to be numbered."""
    wanted, until = book.head(book_stream(book.municipality, "access")).version, monotonic() + _WITHIN
    while True:
        with Follower(book).caught_up() as connection:
            if newest(connection) >= wanted or monotonic() > until:
                return
        sleep(_PAUSE)


def _looks(seen: Sight, before: int | None = None) -> Iterator[Look]:
    """As far as the tables have followed the log. A finding may come a moment later than the look."""
    ready(seen.book.read_models)
    with seen.book.read_models.connect() as connection:
        for look in looks_at(connection, seen.case_id, before):
            if look.is_told(seen.history.as_of, seen.known):
                yield look
