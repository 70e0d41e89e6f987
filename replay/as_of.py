"""A case as of a day in the world, as known at an instant in the ledger, and under a rulebook: the three times."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from ledger.clock import danish_day, known_by
from ledger.errors import Fault, Invalid, NotFound
from ledger.facts.entry import Entry
from ledger.facts.history import History, Known, always
from ledger.facts.lifecycle import CaseOpened
from ledger.facts.sentence import danish_day as in_danish
from ledger.law.guards import check_guards
from ledger.law.law import Law
from ledger.law.rulebook import rulebook_named
from ledger.store.ledger import Ledger


@dataclass(frozen=True)
class Point:
    """When a case is asked about. Nothing given: today, with all that is known, under the law in force."""

    as_of: date | None = None
    known_at: date | datetime | None = None
    version: int | None = None
    """As the case stood right after this version was recorded."""
    rulebook: str | None = None
    """Version, digest or directory of another rulebook than the one in force."""

    def day(self, today: date) -> date:
        """The asked day: as_of, else the Danish date of known_at, else today."""
        if self.as_of is not None:
            return self.as_of
        if isinstance(self.known_at, datetime):
            return danish_day(self.known_at)
        return self.known_at or today

    @property
    def known(self) -> Known:
        """Whether something recorded at an instant was known then."""
        return always if self.known_at is None else known_by(self.known_at)


@dataclass(frozen=True)
class Sight:
    """A case seen from a point in time, and the law it is held against."""

    book: Ledger
    history: History
    law: Law
    known: Known = always
    """What of the book's own streams was known, too."""

    @property
    def case_id(self) -> UUID:
        """The case."""
        return self.history.recorded[0].case_id


def sight(ledger: Ledger, case_id: UUID, point: Point) -> Sight:
    """A case and its law from a point in time; NotFound when the case did not exist, or was not known, then."""
    point = _dated(ledger, case_id, point)
    seen, known = see(ledger, case_id, point), _known_of_the_book(ledger, case_id, point)
    return Sight(ledger, seen, _law(ledger, point, known), known)


def law_at(ledger: Ledger, point: Point) -> Law:
    """The law of a book from a point in time."""
    return _law(ledger, point, point.known)


def _law(ledger: Ledger, point: Point, known: Known) -> Law:
    book = rulebook_named(point.rulebook) if point.rulebook else ledger.rulebook
    check_guards(book)
    if ledger.municipality not in book.municipalities:
        raise NotFound(f"Regelsættet {book.version} har ingen regler for {ledger.municipality}.")
    return ledger.law(known, book)


def _known_of_the_book(ledger: Ledger, case_id: UUID, point: Point) -> Known:
    """What of the book's own streams was known; by a version, what was recorded there before it."""
    if point.version is None:
        return point.known
    by_then = known_by(ledger.entry(case_id, point.version).recorded_at)
    return lambda instant: by_then(instant) and point.known(instant)


def see(ledger: Ledger, case_id: UUID, point: Point) -> History:
    """The history of a case from a point in time; NotFound when the case did not exist, or was not known, then."""
    day = point.day(ledger.today())
    first = ledger.entry(case_id, 1)
    if not point.known(first.known_at):
        since = in_danish(danish_day(first.known_at))
        raise NotFound(f"Sagen {first.fact.case_number} kendtes ikke endnu; den blev registreret {since}.")
    found = ledger.load(case_id, as_of=day, known=point.known, up_to=point.version)
    if next(found.of(CaseOpened), None) is None:
        opened = first.occurred_on
        raise NotFound(f"Sagen fandtes ikke endnu den {in_danish(day)}; den blev oprettet {in_danish(opened)}.")
    return found


def _dated(ledger: Ledger, case_id: UUID, point: Point) -> Point:
    """A version asked for is asked about on the day it was recorded, and knows nothing later."""
    if point.version is None:
        return point
    newest = ledger.head(case_id).version
    if not 1 <= point.version <= newest:
        raise Invalid(Fault("version", f"sagen har versionerne 1-{newest}"))
    recorded: Entry[object] = ledger.entry(case_id, point.version)  # type: ignore[type-var]
    return replace(point, as_of=point.as_of or danish_day(recorded.known_at))
