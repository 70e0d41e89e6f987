"""Deadlines of birthdays, budget years and school, and what stops them."""

from dataclasses import replace
from datetime import date

import pytest

from tests.guarding import told
from tests.running import (
    approved,
    budget,
    ended,
    meeting,
    opening,
    rows,
    started,
    tracked_from,
)

# Birthdays

BIRTHDAY = "2016-09-14 → 2034-09-14"


def test_turning_eighteen_is_known_from_the_first_day_and_stopped_by_what_ends_the_case():
    rule = "statute.age-18"
    closed, reopened = told("CaseClosed", "2025-01-01"), told("CaseReopened", "2026-01-01")
    at_eighteen = told("HjemmetraeningEndedAtAge18", "2034-09-15")
    assert rows(rule, "2018-01-01") == [f"{BIRTHDAY} running"]
    assert rows(rule, "2034-09-15") == [f"{BIRTHDAY} overdue 1"]
    assert rows(rule, "2034-09-15", at_eighteen) == [f"{BIRTHDAY} met_late 2034-09-15 1"]
    assert rows(rule, "2025-01-01", closed) == [f"{BIRTHDAY} stopped"]
    assert rows(rule, "2024-12-31", closed) == [f"{BIRTHDAY} running"]
    assert rows(rule, "2026-01-01", closed, reopened) == [f"{BIRTHDAY} running"]
    again = replace(closed, on=date(2027, 1, 1), key="again")
    assert rows(rule, "2027-01-01", closed, reopened, again) == [f"{BIRTHDAY} stopped"]
    assert rows(rule, "2040-01-01", told("CaseClosed", "2034-09-20")) == [f"{BIRTHDAY} overdue 6"], "frozen"
    for effective, late in (("2034-09-18", 4), ("2034-09-25", 6)):
        story = (told("CaseClosed", "2034-09-20"), ended("2034-09-21", effective))
        assert rows(rule, "2040-01-01", *story) == [f"{BIRTHDAY} overdue {late}"], "by the first that stops it"


def test_training_that_ends_by_decision_stops_turning_eighteen_until_it_starts_again():
    story = (started("2020-01-15"), ended("2021-02-10", effective="2021-03-01"))
    again = replace(started("2022-01-01"), key="again")
    assert rows("statute.age-18", "2021-02-28", *story) == [f"{BIRTHDAY} running"]
    assert rows("statute.age-18", "2021-03-01", *story) == [f"{BIRTHDAY} stopped"]
    assert rows("statute.age-18", "2022-01-01", *story, again) == [f"{BIRTHDAY} running"]


def test_the_newest_record_of_the_child_tells_the_birthday():
    born = told("PartyRegistered", "2019-01-01", party="p-barn", kind="child", birth_date="2016-10-14", key="again")
    sibling = replace(born, data=born.data | {"kind": "sibling", "party": "p-soester"})
    assert rows("statute.age-18", "2018-12-31", born) == [f"{BIRTHDAY} running"]
    assert rows("statute.age-18", "2019-01-01", born) == ["2016-10-14 → 2034-10-14 running"]
    assert rows("statute.age-18", "2019-01-01", sibling) == [f"{BIRTHDAY} running"]


def test_the_talk_about_the_future_is_due_from_the_sixteenth_birthday():
    rule, sixteen = "esbjerg.future-talk", "2032-09-14 → 2033-09-14"
    assert rows(rule, "2032-09-13") == []
    assert rows(rule, "2032-09-14") == [f"{sixteen} running"]
    early = meeting("future_talk", "2032-09-13")
    assert rows(rule, "2032-09-14", early) == [f"{sixteen} met 2032-09-13"], "measured from the child's registration"
    assert rows(rule, "2032-09-14", replace(early, on=date(2017, 12, 31))) == [f"{sixteen} running"]
    assert rows(rule, "2032-12-01", told("CaseClosed", "2032-12-01")) == [f"{sixteen} stopped"]
    story = (started("2030-01-15"), ended("2032-12-01"))
    assert rows(rule, "2032-11-30", *story) == [f"{sixteen} running"]
    assert rows(rule, "2032-12-01", *story) == [f"{sixteen} stopped"]
    within = (started("2033-01-01"), ended("2033-05-01"))
    assert rows(rule, "2033-05-01", *within) == [f"{sixteen} stopped"], "begun after the birthday"


def test_a_talk_that_was_due_before_the_ledger_was_complete_is_none_of_its_business():
    for day, number in (("2024-01-10", 1), ("2024-01-11", 0)):
        found = rows("esbjerg.future-talk", "2024-02-01", opening=opening(day, born="2007-01-10"))
        assert len(found) == number


# Budget years


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2025-11-17", None, "running"),
        ("2025-11-18", None, None),
        ("2024-01-01", "2024-12-31", None),
        ("2024-01-01", "2025-01-01", "stopped"),
        ("2024-01-01", "2025-11-17", "stopped"),
    ],
)
def test_next_years_budget_is_applied_for_in_a_year_with_training(begins, ends, expected):
    story = [started(begins), *([ended(ends)] if ends else [])]
    found = [row for row in rows("esbjerg.budget-application", "2025-11-17", *story) if row.startswith("2025")]
    assert found == ([f"2025-11-15 → 2025-11-17 {expected}"] if expected else [])


def test_the_deadline_of_a_budget_year_appears_on_new_years_day():
    rule, story = "esbjerg.budget-application", (started("2025-11-18"),)
    assert rows(rule, "2022-12-01", started("2022-03-01"))[0] == "2022-11-15 → 2022-11-15 overdue 16", "a Tuesday"
    assert rows(rule, "2025-12-31", *story) == []
    assert rows(rule, "2026-01-01", *story) == ["2026-11-15 → 2026-11-16 running"]
    for tracked, number in (("2025-11-17", 1), ("2025-11-18", 0)):
        older = started("2025-03-01").migrated()
        assert len(rows(rule, "2025-12-01", older, opening=tracked_from(tracked))) == number


def test_a_budget_application_counts_for_its_own_year_only_and_however_early_it_comes():
    rule, begun, runs = "esbjerg.budget-application", started("2025-03-01"), "2025-11-15 → 2025-11-17"
    assert rows(rule, "2025-12-01", begun, budget("2024-10-01")) == [f"{runs} met 2024-10-01"]
    for other in (budget("2025-10-01", year=2025), budget("2025-10-01", "supplement")):
        assert rows(rule, "2025-12-01", begun, other) == [f"{runs} overdue 14"]
    assert rows(rule, "2026-01-01", begun, ended("2025-12-01"))[0] == f"{runs} overdue 45", "too late to stop it"


def test_a_budget_is_decided_four_weeks_after_15_november_or_after_a_later_application():
    rule = "esbjerg.budget-decision"
    assert rows(rule, "2025-11-15", budget("2025-11-15")) == ["2025-11-15 → 2025-12-13 running"]
    assert rows(rule, "2025-11-16", budget("2025-11-16")) == ["2025-11-16 → 2025-12-14 running"]
    assert rows(rule, "2025-11-16", budget("2025-11-16", "equipment_outside_budget")) == []


def test_accounts_are_due_the_28_february_after_each_year_with_a_grant():
    rule = "esbjerg.accounts"
    assert rows(rule, "2023-12-31", approved("2023-02-01", year=2023)) == []
    assert rows(rule, "2024-01-01", approved("2023-02-01", year=2023)) == ["2023-12-31 → 2024-02-28 running"]
    both = (approved("2023-02-01", year=2023), approved("2024-02-01", "x-2", year=2024))
    assert rows(rule, "2025-03-01", *both) == [
        "2023-12-31 → 2024-02-28 overdue 367",
        "2024-12-31 → 2025-02-28 overdue 1",
    ]
    for tracked, number in (("2023-12-31", 1), ("2024-01-01", 0)):
        older = both[0].migrated()
        assert len(rows(rule, "2024-01-02", older, opening=tracked_from(tracked))) == number
    received = told("AccountsReceived", "2024-02-28", year=2023)
    assert rows(rule, "2024-03-01", both[0], received) == ["2023-12-31 → 2024-02-28 met 2024-02-28"]


def test_supervision_is_documented_for_years_with_a_course():
    rule = "esbjerg.supervision-documentation"
    assert rows(rule, "2024-01-01", approved("2023-02-01", year=2023, category="kurser")) == [
        "2023-12-31 → 2024-02-28 running"
    ]
    assert rows(rule, "2024-01-01", approved("2023-02-01", year=2023, category="hjaelpetraenere")) == []


@pytest.mark.parametrize(
    ("received", "due"), [("2025-12-20", "2026-03-31"), ("2026-03-31", "2026-03-31"), ("2026-04-01", "2026-04-29")]
)
def test_accounts_are_decided_by_the_end_of_march_or_four_weeks_after_they_came_late(received, due):
    accounts = told("AccountsReceived", received, year=2025)
    assert rows("esbjerg.accounts-decision", received, accounts) == [f"{received} → {due} running"]


# School


def test_reduced_hours_are_followed_up_until_the_hours_are_full():
    rule = "esbjerg.reduced-hours-follow-up"
    reduced = told("SchoolingRegistered", "2025-08-31", kind="reduced_hours")
    full = told("SchoolingRegistered", "2026-03-02", kind="full_hours", key="full")
    follow_up = meeting("reduced_hours_follow_up", "2026-01-31")
    assert rows(rule, "2026-02-01", reduced, follow_up) == [
        "2025-08-31 → 2026-02-28 met 2026-01-31",
        "2026-01-31 → 2026-07-31 running",
    ]
    assert rows(rule, "2026-12-01", reduced, follow_up, full)[1] == "2026-01-31 → 2026-07-31 stopped"
    assert rows(rule, "2026-12-01", reduced, full) == ["2025-08-31 → 2026-02-28 overdue 2"], "frozen"
    school = replace(full, data={"kind": "school_start"})
    assert rows(rule, "2026-03-03", reduced, school) == ["2025-08-31 → 2026-02-28 overdue 3"]
    assert rows(rule, "2026-03-03", meeting("home_visit", "2026-01-31")) == []


def test_homeschooling_is_inspected_every_year_until_it_ends():
    rule = "esbjerg.homeschooling-tilsyn"
    begun = told("HomeSchoolingNotified", "2024-02-20", teaching_starts_on="2024-02-29")
    held = meeting("homeschooling_tilsyn", "2025-01-10")
    over = told("SchoolingRegistered", "2025-06-30", kind="homeschooling_ended")
    assert rows(rule, "2025-07-01", begun, held, over) == [
        "2024-02-29 → 2025-02-28 met 2025-01-10",
        "2025-01-10 → 2026-01-10 stopped",
    ]
    school = replace(over, data={"kind": "full_hours"})
    assert rows(rule, "2025-07-01", held, school) == ["2025-01-10 → 2026-01-10 running"]
    assert rows(rule, "2025-07-01", meeting("home_visit", "2025-01-10")) == []


@pytest.mark.parametrize(
    ("told_on", "status"), [("2021-08-01", "met 2021-08-01"), ("2021-08-09", "met 2021-08-09"),
                            ("2021-08-10", "met_late 2021-08-10 1"), ("2021-08-12", "met_late 2021-08-12 3")],
)  # fmt: skip
def test_homeschooling_is_told_the_day_before_it_begins(told_on, status):
    notice = told("HomeSchoolingNotified", told_on, teaching_starts_on="2021-08-10")
    found = rows("statute.homeschooling-notice", "2021-09-01", notice)
    assert found == [f"2021-08-10 → 2021-08-09 {status}"]


@pytest.mark.parametrize(("day", "number"), [("2021-10-31", 0), ("2021-11-01", 1)])
def test_esbjergs_rules_are_law_from_november_2021_by_the_day_that_counts(day, number):
    assert len(rows("esbjerg.method-change", day, told("MethodChangeRequested", day))) == number
    planned = told("TilsynPlanned", "2021-09-01", planned_on=day, kind="ordinary")
    assert len(rows("esbjerg.plan-before-tilsyn", day, planned)) == number
