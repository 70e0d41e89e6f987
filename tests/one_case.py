"""A book with one case, and what a stranger sees of it in the database's own tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from ledger.store.books import Books
from ledger.store.ledger import Ledger
from tests.tail import MUNICIPALITY, after, opening

CASE = "AAR-2026-00001"


def one_case(books: Books) -> Ledger:
    """A book with one case of two entries, both in the log."""
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
