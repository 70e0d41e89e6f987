"""What reading is measured against: plain SELECTs of the ledger's own tables, and orjson.loads of each row."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import orjson

from tests.benchmarks.facts import MUNICIPALITY
from tests.benchmarks.places import Engine, Place

ENGINES: Final[tuple[Engine, Engine]] = ("SQLite", "PostgreSQL")
_ENTRIES: Final = {"SQLite": "entries", "PostgreSQL": f"sagsbog_{MUNICIPALITY}.entries"}
_AT_ONCE: Final = 2_000  # rows that a cursor on the server gives at a time


def read_case(place: Place, connection: Any, case_id: UUID) -> Callable[[], None]:
    """Reads the entries of one case."""
    select = f"SELECT case_id, version, type, entry FROM {_ENTRIES[place.engine]} WHERE case_id = "

    def in_sqlite() -> None:
        for row in connection.execute(f"{select} ? ORDER BY version", (str(case_id),)).fetchall():
            orjson.loads(row[3])

    def in_postgres() -> None:
        cursor = connection.cursor(binary=True)
        for row in cursor.execute(f"{select} %s ORDER BY version", (case_id,), prepare=True).fetchall():
            orjson.loads(row[3])

    return in_sqlite if place.engine == "SQLite" else in_postgres


def read_all(place: Place, connection: Any) -> Callable[[], None]:
    """Reads every entry of the book, with a cursor."""
    select = f"SELECT case_id, version, type, entry FROM {_ENTRIES[place.engine]} ORDER BY case_id, version"

    def in_sqlite() -> None:
        for row in connection.execute(select):
            orjson.loads(row[3])

    def in_postgres() -> None:
        with connection.transaction(), connection.cursor(name="all", binary=True) as cursor:
            cursor.itersize = _AT_ONCE
            for row in cursor.execute(select):
                orjson.loads(row[3])

    return in_sqlite if place.engine == "SQLite" else in_postgres


def timed(job: Callable[[], object], times: int = 1) -> float:
    """Microseconds that a job takes."""
    start = perf_counter()
    for _ in range(times):
        job()
    return (perf_counter() - start) / times * 1e6
