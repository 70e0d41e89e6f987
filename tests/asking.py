"""What the tests of the audit questions share: the samples and built cases in a real ledger, and how they are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from commands.import_cases import import_file
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.lifecycle import EntryAnnulled, EntryCorrected
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of
from replay.answers import Answer, answer
from replay.as_of import Point, Sight, sight
from tests.conftest import ToldClock
from tests.guarding import OPENING, Told, fact_of

KAREN: Final = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
LEADER: Final = {"user_id": "u-l-01", "name": "Poul Prøve", "role": "leder"}
SAMPLES: Final = {"AAR-2021-00417": "aarhus-approved", "ESB-2020-00158": "esbjerg-settlement"}


@contextmanager
def sample_books(place: Path) -> Iterator[Books]:
    """Both samples, imported."""
    with Books(f"sqlite:///{place}", ToldClock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))) as books:
        for name in SAMPLES.values():
            with as_file(files("api").joinpath("samples", f"{name}.json")) as path:
                (outcome,) = import_file(books, path, "tester")
            assert outcome.error is None
        yield books


def sample(books: Books, number: str, as_of: date) -> Sight:
    """One of them, as of a day."""
    return sight(*books.find(number), Point(as_of))


class Case:
    """A case in a real ledger, written without asking the commands. Refs name earlier facts by their keys."""

    def __init__(self, book: Ledger, *told: Told) -> None:
        self.book = book
        self.case_id = case_id_of(book.municipality, "SAG-1")
        self.versions: dict[str, int] = {}
        self.tell(*OPENING, *told)

    def tell(self, *told: Told) -> None:
        """Records facts, in this order."""
        head = self._head()
        drafts = []
        for version, one in enumerate(told, head.version + 1):
            refs = {name: self._version(key) for name, key in one.refs.items()}
            self.versions[one.key] = version
            drafts.append(
                Draft(fact_of(one), one.on, one.actor or KAREN, one.source, refs, on_behalf_of=one.on_behalf_of)
            )
        self.book.append(head, drafts)

    def _version(self, key: str | tuple[str, ...]) -> int | tuple[int, ...]:
        return tuple(self.versions[one] for one in key) if isinstance(key, tuple) else self.versions[key]

    def _head(self) -> Head:
        return Head.of(self.case_id, self.book.entries(self.case_id))

    def correct(self, key: str, field: str, old: object, new: object) -> None:
        """Corrects a field of an earlier fact."""
        fact = EntryCorrected(field=field, old=old, new=new, reason="tastefejl", approved_by=LEADER)
        self.book.append(self._head(), [Draft(fact, self.book.today(), KAREN, "api", {"target": self.versions[key]})])

    def annul(self, key: str) -> None:
        """Annuls an earlier fact."""
        fact = EntryAnnulled(reason="forkert", approved_by=LEADER)
        self.book.append(self._head(), [Draft(fact, self.book.today(), KAREN, "api", {"target": self.versions[key]})])

    def erase(self, party: str, key: str) -> None:
        """Destroys the key that a party's values of an entry are sealed under."""
        self.book.vault.destroy(self.book.entry(self.case_id, self.versions[key]).subjects[party])

    def ask(self, question: str, as_of: str | None = None, **given: str) -> Answer:
        """The answer to a question, as of a day (else today)."""
        day = date.fromisoformat(as_of) if as_of else None
        return answer(sight(self.book, self.case_id, Point(day)), question, given)

    def says(self, question: str, as_of: str | None = None, **given: str) -> str:
        """Its sentence."""
        return self.ask(question, as_of, **given).answer

    def rests_on(self, found: Answer) -> set[str]:
        """The keys of the entries that an answer rests on."""
        keys = {version: key for key, version in self.versions.items()}
        return {keys[one.version] for one in found.entries}
