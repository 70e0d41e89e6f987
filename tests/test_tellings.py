"""Telling every read model of a case: what they share is worked out once, and a long case costs no more an entry."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from ledger.facts.history import history
from ledger.law.deadlines import deadlines
from ledger.law.posting import posted
from ledger.law.told import once
from ledger.store.books import Books
from replay.as_of import Point, sight
from replay.tellings import tell_all
from tests.benchmarks.course import AS_OF, make_case
from tests.conftest import ToldClock
from tests.guarding import history_of, law_of
from tests.test_accounts import calls_of


@contextmanager
def seen(place, size):
    with Books(f"sqlite:///{place / str(size)}", ToldClock(datetime(2026, 11, 21, 8, tzinfo=UTC))) as books:
        book = books.book("aarhus")
        yield sight(book, make_case(book, "SAG-1", size), Point(AS_OF))


def test_what_is_worked_out_of_a_history_is_worked_out_once():
    worked_out = []

    @once
    def versions(history):
        worked_out.append(history)
        return [entry.version for entry in history.told]

    case, another = history_of("aarhus"), history_of("aarhus")
    assert versions(case) is versions(case)
    assert versions(another) is not versions(case)
    assert worked_out == [case, another]


def test_under_another_law_it_is_worked_out_anew():
    @once
    def under(history, law):
        return history.version, law.municipality.slug

    case, here, there = history_of("aarhus"), law_of("aarhus"), law_of("nyborg")
    assert [under(case, law) for law in (here, here, there, here)] == [
        (4, "aarhus"), (4, "aarhus"), (4, "nyborg"), (4, "aarhus"),
    ]  # fmt: skip


def test_a_list_of_deadlines_is_the_callers_own(tmp_path):
    with seen(tmp_path, 60) as case:
        first = deadlines(case.history, case.law)
        first.clear()
        assert deadlines(case.history, case.law)
        assert posted(case.history) is posted(case.history)


def test_a_history_cut_at_another_day_shares_nothing_with_it(tmp_path):
    with seen(tmp_path, 60) as case:
        late, early = (history(case.history.recorded, as_of=day) for day in (AS_OF, date(2018, 6, 1)))
        assert tell_all(replace(case, history=late)) == tell_all(case)
        assert len(deadlines(early, case.law)) < len(deadlines(late, case.law))


def test_telling_a_case_of_two_thousand_entries_costs_no_more_an_entry_than_one_of_four_hundred(tmp_path):
    with seen(tmp_path, 400) as short, seen(tmp_path, 2_000) as long:
        cost = {case.history.version: calls_of(lambda: tell_all(case)) for case in (short, long)}  # noqa: B023
        assert cost[2_000] / 2_000 < 1.2 * cost[400] / 400
