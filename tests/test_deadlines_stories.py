"""Deadlines of hearings, information, plans and decisions, where a story takes a turn."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.law.rule import Kind
from projections.deadlines import tell
from tests.guarding import Told, law_of, told
from tests.running import approved, assessed, budget, hearing, notified, past, rows, tilsyn, visitation


def corrected(target: str, field: str, old: object, new: object) -> Told:
    return told("EntryCorrected", "2049-01-01", {"target": target}, field=field, old=old, new=new)


APPLIED = told("ApplicationReceived", "2021-05-31")
SUPPORT = told("OtherSupportGranted", "2021-11-26", favourable="none")


# Roll, letters and months

SENT_AND_DUE = {
    "a Saturday that is Constitution Day": ("2021-05-22", "2021-06-07"),
    "Constitution Day on a Wednesday": ("2024-05-22", "2024-06-06"),
    "Maundy Thursday": ("2022-03-31", "2022-04-19"),
    "Ascension Day": ("2022-05-12", "2022-05-27"),
    "the Friday after it is open": ("2023-05-05", "2023-05-19"),
    "Store Bededag while there was one": ("2023-04-21", "2023-05-08"),
    "Store Bededag no more": ("2024-04-12", "2024-04-26"),
    "Christmas Eve": ("2021-12-10", "2021-12-27"),
    "New Year's Eve": ("2021-12-17", "2022-01-03"),
    "New Year's Day": ("2024-12-18", "2025-01-02"),
    "the day before Christmas Eve is open": ("2021-12-09", "2021-12-23"),
}


@pytest.mark.parametrize("day", SENT_AND_DUE)
def test_a_hearing_rolls_off_a_closed_day(day):
    sent, due = SENT_AND_DUE[day]
    assert rows("statute.partshoering", due, hearing(sent, "taf")) == [f"{sent} → {due} running"]


@pytest.mark.parametrize(
    ("channel", "sent", "runs"),
    [
        ("digital_post", "2021-11-26", "2021-11-26 → 2021-12-27"),
        ("personal", "2021-11-26", "2021-11-26 → 2021-12-27"),
        ("digital_post", "2021-11-27", "2021-11-27 → 2021-12-27"),  # a Saturday
        ("letter", "2021-12-22", "2022-01-03 → 2022-01-31"),
        ("letter", "2021-06-01", "2021-06-09 → 2021-07-07"),
        ("quick_letter", "2021-12-23", "2021-12-28 → 2022-01-25"),
        ("quick_letter", "2021-06-04", "2021-06-08 → 2021-07-06"),
    ],
)
def test_the_right_to_complain_runs_from_the_day_the_letter_counts_as_received(channel, sent, runs):
    letter = told("OtherSupportGranted", sent, channel=channel)
    assert rows("statute.klage", sent, letter) == [f"{runs} running"]


@pytest.mark.parametrize(
    ("applied", "due"),
    [
        ("2021-01-31", "2021-10-31"),
        ("2021-05-31", "2022-02-28"),
        ("2023-05-31", "2024-02-29"),
        ("2021-03-24", "2021-12-24"),
    ],
)
def test_nine_months_end_in_the_month_and_never_roll(applied, due):
    assert rows("aarhus.decision", due, told("ApplicationReceived", applied)) == [f"{applied} → {due} running"]


# Hearings

MUNICIPAL = {
    ("aarhus", "boernefaglig_undersoegelse"): "aarhus.hearing",
    ("aarhus", "indstilling"): "aarhus.hearing",
    ("aarhus", "undersoegelse_og_indstilling"): "aarhus.hearing",
    ("aarhus", "tilsynsrapport"): "aarhus.hearing",
    ("esbjerg", "tilsynsrapport"): "esbjerg.hearing",
    ("esbjerg", "tilbagebetaling"): "esbjerg.repayment-hearing",
}
SUBJECTS = (
    "maalgruppe_facts", "boernefaglig_undersoegelse", "indstilling", "undersoegelse_og_indstilling", "tilsynsrapport",
    "ophoer", "tilbagebetaling", "taf", "metode", "andet",
)  # fmt: skip


def hearings_in(municipality: str, sent: Told) -> list[str]:
    told_on = past(municipality, sent.on.isoformat(), [sent])
    return [row.rule for row in tell(told_on, law_of(municipality)) if row.kind is Kind.HEARING]


@pytest.mark.parametrize("municipality", ["aarhus", "esbjerg", "nyborg"])
def test_the_statutes_hearing_gives_way_to_the_municipalitys(municipality):
    for subject in SUBJECTS:
        expected = MUNICIPAL.get((municipality, subject), "statute.partshoering")
        assert hearings_in(municipality, hearing("2022-03-01", subject)) == [expected], subject


def test_the_statutes_hearing_runs_until_the_municipality_has_its_own():
    assert hearings_in("esbjerg", hearing("2021-10-31", "tilsynsrapport")) == ["statute.partshoering"]
    assert hearings_in("esbjerg", hearing("2021-11-01", "tilsynsrapport")) == ["esbjerg.hearing"]


HEARINGS = {
    "statute.partshoering": "taf",
    "aarhus.hearing": "indstilling",
    "esbjerg.hearing": "tilsynsrapport",
    "esbjerg.repayment-hearing": "tilbagebetaling",
}
ABOUT = {"hearing": "PartshoeringSent"}
each_hearing = pytest.mark.parametrize("rule", HEARINGS)


@each_hearing
def test_a_date_that_the_authority_set_never_rolls_and_replaces_the_two_weeks(rule):
    sent, runs = hearing("2022-05-22", HEARINGS[rule]), "2022-05-22 → 2022-06-04"
    sent = replace(sent, data={**sent.data, "answer_due_on": "2022-06-04"})
    answer = told("PartshoeringAnswered", "2022-06-04", ABOUT)
    assert rows(rule, "2022-06-04", sent) == [f"{runs} running"]
    assert rows(rule, "2022-06-05", sent) == [f"{runs} unanswered"]
    assert rows(rule, "2022-06-05", sent, answer) == [f"{runs} met 2022-06-04"]


@each_hearing
def test_an_extension_replaces_the_last_day_to_answer_from_when_it_was_given(rule):
    def extended(on: str, to: str, key: str = "first") -> Told:
        return told("PartshoeringDeadlineExtended", on, ABOUT, new_due_on=to, key=key)

    def on(day: str, *more: Told) -> str:
        (row,) = rows(rule, day, hearing("2022-05-22", HEARINGS[rule]), *more)
        return row.removeprefix("2022-05-22 → 2022-06-07 ")

    answer = told("PartshoeringAnswered", "2022-06-13", ABOUT)
    longer = extended("2022-06-09", "2022-06-12")
    assert on("2022-06-08", longer) == "unanswered"
    assert on("2022-06-09", longer) == "(2022-06-12) running"
    assert on("2022-06-12", longer) == "(2022-06-12) running", "a Sunday"
    assert on("2022-06-13", longer) == "(2022-06-12) unanswered"
    assert on("2022-06-13", longer, answer) == "(2022-06-12) met_late 2022-06-13 1"
    assert on("2022-06-13", longer, extended("2022-06-10", "2022-06-13", "second"), answer) == (
        "(2022-06-13) met 2022-06-13"
    )


def test_a_written_notice_does_not_lengthen_the_time_to_answer():
    sent = hearing("2021-12-10", "indstilling")
    notice = notified("aarhus.hearing", "2021-12-20", "2022-01-31", "PartshoeringSent")
    assert rows("aarhus.hearing", "2021-12-28", sent, notice) == ["2021-12-10 → 2021-12-27 unanswered"]
    assert rows("aarhus.indstilling-to-visitation", "2021-12-28", sent, notice) == ["2021-12-27 → 2022-01-03 running"]


def test_the_week_to_visitation_counts_from_the_last_day_to_answer_and_not_from_the_answer():
    sent = hearing("2021-12-10", "indstilling")
    about = {"hearing": "PartshoeringSent"}
    answer = told("PartshoeringAnswered", "2021-12-12", about)
    longer = told("PartshoeringDeadlineExtended", "2021-12-20", about, new_due_on="2022-01-09")
    rule = "aarhus.indstilling-to-visitation"
    assert rows(rule, "2021-12-19", sent, answer) == ["2021-12-27 → 2022-01-03 running"]
    assert rows(rule, "2021-12-19", sent, longer) == ["2021-12-27 → 2022-01-03 running"]
    assert rows(rule, "2021-12-20", sent, longer) == ["2022-01-09 → 2022-01-16 running"]
    assert rows(rule, "2021-12-20", hearing("2021-12-10", "boernefaglig_undersoegelse")) == []


# Withdrawn, postponed, corrected


def test_a_withdrawn_application_stops_what_runs_for_it_and_nothing_else():
    other = replace(APPLIED, on=date(2021, 7, 31), key="other")
    asked = told("InformationRequested", "2021-06-01", {"application": "ApplicationReceived"}, purpose="application")
    withdrawn = told("ApplicationWithdrawn", "2021-08-01", {"application": "ApplicationReceived"})
    story = (APPLIED, asked, other, withdrawn)
    assert rows("aarhus.decision", "2021-08-01", *story) == [
        "2021-05-31 → 2022-02-28 stopped",
        "2021-07-31 → 2022-04-30 running",
    ]
    assert rows("aarhus.information", "2021-09-01", *story) == ["2021-06-01 → 2021-06-29 overdue 33"], "frozen"
    early = replace(withdrawn, on=date(2021, 6, 29))
    assert rows("aarhus.information", "2021-09-01", APPLIED, asked, early) == ["2021-06-01 → 2021-06-29 stopped"]
    assert rows("nyborg.contact", "2021-09-01", APPLIED, replace(early, on=date(2021, 6, 14))) == [
        "2021-05-31 → 2021-06-14 stopped"
    ]


def test_a_postponed_visitation_meets_and_starts_nothing():
    sent = told("IndstillingSentToVisitation", "2021-12-03", {"hearings": ()})
    postponed = visitation("2021-12-20", "udsat", key="postponed", sent="IndstillingSentToVisitation")
    held = visitation("2022-01-05", sent="IndstillingSentToVisitation")
    assert rows("aarhus.visitation", "2021-12-31", sent, postponed) == ["2021-12-03 → 2021-12-31 running"]
    assert rows("aarhus.visitation", "2022-02-01", sent, postponed, held) == [
        "2021-12-03 → 2021-12-31 met_late 2022-01-05 5 untold"
    ]
    for rule, due in (("aarhus.oral-result", "2022-01-06"), ("aarhus.visitation-outcome", "2022-01-19")):
        assert rows(rule, "2022-01-05", sent, postponed, held) == [f"2022-01-05 → {due} running"]


def test_a_decision_is_dispatched_for_the_visitation_that_made_it():
    story = (
        visitation("2021-12-10"),
        visitation("2021-12-10", key="other"),
        told("VisitationOutcomeReceived", "2021-12-17", {"visitation": "VisitationHeld"}),
    )
    letter = told("HjemmetraeningTerminated", "2021-12-20", {"visitation": "VisitationHeld"})
    rule, runs = "aarhus.decision-dispatch", "2021-12-17 → 2021-12-24"
    assert rows(rule, "2021-12-20", *story, letter) == [f"{runs} met 2021-12-20"]
    assert rows(rule, "2021-12-20", *story, replace(letter, refs={"visitation": "other"})) == [f"{runs} running"]


def test_a_corrected_day_moves_the_due_date():
    moved = corrected("ApplicationReceived", "occurred_on", "2021-05-31", "2021-06-30")
    assert rows("aarhus.decision", "2021-07-01", APPLIED, moved) == ["2021-06-30 → 2022-03-30 running"]
    assert rows("aarhus.decision", "2021-06-29", APPLIED, moved) == []
    letter = corrected("OtherSupportGranted", "sent_on", "2021-11-26", "2021-11-29")
    assert rows("statute.klage", "2021-11-29", SUPPORT, letter) == ["2021-11-29 → 2021-12-27 running"]
    planned = told("TilsynPlanned", "2022-01-01", planned_on="2022-02-28")
    later = corrected("TilsynPlanned", "planned_on", "2022-02-28", "2022-03-31")
    assert rows("esbjerg.plan-before-tilsyn", "2022-01-01", planned, later) == ["2022-03-31 → 2022-03-17 running"]


# Information and plans in Aarhus


def asked(on: str, key: str, purpose: str = "application") -> Told:
    return told("InformationRequested", on, key=key, purpose=purpose)


def got(on: str, *keys: str, kind: str = "InformationReceived") -> Told:
    return told(kind, on, {"requests": keys}, key=f"got {keys}")


FIRST, SECOND = asked("2021-02-01", "a"), asked("2021-02-20", "b")
TO_PA = told("MaalgruppeAssessmentRequested", "2021-03-10")


def information(as_of: str, *story: Told) -> list[str]:
    return rows("aarhus.information", as_of, told("ApplicationReceived", "2021-01-15"), *story)


def test_a_round_of_questions_is_answered_when_the_last_of_them_is():
    runs = "2021-02-01 → 2021-03-01"
    nothing = got("2021-02-28", "b", kind="InformationNotProvided")
    assert information("2021-02-25", FIRST, got("2021-02-10", "a"), SECOND) == [f"{runs} running"]
    assert information("2021-02-19", FIRST, got("2021-02-10", "a"), SECOND) == [f"{runs} met 2021-02-10"]
    assert information("2021-03-01", FIRST, SECOND, got("2021-02-10", "a"), nothing) == [f"{runs} met 2021-02-28"]
    assert information("2021-03-03", FIRST, SECOND, got("2021-03-02", "a", "b")) == [f"{runs} met_late 2021-03-02 1"]
    assert information("2021-03-03", FIRST, SECOND, got("2021-02-10", "a")) == [f"{runs} overdue 2"]


def test_a_round_covers_the_questions_of_the_application_up_to_the_assessment():
    afterwards, tilsyn_only = asked("2021-03-11", "c"), asked("2021-02-05", "d", purpose="tilsyn")
    story = (tilsyn_only, FIRST, SECOND, TO_PA, afterwards, got("2021-03-12", "a", "b"))
    assert information("2021-04-01", *story) == ["2021-02-01 → 2021-03-01 met_late 2021-03-12 11"]
    assert information("2021-04-01", TO_PA, afterwards) == []
    assert rows("aarhus.information", "2021-04-01", FIRST) == [], "nothing was applied for"


def test_a_new_round_begins_after_hjemvisning():
    again = told("HjemvisningReopened", "2021-09-01")
    story = (FIRST, got("2021-02-10", "a"), TO_PA, asked("2021-08-01", "x"), again, asked("2021-09-10", "c"))
    assert information("2021-10-09", *story) == [
        "2021-02-01 → 2021-03-01 met 2021-02-10",
        "2021-09-10 → 2021-10-08 overdue 1",
    ]


def test_which_plan_was_assessed_tells_what_comes_next():
    for stage, rule in (
        ("final", "aarhus.undersoegelse-and-indstilling"),
        ("after_tilsyn", "aarhus.tilsynsrapport-hearing"),
    ):
        for other in ("draft", "final", "after_tilsyn"):
            assert len(rows(rule, "2021-12-04", *assessed("2021-12-04", other))) == (other == stage)


def test_a_report_in_hearing_meets_the_deadline_of_its_own_tilsyn():
    story = (
        tilsyn("2021-09-01", key="other"),
        tilsyn("2021-10-01"),
        *assessed("2021-12-11", "after_tilsyn", tilsyn="TilsynHeld"),
    )
    rule, runs = "aarhus.tilsynsrapport-hearing", "2021-12-11 → 2021-12-25"
    ours, others = (hearing("2021-12-20", "tilsynsrapport", tilsyn=key) for key in ("TilsynHeld", "other"))
    assert rows(rule, "2021-12-20", *story, ours) == [f"{runs} met 2021-12-20"]
    assert rows(rule, "2021-12-20", *story, others) == [f"{runs} running"]


# Posts of an application


def test_an_application_for_equipment_is_decided_when_its_last_post_is():
    application = budget("2025-11-27", "equipment_outside_budget", posts=("x-1", "x-2"))
    ref = {"budget_application": "BudgetApplicationReceived"}
    first, twice = approved("2025-12-01", "x-1", **ref), approved("2025-12-02", "x-1", **ref)
    last = told("BudgetPostRefused", "2025-12-20", ref, post="x-2", year=2025)
    unrelated = replace(last, on=date(2025, 12, 3), refs={})
    runs = "2025-11-27 → 2025-12-25"
    rule = "esbjerg.equipment-decision"
    assert rows(rule, "2025-12-25", application, first, twice, unrelated) == [f"{runs} running"]
    assert rows(rule, "2025-12-25", application, first, last) == [f"{runs} met 2025-12-20"]
    late = replace(last, on=date(2025, 12, 26))
    assert rows(rule, "2025-12-26", application, first, late) == [f"{runs} met_late 2025-12-26 1 untold"]
    supplement = budget("2025-11-27", "supplement")
    assert rows(rule, "2025-12-25", supplement) == []


# Contact in Nyborg


def test_contact_counts_when_it_is_recorded_after_the_application_and_not_before_its_day():
    applied = told("ApplicationReceived", "2021-12-11")
    runs = "2021-12-11 → 2021-12-25"
    same_day, before = told("GuidanceGiven", "2021-12-11"), told("GuidanceGiven", "2021-12-10")
    met = told("MeetingHeld", "2021-12-25", kind="home_visit")
    assert rows("nyborg.contact", "2021-12-25", applied, same_day) == [f"{runs} met 2021-12-11"]
    assert rows("nyborg.contact", "2021-12-25", same_day, applied) == [f"{runs} running"]
    assert rows("nyborg.contact", "2021-12-25", applied, before) == [f"{runs} running"]
    assert rows("nyborg.contact", "2021-12-25", met, applied) == [f"{runs} running"], "held after, recorded before"
    assert rows("nyborg.contact", "2021-12-25", applied, met) == [f"{runs} met 2021-12-25"]


@pytest.mark.parametrize(("day", "number"), [("2019-12-16", 0), ("2019-12-17", 1)])
def test_a_municipal_rule_is_law_from_its_first_day(day, number):
    assert len(rows("nyborg.contact", day, told("ApplicationReceived", day))) == number
