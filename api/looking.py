"""Looking at a case: the one way in for every reader, over HTTP and on the command line.

Here it is decided whether the case exists for the reader, and what of it they may see; and the look is on
record before anything is shown.
"""

from dataclasses import dataclass
from uuid import UUID

from api.principal import Principal
from commands.access import log_access
from ledger.facts.book import Purpose
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from replay.as_of import Point, Sight, sight


@dataclass(frozen=True)
class Reader:
    """Who looks, and why."""

    who: Principal
    purpose: Purpose = Purpose.SAGSBEHANDLING
    purpose_text: str | None = None


def find_case(books: Books, who: Principal, case: str) -> tuple[Ledger, UUID]:
    """The book and id of a case that exists for someone; else NotFound, as for one that does not exist at all."""
    return books.find(case, among=who.books(books))


def look_at(books: Books, reader: Reader, case: str, at: Point, what: str) -> Sight:
    """A case from a point in time, as the reader may see it, once the look is on record."""
    book, case_id = find_case(books, reader.who, case)
    seen = sight(book, case_id, at)
    log_access(book, reader.who.actor, [case_id], [what], reader.purpose)
    return seen
