"""The library's own way to keep a read model up: its ProjectionRunner with one trivial projection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from time import perf_counter
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import ApplicationRecorder, ListenNotifySubscription, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteTrackingRecorder
from eventsourcing.utils import get_topic
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from tests.benchmarks.places import Place

_COLUMNS: Final = "stream text NOT NULL, version integer NOT NULL, PRIMARY KEY (stream, version)"
_AT_ONCE: Final = 100
_PATIENCE: Final = 120.0  # seconds


@dataclass(frozen=True)
class Noted(DomainEvent):
    """An event that carries what an entry of the ledger does."""

    entry: dict[str, Any]


class Notes(Application[UUID]):
    """The library's application, as it comes."""

    name = "notes"


class Subscribed(SQLiteApplicationRecorder):
    """The library offers no subscription on SQLite: this gives it the one that it uses elsewhere."""

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> ListenNotifySubscription[ApplicationRecorder]:
        return ListenNotifySubscription(self, gt, topics)


class Kept(SQLiteTrackingRecorder):
    """Keeps the stream and version of each event, on SQLite."""

    def construct_create_table_statements(self) -> list[str]:
        return [*super().construct_create_table_statements(), f"CREATE TABLE IF NOT EXISTS kept ({_COLUMNS})"]

    def keep(self, event: DomainEvent, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("INSERT INTO kept VALUES (?, ?)", (str(event.originator_id), event.originator_version))
            self._insert_tracking(cursor, tracking)


class KeptOnPostgres(PostgresTrackingRecorder):
    """The same on PostgreSQL."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.sql_create_statements.append(SQL(f"CREATE TABLE IF NOT EXISTS kept ({_COLUMNS})").format())

    def keep(self, event: DomainEvent, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            row = str(event.originator_id), event.originator_version
            cursor.execute("INSERT INTO kept VALUES (%s, %s)", row, prepare=True)
            self._insert_tracking(cursor, tracking)


class Trivial(Projection[Any]):
    """Keeps a row of each event, in one commit with how far it has come, as the library does it."""

    name = "trivial"
    last: ClassVar[int]
    """The event that is waited for."""
    times: ClassVar[list[float]]
    """When each event was there."""
    done: ClassVar[Event]

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        assert domain_event.entry
        self.view.keep(domain_event, tracking)
        self.times.append(perf_counter())
        if tracking.notification_id == self.last:
            self.done.set()


class Library:
    """An application of the library beside the ledger, and its runner."""

    def __init__(self, place: Place) -> None:
        self._env = _settings(place)
        self._view = Kept if place.engine == "SQLite" else KeptOnPostgres
        self._app = Notes(self._env)

    def record(self, stored: Sequence[bytes]) -> None:
        """Entries as events, all of one stream; not all at once, which the library's pipeline gets stuck on."""
        stream, now = uuid4(), datetime.now(UTC)
        events = [Noted(stream, version, now, orjson.loads(entry)) for version, entry in enumerate(stored, 1)]
        for start in range(0, len(events), _AT_ONCE):
            self._app.events.put(events[start : start + _AT_ONCE])

    def caught_up(self) -> float:
        """Events a second, between the first new one and the last."""
        Trivial.last, Trivial.times, Trivial.done = self._app.recorder.max_notification_id() or 0, [], Event()
        with ProjectionRunner(application_class=Notes, projection_class=Trivial, view_class=self._view, env=self._env):
            assert Trivial.done.wait(_PATIENCE)
        return (len(Trivial.times) - 1) / (Trivial.times[-1] - Trivial.times[0])

    def close(self) -> None:
        self._app.close()


def _settings(place: Place) -> Mapping[str, str]:
    if place.engine == "SQLite":
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": f"{place.url}/notes.sqlite",
            "SQLITE_LOCK_TIMEOUT": "60",
            "APPLICATION_RECORDER_TOPIC": get_topic(Subscribed),
        }
    told = {name: str(value) for name, value in conninfo_to_dict(place.url).items()}
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": told["dbname"],
        "POSTGRES_HOST": told["host"],
        "POSTGRES_PORT": told.get("port", ""),
        "POSTGRES_USER": told["user"],
        "POSTGRES_PASSWORD": told.get("password", ""),
    }
