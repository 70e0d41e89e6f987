"""Appending: what is written stands, an act is whole, a repeated request is one act, and the chain holds."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Thread
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from ledger.errors import Conflict, Invalid
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Imported, OnBehalfOf, Request
from ledger.store.books import Books
from ledger.store.codec import Occasion
from ledger.store.head import Head
from ledger.store.ledger import Ledger, book_stream, case_id_of
from tests.conftest import MASTER_KEY
from tests.tail import KAREN, MUNICIPALITY, after, notes, opening

CASE = "AAR-2026-00001"
CASE_ID = case_id_of(MUNICIPALITY, CASE)
BO = Actor("u-fc-02", "Bo Nissen", "familiecentret", "fc_leder")


@pytest.fixture
def ledger(books: Books) -> Ledger:
    """A book with one case of two entries."""
    ledger = books.book(MUNICIPALITY)
    ledger.append(after(ledger, CASE), opening(CASE))
    ledger.number()
    return ledger


@contextmanager
def raw(database_url: str) -> Iterator[tuple[Any, str]]:
    """A stranger's own connection, and what a table's name begins with there."""
    if database_url.startswith("sqlite"):
        file = Path(database_url.removeprefix("sqlite:///")) / MUNICIPALITY / "ledger.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            yield connection, ""
    else:
        with psycopg.connect(database_url) as connection:
            yield connection, "sagsbog_aarhus."


def stored(database_url: str) -> list[tuple[UUID, int, str, bytes]]:
    with raw(database_url) as (connection, schema):
        found = connection.execute(f"SELECT case_id, version, type, entry FROM {schema}entries ORDER BY 1, 2")
        return [(UUID(str(case_id)), version, kind, bytes(entry)) for case_id, version, kind, entry in found]


def everything(ledger: Ledger) -> list[Any]:
    return [entry for case_id in ledger.cases() for entry in ledger.entries(case_id)]


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
    assert [entry.version for entry in everything(ledger)] == [1, 2, 3, 4]


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


# A repeated request is one act.


def test_a_repeated_request_gives_the_first_entries_and_appends_nothing(ledger, database_url):
    known, request = after(ledger, CASE), Request("r-1", "00")
    first = ledger.append(known, notes("Et", "To"), request=request)
    before = stored(database_url)
    assert ledger.append(known, notes("Et", "To"), request=request) == first
    assert ledger.append(after(ledger, CASE), notes("Et", "To"), request=request) == first, (
        "though the case was re-read"
    )
    assert stored(database_url) == before
    assert ledger.append(after(ledger, CASE), notes("Tre"), request=Request("r-2", "00"))[0].version == 5


def test_two_people_may_use_the_same_request_id_one_after_the_other(ledger):
    request = Request("r-1", "00")
    mine = ledger.append(after(ledger, CASE), notes("Mit"), request=request)
    theirs = [draft._replace(actor=BO) for draft in notes("Deres")]
    other = ledger.append(after(ledger, CASE), theirs, request=request)
    assert [entry.version for entry in (*mine, *other)] == [3, 4]
    assert ledger.answered(BO.user_id, request) == other
    assert ledger.answered(KAREN.user_id, request) == mine


def test_a_request_whose_process_died_after_the_commit_is_found_again(ledger, database_url):
    known = after(ledger, CASE)
    died = subprocess.run(  # our own module
        [sys.executable, "-m", "tests.tail", "die", database_url, CASE, "r-1"],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "SAGSBOG_MASTER_KEY": MASTER_KEY},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    before = stored(database_url)
    again = ledger.append(known, notes("Et", "To"), request=Request("r-1", "00"))
    assert [(entry.version, entry.fact.text) for entry in again] == [(3, "Et"), (4, "To")]
    assert stored(database_url) == before


def test_a_request_id_used_for_something_else_is_refused(ledger, database_url):
    ledger.append(after(ledger, CASE), notes("Et"), request=Request("r-1", "00"))
    before = stored(database_url)
    with pytest.raises(Invalid, match="request_id"):
        ledger.append(after(ledger, CASE), notes("Noget andet"), request=Request("r-1", "ff"))
    assert stored(database_url) == before


def test_two_threads_with_one_request_id_make_one_act(ledger):
    for round_ in range(5):
        known, request, together = after(ledger, CASE), Request(f"r-{round_}", "00"), Barrier(2)
        answers: list[Any] = []

        def append(known=known, request=request, together=together, answers=answers):
            together.wait()
            answers.append(ledger.append(known, notes("Et", "To"), request=request))

        threads = [Thread(target=append) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
        assert answers[0] == answers[1]
        assert after(ledger, CASE).version == known.version + 2


# Entries, time and chain.


def test_what_an_append_gives_is_what_is_read_of_it_member_for_member(ledger, clock):
    more = {
        "refs": {"about": 1, "answers": (1, 2)}, "source_recorded_at": clock.now - timedelta(days=9), "key": "note-1",
        "document_ids": ("d-1", "d-2"), "on_behalf_of": OnBehalfOf("m-1", "familiecentret", "Bo Nissen"),
        "imported": Imported("u-import", "ab" * 32), "correlation_id": uuid4(), "causation_id": uuid4(),
    }  # fmt: skip
    ledger.append(Head(book_stream(MUNICIPALITY, "book")), notes("Så bogens egen strøm har en version"))
    ledger.law()
    drafts = [draft._replace(**more) for draft in notes("Et", "To")]
    given = ledger.append(after(ledger, CASE), drafts, request=Request("r-1", "cd" * 32))
    assert not [name for name, value in given[0]._asdict().items() if not value and name != "erased"], "all is told"
    assert given == ledger.entries(CASE_ID, after=2)
    of_draft = set(Draft._fields)
    assert [{name: value for name, value in one._asdict().items() if name in of_draft} for one in given] == [
        draft._asdict() for draft in drafts
    ]


def test_the_recorded_time_of_a_case_never_goes_back(ledger, clock):
    before = after(ledger, CASE).recorded_at
    clock.now -= timedelta(hours=1)
    first, second = ledger.append(after(ledger, CASE), notes("Uret", "er stillet tilbage"))
    assert first.recorded_at == before + timedelta(microseconds=1)
    assert second.recorded_at == before + timedelta(microseconds=2)
    (other, _) = ledger.append(after(ledger, "en-anden-sag"), opening("en-anden-sag"))
    assert other.recorded_at < before, "only within a case: across cases the log orders"
    clock.now += timedelta(hours=2)
    (third,) = ledger.append(after(ledger, CASE), notes("Uret går igen"))
    assert third.recorded_at == clock.now


def strangers_seal(case_id: UUID, version: int, kind: str, entry: bytes) -> bytes:
    """As ledger/store/seal.py tells it, written again: each part behind its length in eight bytes, big end first."""
    digest = sha256()
    for part in (b"sagsbog/entry/1", case_id.bytes, version.to_bytes(8, "big"), kind.encode("utf-8"), entry):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def test_a_stranger_can_check_the_chain_with_sha256_alone(ledger, database_url):
    ledger.append(after(ledger, CASE), notes("Et", "To"))
    ledger.append(after(ledger, CASE), notes("Tre"))
    ledger.append(after(ledger, "en-anden-sag"), opening("en-anden-sag"))
    ledger.number()
    leaves, previous = {}, {}
    for case_id, version, kind, entry in stored(database_url):
        told = orjson.loads(entry)
        assert (told["case_id"], told["version"], told["type"]) == (str(case_id), version, kind)
        assert bytes.fromhex(told["previous"]) == previous.get(case_id, bytes(32))
        previous[case_id] = leaves[case_id, version] = strangers_seal(case_id, version, kind, entry)
    assert len(leaves) == 7
    assert {(entry.case_id, entry.version): entry.seal for entry in everything(ledger)} == leaves
    with raw(database_url) as (connection, schema):
        log = connection.execute(f"SELECT case_id, version, leaf FROM {schema}log").fetchall()
    assert {(UUID(str(case_id)), version): bytes(leaf) for case_id, version, leaf in log} == leaves


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
