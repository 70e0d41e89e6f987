"""Deadlines after a decision: the right to complain, genvurdering, hjemvisning, and dates that were promised."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.law.rule import Kind
from projections.deadlines import tell
from tests.guarding import OPENING, Told, law_of, told
from tests.running import notified, opening, past, rows

APPLIED = told("ApplicationReceived", "2021-05-31")
SUPPORT = told("OtherSupportGranted", "2021-11-26", favourable="none")


# Complaints


def klage(on: str, over: str = "OtherSupportGranted", key: str = "klage", kind: str = "decision") -> Told:
    return told("KlageReceived", on, {"decision": over}, kind=kind, key=key)


def test_a_decision_in_the_letter_of_another_has_no_time_of_its_own_but_a_klage_over_it_counts():
    annual = told("AnnualBudgetDecided", "2021-12-01")
    post = told("BudgetPostRefused", "2021-12-01", {"part_of": "AnnualBudgetDecided"})
    over_post = klage("2021-12-20", "BudgetPostRefused")
    assert rows("statute.klage", "2021-12-20", annual, post) == ["2021-12-01 → 2021-12-29 running"]
    assert rows("statute.klage", "2021-12-20", annual, post, over_post) == ["2021-12-01 → 2021-12-29 met 2021-12-20"]
    assert rows("statute.genvurdering", "2021-12-20", annual, post, over_post) == ["2021-12-20 → 2022-01-17 running"]


def test_two_decisions_of_a_day_are_two_rights_and_a_klage_over_one_meets_that_one():
    other = replace(SUPPORT, key="other")
    assert rows("statute.klage", "2021-12-28", SUPPORT, other, klage("2021-12-28", "other")) == [
        "2021-11-26 → 2021-12-27 met_late 2021-12-28 1",
        "2021-11-26 → 2021-12-27 lapsed",
    ]


def test_a_klage_over_slow_processing_is_no_klage_over_a_decision():
    slow = klage("2021-12-01", kind="processing_time")
    assert rows("statute.klage", "2021-12-01", SUPPORT, slow) == ["2021-11-26 → 2021-12-27 running"]
    assert rows("statute.genvurdering", "2021-12-01", SUPPORT, slow) == []


@pytest.mark.parametrize(("resultat", "number"), [("given", 0), ("partly", 1), ("refused", 1)])
def test_aktindsigt_can_be_complained_over_unless_it_was_given(resultat, number):
    decided = told("AktindsigtDecided", "2021-12-01", resultat=resultat)
    assert len(rows("statute.klage", "2021-12-01", decided)) == number


@pytest.mark.parametrize(("decision", "number"), [(True, 1), (False, 0)])
def test_an_undersoegelse_can_be_complained_over_when_it_was_opened_by_a_decision(decision, number):
    begun = told("BoernefagligUndersoegelseOpened", "2021-12-01", issued_as_decision=decision)
    assert len(rows("statute.klage", "2021-12-01", begun)) == number


ABOUT_KLAGE = {"klage": "klage"}


def reconsidered(on: str, resultat: str = "fastholdt", key: str = "genvurdering") -> Told:
    return told("GenvurderingCompleted", on, ABOUT_KLAGE, resultat_genvurdering=resultat, key=key)


def forwarded(on: str) -> Told:
    return told("KlageForwarded", on, ABOUT_KLAGE)


def genvurdering(as_of: str, *more: Told, received: str = "2021-11-26", decision: Told = SUPPORT) -> str:
    (row,) = rows("statute.genvurdering", as_of, decision, klage(received, decision.key), *more)
    return row.removeprefix("2021-11-26 → 2021-12-24 ")


def test_medhold_alone_meets_a_genvurdering_else_the_klage_must_be_sent_on_as_well():
    assert genvurdering("2021-12-24", reconsidered("2021-12-24", "medhold")) == "met 2021-12-24"
    for resultat in ("fastholdt", "delvist_medhold"):
        assert genvurdering("2021-12-24", reconsidered("2021-12-20", resultat)) == "running"
        assert genvurdering("2021-12-25", reconsidered("2021-12-20", resultat)) == "overdue 1"
    assert genvurdering("2021-12-24", reconsidered("2021-12-20"), forwarded("2021-12-24")) == "met 2021-12-24"
    assert genvurdering("2021-12-24", forwarded("2021-12-20"), reconsidered("2021-12-23")) == "met 2021-12-23"
    assert genvurdering("2022-02-01", reconsidered("2021-12-20"), forwarded("2021-12-28")) == "met_late 2021-12-28 4"
    assert genvurdering("2021-12-24", forwarded("2021-12-20")) == "running"


def test_a_late_klage_is_met_by_sending_it_on_and_one_on_the_last_day_is_not():
    late, last_day = "2021-12-28", "2021-12-27"
    sent_on = forwarded("2022-01-05")
    assert genvurdering("2022-01-05", sent_on, received=late) == "2021-12-28 → 2022-01-25 met 2022-01-05"
    assert genvurdering("2022-01-05", sent_on, received=last_day) == "2021-12-27 → 2022-01-24 running"


@pytest.mark.parametrize(("hours", "due"), [(0, "2021-12-15"), (500, "2021-12-29")])
def test_a_genvurdering_has_fourteen_days_when_lost_earnings_cease(hours, due):
    decision = told("TabtArbejdsfortjenesteAdjusted", "2021-11-26", new_hours_x100=hours)
    row = genvurdering("2021-12-01", received="2021-12-01", decision=decision)
    assert row == f"2021-12-01 → {due} running"


def test_a_withdrawn_klage_stops_its_genvurdering_and_freezes_one_that_is_late():
    assert genvurdering("2022-02-01", told("KlageWithdrawn", "2021-12-24", ABOUT_KLAGE)) == "stopped"
    assert genvurdering("2022-02-01", told("KlageWithdrawn", "2021-12-30", ABOUT_KLAGE)) == "overdue 6"
    done = (reconsidered("2021-12-20", "medhold"), told("KlageWithdrawn", "2021-12-22", ABOUT_KLAGE))
    assert genvurdering("2022-02-01", *done) == "met 2021-12-20"
    after = (told("KlageWithdrawn", "2021-12-20", ABOUT_KLAGE), reconsidered("2021-12-22", "medhold"))
    assert genvurdering("2022-02-01", *after) == "stopped"


# Hjemvisning

REFUSED = told("HjemmetraeningRefused", "2021-03-01", key="refused")
HJEMVIST = told("AnkestyrelsenDecided", "2021-06-01", {"klager": ("klage",)}, udfald="hjemvist", key="anke")
SENT_BACK = (REFUSED, klage("2021-03-10", "refused"), HJEMVIST)
AGAIN = "statute.hjemvisning-decision"


def test_the_first_promise_is_the_due_date_of_a_hjemvisning_and_the_next_are_promises():
    first = notified(AGAIN, "2021-06-20", "2021-10-01", "anke")
    second = notified(AGAIN, "2021-09-01", "2021-12-01", "anke", key="second")
    approval = told("HjemmetraeningApproved", "2021-10-02")
    assert rows(AGAIN, "2021-06-19", *SENT_BACK, first) == ["2021-06-01 → ? running"]
    assert rows(AGAIN, "2021-10-01", *SENT_BACK, first) == ["2021-06-01 → 2021-10-01 running told"]
    assert rows(AGAIN, "2021-10-02", *SENT_BACK, first) == ["2021-06-01 → 2021-10-01 overdue 1 told"]
    assert rows("statute.promised-date", "2021-10-02", *SENT_BACK, first) == []
    story = (*SENT_BACK, first, second)
    assert rows(AGAIN, "2021-10-02", *story, approval) == [
        "2021-06-01 → 2021-10-01 (2021-12-01) met_late 2021-10-02 1 told"
    ]
    assert rows("statute.promised-date", "2021-10-02", *story) == ["2021-09-01 → 2021-12-01 running"]
    assert rows("statute.promised-date", "2021-10-02", *story, approval) == ["2021-09-01 → 2021-12-01 met 2021-10-02"]


def test_a_hjemvisning_without_a_date_is_met_but_never_late():
    assert rows(AGAIN, "2031-01-01", *SENT_BACK) == ["2021-06-01 → ? running"]
    approval = told("HjemmetraeningApproved", "2030-10-02")
    assert rows(AGAIN, "2031-01-01", *SENT_BACK, approval) == ["2021-06-01 → ? met 2030-10-02"]
    upheld = replace(HJEMVIST, data={"udfald": "stadfaestet"})
    assert rows(AGAIN, "2021-06-01", *SENT_BACK[:2], upheld) == []


@pytest.mark.parametrize(
    ("complained_over", "new_decision", "met"),
    [
        (("HjemmetraeningRefused",), "HjemmetraeningApproved", True),
        (("HjemmetraeningApproved",), "HjemmetraeningRefused", True),
        (("HjemmetraeningRefused",), "MaalgruppeDecided", False),
        (("MaalgruppeDecided",), "MaalgruppeDecided", True),
        (("MaalgruppeDecided",), "HjemmetraeningApproved", False),
        (("BudgetPostRefused", "HjemmetraeningRefused"), "HjemmetraeningApproved", True),
        (("BudgetPostRefused", "HjemmetraeningRefused"), "BudgetPostRefused", False),
    ],
)
def test_a_hjemvisning_is_met_by_the_kind_of_decision_that_was_complained_over(complained_over, new_decision, met):
    decisions = [told(name, "2021-03-01") for name in complained_over]
    klager = [klage("2021-03-10", name, key=f"over {name}") for name in complained_over]
    sent_back = replace(HJEMVIST, refs={"klager": tuple(one.key for one in klager)})
    story = (*decisions, *klager, sent_back, told(new_decision, "2021-09-01", key="new"))
    assert rows(AGAIN, "2021-09-01", *story) == ["2021-06-01 → ? " + ("met 2021-09-01" if met else "running")]


# Promises


def test_a_promise_is_obliged_met_and_stopped_as_the_deadline_it_extends():
    promise = notified("aarhus.maalgruppe", "2021-05-01", "2021-06-15", "asked")
    story = (told("MaalgruppeAssessmentRequested", "2021-03-01", key="asked"), promise)
    (row,) = (
        row
        for row in tell(past("aarhus", "2021-06-01", story), law_of("aarhus"))
        if row.rule == "statute.promised-date"
    )
    assert (row.obliged, row.kind) == ("Pædagogisk Afdeling", Kind.PUBLISHED)
    promise = notified("aarhus.decision", "2022-02-01", "2022-04-02", "ApplicationReceived")
    withdrawn = told("ApplicationWithdrawn", "2022-03-01", {"application": "ApplicationReceived"})
    story = (APPLIED, promise, withdrawn)
    assert rows("statute.promised-date", "2022-05-01", *story, at="aarhus") == ["2022-02-01 → 2022-04-02 stopped"]
    assert rows("aarhus.decision", "2022-05-01", *story) == [
        "2021-05-31 → 2022-02-28 (2022-04-02) overdue 1 told",
    ]


def test_each_promise_is_a_deadline_and_the_newest_shows_on_the_first():
    promises = (
        notified("aarhus.decision", "2022-02-01", "2022-04-02", "ApplicationReceived"),
        notified("aarhus.decision", "2022-04-02", "2022-05-01", "ApplicationReceived", key="second"),
    )
    assert rows("aarhus.decision", "2022-04-03", APPLIED, *promises) == [
        "2021-05-31 → 2022-02-28 (2022-05-01) overdue 34 told"
    ]
    assert rows("statute.promised-date", "2022-04-03", APPLIED, *promises, at="aarhus") == [
        "2022-02-01 → 2022-04-02 overdue 1",
        "2022-04-02 → 2022-05-01 running",
    ]


def test_a_promise_about_migrated_history_is_held_against_what_meets_it():
    (opened, *parties) = OPENING
    tracked = (replace(opened, data=opened.data | {"tracked_from": "2022-01-01"}), *parties)
    promise = notified("aarhus.decision", "2022-02-01", "2022-04-02", "ApplicationReceived")
    decided = told("HjemmetraeningRefused", "2022-04-03", {"application": "ApplicationReceived"})
    story = (APPLIED.migrated(), promise, decided)
    assert rows("aarhus.decision", "2022-05-01", *story, opening=tracked) == []
    assert rows("statute.promised-date", "2022-05-01", *story, at="aarhus", opening=tracked) == [
        "2022-02-01 → 2022-04-02 met_late 2022-04-03 1"
    ]
    older = replace(promise, on=date(2021, 12, 1)).migrated()
    assert rows("statute.promised-date", "2022-05-01", story[0], older, at="aarhus", opening=tracked) == []


def test_an_interim_assessment_is_the_notice_of_an_undersoegelse_and_promises_its_date():
    begun = told("BoernefagligUndersoegelseOpened", "2021-03-01", anledning_on="2021-02-28", issued_as_decision=False)
    rule, about = "statute.boernefaglig-undersoegelse", {"undersoegelse": "BoernefagligUndersoegelseOpened"}

    def interim(on: str) -> Told:
        return told("BoernefagligUndersoegelseInterimAssessed", on, about, expected_on="2021-08-01")

    in_time, late = interim("2021-06-28"), interim("2021-06-29")
    assert rows(rule, "2021-06-29", begun, in_time) == ["2021-02-28 → 2021-06-28 (2021-08-01) overdue 1 told"]
    assert rows(rule, "2021-06-29", begun, late) == ["2021-02-28 → 2021-06-28 (2021-08-01) overdue 1 untold"]
    assert rows("statute.promised-date", "2021-06-29", begun, in_time) == []


@pytest.mark.parametrize(("day", "number"), [("2016-06-30", 0), ("2016-07-01", 1), ("2024-01-01", 1)])
def test_the_four_months_of_an_undersoegelse_are_law_from_july_2016(day, number):
    begun = told("BoernefagligUndersoegelseOpened", day, anledning_on=day, issued_as_decision=False)
    found = rows("statute.boernefaglig-undersoegelse", "2024-02-01", begun, opening=opening("2010-01-01"))
    assert len(found) == number
