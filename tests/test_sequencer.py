"""The log: whoever tails it sees every committed entry once, in an order that never changes."""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import NamedTuple
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.store.books import Books
from ledger.store.codec import Occasion
from ledger.store.kept import Kept
from ledger.store.ledger import Ledger, case_id_of
from tests.conftest import MASTER_KEY
from tests.tail import MUNICIPALITY, PATIENCE, after, committed, log, lost_races, numbered, opening, rows_gone_through

ROOT = Path(__file__).parent.parent


class Seen(NamedTuple):
    seq: int
    case_id: str
    version: int
    lag: float  # seconds from the entry's own time to its being read


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    with Books(postgres_url, now, MASTER_KEY) as books:
        yield books.book(MUNICIPALITY)


def start(*command: object) -> subprocess.Popen[bytes]:
    """A process of its own, told what to do by tests/tail.py."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.tail", *map(str, command)],
        cwd=ROOT,
        env={**os.environ, "SAGSBOG_MASTER_KEY": MASTER_KEY},
        stdout=subprocess.PIPE,
    )


def tell(capsys: pytest.CaptureFixture[str], figures: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")


def tail(ledger: Ledger, writers: subprocess.Popen[bytes], place: Path) -> list[Seen]:
    """Reads on from a cursor while the writers write, and until all is seen or nothing more comes for long."""
    seen: list[Seen] = []
    until = monotonic() + PATIENCE
    while monotonic() < until:
        done = writers.poll() is not None
        ledger.number()
        found = ledger.read_after(seen[-1].seq if seen else 0)
        at = now()
        seen += [Seen(seq, str(e.case_id), e.version, (at - e.recorded_at).total_seconds()) for seq, e in found]
        if found:
            until = monotonic() + PATIENCE
        elif done and len(seen) >= len(committed(place)) and not ledger.number():
            break
    writers.kill()  # if they hang: what they did is asserted on
    return seen


def prove_tailing(database_url: str, place: Path, entries: int) -> str:
    """Eight writers, one reader; asserts what the module says and returns the figures."""
    with Books(database_url, now, MASTER_KEY) as books, start("write", database_url, place, 8, entries) as writers:
        began = monotonic()
        seen = tail(books.book(MUNICIPALITY), writers, place)
        seconds = monotonic() - began
    assert writers.returncode == 0
    conflicts = lost_races(place)
    assert_log_is_whole(seen, committed(place))
    assert len(seen) >= entries
    assert conflicts > 0
    lags = sorted(one.lag for one in seen)
    return (
        f"{len(seen):,} entries of {len({one.case_id for one in seen}):,} cases by 8 writers in {seconds:.1f} s"
        f" ({len(seen) / seconds:,.0f}/s), {conflicts:,} lost races, all read once and in order; read"
        f" {median(lags) * 1000:.0f} ms (median), {lags[len(lags) * 99 // 100] * 1000:.0f} ms (99 %) after their time"
    )


def assert_log_is_whole(seen: list[Seen], expected: list[tuple[str, int]]) -> None:
    """Every committed entry exactly once, numbers without gaps, each case in the order of its versions."""
    assert [one.seq for one in seen] == list(range(1, len(seen) + 1))
    assert Counter((one.case_id, one.version) for one in seen) == Counter(expected)
    versions: Counter[str] = Counter()
    for one in seen:
        versions[one.case_id] += 1
        assert one.version == versions[one.case_id]


@pytest.fixture
def slow_commits(database_url: str) -> None:
    """On PostgreSQL commits take five ms, so that many are under way at any time: what a hasty reader would miss."""
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url, autocommit=True) as connection:
            for setting in ("commit_delay = 5000", "commit_siblings = 0"):
                connection.execute(SQL(f"ALTER DATABASE {{}} SET {setting}").format(Identifier(connection.info.dbname)))


@pytest.mark.usefixtures("slow_commits")
def test_a_reader_beside_eight_writers_sees_every_entry_once_and_in_order(database_url, tmp_path):
    prove_tailing(database_url, tmp_path, 2_000)


@pytest.mark.prove
def test_a_reader_beside_eight_writers_sees_each_of_100_000_entries_once(database_url, tmp_path, capsys):
    tell(capsys, f"{database_url.partition(':')[0]}: {prove_tailing(database_url, tmp_path, 100_000)}")


def prove_killing(database_url: str, place: Path, entries: int, kills: int) -> str:
    """Two sequencers at once, one of them killed again and again while three writers write."""
    chance = random.Random(7)  # noqa: S311  # when to kill, not a secret
    with Books(database_url, now, MASTER_KEY) as books, start("write", database_url, place, 3, entries) as writers:
        steady = start("number", database_url)
        for _ in range(kills):
            with start("number", database_url) as victim:
                assert victim.stdout is not None
                assert victim.stdout.readline() == b"numbering\n"
                sleep(chance.uniform(0.0, 0.2))
                victim.kill()
        writers.wait()
        with steady:
            steady.kill()
        seen = tail(books.book(MUNICIPALITY), writers, place)
    assert writers.returncode == 0
    assert_log_is_whole(seen, committed(place))
    return f"{len(seen):,} entries numbered by two sequencers, one killed {kills} times: none lost, none twice"


def test_two_sequencers_of_which_one_is_killed_lose_and_double_nothing(postgres_url, tmp_path):
    prove_killing(postgres_url, tmp_path, 900, kills=3)


@pytest.mark.prove
def test_a_sequencer_killed_a_hundred_times_loses_and_doubles_nothing(postgres_url, tmp_path, capsys):
    tell(capsys, prove_killing(postgres_url, tmp_path, 60_000, kills=100))


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_an_open_transaction_holds_back_itself_and_what_follows(ledger, postgres_url, ending):
    ledger.append(after(ledger, "1-foer"), opening("1-foer"))
    (_, slow), _ = ledger.mapper.seal(after(ledger, "2-aaben"), opening("2-aaben"), ledger.entry, Occasion(now()))
    with psycopg.connect(postgres_url) as unfinished:
        unfinished.execute(
            "INSERT INTO sagsbog_aarhus.entries (case_id, version, type, entry, leaf) VALUES (%s, %s, %s, %s, %s)",
            [slow.originator_id, slow.originator_version, slow.topic, slow.state, slow.seal],
        )
        ledger.append(after(ledger, "3-efter"), opening("3-efter"))
        assert numbered(ledger, 2) == 2
        assert ledger.number() == 0
        assert len(ledger.entries(case_id_of(MUNICIPALITY, "3-efter"))) == 2, "committed, and yet not in the log"
        getattr(unfinished, ending)()
    before, between, behind = (str(case_id_of(MUNICIPALITY, case)) for case in ("1-foer", "2-aaben", "3-efter"))
    middle = [(between, 1)] if ending == "commit" else []
    assert numbered(ledger, 2 + len(middle)) == 2 + len(middle)
    expected = [(before, 1), (before, 2), *middle, (behind, 1), (behind, 2)]
    assert log(ledger) == [(seq, *at) for seq, at in enumerate(expected, 1)]


def test_numbering_a_few_entries_does_not_read_the_whole_book(ledger, postgres_url):
    def append(count):
        ledger.recorder.insert_events([Kept(uuid4(), 1, "CaseOpened", b"{}", b"leaf", None) for _ in range(count)])

    append(3_000)
    assert numbered(ledger, 3_000) == 3_000
    before = rows_gone_through(ledger, postgres_url)
    for _ in range(10):
        append(1)
        assert numbered(ledger, 1) == 1
    assert rows_gone_through(ledger, postgres_url) - before < 3_000


def test_a_book_from_before_the_functions_gets_them_when_it_is_opened(ledger, postgres_url):
    ledger.append(after(ledger, "1-foer"), opening("1-foer"))
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP FUNCTION sagsbog_aarhus.number, sagsbog_aarhus.numbered")
    with Books(postgres_url, now, MASTER_KEY) as books:
        assert numbered(books.book(MUNICIPALITY), 2) == 2


def test_functions_of_an_older_version_are_replaced_when_a_book_is_opened(ledger, postgres_url):
    ledger.append(after(ledger, "1-foer"), opening("1-foer"))
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION sagsbog_aarhus.number(most integer) RETURNS bigint LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN 0; END $$"
        )
    assert ledger.number() == 0
    with Books(postgres_url, now, MASTER_KEY) as books:
        assert numbered(books.book(MUNICIPALITY), 2) == 2


def test_what_follows_a_numbering_waits_for_the_disk_as_before(ledger):
    ledger.append(after(ledger, "1-foer"), opening("1-foer"))
    assert numbered(ledger, 2) == 2
    with ledger.recorder.datastore.get_connection() as connection:  # the pool's only one: the numbering's
        assert connection.execute("SHOW synchronous_commit").fetchone() == {"synchronous_commit": "on"}
