"""The library's own recorder tests, run against ours.

Every test of `AggregateRecorderTestCase`, `ApplicationRecorderTestCase` and
`NonInterleavingNotificationIDsBaseCase` runs on both engines. Where the library expects of an insert what our
design does at another moment, a thin recorder below joins the two moments; the SQL under test is ours.

- Aggregate recorders return no ids. Ours on SQLite numbers in the append: `_Silent` keeps the ids to itself.
- On PostgreSQL an append returns before it is numbered: `_Waiting` numbers until its entries are in the log.

What does not apply, and why (docs/decisions/0003-library-recorder-tests.md):

- `optional_test_insert_subscribe`: readers ask for what follows their cursor, alike on both engines.
- `TrackingRecorderTestCase`, `ProcessRecorderTestCase`: a read model keeps its cursor beside its own rows.
- `InfrastructureFactoryTestCase`, `TranscoderTestCase` and the mapper's tests: our bytes, and settings read in
  one place, take the place of the library's transcoders, ciphers, compressors and environment variables.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import eventsourcing.cryptography
import pytest
from eventsourcing.persistence import StoredEvent

from ledger.store.postgres import PostgresLedgerDatastore, PostgresLedgerRecorder
from ledger.store.recorder import LedgerRecorder
from ledger.store.sqlite import SQLiteLedgerFactory, SQLiteLedgerRecorder

# The library's tests import its older cipher, whose package we do not have; this one has the same class.
sys.modules.setdefault("eventsourcing.cipher", eventsourcing.cryptography)
from eventsourcing.tests import persistence as library  # noqa: E402  # a module: its cases are not collected here

NONE = "SELECT 0"
"""How many keys were destroyed, where there is no vault."""


class _Silent(SQLiteLedgerRecorder):
    """Numbers in the append and keeps the ids to itself, as an aggregate recorder does."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class _Waiting(PostgresLedgerRecorder):
    """Does not return from an append before its entries are numbered, and returns their numbers."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        super().insert_events(stored_events, **kwargs)
        numbers: list[int] = []
        for stream in dict.fromkeys(event.originator_id for event in stored_events):
            versions = {event.originator_version for event in stored_events if event.originator_id == stream}
            while not versions <= (seqs := self.seqs(stream)).keys():
                self.number()
            numbers += sorted(seqs[version] for version in versions)
        return numbers or None


def _wait_for_readers() -> None:
    """The library's cases leave their reading threads running; closing under one of them crashes SQLite."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.endswith("(read_continuously)"):
            thread.join(10)


class _OnSQLite:
    recorder_class: type[SQLiteLedgerRecorder] = SQLiteLedgerRecorder

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> Iterator[None]:
        with closing(SQLiteLedgerFactory(tmp_path / "ledger.sqlite", tmp_path / "vault.sqlite", NONE)) as self.factory:
            yield
            _wait_for_readers()

    def create_recorder(self) -> LedgerRecorder:
        recorder = self.recorder_class(self.factory.datastore, NONE)
        recorder.create_table()
        return recorder


class _OnPostgres:
    recorder_class: type[PostgresLedgerRecorder] = _Waiting

    @pytest.fixture(autouse=True)
    def _database(self, postgres_url: str) -> Iterator[None]:
        with closing(PostgresLedgerDatastore(postgres_url, "sagsbog_aarhus")) as self.datastore:
            yield
            _wait_for_readers()

    def create_recorder(self) -> LedgerRecorder:
        recorder = self.recorder_class(self.datastore, NONE)
        recorder.create_table()
        return recorder


class TestStreamsOnSQLite(_OnSQLite, library.AggregateRecorderTestCase):
    recorder_class = _Silent


class TestLogOnSQLite(_OnSQLite, library.ApplicationRecorderTestCase):
    def test_there_is_no_subscribing(self):
        with pytest.raises(NotImplementedError):
            self.create_recorder().subscribe()


class TestActsStayTogetherOnSQLite(_OnSQLite, library.NonInterleavingNotificationIDsBaseCase):
    pass


class TestStreamsOnPostgres(_OnPostgres, library.AggregateRecorderTestCase):
    recorder_class = PostgresLedgerRecorder


class TestLogOnPostgres(_OnPostgres, library.ApplicationRecorderTestCase):
    def test_there_is_no_subscribing(self):
        with pytest.raises(NotImplementedError):
            self.create_recorder().subscribe()

    def test_an_append_is_not_in_the_log_before_it_is_numbered(self):
        self.create_recorder()
        recorder = PostgresLedgerRecorder(self.datastore, NONE)
        event = StoredEvent(self.new_originator_id(), 1, "topic", b"state")
        assert recorder.insert_events([event]) is None
        assert recorder.select_notifications(None, 10) == []
        assert recorder.number() == 1
        assert [one.id for one in recorder.select_notifications(None, 10)] == [1]


class TestActsStayTogetherOnPostgres(_OnPostgres, library.NonInterleavingNotificationIDsBaseCase):
    pass
