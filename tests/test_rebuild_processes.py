"""A rebuild in several processes: the same as in one, and nothing is left of it when one of them dies."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path
from time import monotonic, sleep

import pytest

from ledger.errors import SagsbogError
from ledger.facts.lifecycle import CaseClosed
from ledger.store.books import Books
from projections.follower import Follower
from replay.rebuild import rebuild
from tests.command import environment
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.tail import MUNICIPALITY
from tests.test_cli import Cli
from tests.test_municipality import directory, rulebook
from tests.test_read_models import book, kept, open_case, position, told
from tests.test_rebuild import leftovers

__all__ = ["book", "directory", "rulebook"]
CASES = 120  # some pieces, so that each process has its own
REBUILD = """
import sys
from datetime import UTC, datetime
from ledger.store.books import Books
from replay.rebuild import rebuild
if __name__ == "__main__":
    with Books(sys.argv[1], lambda: datetime.now(UTC), sys.argv[2]) as books:
        rebuild(books.book("aarhus"), processes=2)
"""


@pytest.fixture
def followed(book):
    """A book with many cases, its read models told."""
    for number in range(CASES):
        open_case(book, str(number), *[CaseClosed(reason="moved")] * (number % 3 == 0))
    Follower(book).catch_up()
    return book


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_any_number_of_processes_tells_the_same(followed, processes):
    before = kept(followed)
    found = rebuild(followed, processes=processes)
    assert (found.swapped, found.complete, found.cases, found.log_size) == (True, True, CASES, position(followed))
    assert [model for model in found.models if not model.equal] == []
    assert kept(followed) == before == told(followed)
    assert leftovers(followed) == []


def test_the_sample_cases_are_told_alike_in_another_process(books):
    for name in (AARHUS, ESBJERG):
        import_sample(books, name)
    for ledger in books.existing():
        assert rebuild(ledger, processes=2).swapped
        assert kept(ledger) == told(ledger)


def test_another_process_tells_under_the_same_rulebook(database_url, clock, rulebook):
    with Books(database_url, clock, MASTER_KEY, rulebook) as books:
        ledger = books.book("proeveby")  # which only this rulebook knows
        open_case(ledger, "1")
        Follower(ledger).catch_up()
        assert rebuild(ledger, processes=2).swapped


def test_a_process_that_dies_fails_the_rebuild_and_leaves_the_live_tables(followed):
    before = kept(followed)
    with ThreadPoolExecutor() as beside:
        rebuilding = beside.submit(rebuild, followed, processes=2)
        while not (workers := active_children()):
            sleep(0.01)
        os.kill(workers[0].pid, signal.SIGKILL)
        with pytest.raises(SagsbogError, match="afbrudt"):
            rebuilding.result()
    assert kept(followed) == before
    assert leftovers(followed) == []
    assert rebuild(followed, processes=2).swapped


def test_processes_end_with_the_one_that_started_them(database_url):
    with Books(database_url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        ledger = books.book(MUNICIPALITY)
        for number in range(CASES):
            open_case(ledger, str(number))
        Follower(ledger).catch_up()
        before = kept(ledger)
        command = [sys.executable, "-c", REBUILD, database_url, MASTER_KEY]
        root = Path(__file__).parent.parent
        with subprocess.Popen(command, cwd=root, env=environment(database_url)) as victim:
            while len(workers := children(victim.pid)) < 2:
                assert victim.poll() is None
                sleep(0.01)
            victim.kill()
        until = monotonic() + 30
        while any(map(is_alive, workers)):
            assert monotonic() < until
            sleep(0.01)
        assert kept(ledger) == before
        assert rebuild(ledger, processes=2).swapped
        assert leftovers(ledger) == []


def children(pid):
    """The processes that a process has started."""
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_alive(pid):
    """Whether a process is there and has not ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def test_the_command_takes_the_number_of_processes(database_url):
    with Books(database_url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        import_sample(books, AARHUS)
    cli = Cli(database_url)
    (row,) = cli.json("rebuild", "--processes", "2")
    assert (row["swapped"], row["complete"], row["cases"]) == (True, True, 1)
    assert "--processes" in cli.refused("rebuild", "--processes", "0", code=2)
