"""Looking at cases: the one way in for every reader, over HTTP and on the command line.

Here it is decided whether a case exists for the reader, and what of it they may see (ROLES §3, 5); and the look is
on record before anything is shown.

    find_case(books, who, case)                     the book and id of a case that exists for someone
    find_to_write(books, who, case)                 the same, when they are about to write in it
    find_standing(books, who, case)                 the case as it stands, before it is looked at
    look_at(books, reader, case, at, what)          one case from a point in time
    look_at_found(books, reader, standing, at, what)    the same, of a case that was found as it stands
    look_at_two(books, reader, case, points, what)  the same case from two points, as one look
    views(book, reader, at, cases)                  cases of a book, one by one; all of them when none are named
    look_over(book, reader, cases, what)            the look at several cases is on record: before any of it is shown
    opens(book, who)                                whether a case may be opened, for lists that come from tables
    find_person(book, reader, cpr)                  the cases a person takes part in, once the search is on record
    books_of(books, who)                            the books that exist for someone
    rights(book, reader)                            what the reader may see in a book, whichever case it is

`what` is a read model of ledger/law/seeing.toml. What is shown of a View is told by api/shown.py, which leaves out
what its reader may not see.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Final
from uuid import UUID

from api.principal import Principal
from commands.access import check_purpose, check_purpose_of_list, draft_look
from ledger.errors import Forbidden, NotFound
from ledger.facts.book import Purpose
from ledger.facts.draft import Draft
from ledger.facts.history import History, history
from ledger.facts.lifecycle import CaseOpened, ConfidentialityChanged
from ledger.law.eyes import RESTRICTED, Eyes
from ledger.law.law import Law
from ledger.law.rights import Rights, Viewer, party_with_custody
from ledger.store.books import Books
from ledger.store.ledger import Ledger, UnderTheLaw
from projections.parties import find_by_cpr
from projections.restrictions import restricted
from projections.tables import ready
from replay.as_of import Point, Sight, law_at, see, sight

_OPERATOR: Final = "drift"
"""Role of whoever holds the embedded ledger and its key, and does not say to be another."""


Drafted = Callable[[], Draft]
"""Drafts a look, when it is about to be put on record."""


@dataclass(frozen=True)
class Reader:
    """Who looks, and why."""

    who: Principal
    purpose: Purpose = Purpose.SAGSBEHANDLING
    purpose_text: str | None = None
    """Why, in their own words."""
    purpose_is_stated: bool = True
    """False: it is what is supposed of one who has part in the case."""
    log: Callable[[Ledger, Drafted], None] = field(default=lambda book, look: book.log_look(look()), compare=False)
    """Puts a look on record before it returns. Whoever gives another sees to that before anything is shown."""


@dataclass(frozen=True)
class Standing:
    """A case as it stands, and the law it is under, as both were read at one moment."""

    asked: str
    """The number or id that it was asked for by."""
    book: Ledger
    case_id: UUID
    read: UnderTheLaw = field(repr=False)
    day: date

    @property
    def mark(self) -> Hashable:
        """All that what is told of it rests on beside the question: as long as that is the same, so is the answer."""
        return len(self.read.entries), self.read.law.book_version, self.read.destroyed, self.day

    @cached_property
    def history(self) -> History:
        """What had happened by the day, as far as it is known."""
        return history(self.read.entries, as_of=self.day)


@dataclass(frozen=True)
class View:
    """A case as its reader may see it, from a point in time."""

    whole: Sight = field(repr=False)
    """All there is: for what must not be told wrong because something was hidden. Never shown as it is."""
    eyes: Eyes = field(repr=False)

    @cached_property
    def history(self) -> History:
        """What happened: every value that is not for them is hidden."""
        return self.eyes.history(self.whole.history)

    @property
    def book(self) -> Ledger:
        """The book that the case is in."""
        return self.whole.book

    @property
    def case_id(self) -> UUID:
        """The case."""
        return self.whole.case_id

    @property
    def law(self) -> Law:
        """The law that the case is held against."""
        return self.whole.law


def find_case(books: Books, who: Principal, case: str) -> tuple[Ledger, UUID]:
    """The book and id of a case that exists for someone; else NotFound, as for one that does not exist at all.

    Forbidden when it is restricted, and they are not among those who may open it.
    """
    book, case_id = find_to_write(books, who, case)
    if book.ever(ConfidentialityChanged, case_id):
        _eyes(books, book, Reader(who), case, book.load(case_id))
    return book, case_id


def find_to_write(books: Books, who: Principal, case: str) -> tuple[Ledger, UUID]:
    """As `find_case`, for who is about to write in it: whether it is restricted is asked at that very moment.

    commands/record.py asks it, on the case as the new entry follows on it.
    """
    book, case_id = _find(books, who, case)
    if _is_citizen(book, who):
        _eyes(books, book, Reader(who), case, book.load(case_id))
    return book, case_id


def find_standing(books: Books, who: Principal, case: str) -> Standing:
    """A case as it stands, if it is in a book that exists for someone. Whether it does itself, a look finds out."""
    book, case_id = _find(books, who, case)
    return Standing(case, book, case_id, book.under_the_law(case_id), book.today())


def look_at(books: Books, reader: Reader, case: str, at: Point, what: str) -> View:
    """A case from a point in time, as the reader may see it, once the look is on record."""
    return look_at_found(books, reader, find_standing(books, reader.who, case), at, what)


def look_at_found(books: Books, reader: Reader, standing: Standing, at: Point, what: str) -> View:
    """A case that was found already, from a point in time, once the look is on record."""
    seen = _view(books, reader, standing, at, what)
    _log(standing.book, reader, seen, what)
    return seen


def look_at_two(books: Books, reader: Reader, case: str, points: tuple[Point, Point], what: str) -> tuple[View, View]:
    """A case from two points in time, as one look."""
    standing = find_standing(books, reader.who, case)
    first, second = (_view(books, reader, standing, at, what) for at in points)
    _log(standing.book, reader, second, what)
    return first, second


def look_over(book: Ledger, reader: Reader, cases: Sequence[UUID], what: str, *, asked_for: str | None = None) -> None:
    """Puts a look at several cases of a book on record, as one; Forbidden when the reader may not see the like."""
    rights(book, reader).require(what)
    who, why = reader.who.actor, reader.purpose
    if not reader.purpose_is_stated:
        check_purpose_of_list(who)
    own_words = reader.purpose_text
    reader.log(book, partial(draft_look, book, who, cases, [what], why, asked_for=asked_for, purpose_text=own_words))


def views(book: Ledger, reader: Reader, at: Point, cases: Iterable[UUID] | None = None) -> Iterator[View]:
    """The cases of a book that the reader may open, and that existed and were known at a point in time."""
    law = law_at(book, at)
    for case_id in book.cases() if cases is None else cases:
        try:
            history = see(book, case_id, at)
        except NotFound:  # the case did not exist then
            continue
        eyes = _eyes_in(book, reader, history if at == Point() else book.load(case_id))
        if eyes is not None and not eyes.is_shut_out:
            yield View(Sight(book, history, law, at.known), eyes)


def opens(book: Ledger, who: Principal) -> Callable[[UUID], bool]:
    """Whether a case may be opened by someone: for lists that come from tables."""
    if _is_citizen(book, who):
        mine = {case_id for case_id, _ in find_by_cpr(book, who.cpr)} if who.cpr else set()
        return {seen.case_id for seen in views(book, Reader(who), Point(), mine)}.__contains__
    if rights(book, Reader(who)).is_leader:
        return lambda _: True
    ready(book.read_models)
    with book.read_models.connect() as connection:
        users = restricted(connection)
    return lambda case_id: who.actor.user_id in users.get(case_id, [who.actor.user_id])


def find_person(book: Ledger, reader: Reader, cpr: str) -> list[tuple[UUID, str]]:
    """The cases that a person takes part in, each with the person's party ref in it, once the search is on record."""
    found = find_by_cpr(book, cpr)
    eyes = {seen.case_id: seen.eyes for seen in views(book, reader, Point(), dict(found))}
    shown = [(case_id, party) for case_id, party in found if case_id in eyes and eyes[case_id].knows(party)]
    look_over(book, reader, [case_id for case_id, _ in shown], "find", asked_for=cpr)
    return shown


def books_of(books: Books, who: Principal) -> list[Ledger]:
    """The books that exist for someone: of the municipalities that have their role, in their unit; else Forbidden."""
    there = who.books(books)
    among = [book for book in there if _holds_the_ledger(who) or who.belongs_to(book)]
    if there and not among:
        raise who.stranger_to(*there)
    return among


def rights(book: Ledger, reader: Reader) -> Rights:
    """What a reader may see in a book, whichever case it is."""
    return Rights(_viewer(reader), book.here)


def _viewer(reader: Reader, party: str | None = None) -> Viewer:
    return Viewer(reader.who.actor, party, stated=bool(reader.purpose_text), everything=_holds_the_ledger(reader.who))


def _holds_the_ledger(who: Principal) -> bool:
    return who.municipality is None and who.actor.role == _OPERATOR


def _is_citizen(book: Ledger, who: Principal) -> bool:
    return book.here.is_citizen(who.actor.role)


def _find(books: Books, who: Principal, case: str) -> tuple[Ledger, UUID]:
    return books.find(case, among=books_of(books, who))


def _view(books: Books, reader: Reader, standing: Standing, at: Point, what: str) -> View:
    book, today = standing.book, standing.history
    eyes = _eyes(books, book, reader, standing.asked, today)
    eyes.require(what)
    is_of_today = at == Point() and next(today.of(CaseOpened), None) is not None
    return View(Sight(book, today, standing.read.law) if is_of_today else sight(book, standing.case_id, at), eyes)


def _eyes(books: Books, book: Ledger, reader: Reader, case: str, today: History) -> Eyes:
    """What the reader sees of a case; NotFound when it is none of a citizen's, Forbidden when it is restricted."""
    eyes = _eyes_in(book, reader, today)
    if eyes is None:
        books.find(case, among=[])
        raise AssertionError("nothing is found among no books")
    if eyes.is_shut_out:
        raise Forbidden(RESTRICTED)
    return eyes


def _eyes_in(book: Ledger, reader: Reader, today: History) -> Eyes | None:
    """None when the reader is a citizen without custody of the case's child."""
    if not _is_citizen(book, reader.who):
        return Eyes(_viewer(reader), book.here, today)
    party = party_with_custody(today, reader.who.cpr)
    return Eyes(_viewer(reader, party), book.here, today) if party else None


def _log(book: Ledger, reader: Reader, seen: View, what: str) -> None:
    who = reader.who.actor
    if not reader.purpose_is_stated:
        check_purpose(book, seen.whole.history, who)
    why, own_words = reader.purpose, reader.purpose_text
    reader.log(book, partial(draft_look, book, who, [seen.case_id], [what], why, purpose_text=own_words))
