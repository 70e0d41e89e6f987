"""Verification finds what was changed, left out or put in behind the ledger's back."""

import sqlite3
from contextlib import closing
from importlib.resources import as_file, files

import pytest

from commands.import_cases import import_file
from ledger.store.books import Books
from ledger.store.sealing import BrokenSealError
from replay.verify import verify


@pytest.fixture
def tampered(tmp_path, clock):
    """Runs statements on the ledger's file as an intruder would, and gives what verification then says."""
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock) as books, as_file(files("api").joinpath("samples", "aarhus-approved.json")) as path:
        list(import_file(books, path, "tester"))

    def by(*statements):
        with closing(sqlite3.connect(tmp_path / "data/aarhus/ledger.sqlite")) as connection, connection:
            for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {trigger}")
            for statement in statements:
                connection.execute(statement)
        with Books(url, clock) as books:
            return verify(books.book("aarhus")), books

    return by


def test_an_untouched_ledger_is_whole(tampered):
    found, _ = tampered()
    assert (found.entries, found.streams, found.not_numbered, found.faults) == (69, 1, 0, ())


CHANGED = {
    "a day": "UPDATE entries SET entry = CAST(replace(entry, '2021-12-08', '2021-12-07') AS BLOB) WHERE version = 38",
    "a day, as text": "UPDATE entries SET entry = replace(entry, '2021-12-08', '2021-12-07') WHERE version = 38",
    "nonsense": "UPDATE entries SET entry = x'00ff' WHERE version = 38",
    "json that is no entry": "UPDATE entries SET entry = x'5b5d' WHERE version = 38",
    "the type": "UPDATE entries SET type = 'NoteRecorded' WHERE version = 38",
    "the leaf": "UPDATE log SET leaf = zeroblob(32) WHERE seq = 38",
    "one entry less": "DELETE FROM entries WHERE version = 38",
    "the newest entry less": "DELETE FROM entries WHERE version = 69",
    "one number less": "DELETE FROM log WHERE seq = 38",
    "the newest number less": "DELETE FROM log WHERE seq = 69",
    "two numbers changed about": "UPDATE log SET seq = seq + 1000 WHERE seq = 38",
}


@pytest.mark.parametrize("name", CHANGED)
def test_every_change_is_found(tampered, name):
    found, _ = tampered(CHANGED[name])
    assert found.faults


def test_a_changed_ciphertext_is_told_in_words_when_it_is_read(tampered, tmp_path, clock):
    tampered('UPDATE entries SET entry = replace(entry, \'"sealed":"\', \'"sealed":"AAAA\') WHERE version = 38')
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books, pytest.raises(BrokenSealError, match="ændret"):
        books.book("aarhus").load(books.find("AAR-2021-00417")[1])
