"""A case as of a day in the world, as known at an instant in the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ledger.clock import danish_day, known_by
from ledger.errors import NotFound
from ledger.facts.history import History, always
from ledger.facts.lifecycle import CaseOpened
from ledger.facts.sentence import danish_day as in_danish
from ledger.store.ledger import Ledger


@dataclass(frozen=True)
class Point:
    """When a case is asked about. Neither given: today, with all that is known."""

    as_of: date | None = None
    known_at: date | datetime | None = None

    def day(self, today: date) -> date:
        """The asked day: as_of, else the Danish date of known_at, else today."""
        if self.as_of is not None:
            return self.as_of
        if isinstance(self.known_at, datetime):
            return danish_day(self.known_at)
        return self.known_at or today


def see(ledger: Ledger, case_id: UUID, point: Point) -> History:
    """The history of a case from a point in time; NotFound when the case did not exist, or was not known, then."""
    day = point.day(ledger.today())
    known = always if point.known_at is None else known_by(point.known_at)
    first = ledger.entry(case_id, 1)
    if not known(first.known_at):
        since = in_danish(danish_day(first.known_at))
        raise NotFound(f"Sagen {first.fact.case_number} kendtes ikke endnu; den blev registreret {since}.")
    found = ledger.load(case_id, as_of=day, known=known)
    if next(found.of(CaseOpened), None) is None:
        opened = first.occurred_on
        raise NotFound(f"Sagen fandtes ikke endnu den {in_danish(day)}; den blev oprettet {in_danish(opened)}.")
    return found
