"""Systemuret: what time alone makes a fact is recorded once, on its own day, however the clock is run."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from commands.record import Asked
from commands.system_clock import SYSTEMURET, tick
from commands.two_persons import confirm, propose
from ledger.store.books import Books
from replay.verify import verify
from tests.command import run, start
from tests.conftest import MASTER_KEY
from tests.esbjerg import (
    LEADER,
    LETTER,
    NUMBER,
    case_until,
    command,
    recorded,
    set_clock,
    until,
)  # fmt: skip
from tests.test_import import imported

HEARING = 82
"""The hearing about the tilsynsrapport of 16 November 2022, to be answered by the 30th."""


def born(day):
    """Gives the child another birthday."""

    def change(event):
        child = event["type"] == "PartyRegistered" and event["data"]["kind"] == "child"
        return event | {"data": event["data"] | {"birth_date": day}} if child else event

    return change


@pytest.fixture
def lay_in(books, clock, tmp_path):
    """Lays the sample in, as it stood right before an event; gives book and case."""
    return lambda key, change=lambda event: event: until(books, clock, tmp_path, key, change)


@pytest.fixture
def case(lay_in):
    """The sample on 28 November 2022, while the hearing runs."""
    return lay_in("x11")


def ticked(case, clock, day):
    """What the clock records when it is run on a day: type and day of each."""
    set_clock(clock, day)
    return [(one.type, one.occurred_on.isoformat()) for one in tick(case[0])]


# Hearings


@pytest.mark.parametrize("run_on", ["2022-12-01", "2022-12-08", "2023-12-01"])
def test_an_unanswered_hearing_has_expired_the_day_after_its_last_day_however_late_the_clock_is(case, clock, run_on):
    assert ticked(case, clock, "2022-11-30") == []
    assert ticked(case, clock, run_on) == [("PartshoeringExpired", "2022-12-01")]
    entry = case[0].entries(case[1])[-1]
    assert (entry.fact.due_on, entry.refs) == (date(2022, 11, 30), {"hearing": HEARING})
    assert (entry.actor, entry.source) == (SYSTEMURET, "system")
    assert ticked(case, clock, run_on) == []


def test_it_says_in_danish_what_it_recorded(case, clock):
    set_clock(clock, "2022-12-01")
    (one,) = tick(case[0])
    assert (one.case_number, one.sentence) == (NUMBER, "Høringsfristen udløb 30. november 2022 uden svar.")


def test_an_answered_hearing_has_not_expired(case, clock):
    recorded(*case, "PartshoeringAnswered", "2022-11-28", {"by": ["p-mor"]}, refs={"hearing": HEARING})
    assert ticked(case, clock, "2022-12-08") == []


def test_an_extended_hearing_expires_after_the_new_last_day(case, clock):
    extended = {"new_due_on": "2022-12-07", "asked_by": "p-mor"}
    recorded(*case, "PartshoeringDeadlineExtended", "2022-11-28", extended, refs={"hearing": HEARING})
    assert ticked(case, clock, "2022-12-07") == []
    assert ticked(case, clock, "2022-12-08") == [("PartshoeringExpired", "2022-12-08")]


def test_a_hearing_of_older_migrated_history_starts_no_deadline_and_does_not_expire(books, clock, tmp_path):
    def older(event):
        return event | {"source": "migration"} if event["key"] in ("report2", "hear2") else event

    case = case_until("x11", older)
    case["events"][0]["data"]["tracked_from"] = "2022-11-17"
    set_clock(clock, "2022-12-08")
    assert imported(books, case, tmp_path).error is None
    assert list(tick(books.book("esbjerg"))) == []


def annul(case, version, clock):
    """Two persons annul an entry."""
    today = clock.now.date()
    asked = Asked("EntryAnnulled", today, {"reason": "Fristen var aftalt forlænget."}, {"target": version})
    proposal = propose(*case, asked, LEADER, request_id=f"p{version}")
    other = LEADER.__class__("u-l-02", "Lis Prøve", "ledelse", "leder")
    confirm(*case, proposal.version, other, request_id=f"c{version}")


def test_what_people_annulled_is_not_said_again_unless_it_becomes_so_on_another_day(case, clock):
    book, case_id = case
    assert ticked(case, clock, "2022-12-01") == [("PartshoeringExpired", "2022-12-01")]
    annul(case, len(book.entries(case_id)), clock)
    assert ticked(case, clock, "2022-12-02") == []
    extended = {"new_due_on": "2022-12-07", "asked_by": "p-mor"}
    recorded(*case, "PartshoeringDeadlineExtended", "2022-11-29", extended, refs={"hearing": HEARING})
    assert ticked(case, clock, "2022-12-09") == [("PartshoeringExpired", "2022-12-08")]


# The 18th birthday


@pytest.mark.parametrize(
    ("key", "birthday", "days"),
    [("e087", "2004-12-02", ("2022-12-01", "2022-12-02")), ("x02", "2004-02-29", ("2022-02-27", "2022-02-28"))],
)
def test_training_ends_on_the_18th_birthday_and_not_a_day_before(lay_in, clock, key, birthday, days):
    case, (before, ends_on) = lay_in(key, born(birthday)), days
    assert "HjemmetraeningEndedAtAge18" not in dict(ticked(case, clock, before))
    assert ticked(case, clock, ends_on) == [("HjemmetraeningEndedAtAge18", ends_on)]
    entry = case[0].entries(case[1])[-1]
    assert entry.fact.birthday == entry.occurred_on == date.fromisoformat(ends_on)
    assert "HjemmetraeningEndedAtAge18" not in dict(ticked(case, clock, "2023-03-01"))


def terminate(case, effective_on):
    talk = {"kind": "termination_dialogue", "participants": ["p-mor"], "child_present": False}
    meeting = recorded(*case, "MeetingHeld", "2022-11-28", talk)
    ended = LETTER | {
        "resultat": "ophoert", "favourable": "full", "ground": "parents_wish", "immediate": False,
        "effective_on": effective_on, "sent_on": "2022-11-28",
    }  # fmt: skip
    recorded(*case, "HjemmetraeningTerminated", "2022-11-28", ended, refs={"meeting": meeting})


@pytest.mark.parametrize(("effective_on", "recorded_too"), [("2022-12-02", False), ("2022-12-03", True)])
def test_training_that_had_ended_by_then_does_not_end_again(lay_in, clock, effective_on, recorded_too):
    case = lay_in("x11", born("2004-12-02"))
    terminate(case, effective_on)
    assert ("HjemmetraeningEndedAtAge18" in dict(ticked(case, clock, "2022-12-09"))) is recorded_too


def test_a_case_closed_before_the_birthday_is_left_alone(lay_in, clock):
    case = lay_in("x11", born("2004-12-02"))
    recorded(*case, "CaseClosed", "2022-11-28", {"reason": "moved"})
    assert "HjemmetraeningEndedAtAge18" not in dict(ticked(case, clock, "2022-12-09"))


def test_training_that_never_started_does_not_end(lay_in, clock):
    def change(event):
        return None if event["type"] == "HjemmetraeningStarted" else born("2004-12-02")(event)

    case = lay_in("x11", change)
    assert "HjemmetraeningEndedAtAge18" not in dict(ticked(case, clock, "2022-12-09"))


# However it is run


def many(books, clock, place, count):
    """Copies of the case in one book, each with a hearing and a birthday to come on 1 and 2 December 2022."""
    set_clock(clock, "2022-11-28")
    file = json.dumps(case_until("x11", born("2004-12-02")))
    for number in range(count):
        assert imported(books, json.loads(file.replace(NUMBER, f"ESB-{number}")), place).error is None
    return books.book("esbjerg")


def said(book):
    """What the system has recorded on each case."""
    return [
        [(entry.type, str(entry.occurred_on)) for entry in book.entries(case_id) if entry.actor == SYSTEMURET]
        for case_id in book.cases()
    ]


BOTH = [("PartshoeringExpired", "2022-12-01"), ("HjemmetraeningEndedAtAge18", "2022-12-02")]


def test_two_clocks_at_once_say_each_thing_once_and_each_tells_what_it_said(books, clock, tmp_path, database_url):
    book = many(books, clock, tmp_path, 6)
    set_clock(clock, "2022-12-08")
    ready = Barrier(3)

    def run_clock(_):
        with Books(database_url, clock, MASTER_KEY) as mine:
            mine_too = mine.book("esbjerg")
            ready.wait()
            return [(one.case_id, one.type) for one in tick(mine_too)]

    with ThreadPoolExecutor(3) as pool:
        told = [one for found in pool.map(run_clock, range(3)) for one in found]
    assert said(book) == [BOTH] * 6
    assert len(told) == len(set(told)) == 12
    assert verify(book).faults == ()


def kill_in(url, book, case_id):
    """Runs the clock, and kills it as soon as it has said something on a case."""
    before = book.head(case_id).version
    process = start(url, "clock")
    until_then = time.monotonic() + 60
    while book.head(case_id).version == before and time.monotonic() < until_then:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_clock_that_is_killed_is_completed_by_running_it_again(books, clock, tmp_path, database_url):
    book = many(books, clock, tmp_path, 12)
    set_clock(clock, "2026-11-21")
    for number in (0, 5):
        kill_in(database_url, book, book.cases()[number])
        assert [one for one in said(book) if one not in (BOTH, BOTH[:1], [])] == []
        assert said(book)[-1] == []
    assert verify(book).faults == ()
    done = run(database_url, "clock", "esbjerg")
    assert (done.code, done.err) == (0, "")
    again = run(database_url, "clock")
    assert (again.code, again.out) == (0, "Der var intet at registrere.\n")
    assert said(book) == [BOTH] * 12
    assert verify(book).faults == ()


def test_a_case_whose_key_is_lost_stops_no_other_and_is_named(books, clock, tmp_path):
    book = many(books, clock, tmp_path, 2)
    first = book.cases()[0]
    child = book.entry(first, 2).subjects["p-barn"]
    book.vault.remove([child])
    set_clock(clock, "2022-12-08")
    lost, *told = sorted(tick(book), key=lambda one: one.case_number)
    assert (lost.case_number, lost.version) == ("ESB-0", None)
    assert lost.sentence.startswith("Nøglen til p-barn mangler")
    assert [(one.case_number, one.type) for one in told] == [("ESB-1", fact_type) for fact_type, _ in BOTH]


@pytest.mark.usefixtures("case")
def test_the_command_says_what_it_recorded(database_url, monkeypatch, capfd):
    sagsbog = command(database_url, monkeypatch, capfd)
    assert sagsbog("clock", "esbjerg") == (
        f"{NUMBER}: Høringsfristen udløb 30. november 2022 uden svar. Registreret pr. 1. december 2022.\n"
    )
    assert sagsbog("clock", "esbjerg") == sagsbog("clock", "nyborg") == "Der var intet at registrere.\n"
    assert json.loads(sagsbog("clock", "--format", "json")) == []
