"""Appending: what is written stands, and an act is whole, also of those that share a commit."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Thread
from time import sleep

import psycopg
import pytest

from ledger.errors import Conflict
from ledger.facts.entry import Request
from ledger.store.books import Books
from ledger.store.codec import Occasion
from ledger.store.ledger import Ledger
from tests.conftest import MASTER_KEY
from tests.one_case import CASE, one_case, raw, stored
from tests.tail import MUNICIPALITY, after, notes, opening


@pytest.fixture
def ledger(books: Books) -> Ledger:
    return one_case(books)


# What is written stands.


REWRITES = (
    "UPDATE {}entries SET type = 'Andet'",
    "UPDATE {}entries SET version = 3 WHERE version = 2",
    "DELETE FROM {}entries",
    "DELETE FROM {}entries WHERE version = 2",
    "UPDATE {}log SET seq = seq + 10",
    "DELETE FROM {}log WHERE seq = 2",
)
ON_POSTGRES = (
    "TRUNCATE {}entries",
    "TRUNCATE {}log",
    "INSERT INTO {0}log SELECT * FROM {0}log ON CONFLICT (seq) DO UPDATE SET leaf = ''",
)
ON_SQLITE = (
    "REPLACE INTO {0}entries SELECT case_id, version, 'Andet', entry, request FROM {0}entries",
    "REPLACE INTO {0}log SELECT seq, case_id, version, x'00' FROM {0}log",
    "REPLACE INTO {0}entries SELECT case_id, version + 10, type, entry, request FROM {0}entries WHERE request > ''",
    "REPLACE INTO {0}log SELECT seq + 10, case_id, version, leaf FROM {0}log",
    "REPLACE INTO {0}log SELECT seq, case_id, version + 10, leaf FROM {0}log",
)


def test_the_database_itself_refuses_to_change_or_remove_what_is_written(ledger, database_url):
    ledger.append(after(ledger, CASE), notes("En anmodning"), request=Request("r-1", "ab" * 32))
    ledger.number()
    before = stored(database_url), ledger.read_after(0)
    assert len(before[1]) == 3
    for rewrite in REWRITES + (ON_SQLITE if database_url.startswith("sqlite") else ON_POSTGRES):
        with raw(database_url) as (connection, schema), pytest.raises(Exception, match="append-only") as refused:
            connection.execute(rewrite.format(schema))
        assert isinstance(refused.value, (sqlite3.Error, psycopg.Error)), rewrite
    assert (stored(database_url), ledger.read_after(0)) == before


# An act is whole.


def test_a_lost_race_names_the_version_that_won_and_keeps_nothing(ledger, database_url):
    known = after(ledger, CASE)
    ledger.append(known, notes("Den første", "og den næste"))
    before = stored(database_url)
    with pytest.raises(Conflict, match="version 4, ikke 2") as refused:
        ledger.append(known, notes("For", "sent", "kommet"))
    assert refused.value.current_version == 4
    assert stored(database_url) == before
    ledger.number()
    assert [(seq, entry.version) for seq, entry in ledger.read_after(0)] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_an_act_that_cannot_be_written_to_its_end_is_not_written_at_all(ledger, database_url):
    """Its first entry would fit where version 3 was never written; its second would not."""
    known = after(ledger, CASE)
    (_, third), (_, fourth) = ledger.mapper.seal(known, notes("Tre", "Fire"), ledger.entry, Occasion(ledger.clock()))
    ledger.recorder.insert_events([fourth])
    with pytest.raises(Conflict) as refused:
        ledger.append(known, notes("Tre igen", "Fire igen"))
    assert refused.value.current_version == 4
    assert [version for _, version, _, _ in stored(database_url)] == [1, 2, 4]
    ledger.recorder.insert_events([third])
    assert [entry.version for entry in ledger.entries(known.case_id)] == [1, 2, 3, 4]


@pytest.mark.parametrize("taken", [3, 40, 82])
def test_a_long_act_of_which_one_entry_cannot_be_written_is_not_written_at_all(ledger, database_url, taken):
    known, long = after(ledger, CASE), notes(*map(str, range(80)))
    sealed = ledger.mapper.seal(known, long, ledger.entry, Occasion(ledger.clock()))
    in_the_way = sealed[taken - 3][1]
    assert in_the_way.originator_version == taken
    ledger.recorder.insert_events([in_the_way])
    with pytest.raises(Conflict):
        ledger.append(known, long)
    assert [version for _, version, _, _ in stored(database_url)] == [1, 2, taken]
    other = after(ledger, "AAR-2026-00002")
    ledger.append(other, [*opening("AAR-2026-00002"), *long])
    assert [entry.version for entry in ledger.entries(other.case_id)] == list(range(1, 83))


def test_a_book_may_be_made_by_many_at_once(database_url):
    together, problems = Barrier(8), []

    def make() -> None:
        together.wait()
        try:
            key = None if database_url.startswith("sqlite") else MASTER_KEY  # the embedded ledger makes its own
            with Books(database_url, lambda: datetime.now(UTC), key) as books:
                books.book(MUNICIPALITY)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test tells it
            problems.append(error)

    threads = [Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


# Acts of a moment share one commit.


def test_acts_that_share_a_commit_are_each_kept_or_refused_alone(ledger: Ledger, database_url: str) -> None:
    heads = [after(ledger, CASE), after(ledger, CASE), after(ledger, "AAR-2026-00002"), after(ledger, "AAR-2026-00003")]
    acts = [notes("en", "to"), notes("en", "to", "tre"), opening("AAR-2026-00002"), opening("AAR-2026-00003")]
    with ThreadPoolExecutor(4) as pool, raw(database_url) as (connection, schema):
        connection.execute(f"LOCK TABLE {schema}entries" if schema else "BEGIN IMMEDIATE")
        done = [pool.submit(ledger.append, head, act) for head, act in zip(heads, acts, strict=True)]
        while len(ledger.recorder._appending._waiting) < 3:  # one leads, three wait for it
            sleep(0.001)
        connection.rollback()
        failures = [one.exception(30) for one in done]
    first = failures.index(None)
    assert [type(one) for one in failures[:2]] == ([type(None), Conflict] if first == 0 else [Conflict, type(None)])
    assert failures[2:] == [None, None]
    kept = len(acts[first])
    assert [len(ledger.entries(head.case_id)) for head in heads[1:]] == [2 + kept, 2, 2]
    ledger.number()
    assert sorted(ledger.recorder.seqs(heads[0].case_id).values())[:2] == [1, 2]
    assert ledger.recorder.max_notification_id() == 2 + kept + 4, "numbers without a gap"
