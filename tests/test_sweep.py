"""The sweep takes the keys of entries that never came to be, and no others."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from sqlalchemy import true

from commands.access import draft_look
from ledger.errors import Conflict
from ledger.facts.book import Purpose
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import Ledger, book_stream, case_id_of
from replay.sweep import Swept, sweep
from replay.verify import verify
from tests.command import run, start
from tests.conftest import MASTER_KEY
from tests.tail import KAREN, MUNICIPALITY, after, notes, opening
from tests.test_import import a_case

CASE, NEVER_KEPT = "AAR-2026-1", "AAR-2026-2"
DAY, MARGIN = timedelta(days=1), timedelta(minutes=1)
PATIENCE = 30  # seconds
WRITERS, CASES = 3, 150


@pytest.fixture
def ledger(books: Books) -> Ledger:
    """A book with a case, looked at once: a key of its child, and one of the year of looking."""
    book = books.book(MUNICIPALITY)
    book.append(after(book, CASE), [*opening(CASE), *notes("Mor ringede.")])
    book.log_look(draft_look(book, KAREN, [case_id_of(MUNICIPALITY, CASE)], ["case"], Purpose.DRIFT))
    return book


def keys(ledger: Ledger) -> set[UUID]:
    """Every data subject of the vault, destroyed or not."""
    with ledger.vault.engine.connect() as connection:
        return set(connection.execute(ledger.vault._keys.select()).scalars())


def grow_old(ledger: Ledger, age: timedelta = DAY + MARGIN, *, only: Collection[UUID] | None = None) -> None:
    """Makes every key look as old as that, or only some."""
    which = true() if only is None else ledger.vault._keys.c.subject.in_(only)
    with ledger.vault.engine.begin() as connection:
        connection.execute(ledger.vault._keys.update().where(which).values(created_at=datetime.now(UTC) - age))


def lose_a_race(ledger: Ledger) -> UUID:
    """An act that comes second, about a party it is the first to name; the key it leaves behind."""
    before = keys(ledger)
    with pytest.raises(Conflict):
        ledger.append(after(ledger, NEVER_KEPT)._replace(case_id=case_id_of(MUNICIPALITY, CASE)), opening(CASE))
    (orphan,) = keys(ledger) - before
    return orphan


def everything_read(ledger: Ledger) -> list[object]:
    """All entries of the book, opened with keys that are fetched anew."""
    ledger.vault._open.clear()
    return [ledger.entries(one) for one in (case_id_of(MUNICIPALITY, CASE), book_stream(MUNICIPALITY, "access"))]


# Which keys go.


@contextmanager
def no_entry_gets_through(url: str) -> Iterator[None]:
    """Writers come as far as their entry, and wait there. What waits at the end is cut off, and never committed."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///")) / MUNICIPALITY / "ledger.sqlite"
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE sagsbog_aarhus.entries IN EXCLUSIVE MODE")
            yield
            holder.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )


def import_killed_before_its_entries(ledger: Ledger, url: str, file: Path) -> set[UUID]:
    """Kills a real import between its two commits; the keys it leaves behind."""
    before, until = keys(ledger), monotonic() + PATIENCE
    with no_entry_gets_through(url), start(url, "import", file) as writer:
        while keys(ledger) == before and monotonic() < until:
            sleep(0.01)
        assert writer.poll() is None, "it got through"
        writer.kill()
        writer.communicate()
    return keys(ledger) - before


def test_the_keys_of_a_writer_killed_before_its_entries_go_when_they_are_a_day_old(ledger, database_url, tmp_path):
    file = tmp_path / "aldrig.json"
    file.write_text(json.dumps(a_case(number=NEVER_KEPT)), "utf-8")
    in_use, read = keys(ledger), everything_read(ledger)
    orphans = import_killed_before_its_entries(ledger, database_url, file)
    assert (len(orphans), ledger.has(case_id_of(MUNICIPALITY, NEVER_KEPT))) == (2, False)
    assert sweep(ledger) == Swept(MUNICIPALITY, 0, 0, None), "all are fresh"
    grow_old(ledger, DAY - MARGIN)
    assert sweep(ledger) == Swept(MUNICIPALITY, 0, 0, None)
    assert keys(ledger) == in_use | orphans
    grow_old(ledger, DAY + MARGIN)
    assert sweep(ledger) == Swept(MUNICIPALITY, len(in_use | orphans), 2, None)
    assert keys(ledger) == in_use
    assert sweep(ledger).removed == 0
    assert (everything_read(ledger), verify(ledger).faults) == (read, ())
    again = run(database_url, "import", file)
    assert (again.code, verify(ledger).faults) == (0, ())


def test_the_key_of_an_act_that_came_second_goes_and_the_first_one_reads_the_same(ledger):
    in_use, read, orphan = keys(ledger), everything_read(ledger), lose_a_race(ledger)
    grow_old(ledger)
    assert sweep(ledger).removed == 1
    assert keys(ledger) == in_use
    assert ledger.vault.key(orphan) is None
    assert (everything_read(ledger), verify(ledger).faults) == (read, ())
    (more,) = ledger.append(after(ledger, CASE), notes("Far ringede."))
    assert more.subjects == read[0][0].subjects | read[0][1].subjects, "the case goes on under its old key"


def test_what_is_in_use_or_of_a_period_or_destroyed_stays_however_old(ledger):
    next_year = uuid5(book_stream(MUNICIPALITY, "access"), "access-2027")
    ledger.vault.ensure(next_year)  # as by someone whose look is not on record yet
    erased = ledger.append(after(ledger, "AAR-2026-3"), opening("AAR-2026-3"))[1].subjects["p-barn"]
    destroyed = lose_a_race(ledger)
    for gone in (erased, destroyed):
        ledger.vault.destroy(gone)
    stay, read = keys(ledger), everything_read(ledger)
    orphan = lose_a_race(ledger)
    grow_old(ledger, 4_000 * DAY)
    assert sweep(ledger) == Swept(MUNICIPALITY, len(stay) - 2 + 1, 1, None), "destroyed ones are not looked at"
    assert {next_year, erased, destroyed} < keys(ledger) == stay
    assert orphan not in stay
    assert ledger.vault.was_destroyed(erased)
    assert ledger.vault.was_destroyed(destroyed)
    assert (everything_read(ledger), verify(ledger).faults) == (read, ())


def test_a_key_that_is_destroyed_before_it_is_removed_stays_as_the_proof_of_it(ledger):
    orphan = lose_a_race(ledger)
    ledger.vault.destroy(orphan)
    assert ledger.vault.remove([orphan, uuid4()]) == 0
    assert ledger.vault.was_destroyed(orphan)


# When nothing goes.


def lose_a_key(ledger: Ledger, _: str) -> None:
    """Takes away the key of the case's child, as a vault restored from too old a copy would."""
    vault, (_, child, _) = ledger.vault, ledger.entries(case_id_of(MUNICIPALITY, CASE))
    with vault.engine.begin() as connection:
        connection.execute(vault._keys.delete().where(vault._keys.c.subject == child.subjects["p-barn"]))
    vault._open.clear()


def change_an_entry(_: Ledger, url: str) -> None:
    """Changes a stored byte, as an intruder would."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///")) / MUNICIPALITY / "ledger.sqlite"
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DROP TRIGGER entries_UPDATE")
            connection.execute("UPDATE entries SET entry = CAST(entry || ' ' AS BLOB) WHERE version = 3")
    else:
        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("UPDATE sagsbog_aarhus.entries SET entry = entry || ' '::bytea WHERE version = 3")


@pytest.mark.parametrize("damage", [lose_a_key, change_an_entry])
def test_nothing_goes_while_verification_finds_a_fault(ledger, database_url, damage):
    lose_a_race(ledger)
    grow_old(ledger)
    damage(ledger, database_url)
    before = keys(ledger)
    swept = sweep(ledger)
    assert (swept.removed, swept.keys, keys(ledger)) == (0, len(before), before)
    assert swept.told == "aarhus: ingen nøgler er fjernet: efterprøvningen fandt 1 fejl. Se dem med: sagsbog verify"


def test_nothing_goes_while_an_entry_waits_for_its_number(postgres_url, clock):
    with Books(postgres_url, clock, MASTER_KEY) as books:
        book = books.book(MUNICIPALITY)
        with psycopg.connect(postgres_url) as unfinished:
            unfinished.execute("SELECT pg_current_xact_id()")  # holds back numbering
            (_, child) = book.append(after(book, CASE), opening(CASE))
            orphan = lose_a_race(book)
            grow_old(book)
            assert "2 registreringer venter på deres nummer" in sweep(book).told
            assert keys(book) == {orphan, *child.subjects.values()}
        assert until_swept(book).removed == 1
        assert keys(book) == set(child.subjects.values())


def test_nothing_goes_when_an_entry_gets_its_number_just_after_the_log_was_read(postgres_url, clock, monkeypatch):
    with Books(postgres_url, clock, MASTER_KEY) as books, psycopg.connect(postgres_url) as unfinished:
        book = books.book(MUNICIPALITY)
        unfinished.execute("SELECT pg_current_xact_id()")
        book.append(after(book, CASE), opening(CASE))
        grow_old(book)
        before, read = keys(book), book.recorder.sealed_after

        def read_and_number(*place: int) -> object:
            found, until = read(*place), monotonic() + PATIENCE
            unfinished.rollback()
            while book.recorder.unnumbered() and monotonic() < until:
                book.number()
            return found

        monkeypatch.setattr(book.recorder, "sealed_after", read_and_number)
        assert (sweep(book).removed, keys(book)) == (0, before)
        assert (sweep(book), keys(book)) == (Swept(MUNICIPALITY, 1, 0, None), before)


def until_swept(ledger: Ledger) -> Swept:
    """The first sweep that nothing stands in the way of."""
    until = monotonic() + PATIENCE
    while (swept := sweep(ledger)).why_not and monotonic() < until:
        sleep(0.05)  # a server's own housekeeping may hold numbering back for a moment
    return swept


# Beside writers.


def open_cases(url: str, count: int) -> None:
    """Opens cases that other writers want to open as well. Between two acts any key of its own may be old."""
    with Books(url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        book = books.book(MUNICIPALITY)
        for number in range(count):
            with suppress(Conflict):
                book.append(Head(case_id_of(MUNICIPALITY, f"{number}")), opening(f"{number}"))
            grow_old(book, only=book.vault._open)
            book.vault._open.clear()
            book.number()


def test_writers_that_append_meanwhile_lose_no_key(books, database_url):
    book, sweeps = books.book(MUNICIPALITY), list[Swept]()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(open_cases, database_url, CASES) for _ in range(WRITERS)]
        while not all(writer.done() for writer in writers):
            sweeps.append(sweep(book))
    assert [writer.result() for writer in writers] == [None] * WRITERS
    assert sum(one.removed > 0 for one in sweeps) > 1, "none got through while they wrote"
    assert until_swept(book).why_not is None
    assert verify(book).faults == ()
    read = [entry for _, entry in book.read_after(0, 10_000)]
    assert len(read) == 2 * CASES, "every case was opened once"
    assert not [entry for entry in read if entry.erased]
    assert keys(book) == {subject for entry in read for subject in entry.subjects.values()}


# The command.


def test_the_command_sweeps_every_book_and_tells_what_it_did(database_url, clock):
    with Books(database_url, clock, MASTER_KEY) as books:
        assert run(database_url, "sweep")[:2] == (0, "Der er ingen sagsbog her endnu. Se SAGSBOG_DATABASE_URL.\n")
        aarhus, nyborg = (books.book(municipality) for municipality in ("aarhus", "nyborg"))
        for book in (aarhus, nyborg):
            book.append(after(book, CASE), opening(CASE))
        aarhus.vault.create({uuid4(): bytes(32), uuid4(): bytes(32)})
        grow_old(aarhus)
        told = "{}: {} nøgler ældre end et døgn er gennemgået, {} uden registrering er fjernet.\n".format
        assert run(database_url, "sweep")[:3] == (0, told("aarhus", 3, 2) + told("nyborg", 0, 0), "")
        with nyborg.vault.engine.begin() as connection:
            connection.execute(nyborg.vault._keys.delete())
        damaged = run(database_url, "sweep")
        assert (damaged.code, damaged.err) == (1, "")
        first, second = damaged.out.splitlines(keepends=True)
        assert first == told("aarhus", 1, 0)
        assert second.startswith("nyborg: ingen nøgler er fjernet: efterprøvningen fandt 1 fejl.")
        row = {"municipality": "aarhus", "keys": 1, "removed": 0, "why_not": None}
        assert json.loads(run(database_url, "sweep", "--format", "json").out)[0] == row


def test_each_key_removed_is_logged_by_its_id_alone(ledger, database_url):
    orphan = lose_a_race(ledger)
    grow_old(ledger)
    logged = run(database_url, "sweep", SAGSBOG_LOG_LEVEL="info").err
    (line,) = [json.loads(line) for line in logged.splitlines()]
    del line["timestamp"]
    assert line == {"event": "orphan key removed", "level": "info", "subject": str(orphan)}
