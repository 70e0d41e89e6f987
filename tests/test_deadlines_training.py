"""Deadlines of training and its tilsyn: windows, half years, what is planned, and what ends them."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.law.deadlines import changes_after
from ledger.law.guards.seen import CaseTold
from ledger.law.training import is_over
from tests.guarding import Told, law_of, told
from tests.running import (
    ended,
    opening,
    past,
    plan,
    rows,
    started,
    tilsyn,
    tracked_from,
)

TWICE, OLD_TWICE = "statute.tilsyn-twice-a-year", "statute.old-tilsyn-twice-a-year"
OLD_FOUR = "statute.old-opfoelgning-four-a-year"


def visits(*days: str, kind: str = "ordinary") -> tuple[Told, ...]:
    return tuple(tilsyn(day, kind, key=f"tilsyn {day}") for day in days)


# Windows


def test_a_year_of_training_counts_from_its_start_to_the_day_before_the_next():
    story = (started("2020-02-29"), *visits("2020-02-29", "2021-02-27", "2021-02-28"))
    assert rows(TWICE, "2021-02-27", *story) == ["2020-02-29 → 2021-02-27 met 2021-02-27"]
    assert rows(TWICE, "2021-02-28", *story) == [
        "2020-02-29 → 2021-02-27 met 2021-02-27",
        "2021-02-28 → 2022-02-27 running",
    ]
    late = replace(story[2], on=date(2021, 2, 28))
    assert rows(TWICE, "2022-01-01", started("2020-02-29"), story[1], late)[0].endswith("overdue 308")


def test_both_kinds_of_tilsyn_count_and_a_follow_up_does_not():
    story = (started("2020-01-15"), *visits("2020-06-01"))
    assert rows(TWICE, "2020-07-01", *story, *visits("2020-06-02", kind="extra")) == [
        "2020-01-15 → 2021-01-14 met 2020-06-02"
    ]
    assert rows(TWICE, "2020-07-01", *story, *visits("2020-06-02", kind="opfoelgning")) == [
        "2020-01-15 → 2021-01-14 running"
    ]


def test_training_that_ends_stops_its_year_and_freezes_an_earlier_one_that_is_late():
    story = (started("2020-01-15"), ended("2021-02-10", effective="2021-03-01"))
    assert rows(TWICE, "2021-02-28", *story) == [
        "2020-01-15 → 2021-01-14 overdue 45",
        "2021-01-15 → 2022-01-14 running",
    ]
    for later in ("2021-03-01", "2025-01-01"):
        assert rows(TWICE, later, *story) == ["2020-01-15 → 2021-01-14 overdue 46", "2021-01-15 → 2022-01-14 stopped"]
    in_time = visits("2021-02-01", "2021-03-01")
    too_late = visits("2021-02-01", "2021-03-02")
    assert rows(TWICE, "2025-01-01", *story, *in_time)[1] == "2021-01-15 → 2022-01-14 met 2021-03-01"
    assert rows(TWICE, "2025-01-01", *story, *too_late)[1] == "2021-01-15 → 2022-01-14 stopped"


def test_a_second_start_begins_a_new_series():
    story = (started("2020-01-15"), ended("2020-10-01"), replace(started("2021-03-10"), key="again"))
    assert rows(TWICE, "2021-03-09", *story[:2]) == ["2020-01-15 → 2021-01-14 stopped"]
    assert rows(TWICE, "2022-03-10", *story) == [
        "2020-01-15 → 2021-01-14 stopped",
        "2021-03-10 → 2022-03-09 overdue 1",
        "2022-03-10 → 2023-03-09 running",
    ]


def test_a_second_start_ends_the_first_where_nothing_else_has():
    story = (started("2020-01-15"), replace(started("2021-03-10"), key="again"))
    both = ["2020-01-15 → 2021-01-14 overdue 55", "2021-01-15 → 2022-01-14 stopped", "2021-03-10 → 2022-03-09 running"]
    assert rows(TWICE, "2022-03-09", *story) == both
    assert rows(TWICE, "2030-01-01", *story, ended("2021-12-31")) == [*both[:2], "2021-03-10 → 2022-03-09 stopped"]
    same_day = (story[0], ended("2021-03-10"), story[1])
    assert rows(TWICE, "2022-03-09", *same_day) == both, "what ends the first does not end the second"


def test_years_are_counted_from_the_start_and_not_from_the_year_before():
    assert rows(TWICE, "2024-03-01", started("2020-02-29"))[-1] == "2024-02-29 → 2025-02-27 running"


def test_the_next_window_is_known_on_the_first_day_of_this_one():
    told_on = past("nyborg", "2021-02-28", [started("2020-02-29")])
    assert changes_after(told_on, law_of("nyborg")) == date(2022, 2, 28)
    over = past("nyborg", "2021-02-28", [started("2020-02-29"), ended("2020-06-01")])
    assert changes_after(over, law_of("nyborg")) is None


def test_windows_that_began_before_the_ledger_was_complete_are_skipped():
    older = (started("2016-08-01").migrated(),)
    assert rows(TWICE, "2018-07-31", *older) == []
    assert rows(TWICE, "2018-08-01", *older) == ["2018-08-01 → 2019-07-31 running"]
    for tracked, number in (("2018-08-01", 1), ("2018-08-02", 0)):
        assert len(rows(TWICE, "2018-09-01", *older, opening=tracked_from(tracked))) == number


def test_the_law_on_the_first_day_of_a_window_tells_how_many_it_takes():
    story, early = (started("2015-09-01"),), opening("2014-01-01")
    assert rows(OLD_TWICE, "2017-09-01", *story, opening=early) == ["2015-09-01 → 2016-08-31 overdue 366"]
    assert rows(OLD_FOUR, "2017-09-01", *story, opening=early) == ["2015-09-01 → 2016-08-31 overdue 366"]
    assert rows(TWICE, "2017-09-01", *story, opening=early) == [
        "2016-09-01 → 2017-08-31 overdue 1",
        "2017-09-01 → 2018-08-31 running",
    ]
    for day, number in (("2016-06-30", 0), ("2016-07-01", 1)):
        assert len(rows(TWICE, "2016-08-01", started(day), opening=early)) == number


def test_four_follow_ups_a_year_are_four():
    story, early = (started("2015-01-15"),), opening("2014-01-01")
    three = visits("2015-02-01", "2015-03-01", "2015-04-01", kind="opfoelgning")
    assert rows(OLD_FOUR, "2015-06-01", *story, *three, opening=early) == ["2015-01-15 → 2016-01-14 running"]
    assert rows(OLD_FOUR, "2015-06-01", *story, *three, *visits("2015-05-01"), opening=early) == [
        "2015-01-15 → 2016-01-14 running"
    ]
    four = (*three, *visits("2015-05-01", kind="opfoelgning"))
    assert rows(OLD_FOUR, "2015-06-01", *story, *four, opening=early) == ["2015-01-15 → 2016-01-14 met 2015-05-01"]
    assert rows(OLD_TWICE, "2015-06-01", *story, *four, opening=early) == ["2015-01-15 → 2016-01-14 running"]


@pytest.mark.parametrize(
    ("start", "needed"), [("2022-01-01", 2), ("2022-01-02", 1), ("2022-07-01", 1), ("2022-07-02", 0), ("2022-08-31", 0)]
)
def test_the_first_calendar_year_takes_a_tilsyn_for_each_whole_half_year(start, needed):
    held = visits("2022-11-01", "2022-12-01")
    found = [rows(TWICE, "2022-12-31", started(start), *held[:number], at="esbjerg") for number in (0, 1, 2)]
    met = [f"{start} → 2022-12-31 {end}" for end in ("running", "met 2022-11-01", "met 2022-12-01")]
    expected = {0: [[], [], []], 1: [[met[0]], [met[1]], [met[1]]], 2: [[met[0]], [met[0]], [met[2]]]}
    assert found == expected[needed]
    assert rows(TWICE, "2023-01-01", started(start), at="esbjerg")[-1] == "2023-01-01 → 2023-12-31 running"


@pytest.mark.parametrize(("start", "needed"), [("2015-01-01", 4), ("2015-03-01", 2), ("2015-08-01", 0)])
def test_four_follow_ups_in_a_first_calendar_year_are_two_for_each_whole_half_year(start, needed):
    days = ("2015-08-02", "2015-09-01", "2015-10-01", "2015-11-01")
    one_too_few, enough = (visits(*days[:number], kind="opfoelgning") for number in (needed - 1, needed))
    early = opening("2014-01-01")
    found = [
        rows(OLD_FOUR, "2015-12-31", started(start), *held, at="esbjerg", opening=early)
        for held in (one_too_few, enough)
    ]
    runs = f"{start} → 2015-12-31"
    assert found == ([[f"{runs} running"], [f"{runs} met {days[needed - 1]}"]] if needed else [[], []])


# Half years in Aarhus


def test_each_ordinary_tilsyn_meets_one_half_year_and_begins_the_next():
    rule, story = "aarhus.tilsyn-6-months", (started("2021-08-31"), *visits("2021-12-01", kind="extra"))
    assert rows(rule, "2022-02-28", *story) == ["2021-08-31 → 2022-02-28 running"]
    story = (*story, *visits("2022-03-02", "2022-08-31"))
    assert rows(rule, "2022-08-31", *story) == [
        "2021-08-31 → 2022-02-28 met_late 2022-03-02 2",
        "2022-03-02 → 2022-09-02 met 2022-08-31",
        "2022-08-31 → 2023-02-28 running",
    ]
    assert rows(rule, "2023-05-01", *story, ended("2023-01-01"))[-1] == "2022-08-31 → 2023-02-28 stopped"
    assert rows(rule, "2023-05-01", *story, ended("2023-03-01"))[-1] == "2022-08-31 → 2023-02-28 overdue 1"


def test_what_is_held_before_the_start_was_told_does_not_count_though_it_is_after_the_day_that_counts():
    rule, late_told = "aarhus.tilsyn-6-months", told("HjemmetraeningStarted", "2021-09-10", started_on="2021-08-31")
    assert rows(rule, "2021-10-01", late_told, *visits("2021-09-09"))[0] == "2021-08-31 → 2022-02-28 running"
    assert rows(rule, "2021-10-01", late_told, *visits("2021-09-11"))[0] == "2021-08-31 → 2022-02-28 met 2021-09-11"


def test_a_new_plan_is_aimed_for_after_fourteen_days_and_demanded_after_four_weeks():
    assert rows("aarhus.plan-after-tilsyn-target", "2021-12-01", tilsyn("2021-12-01")) == [
        "2021-12-01 → 2021-12-15 running"
    ]
    assert rows("aarhus.plan-after-tilsyn-limit", "2021-12-01", tilsyn("2021-12-01")) == [
        "2021-12-01 → 2021-12-29 running"
    ]


# What is planned around a tilsyn

MOVES = {
    "esbjerg.plan-before-tilsyn": told("TilsynPlanned", "2022-01-01", planned_on="2022-06-15", kind="ordinary"),
    "aarhus.supervision-minutes": told(
        "TilsynPlanned", "2022-01-01", planned_on="2022-06-15", supervision_took_place=True
    ),
}


def moved(on: str, to: str | None, key: str = "moved") -> Told:
    return told("TilsynRescheduled", on, {"planned": "TilsynPlanned"}, new_planned_on=to, key=key)


@pytest.mark.parametrize("rule", MOVES)
def test_a_tilsyn_that_is_moved_takes_its_deadline_along_and_a_cancelled_one_stops_it(rule):
    planned = MOVES[rule]
    assert rows(rule, "2022-06-01", planned) == ["2022-06-15 → 2022-06-01 running"]
    assert rows(rule, "2022-05-09", planned, moved("2022-05-10", "2022-07-01")) == ["2022-06-15 → 2022-06-01 running"]
    assert rows(rule, "2022-05-10", planned, moved("2022-05-10", "2022-07-01")) == ["2022-07-01 → 2022-06-17 running"]
    assert rows(rule, "2022-07-01", planned, moved("2022-05-10", None)) == ["2022-06-15 → 2022-06-01 stopped"]
    assert rows(rule, "2022-07-01", planned, moved("2022-06-03", None)) == ["2022-06-15 → 2022-06-01 overdue 2"]
    back = (moved("2022-05-10", None), moved("2022-05-20", "2022-07-01", key="back"))
    assert rows(rule, "2022-06-17", planned, *back) == ["2022-07-01 → 2022-06-17 running"]


def test_only_the_tilsyn_that_asks_for_something_starts_a_deadline():
    extra = told("TilsynPlanned", "2022-01-01", planned_on="2022-06-15", kind="extra", supervision_took_place=False)
    assert rows("esbjerg.plan-before-tilsyn", "2022-06-01", extra) == []
    assert rows("aarhus.supervision-minutes", "2022-06-01", extra) == []
    rule = "esbjerg.plan-before-tilsyn"
    another_plan = plan("after_tilsyn", "2022-05-01", planned="TilsynPlanned")
    assert rows(rule, "2022-06-01", MOVES[rule], another_plan) == ["2022-06-15 → 2022-06-01 running"]


OVER = {
    "the year is past": ((), "2023-01-01", True),
    "the last day of the year": ((), "2022-12-31", False),
    "training that is still to begin": ((started("2022-09-01"),), "2022-06-01", False),
    "training that runs": ((started("2022-05-01"),), "2022-06-01", False),
    "ended, and its start not on record": ((ended("2022-05-01", "2022-07-01"),), "2022-07-01", True),
    "ended from tomorrow": ((ended("2022-05-01", "2022-07-01"),), "2022-06-30", False),
}  # fmt: skip


@pytest.mark.parametrize("case", OVER)
def test_a_budget_year_is_over_when_it_is_past_or_the_training_has_ended(case):
    story, on, over = OVER[case]
    seen = past("nyborg", on, story)
    assert is_over(2022, CaseTold(seen), date.fromisoformat(on)) is over
