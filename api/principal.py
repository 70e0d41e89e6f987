"""Who asks: the actor that entries name, and the municipality whose cases exist for them."""

from dataclasses import dataclass, field

from ledger.errors import Forbidden, NotFound
from ledger.facts.entry import Actor
from ledger.law.units import units_of
from ledger.store.books import Books
from ledger.store.ledger import Ledger


@dataclass(frozen=True)
class Principal:
    """Someone who has said who they are; `actor.claimed` tells whether it was proved."""

    actor: Actor
    municipality: str | None = None
    """The one municipality they work in; None is whoever holds the embedded ledger itself, and sees every book."""
    cpr: str | None = field(default=None, repr=False)
    """A citizen's own CPR number, as the identity provider vouches for it: finds the cases they are a party of."""

    def books(self, books: Books) -> list[Ledger]:
        """The books that exist for them."""
        if self.municipality is None:
            return books.existing()
        book = books.made(self.municipality)
        return [book] if book else []

    def book_of(self, books: Books, municipality: str) -> Ledger:
        """The book of a municipality, made at the first call; NotFound when it is not theirs."""
        if self.municipality not in {None, books.known(municipality)}:
            raise NotFound(f"Bogen for {municipality} findes ikke for en bruger i {self.municipality}.")
        return books.book(municipality) if self.municipality is None else self.book(books)

    def book(self, books: Books) -> Ledger:
        """The one book they work in, made at the first call; NotFound for one who works in none.

        Forbidden when the municipality does not have their role in their unit.
        """
        if self.municipality is None:
            raise NotFound("Brugeren hører ikke til en kommune.")
        book = books.book(self.municipality)
        if not self.belongs_to(book):
            raise self.stranger_to(book)
        return book

    def belongs_to(self, book: Ledger) -> bool:
        """Whether the municipality of a book has their role, in their unit."""
        return self.actor.unit in units_of(book.here, self.actor.role)

    def stranger_to(self, *books: Ledger) -> Forbidden:
        """The answer when no municipality of some books has their role in their unit."""
        role, names = self.actor.role, ", ".join(book.municipality for book in books)
        where = (
            f"i enheden {self.actor.unit} i {names}" if any(role in one.here.roles for one in books) else f"i {names}"
        )
        return Forbidden(f"Rollen {role} kendes ikke {where}.")
