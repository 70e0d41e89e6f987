"""Books: one per municipality, the same on both engines."""

import stat
import subprocess
import sys
from datetime import date

import pytest

from commands.access import draft_look
from commands.rates import propose_rate
from ledger.errors import Conflict, Invalid, NotFound, SagsbogError
from ledger.facts.book import Purpose
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.lifecycle import CaseOpened
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import book_stream, case_id_of
from ledger.store.remembered import Remembered
from ledger.store.vault import MasterKeyError
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, import_sample
from tests.test_rate_acts import CAP, DAY

KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
RITA = Actor("u-aa-rita", "Prøvesen", "registratur", "registrator")


def open_case(books: Books, municipality: str, number: str) -> None:
    fact = CaseOpened(case_number=number, opened_on=date(2026, 1, 5), subject="hjemmetraening", child="p-barn")
    books.book(municipality).append(
        Head(case_id_of(municipality, number)), [Draft(fact, date(2026, 1, 5), KAREN, "api")]
    )


def test_a_case_is_found_by_number_and_by_id(books):
    open_case(books, "aarhus", "AAR-2026-00001")
    book, case_id = books.find(" AAR-2026-00001 ")
    assert books.find(str(case_id)) == (book, case_id)
    assert book.municipality == "aarhus"


def test_a_number_found_in_two_books_is_refused_and_both_are_named(books):
    open_case(books, "aarhus", "2026-1")
    open_case(books, "nyborg", "2026-1")
    with pytest.raises(Conflict, match=r"aarhus.*nyborg"):
        books.find("2026-1")


def test_the_same_number_opened_twice_collides(books):
    open_case(books, "aarhus", "2026-1")
    with pytest.raises(Conflict) as refused:
        open_case(books, "aarhus", "2026-1")
    assert refused.value.current_version == 1


def test_what_does_not_exist_is_said_to_be_missing(books):
    open_case(books, "aarhus", "2026-1")
    with pytest.raises(NotFound, match="2026-404"):
        books.find("2026-404")
    with pytest.raises(Invalid, match="skråstreg"):
        books.find("a/b")
    with pytest.raises(Invalid, match="odense"):
        books.book("odense")


@pytest.mark.parametrize("name", ["book", "access"])
def test_what_the_book_keeps_of_its_own_is_no_case(books, name):
    import_sample(books, AARHUS)
    book, case_id = books.find(AARHUS)
    own = book_stream("aarhus", name)
    book.log_look(draft_look(book, KAREN, [case_id], ["case"], Purpose.SAGSBEHANDLING))
    propose_rate(book, CAP, RITA, on=DAY, request_id="r1")
    books.book("aarhus").streams.remembered = Remembered(100)
    assert book.entries(own), "it is there, and in memory too"
    with pytest.raises(NotFound, match=str(own)):
        books.find(str(own))


def test_looking_makes_no_book(books):
    assert books.existing() == []
    with pytest.raises(NotFound):
        books.find("2026-1")
    assert books.existing() == []


def test_many_processes_may_open_a_new_book_at_once(database_url):
    script = (
        "import sys, datetime; from ledger.store.books import Books;"
        "b = Books(sys.argv[1], lambda: datetime.datetime.now(datetime.UTC), sys.argv[2] or None);"
        "print(b.book('aarhus').vault.secret('requests').hex())"
    )
    key = MASTER_KEY if database_url.startswith("postgresql") else ""
    command = [sys.executable, "-c", script, database_url, key]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [process.communicate() for process in started]
    assert {process.returncode for process in started} == {0}, answers
    assert len({answer.splitlines()[-1] for answer, _ in answers}) == 1


def test_the_master_key_of_an_embedded_ledger_is_for_its_owner_only(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        books.book("nyborg")
        path = tmp_path / "data" / "master.key"
        assert books.new_key_at == path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.glob(".master*")) == []


def test_a_lost_master_key_is_not_replaced_by_a_new_one(tmp_path, clock):
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock) as books:
        open_case(books, "aarhus", "2026-1")
    key = tmp_path / "data" / "master.key"
    kept = key.read_bytes()
    key.unlink()
    with Books(url, clock) as books, pytest.raises(MasterKeyError, match="mangler"):
        books.book("aarhus")
    assert not key.exists()
    key.write_bytes(kept)
    with Books(url, clock) as books:
        assert books.find("2026-1")


def test_a_lost_ledger_is_said_and_no_new_one_is_begun_beside_its_keys(tmp_path, clock):
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock) as books:
        import_sample(books, AARHUS)
    (tmp_path / "data/aarhus/ledger.sqlite").unlink()
    with Books(url, clock) as books:
        for look in (books.existing, lambda: books.made("aarhus"), lambda: books.book("aarhus")):
            with pytest.raises(SagsbogError, match=r"ledger\.sqlite mangler, men nøglerne er der"):
                look()
    assert not (tmp_path / "data/aarhus/ledger.sqlite").exists()


def test_a_master_key_that_is_no_text_is_refused_in_words(tmp_path, clock):
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock) as books:
        books.book("aarhus")
    (tmp_path / "data/master.key").write_bytes(bytes(range(200, 256)))
    with Books(url, clock) as books, pytest.raises(MasterKeyError, match="32 byte i base64"):
        books.book("aarhus")


def test_whoever_keeps_books_in_files_does_not_read_in_the_driver_of_the_server():
    said = "import sys, api.program; print([name for name in sys.modules if name.startswith('psycopg')])"
    done = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
