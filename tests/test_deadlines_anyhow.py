"""What holds for the deadlines of any case, in whatever order and on whatever day: parts of the samples, shuffled."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.case_file import read_case
from ledger.facts.entry import Entry, RefValue, versions_in
from ledger.facts.history import history
from ledger.facts.lifecycle import EntryAnnulled, EntryCorrected
from ledger.law.deadline import Deadline
from ledger.law.deadlines import changes_after, deadlines
from ledger.law.law import Law
from ledger.law.rulebook import rulebook_in_force
from projections.deadlines import tell
from tests.asking import SAMPLES
from tests.guarding import law_of

END = date(2036, 1, 1)
"""After everything, the 18th birthdays too."""
A_DAY = timedelta(days=1)
CORRECTIONS = (EntryCorrected, EntryAnnulled)
Case = Sequence[Entry[Any]]


@cache
def sample(name: str) -> Case:
    raw = files("api").joinpath("samples", f"{name}.json").read_bytes()
    return read_case(raw, name, "tester", datetime(2026, 1, 1, tzinfo=UTC), rulebook_in_force()).case.entries


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A sample, or what is left of it when some entries are taken out."""
    every, chance = sample(draw(st.sampled_from(list(SAMPLES.values())))), draw(st.randoms(use_true_random=False))
    share = draw(st.sampled_from([0.2, 0.6, 0.9, 1.0]))
    return [entry for entry in every if entry.version == 1 or chance.random() < share]


days = st.dates(date(2018, 1, 1), END)
randoms = st.randoms(use_true_random=False)
often = settings(max_examples=60, deadline=None)


def law(case: Case) -> Law:
    return law_of(case[0].municipality)


def found(case: Case, on: date) -> list[Deadline]:
    return deadlines(history(case, as_of=on), law(case))


# The status and the days late, as the rules say it


def by_the_rules(one: Deadline, on: date) -> tuple[str, int]:
    """Status and days late, evaluated in the order of the domain's seven points."""
    hearing, freezes = one.rule.kind == "hearing", one.rule.kind in {"hard", "published", "soft"}
    due = one.new_dates[-1][2] if hearing and one.new_dates else one.due_on
    met = one.met_on if one.met_on and one.met_on <= on else None
    stop = one.stop_on if one.stop_on and one.stop_on <= on else None
    if due is None:
        return ("met" if met else "running"), 0
    if stop and stop <= due and not (met and met <= stop):
        return "stopped", 0
    if not met and stop and due < stop and freezes:
        return "overdue", (stop - due).days
    if met:
        return ("met", 0) if met <= due else ("met_late", (met - due).days)
    if on <= due:
        return "running", 0
    if one.rule.kind in {"right", "retention"}:
        return "lapsed", 0
    return ("unanswered", 0) if hearing else ("overdue", (on - due).days)


@often
@given(cases(), days, st.sampled_from(["aarhus", "esbjerg", "nyborg"]))
def test_any_part_of_a_case_can_be_told_on_any_day_under_any_municipality(case, on, municipality):
    told = history(case, as_of=on)
    for one in deadlines(told, law_of(municipality)):
        assert (one.status(on), one.days_late(on)) == by_the_rules(one, on)
        assert one.appears_on <= on
    assert len(list(tell(told, law_of(municipality)))) == len(deadlines(told, law_of(municipality)))


@often
@given(cases(), days)
def test_what_happens_later_changes_nothing_today(case, on):
    happened = {entry.version for entry in history(case, as_of=on).told}
    so_far = [entry for entry in case if entry.version in happened or isinstance(entry.fact, CORRECTIONS)]
    assert list(tell(history(so_far, as_of=on), law(case))) == list(tell(history(case, as_of=on), law(case)))


FORWARD = {
    "running": {"running", "met", "met_late", "overdue", "lapsed", "unanswered", "stopped"},
    "overdue": {"overdue", "met_late"},
    "lapsed": {"lapsed", "met_late"},
    "unanswered": {"unanswered", "met_late"},
    "met": {"met"},
    "met_late": {"met_late"},
    "stopped": {"stopped"},
}


@often
@given(cases(), st.lists(days, min_size=2, max_size=20))
def test_with_nothing_new_a_deadline_only_goes_forward(case, asked):
    for one in found(case, END):
        statuses = [(day, one.status(day).value) for day in sorted(asked) if day >= one.appears_on]
        for (_, before), (_, after) in pairwise(statuses):
            assert after in FORWARD[before], one


# The order of recording


def reordered(case: Case, chance: Random) -> tuple[list[Entry[Any]], dict[int, int]]:
    """The same recorded in another order, day by day; the corrections after all they correct. New version to old."""
    told = history(case, as_of=date.max).told
    by_day = [list(entries) for _, entries in groupby(told, key=lambda entry: entry.occurred_on)]
    chance.shuffle(by_day)
    corrections = [entry.version for entry in case if isinstance(entry.fact, CORRECTIONS)]
    facts = [entry.version for entries in by_day for entry in entries if entry.version not in corrections]
    of = {entry.version: entry for entry in case}
    old = dict(enumerate([*facts, *corrections], 1))
    new = {was: version for version, was in old.items()}

    def moved(value: RefValue) -> RefValue:
        return tuple(new.get(one, -one) for one in versions_in(value))

    return [
        of[was]._replace(version=version, refs={name: moved(value) for name, value in of[was].refs.items()})
        for version, was in old.items()
    ], old


@often
@given(cases(), days, randoms)
def test_the_order_in_which_different_days_are_recorded_changes_no_row(case, on, chance):
    other, old = reordered(case, chance)

    def rows(of: Case, was: dict[int, int]) -> list[tuple[Any, ...]]:
        told = tell(history(of, as_of=on), law(of))
        return sorted(
            (*map(str, [row.rule, row.trigger_on, row.due_on, row.met_on, row.status, row.days_late, row.extended_to]),
             str(row.notice_in_time), sorted(was[version] for version in row.entries))
            for row in told
        )  # fmt: skip

    assert rows(other, old) == rows(case, {version: version for version in old.values()})


# The passing of time


def keys(case: Case, on: date) -> set[tuple[str, date, int]]:
    """Without those of a birthday: the day they appear is not named, because it would tell a date of birth."""
    told = (one for one in found(case, on) if not one.rule.birthday)
    return {(one.rule.slug, one.trigger_on, one.started_by.version) for one in told}


@often
@given(cases(), days, randoms)
def test_time_alone_brings_a_deadline_on_the_day_that_was_named_and_on_no_other(case, on, chance):
    told = history(case, as_of=on)
    change = changes_after(told, law(case))
    news = min((day for entry in history(case, as_of=date.max).told if (day := entry.occurred_on) > on), default=END)
    quiet_until = min(news, change or END, END)
    if quiet_until > on:
        between = on + A_DAY * chance.randrange((quiet_until - on).days)
        assert keys(case, between) == keys(case, on)
        assert keys(case, quiet_until - A_DAY) == keys(case, on)
    if change and change < news:
        assert keys(case, change) > keys(case, on)
