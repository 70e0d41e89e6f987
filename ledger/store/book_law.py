"""The law that one book is under: the rulebook, with the rates and mandates that the book has registered."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.facts.book import RateRegistered
from ledger.facts.entry import Entry
from ledger.facts.history import Known, always, history
from ledger.facts.lifecycle import MandateRegistered
from ledger.law.law import Law
from ledger.law.rulebook import Rulebook


class _Read(NamedTuple):
    """The law in force, and what it was read from."""

    law: Law
    destroyed: int
    """How many keys had been destroyed by then."""


class BookLaw:
    """Works the law out of the book's own stream, the one in force only when something new came to it."""

    def __init__(self, municipality: str, rulebook: Rulebook) -> None:
        """`rulebook`: the edition in force."""
        self._municipality = municipality
        self._rulebook = rulebook
        self._read: _Read | None = None

    @property
    def last(self) -> Law | None:
        """The law in force as it was read last, which looks and what is imported name; None when it never was."""
        return self._read.law if self._read else None

    def of(
        self, stream: Sequence[Entry[Any]], destroyed: int, known: Known = always, rulebook: Rulebook | None = None
    ) -> Law:
        """The law of the book's own stream, read when so many keys were destroyed: as known, by an edition."""
        book = rulebook or self._rulebook
        is_in_force = known is always and book is self._rulebook
        before = self._read
        if is_in_force and before and (before.law.book_version, before.destroyed) == (len(stream), destroyed):
            return before.law
        told = history(stream, as_of=date.max, known=known)
        rates, mandates = tuple(told.of(RateRegistered)), tuple(told.of(MandateRegistered))
        law = Law(book, book.municipalities[self._municipality], rates, mandates, len(stream))
        if is_in_force:
            self._read = _Read(law, destroyed)
        return law
