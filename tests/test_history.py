"""The fold: corrections, annulments, what was known and what had happened (EVENTS §0.3)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.clock import known_by
from ledger.facts.case import fold
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact
from ledger.facts.history import history
from ledger.facts.lifecycle import CaseClosed, CaseOpened, CaseReopened, EntryAnnulled, EntryCorrected, NoteRecorded
from ledger.facts.payments import PaymentMade
from projections.history import tell

KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
LEADER = {"user_id": "u-l-01", "name": "Poul Prøve", "role": "leder"}
CASE = UUID(int=1)
START = datetime(2022, 1, 1, 12, tzinfo=UTC)


@dataclass
class Told:
    """Builds a history a line at a time; one entry is recorded each day."""

    entries: list[Entry[Any]]

    def add(self, fact: Fact, on: str, target: int | None = None) -> int:
        version = len(self.entries) + 1
        refs = {} if target is None else {"target": target}
        at = START + timedelta(days=version)
        self.entries.append(
            Entry(CASE, version, fact, date.fromisoformat(on), at, KAREN, "aarhus", "api", refs, b"", b"")
        )
        return version

    def correct(self, target: int, field: str, old: Any, new: Any) -> int:
        fact = EntryCorrected(field=field, old=old, new=new, reason="tastefejl", approved_by=LEADER)
        return self.add(fact, "2022-02-01", target)

    def annul(self, target: int) -> int:
        return self.add(EntryAnnulled(reason="forkert sag", approved_by=LEADER), "2022-02-01", target)


@pytest.fixture
def told():
    opened = CaseOpened(case_number="AAR-1", opened_on="2022-01-01", subject="hjemmetraening", child="p-barn")
    made = Told([])
    made.add(opened, "2022-01-01")
    return made


def payment(oere: int) -> PaymentMade:
    return PaymentMade(kind="one_off", year=2022, post="P1", amount_oere=oere)


def note(text: str = "notat") -> NoteRecorded:
    return NoteRecorded(text=text, about="other", internal=False)


def read(told: Told, version: int, **point: Any) -> Entry[Any] | None:
    seen = history(told.entries, **{"as_of": date(2030, 1, 1), **point})
    return next((entry for entry in seen.told if entry.version == version), None)


def test_a_corrected_amount_is_read_with_its_new_value_from_when_the_correction_was_known(told):
    paid = told.add(payment(100), "2022-01-10")
    correction = told.correct(paid, "amount_oere", 100, 250)
    assert read(told, paid).fact.amount_oere == 250
    before = known_by(told.entries[correction - 1].recorded_at - timedelta(microseconds=1))
    assert read(told, paid, known=before).fact.amount_oere == 100
    at = known_by(told.entries[correction - 1].recorded_at)
    assert read(told, paid, known=at).fact.amount_oere == 250


def test_a_corrected_day_moves_the_entry_in_the_order_and_in_or_out_of_as_of(told):
    first, second = told.add(note("a"), "2022-01-10"), told.add(note("b"), "2022-01-11")
    told.correct(first, "occurred_on", "2022-01-10", "2022-01-20")
    seen = history(told.entries, as_of=date(2022, 1, 31))
    assert [entry.version for entry in seen.told] == [1, second, first]
    assert read(told, first, as_of=date(2022, 1, 19)) is None
    assert read(told, first, as_of=date(2022, 1, 20)).occurred_on == date(2022, 1, 20)


def test_corrections_of_one_field_apply_in_the_order_they_were_recorded(told):
    paid = told.add(payment(100), "2022-01-10")
    told.correct(paid, "amount_oere", 100, 250)
    told.correct(paid, "amount_oere", 250, 300)
    assert read(told, paid).fact.amount_oere == 300


def test_an_annulled_entry_is_not_told_but_still_shows_in_the_timeline(told):
    paid = told.add(payment(100), "2022-01-10")
    annulment = told.annul(paid)
    assert read(told, paid) is None
    shown = {row.version: row for row in tell(history(told.entries, as_of=date(2030, 1, 1)))}
    assert shown[paid].annulled_by == annulment
    assert "1,00 kr." in shown[paid].sentence


def test_an_annulled_correction_has_no_effect(told):
    paid = told.add(payment(100), "2022-01-10")
    correction = told.correct(paid, "amount_oere", 100, 250)
    told.annul(correction)
    assert read(told, paid).fact.amount_oere == 100


def test_annulments_are_resolved_from_the_newest_back(told):
    paid = told.add(payment(100), "2022-01-10")
    first = told.annul(paid)
    second = told.annul(first)
    assert read(told, paid) is not None
    told.annul(second)
    assert read(told, paid) is None


def test_the_timeline_shows_what_an_entry_said_before_it_was_corrected(told):
    paid = told.add(payment(100), "2022-01-10")
    correction = told.correct(paid, "amount_oere", 100, 250)
    row = next(row for row in tell(history(told.entries, as_of=date(2030, 1, 1))) if row.version == paid)
    assert row.corrected_by == (correction,)
    assert "1,00 kr." in row.original_sentence
    assert "2,50 kr." in row.sentence


def test_a_value_can_be_taken_away_by_a_correction(told):
    closed = told.add(CaseClosed(reason="moved", note="til Odense"), "2022-01-10")
    told.correct(closed, "note", "til Odense", None)
    assert read(told, closed).fact == CaseClosed(reason="moved")


def test_a_bare_day_means_until_the_next_midnight_in_copenhagen():
    known = known_by(date(2022, 6, 7))
    assert known(datetime(2022, 6, 7, 21, 59, 59, tzinfo=UTC))
    assert not known(datetime(2022, 6, 7, 22, 0, tzinfo=UTC))


def test_a_reopened_case_is_where_it_was_before_it_was_closed(told):
    told.add(CaseClosed(reason="moved"), "2022-01-10")
    assert fold(history(told.entries, as_of=date(2022, 1, 10))).state == "lukket"
    told.add(CaseReopened(reason="flyttede ikke"), "2022-01-12")
    case = fold(history(told.entries, as_of=date(2022, 1, 12)))
    assert (case.state, case.state_since, case.lifecycle.closed) == ("oprettet", date(2022, 1, 12), False)


@st.composite
def histories(draw: st.DrawFn) -> Told:
    """Payments, corrections of them, annulments of anything but the opening, in any mixture."""
    told = Told([])
    opened = CaseOpened(case_number="AAR-1", opened_on="2022-01-01", subject="hjemmetraening", child="p-barn")
    told.add(opened, "2022-01-01")
    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["pay", "correct", "annul"]))
        payments = [entry.version for entry in told.entries if isinstance(entry.fact, PaymentMade)]
        if kind == "pay" or not payments:
            told.add(payment(draw(st.integers(0, 10**6))), f"2022-01-{draw(st.integers(2, 28)):02}")
        elif kind == "correct":
            told.correct(draw(st.sampled_from(payments)), "amount_oere", 0, draw(st.integers(0, 10**6)))
        else:
            told.annul(draw(st.integers(2, len(told.entries))))
    return told


@given(histories())
def test_a_history_is_told_in_order_and_never_loses_or_invents_an_entry(told):
    seen = history(told.entries, as_of=date(2030, 1, 1))
    assert sorted(seen.told, key=lambda entry: (entry.occurred_on, entry.version)) == list(seen.told)
    versions = {entry.version for entry in seen.told}
    assert versions | set(seen.annulled_by) == {entry.version for entry in told.entries}
    assert not versions & set(seen.annulled_by)


@given(histories())
def test_annulling_everything_that_was_added_later_gives_the_history_before_it(told):
    for length in range(1, len(told.entries)):
        before = {entry.version: entry for entry in history(told.entries[:length], as_of=date(2030, 1, 1)).told}
        undone = Told(list(told.entries))
        for version in range(len(told.entries), length, -1):
            undone.annul(version)
        after = {e.version: e for e in history(undone.entries, as_of=date(2030, 1, 1)).told if e.version <= length}
        assert after == before


@given(histories(), st.integers(0, 20))
def test_what_was_known_then_is_what_a_reader_then_was_told(told, days):
    limit = START + timedelta(days=days)
    then = history(told.entries, as_of=date(2030, 1, 1), known=known_by(limit))
    assert then == history([e for e in told.entries if e.recorded_at <= limit], as_of=date(2030, 1, 1))
