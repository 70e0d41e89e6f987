"""A repeated request is one act, however it comes to be repeated."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from ledger.errors import Invalid
from ledger.facts.entry import Actor, Request
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from tests.conftest import MASTER_KEY
from tests.one_case import CASE, one_case, stored
from tests.tail import KAREN, after, notes

BO = Actor("u-fc-02", "Bo Nissen", "familiecentret", "fc_leder")


@pytest.fixture
def ledger(books: Books) -> Ledger:
    return one_case(books)


def test_a_repeated_request_gives_the_first_entries_and_appends_nothing(ledger, database_url):
    known, request = after(ledger, CASE), Request("r-1", "00")
    first = ledger.append(known, notes("Et", "To"), request=request)
    before = stored(database_url)
    assert ledger.append(known, notes("Et", "To"), request=request) == first
    assert ledger.append(after(ledger, CASE), notes("Et", "To"), request=request) == first, (
        "though the case was re-read"
    )
    assert stored(database_url) == before
    assert ledger.append(after(ledger, CASE), notes("Tre"), request=Request("r-2", "00"))[0].version == 5


def test_two_people_may_use_the_same_request_id_one_after_the_other(ledger):
    request = Request("r-1", "00")
    mine = ledger.append(after(ledger, CASE), notes("Mit"), request=request)
    theirs = [draft._replace(actor=BO) for draft in notes("Deres")]
    other = ledger.append(after(ledger, CASE), theirs, request=request)
    assert [entry.version for entry in (*mine, *other)] == [3, 4]
    assert ledger.answered(BO.user_id, request) == other
    assert ledger.answered(KAREN.user_id, request) == mine


def test_a_request_whose_process_died_after_the_commit_is_found_again(ledger, database_url):
    known = after(ledger, CASE)
    died = subprocess.run(  # our own module
        [sys.executable, "-m", "tests.tail", "die", database_url, CASE, "r-1"],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "SAGSBOG_MASTER_KEY": MASTER_KEY},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    before = stored(database_url)
    again = ledger.append(known, notes("Et", "To"), request=Request("r-1", "00"))
    assert [(entry.version, entry.fact.text) for entry in again] == [(3, "Et"), (4, "To")]
    assert stored(database_url) == before


def test_a_request_id_used_for_something_else_is_refused(ledger, database_url):
    ledger.append(after(ledger, CASE), notes("Et"), request=Request("r-1", "00"))
    before = stored(database_url)
    with pytest.raises(Invalid, match="request_id"):
        ledger.append(after(ledger, CASE), notes("Noget andet"), request=Request("r-1", "ff"))
    assert stored(database_url) == before


def test_two_threads_with_one_request_id_make_one_act(ledger):
    for round_ in range(5):
        known, request, together = after(ledger, CASE), Request(f"r-{round_}", "00"), Barrier(2)
        answers: list[Any] = []

        def append(known=known, request=request, together=together, answers=answers):
            together.wait()
            answers.append(ledger.append(known, notes("Et", "To"), request=request))

        threads = [Thread(target=append) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
        assert answers[0] == answers[1]
        assert after(ledger, CASE).version == known.version + 2
