"""Every deadline rule runs from the right day to the right day, and stands as it should around its last one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.law.rule import Kind, Rule
from ledger.law.rulebook import rulebook_in_force
from tests.every_rule import EVERY
from tests.guarding import Told, told
from tests.running import rows

BOOK = rulebook_in_force()
RULES = {rule.slug: rule for slug in BOOK.municipalities for rule in BOOK.rules(slug)}
LONG_AGO = date(2017, 12, 31)
"""Before anything that starts a deadline in these stories."""
ELSEWHERE = {"statute.promised-date", "statute.hjemvisning-decision", "statute.homeschooling-notice"}
"""Told in the tests of klager and of years: they have no due date, or no meeting fact, of their own."""
BY_TYPE = {
    "statute.age-18", "aarhus.tilsyn-6-months", "esbjerg.future-talk", "esbjerg.reduced-hours-follow-up",
    "esbjerg.homeschooling-tilsyn", "nyborg.contact",
}  # fmt: skip
"""Nothing but the type links what meets these to what started them."""
NOT_MET_BY = {
    "statute.klage": {"kind": "processing_time"},
    "statute.tilsyn-twice-a-year": {"kind": "opfoelgning"},
    "statute.old-tilsyn-twice-a-year": {"kind": "opfoelgning"},
    "statute.old-opfoelgning-four-a-year": {"kind": "ordinary"},
    "aarhus.plan-meeting": {"kind": "in_depth_talk"},
    "aarhus.plan-final": {"stage": "draft"},
    "aarhus.visitation": {"resultat": "udsat"},
    "aarhus.tilsyn-6-months": {"kind": "extra"},
    "aarhus.supervision-minutes": {"kind": "course_documentation"},
    "aarhus.plan-after-tilsyn-target": {"stage": "before_tilsyn"},
    "aarhus.plan-after-tilsyn-limit": {"stage": "before_tilsyn"},
    "aarhus.tilsynsrapport-hearing": {"subject": "andet"},
    "esbjerg.budget-application": {"scope": "supplement"},
    "esbjerg.plan-before-tilsyn": {"stage": "after_tilsyn"},
    "esbjerg.tilsynsrapport-hearing": {"subject": "andet"},
    "esbjerg.supervision-documentation": {"kind": "minutes"},
    "esbjerg.visitation": {"resultat": "udsat"},
    "esbjerg.future-talk": {"kind": "child_met"},
    "esbjerg.reduced-hours-follow-up": {"kind": "child_met"},
    "esbjerg.homeschooling-tilsyn": {"kind": "child_met"},
}
NOT_STARTED_BY = {
    "statute.genvurdering": {"kind": "processing_time"},
    "aarhus.plan-meeting": {"stage": "final"},
    "aarhus.plan-final": {"kind": "in_depth_talk"},
    "aarhus.hearing": {"subject": "andet"},
    "aarhus.indstilling-to-visitation": {"subject": "boernefaglig_undersoegelse"},
    "aarhus.information": {"purpose": "taf"},
    "aarhus.oral-result": {"resultat": "udsat"},
    "aarhus.visitation-outcome": {"resultat": "udsat"},
    "aarhus.supervision-minutes": {"supervision_took_place": False},
    "aarhus.plan-after-tilsyn-target": {"kind": "extra"},
    "aarhus.plan-after-tilsyn-limit": {"kind": "extra"},
    "esbjerg.budget-decision": {"scope": "start_up"},
    "esbjerg.equipment-decision": {"scope": "supplement"},
    "esbjerg.plan-before-tilsyn": {"kind": "extra"},
    "esbjerg.tilsynsrapport-hearing": {"kind": "opfoelgning"},
    "esbjerg.hearing": {"subject": "andet"},
    "esbjerg.repayment-hearing": {"subject": "andet"},
    "esbjerg.supervision-documentation": {"category": "oevrige"},
    "esbjerg.reduced-hours-follow-up": {"kind": "school_start"},
}
PASSED = {Kind.RIGHT: "lapsed", Kind.RETENTION: "lapsed", Kind.HEARING: "unanswered"}

every_rule = pytest.mark.parametrize("slug", list(EVERY))
every_rule_that_is_met = pytest.mark.parametrize("slug", [slug for slug, one in EVERY.items() if one.met_by])
every_rule_with_notice = pytest.mark.parametrize("slug", [slug for slug in EVERY if RULES[slug].notice])


def untold(rule: Rule) -> str:
    return " untold" if rule.notice else ""


def test_every_rule_is_proved_here_or_by_a_story_of_its_own():
    assert set(EVERY) | ELSEWHERE == BOOK.slugs
    assert not set(EVERY) & ELSEWHERE


@every_rule
def test_a_deadline_runs_to_the_end_of_its_last_day(slug):
    one, rule = EVERY[slug], RULES[slug]
    assert one.on(0) == "running"
    passed = PASSED.get(rule.kind)
    assert one.on(1) == (passed or f"overdue 1{untold(rule)}")
    assert one.on(30) == (passed or f"overdue 30{untold(rule)}")


@every_rule_that_is_met
def test_a_deadline_is_met_on_its_last_day_and_late_the_day_after(slug):
    one, rule = EVERY[slug], RULES[slug]
    assert one.on(0, one.met(0)) == f"met {one.due}"
    assert one.on(30, one.met(0)) == f"met {one.due}"
    assert one.on(0, one.met(1)) == "running", "what happens tomorrow is not known today"
    late = one.on(30, one.met(1))
    if rule.windows:
        assert late == "overdue 30", "what is held after the year is held in the next"
    else:
        assert late == f"met_late {one.due + timedelta(days=1)} 1{untold(rule)}"


@every_rule_that_is_met
def test_what_happened_before_the_trigger_counts_only_when_a_ref_or_a_year_ties_it(slug):
    one, rule = EVERY[slug], RULES[slug]
    assert one.met_by is not None
    before = one.on(0, replace(one.met_by, on=LONG_AGO))
    assert before == ("running" if slug in BY_TYPE or rule.windows else f"met {LONG_AGO}")


@pytest.mark.parametrize("slug", NOT_MET_BY)
def test_what_is_of_another_kind_meets_nothing(slug):
    one = EVERY[slug]
    other = one.met(0)
    assert one.on(0, replace(other, data={**other.data, **NOT_MET_BY[slug]})) == "running"


@pytest.mark.parametrize("slug", NOT_STARTED_BY)
def test_what_is_of_another_kind_starts_nothing(slug):
    one = EVERY[slug]
    *before, last = one.story
    other = replace(last, data={**last.data, **NOT_STARTED_BY[slug]})
    assert not one._replace(story=(*before, other)).rows(str(one.due))


@every_rule_that_is_met
def test_the_first_that_meets_a_deadline_is_the_one(slug):
    one = EVERY[slug]
    assert one.on(0, replace(one.met(0), key="again"), one.met(-1)) == f"met {one.due - timedelta(days=1)}"


@every_rule_with_notice
def test_a_notice_is_in_time_up_to_the_due_date_and_promises_a_date_of_its_own(slug):
    one = EVERY[slug]
    promised = one.due + timedelta(days=20)

    def notice(ahead: int) -> Told:
        on = (one.due + timedelta(days=ahead)).isoformat()
        return told("DeadlineExtensionNotified", on, {"trigger": one.trigger}, rule=slug, new_expected_on=str(promised))

    def kept(ahead: int, *more: Told) -> list[str]:
        day = (one.due + timedelta(days=ahead)).isoformat()
        at = slug.partition(".")[0].replace("statute", "nyborg")
        return rows("statute.promised-date", day, *one.story, *more, at=at)

    assert one.on(0, notice(0)) == f"({promised}) running told"
    assert one.on(1, notice(0)) == f"({promised}) overdue 1 told", "the first due date stays the yardstick"
    assert one.on(1, notice(1)) == f"({promised}) overdue 1 untold"
    assert one.on(30, notice(0), one.met(19)) == f"({promised}) met_late {promised - timedelta(days=1)} 19 told"
    assert kept(20, notice(0)) == [f"{one.due} → {promised} running"]
    assert kept(21, notice(0)) == [f"{one.due} → {promised} overdue 1"]
    assert kept(30, notice(0), one.met(20)) == [f"{one.due} → {promised} met {promised}"]
    assert kept(30, notice(0), one.met(21)) == [
        f"{one.due} → {promised} met_late {promised + timedelta(days=1)} 1",
    ]


@every_rule
def test_what_migrated_history_started_starts_nothing(slug):
    one = EVERY[slug]
    (opened, *parties) = one.opening
    tracked = replace(opened, data=opened.data | {"tracked_from": "2032-01-01"})
    older = one._replace(
        story=tuple(fact.migrated() for fact in one.story),
        opening=(tracked, *(fact.migrated() for fact in parties)),
    )
    assert len(older.rows("2040-01-01")) == (slug == "statute.age-18"), "only what ends after that is still of interest"


@every_rule
def test_an_annulled_trigger_removes_its_deadline(slug):
    one = EVERY[slug]
    assert one.rows("2039-01-01")
    assert not one.rows("2039-01-01", told("EntryAnnulled", "2040-01-01", {"target": one.trigger}))


@every_rule_that_is_met
def test_an_annulled_meeting_opens_its_deadline_again(slug):
    one = EVERY[slug]
    meets = replace(one.met(0), key="meets")
    annulled = told("EntryAnnulled", "2050-01-01", {"target": "meets"})
    assert one.on(0, meets).startswith("met")
    assert one.on(0, meets, annulled) == "running"
    again = told("EntryAnnulled", "2050-01-01", {"target": "annulled"})
    assert one.on(0, meets, replace(annulled, key="annulled"), again).startswith("met")
