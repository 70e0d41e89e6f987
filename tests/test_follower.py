"""The live follower: whatever happens to it, the tables hold each row once, as it is told in memory."""

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import select, update

from ledger.facts.book import AccessLogged
from ledger.facts.decision import HjemmetraeningStarted
from ledger.facts.draft import Draft
from ledger.facts.lifecycle import CaseClosed
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import book_stream, case_id_of
from projections.follower import Follower
from projections.tables import PROGRESS, TOLD
from tests.command import environment
from tests.conftest import MASTER_KEY
from tests.tail import DAY, KAREN, MUNICIPALITY, after, committed, notes, opening
from tests.test_corrections import of
from tests.test_read_models import book, kept, open_case, position, samples, told, told_as_of
from tests.test_sequencer import start

__all__ = ["book", "samples"]
FOLLOW = """
import sys
from datetime import UTC, datetime
from ledger.store.books import Books
from projections.follower import Follower
with Books(sys.argv[1], lambda: datetime.now(UTC), sys.argv[2]) as books:
    follower = Follower(books.book("aarhus"))
    print("following", flush=True)
    while True:
        follower.catch_up(batch=7)
"""


def add(ledger, number, fact, on=DAY):
    ledger.append(after(ledger, number), [Draft(fact, on, KAREN, "api")])


def to_the_books_own(ledger, name, fact):
    stream = book_stream(ledger.municipality, name)
    ledger.append(ledger.head(stream), [Draft(fact, DAY, KAREN, "api")])


def terminated(effective_on):
    return of("HjemmetraeningTerminated", effective_on=effective_on.isoformat())


def test_what_is_recorded_is_told_and_told_anew(book):
    follower = Follower(book)
    assert follower.catch_up() == 0
    open_case(book, "1")
    assert follower.catch_up() == 2
    add(book, "1", CaseClosed(reason="moved"))
    assert follower.catch_up() == 1
    (row,) = kept(book)["cases"]
    assert (row["case_number"], row["state"], row["version"]) == ("1", "lukket", 3)
    assert follower.catch_up() == 0


def test_a_batch_that_is_told_twice_changes_nothing(samples):
    for ledger in samples:
        before = kept(ledger)
        for seq in (0, 30):
            with ledger.read_models.begin() as connection:
                connection.execute(update(PROGRESS).values(seq=seq))
            Follower(ledger).catch_up(batch=11)
            assert kept(ledger) == before == told(ledger)


def test_what_is_told_goes_no_further_than_the_cursor(book):
    case_id = open_case(book, "1", CaseClosed(reason="moved"))
    follower = Follower(book)
    book.number()
    with book.read_models.begin() as connection:
        assert follower.advance(connection, batch=2) == 2
    assert (position(book), kept(book)["cases"][0]["version"]) == (2, 2)
    assert kept(book)["cases"][0]["case_id"] == str(case_id)
    assert follower.catch_up() == 1
    assert kept(book) == told(book)


def test_a_decision_that_takes_effect_later_is_told_on_its_day(book, clock):
    today = book.today()
    open_case(book, "1", HjemmetraeningStarted(started_on=DAY), terminated(today + timedelta(3)))
    open_case(book, "2", HjemmetraeningStarted(started_on=DAY))
    follower = Follower(book)
    for days, moved, state in ((0, 6 + 1, "i_gang"), (2, 0, "i_gang"), (3, 1, "ophoert"), (4, 0, "ophoert")):
        clock.now = datetime(2026, 11, 21, 8, tzinfo=UTC) + timedelta(days)
        assert (book.today() - today).days == days
        assert follower.catch_up() == moved, days
        by_number = {row["case_number"]: row for row in kept(book)["cases"]}
        assert by_number["1"]["state"] == state
        assert by_number["2"]["state"] == "i_gang"
        assert kept(book) == told(book)


def test_an_entry_of_a_later_day_is_told_when_the_day_comes(book, clock):
    today = book.today()
    open_case(book, "1")
    add(book, "1", CaseClosed(reason="moved"), on=today + timedelta(1))
    follower = Follower(book)
    assert follower.catch_up() == 3
    assert len(kept(book)["history"]) == 2
    clock.now += timedelta(1)
    assert follower.catch_up() == 1
    assert len(kept(book)["history"]) == 3
    assert kept(book) == told(book)


def test_a_case_that_is_opened_on_a_later_day_has_no_rows_before_it(book, clock):
    case_id = case_id_of(MUNICIPALITY, "1")
    book.append(Head(case_id), opening("1"))
    later = [draft.__class__(draft.fact, book.today() + timedelta(1), KAREN, "api") for draft in opening("2")]
    book.append(Head(case_id_of(MUNICIPALITY, "2")), later)
    follower = Follower(book)
    follower.catch_up()
    assert [row["case_number"] for row in kept(book)["cases"]] == ["1"]
    clock.now += timedelta(1)
    assert follower.catch_up() == 1
    assert {row["case_number"] for row in kept(book)["cases"]} == {"1", "2"}


def test_a_rate_tells_every_case_again_and_a_look_into_a_case_none(book, clock):
    cases = {open_case(book, number) for number in ("1", "2", "3")}
    follower = Follower(book)
    follower.catch_up()
    first = book.today()
    clock.now += timedelta(1)
    to_the_books_own(book, "access", AccessLogged(
        cases=tuple(cases), what=("case",), purpose="drift", period="access-2026"
    ))  # fmt: skip
    assert follower.catch_up() == 1
    assert told_as_of(book) == dict.fromkeys(cases, first)
    to_the_books_own(book, "book", of("RateRegistered"))
    assert follower.catch_up() == 1 + len(cases)
    assert told_as_of(book) == dict.fromkeys(cases, book.today())
    assert position(book) == 8


def test_it_follows_until_it_is_told_to_stop(book):
    open_case(book, "1")
    looks = iter([False, False, False, True])
    Follower(book).follow(lambda: next(looks), pause=0.01)
    assert position(book) == 2


def now():
    return datetime.now(UTC)


def follow(url):
    """A follower in a process of its own that has begun."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", FOLLOW, url, MASTER_KEY]
    process = subprocess.Popen(command, cwd=root, env=environment(url), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "following\n"
    return process


def prove_killing(url, place, entries, kills):
    """Two followers at once beside three writers, one of them killed again and again."""
    chance = random.Random(11)  # noqa: S311  # when to kill, not a secret
    with Books(url, now, MASTER_KEY) as books, start("write", url, place, 3, entries) as writers:
        ledger = books.book(MUNICIPALITY)
        Follower(ledger)
        with follow(url) as steady:
            for _ in range(kills):
                with follow(url) as victim:
                    sleep(chance.uniform(0.0, 0.3))
                    assert victim.poll() is None
                    victim.kill()
            writers.wait()
            assert steady.poll() is None
            steady.kill()
        reached = position(ledger)
        Follower(ledger).catch_up()
        assert kept(ledger) == told(ledger)
        assert position(ledger) == len(committed(place)) >= entries
        assert len(kept(ledger)["history"]) == len(committed(place))
    return reached


def test_two_followers_of_which_one_is_killed_lose_and_double_nothing(database_url, tmp_path):
    assert prove_killing(database_url, tmp_path, 400, kills=2) > 0


@pytest.mark.prove
def test_a_follower_killed_a_hundred_times_loses_and_doubles_nothing(database_url, tmp_path):
    assert prove_killing(database_url, tmp_path, 30_000, kills=100) > 0


def test_a_follower_that_is_killed_alone_is_gone_on_with(database_url):
    """Without another that would repair what it left: its tables are whole at whatever point it died."""
    with Books(database_url, now, MASTER_KEY) as books:
        ledger = books.book(MUNICIPALITY)
        for number in range(25):
            open_case(ledger, str(number))
            ledger.append(after(ledger, str(number)), notes(*["Moderen ringede."] * 10))
        while ledger.number():
            pass
        seen = set()
        for turn in range(4):
            with follow(database_url) as victim:
                while position(ledger) < 60 * turn:
                    sleep(0.001)
                victim.kill()
            seen.add(position(ledger))
            assert_whole_up_to(ledger, position(ledger))
        Follower(ledger).catch_up()
        assert kept(ledger) == told(ledger)
    assert len(seen) > 2, seen


def assert_whole_up_to(ledger, seq):
    """Just the entries up to a number are told."""
    expected = {(str(entry.case_id), entry.version) for _, entry in ledger.read_after(0, seq)} if seq else set()
    rows = [(row["case_id"], row["version"]) for row in kept(ledger)["history"]]
    assert len(rows) == seq
    assert set(rows) == expected
    with ledger.read_models.connect() as connection:
        assert sum(connection.execute(select(TOLD.c.version)).scalars()) == seq
