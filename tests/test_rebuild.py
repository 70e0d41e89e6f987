"""Rebuilding the read models: equal to the live ones whatever happened, swapped whole, complete."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from time import sleep

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier
from sqlalchemy import delete, inspect, select, update

from ledger.errors import SagsbogError
from ledger.facts.lifecycle import CaseClosed, CaseOpened
from ledger.store.books import Books
from projections.follower import Follower
from projections.tables import PROGRESS, models
from replay.rebuild import rebuild
from tests.command import environment
from tests.conftest import MASTER_KEY
from tests.tail import MUNICIPALITY, after, notes
from tests.test_corrections import CASE_TYPES, Case, fact, of
from tests.test_follower import now, to_the_books_own
from tests.test_read_models import book, kept, open_case, position, samples, told

__all__ = ["book", "samples"]
REBUILD = """
import sys
from datetime import UTC, datetime
from ledger.store.books import Books
from replay.rebuild import rebuild
with Books(sys.argv[1], lambda: datetime.now(UTC), sys.argv[2]) as books:
    book = books.book("aarhus")
    print("rebuilding", flush=True)
    while True:
        rebuild(book)
"""


def assert_rebuilt(ledger):
    """A rebuild is equal, complete, put into use, and what is read afterwards is what was read before."""
    before = kept(ledger)
    found = rebuild(ledger)
    assert [model for model in found.models if not model.equal] == []
    assert (found.swapped, found.complete, found.log_size) == (True, True, position(ledger))
    assert {model.model: model.rows for model in found.models} == {name: len(rows) for name, rows in before.items()}
    assert kept(ledger) == before == told(ledger)
    return found


def test_the_sample_cases_are_rebuilt_as_they_are(samples):
    for ledger in samples:
        found = assert_rebuilt(ledger)
        assert (found.cases, found.versions) == (1, found.log_size)


TYPES = [one for one in CASE_TYPES if one is not CaseOpened]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open")),
        st.tuples(st.just("record"), st.integers(0, 50), st.sampled_from(TYPES)),
        st.tuples(st.just("correct"), st.integers(0, 50), st.sampled_from(["2022-05-01", "2022-07-01", "2027-01-01"])),
        st.tuples(st.just("annul"), st.integers(0, 50)),
        st.tuples(st.just("tell"), st.integers(1, 9)),
    ),
    min_size=4,
    max_size=40,
)


def record(case, fact_type):
    """Records an example of the type, if there is what it must point to."""
    refs = {ref.name: pointed(case, ref) for ref in fact_type.declared.refs.values()}
    if all(refs[ref.name] for ref in fact_type.declared.refs.values() if ref.required):
        many = {ref.name for ref in fact_type.declared.refs.values() if ref.many}
        given = {name: tuple(found) if name in many else found[-1] for name, found in refs.items() if found}
        case.add(fact(fact_type), refs=given)


def pointed(case, ref):
    """The versions that a ref may point to."""
    entries = case.book.entries(case.case_id)
    if ref.decision:
        return [entry.version for entry in entries if entry.fact.decides]
    return [entry.version for entry in entries if entry.type in ref.to or not ref.to]


def run(ledger, follower, steps):
    """Cases in any interleaving, with corrections, annulments and tellings in between."""
    cases = [Case(ledger)]
    for what, *how in steps:
        case = cases[how[0] % len(cases)] if how else cases[0]
        length = len(ledger.entries(case.case_id))
        match what:
            case "open":
                cases.append(Case(ledger))
            case "record":
                record(case, how[1])
            case "correct":
                case.correct(how[0] % length + 1, "occurred_on", "2022-06-09", how[1])
            case "annul" if length > 3:
                case.annul(how[0] % (length - 3) + 4)
            case "tell":
                follower.catch_up(batch=how[0])
    follower.catch_up()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_live_rows_are_rebuilt_rows_are_rows_told_in_memory(database_url, clock, steps):
    with Books(emptied(database_url), clock, MASTER_KEY) as books:
        ledger = books.book("aarhus")
        run(ledger, Follower(ledger), steps)
        assert_rebuilt(ledger)


def emptied(url):
    """The place, with no book in it."""
    if url.startswith("sqlite"):
        shutil.rmtree(url.removeprefix("sqlite:///"), ignore_errors=True)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            for (name,) in connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^sagsbog'").fetchall():
                connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))
    return url


def test_what_the_live_tables_have_not_told_yet_is_told_before_they_are_compared(book):
    open_case(book, "1")
    Follower(book).catch_up()
    open_case(book, "2")
    to_the_books_own(book, "book", of("RateRegistered"))
    found = rebuild(book)
    assert (found.swapped, found.cases, found.versions, found.log_size) == (True, 2, 4, 5)
    assert kept(book) == told(book)


def spoil(ledger):
    """A row that the facts do not tell."""
    table = models()["history"].TABLE
    with ledger.read_models.begin() as connection:
        connection.execute(update(table).where(table.c.version == 2).values(role="leder"))


def test_a_difference_is_named_and_put_into_use_only_when_it_is_approved(samples):
    for ledger in samples:
        right = kept(ledger)
        spoil(ledger)
        wrong = kept(ledger)
        found = rebuild(ledger)
        assert [model.model for model in found.models if not model.equal] == ["history"]
        assert not found.swapped
        assert kept(ledger) == wrong != right
        assert rebuild(ledger, approved=True).swapped
        assert kept(ledger) == right


def test_a_lost_row_is_found(samples):
    for ledger in samples:
        table = models()["decisions"].TABLE
        with ledger.read_models.begin() as connection:
            connection.execute(delete(table).where(table.c.line == 3))
        (found,) = [model for model in rebuild(ledger).models if not model.equal]
        assert (found.model, found.rows - found.live_rows) == ("decisions", 1)


def test_tables_of_another_shape_are_replaced_on_approval(samples):
    for ledger in samples:
        right = kept(ledger)
        with ledger.read_models.begin() as connection:
            connection.execute(update(PROGRESS).values(shape="en anden"))
        assert not rebuild(ledger).swapped
        assert rebuild(ledger, approved=True).swapped
        assert kept(ledger) == right
        Follower(ledger)


def test_the_follower_goes_on_where_the_rebuilt_tables_end(book):
    follower = Follower(book)
    open_case(book, "1")
    follower.catch_up()
    assert rebuild(book).swapped
    case_id = open_case(book, "2", CaseClosed(reason="moved"))
    assert follower.catch_up() == 3
    assert str(case_id) in {row["case_id"] for row in kept(book)["cases"]}
    assert kept(book) == told(book)


def test_there_is_one_rebuild_at_a_time(book, database_url):
    if database_url.startswith("sqlite"):
        place = Path(book.read_models.url.database).with_name("rebuilding.sqlite")
        with closing(sqlite3.connect(place)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(SagsbogError, match="allerede"):
                rebuild(book)
    else:
        with book.read_models.connect() as other:
            other.exec_driver_sql("SELECT pg_advisory_lock(hashtextextended('sagsbog_aarhus_read', 5))")
            with pytest.raises(SagsbogError, match="allerede"):
                rebuild(book)
            other.exec_driver_sql("SELECT pg_advisory_unlock_all()")
    assert rebuild(book).swapped


def test_readers_never_see_a_half_built_model_and_the_follower_goes_on_beside_it(books):
    ledger = books.book("aarhus")
    for number in range(20):
        open_case(ledger, str(number))
    follower, done, seen = Follower(ledger), Event(), []
    follower.catch_up()

    def read():
        table = models()["history"].TABLE
        while not done.is_set():
            with ledger.read_models.connect() as connection:
                seen.append(len(connection.execute(select(table.c.line)).all()))

    with ThreadPoolExecutor() as beside:
        working = [beside.submit(read), beside.submit(follower.follow, done.is_set, 0.01)]
        try:
            for number in range(5):
                ledger.append(after(ledger, str(number)), notes("Moderen ringede."))
                assert rebuild(ledger).swapped
        finally:
            done.set()
    assert [one.result() for one in working] == [None, None]
    assert seen == sorted(seen)
    assert (min(seen), set(seen) <= set(range(40, 46))) == (40, True)
    follower.catch_up()
    assert len(kept(ledger)["history"]) == 45
    assert kept(ledger) == told(ledger)


def test_a_rebuild_that_is_killed_leaves_the_live_tables_whole_and_nothing_in_the_way(database_url):
    with Books(database_url, now, MASTER_KEY) as books:
        ledger = books.book(MUNICIPALITY)
        for number in range(30):
            open_case(ledger, str(number))
        Follower(ledger).catch_up()
        before = kept(ledger)
        for turn in range(4):
            command = [sys.executable, "-c", REBUILD, database_url, MASTER_KEY]
            root = Path(__file__).parent.parent
            with subprocess.Popen(
                command, cwd=root, env=environment(database_url), stdout=subprocess.PIPE, text=True
            ) as victim:
                assert victim.stdout.readline() == "rebuilding\n"
                sleep(0.03 + 0.07 * turn)
                assert victim.poll() is None
                victim.kill()
            assert kept(ledger) == before
        assert_rebuilt(ledger)
        assert leftovers(ledger) == []


def leftovers(ledger):
    """What a rebuild made for itself only."""
    place = ledger.read_models.url.database
    if ledger.read_models.name == "sqlite":
        return sorted(Path(place).parent.glob("readmodels.new*"))
    return [name for name in inspect(ledger.read_models).get_schema_names() if name.endswith(("_new", "_old"))]
