"""A turn to write: for a stream that many write to at once, and in which the order does not matter.

Without it the head they read is old by the time they append, and whoever has most to write never gets to.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, text

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:stream, 6))")


@contextmanager
def turn_in(stream: UUID, engine: Engine) -> Iterator[None]:
    """Waits until no other process has the turn in the stream; gives it up at the end, or with the process.

    `engine`: any database of the book.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(_LOCK, {"stream": str(stream)})
            yield
    else:
        with Path(engine.url.database or "").with_name(f"{stream}.turn").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
