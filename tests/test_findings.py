"""Findings: what imported facts break, what corrections put out of order, and what goes missing as days pass."""

from datetime import date
from importlib.resources import files

import pytest

from commands.case_file import read_case
from ledger.facts.history import history
from projections.findings import changes_after, tell
from tests.conftest import ToldClock
from tests.guarding import Told, history_of, law_of, told
from tests.test_guards_case import APPLICATION, MAALGRUPPE, approval, asked, consent
from tests.test_guards_money import APPLIED, ENDED, SETTLED, post, stopped


def found(municipality: str, *story: Told, as_of: str = "2050-01-01") -> list[tuple[str, str, str, int]]:
    """Guard, flag, mode and version of each finding; the opening of a case is its first four versions."""
    seen = history_of(municipality, *story, as_of=as_of)
    return [(one.guard, one.flag, one.mode, one.version) for one in tell(seen, law_of(municipality))]


def of_sample(name: str, municipality: str, clock: ToldClock, as_of: date):
    raw = files("api").joinpath("samples", f"{name}.json").read_bytes()
    law = law_of(municipality)
    seen = history(read_case(raw, name, "tester", clock(), law.rulebook).case.entries, as_of=as_of)
    return [(one.guard, one.flag, one.version) for one in tell(seen, law)]


def test_the_aarhus_sample_keeps_every_rule(clock):
    assert of_sample("aarhus-approved", "aarhus", clock, date(2023, 4, 30)) == []


def test_the_esbjerg_sample_has_large_grants_by_one_person_and_expenses_that_are_not_covered(clock):
    assert of_sample("esbjerg-settlement", "esbjerg", clock, date(2023, 11, 1)) == [
        ("", "NO_SECOND_APPROVER", 18),
        ("G17", "mangler_kvittering", 42),
        ("G17", "ikke_bevilget", 71),
        ("", "NO_SECOND_APPROVER", 93),
    ]


def test_what_goes_on_in_the_esbjerg_sample_is_missed_when_nothing_more_is_told(clock):
    later = of_sample("esbjerg-settlement", "esbjerg", clock, date(2026, 11, 21))
    assert later[-2:] == [("", "MISSING_INSTALMENT", 91), ("", "GOALS_OLDER_THAN_6_MONTHS", 136)]


def test_an_imported_fact_is_kept_and_what_it_breaks_is_found():
    assert found("esbjerg", APPLICATION, approval()) == [
        ("G04", "", "block", 6), ("G05", "", "block", 6), ("G06", "", "block", 6), ("G12", "", "block", 6),
    ]  # fmt: skip


def test_older_history_is_not_guarded_and_later_history_is_not_older():
    assert found("nyborg", asked("2017-12-31").migrated()) == []
    assert found("nyborg", asked("2018-01-01").migrated()) == [
        ("", "MIGRATION_AFTER_START", "flag", 5), ("G02", "", "block", 5),
    ]  # fmt: skip


def test_a_role_that_may_not_record_is_found_on_an_imported_fact():
    note = told("NoteRecorded", "2022-01-01")
    assert found("nyborg", note.by("u-1", "soc_raadgiver")) == []
    assert found("nyborg", note.by("u-1", "revisor")) == [("G32", "", "block", 5)]


APPROVED_BY = {"user_id": "u-led-01", "name": "Poul Prøve", "role": "leder"}


def annulled(key: str) -> Told:
    return told("EntryAnnulled", "2022-01-01", {"target": key}, approved_by=APPROVED_BY)


def corrected(key: str, field: str, old: object, new: object) -> Told:
    said = {"field": field, "old": old, "new": new, "approved_by": APPROVED_BY, "letter_was_right": True}
    return told("EntryCorrected", "2022-01-01", {"target": key}, **said)


CLAIMED = ("", "APPROVAL_ONLY_CLAIMED", "flag")


def test_what_a_later_correction_puts_out_of_order_is_its_consequence():
    assert found("nyborg", consent(), asked(), annulled("ConsentGiven")) == [
        ("G02", "CONSEQUENCE_OF_CORRECTION", "block", 6), (*CLAIMED, 7),
    ]  # fmt: skip
    moved = corrected("ConsentGiven", "occurred_on", "2021-02-01", "2021-02-04")
    assert found("nyborg", consent(), asked(), moved)[0] == ("G02", "CONSEQUENCE_OF_CORRECTION", "block", 6)


def test_what_was_out_of_order_before_is_no_consequence():
    assert found("nyborg", asked(), consent(), annulled("ConsentGiven"))[0] == ("G02", "", "block", 5)


def test_a_fact_that_is_itself_corrected_into_breaking_a_rule_is_a_consequence():
    moved = corrected("InformationRequested", "source", "hospital", "school")
    assert found("nyborg", consent(), asked(), moved)[0] == ("G02", "CONSEQUENCE_OF_CORRECTION", "block", 6)


def test_a_correction_that_heals_leaves_no_finding():
    healed = corrected("InformationRequested", "source", "school", "hospital")
    assert found("nyborg", consent(), asked(source="school"), healed) == [(*CLAIMED, 7)]


def test_a_correction_that_is_annulled_has_no_consequence():
    moved = corrected("ConsentGiven", "occurred_on", "2021-02-01", "2021-02-04")
    rows = found("nyborg", consent(), asked(), moved, annulled("EntryCorrected"))
    assert rows == [(*CLAIMED, 8)]


def test_an_expense_that_is_not_covered_is_a_status_with_its_first_reason():
    expense = told(
        "ExpenseDocumented", "2022-03-02", expense="x2", year=2022, post="P1", paid_on="2022-03-02", amount_oere=100,
        receipt=False, abroad=True, category_code=None, accrual=None,
    )  # fmt: skip
    assert ("G17", "mangler_kvittering", "status", 9) in found("esbjerg", *SETTLED[:4], expense)


TRAINING = told("HjemmetraeningStarted", "2021-01-04", started_on="2021-01-04")
PLAN = told("TidsOgFaseplanReceived", "2022-04-08")
OLD = ("", "GOALS_OLDER_THAN_6_MONTHS", "flag", 6)


def test_goals_are_good_for_six_months_while_training_runs():
    assert OLD not in found("esbjerg", TRAINING, PLAN, as_of="2022-10-08")
    assert OLD in found("esbjerg", TRAINING, PLAN, as_of="2022-10-09")
    assert OLD not in found("esbjerg", TRAINING, PLAN, told("TidsOgFaseplanReceived", "2022-10-09"), as_of="2022-10-09")
    assert OLD not in found("esbjerg", TRAINING, PLAN, ENDED, as_of="2022-10-09")
    assert OLD not in found("nyborg", TRAINING, PLAN, as_of="2022-10-09")


def instalment(month: str, year: int = 2022) -> Told:
    return told("PaymentMade", f"{month}-03", year=year, post=None, kind="instalment", amount_oere=1)


def missed(*story: Told, as_of: str = "2022-03-01") -> list[str]:
    """The months whose instalment is missing."""
    seen = history_of("esbjerg", TRAINING, APPLIED, *story, as_of=as_of)
    return [
        one.occurred_on.isoformat()[:7] for one in tell(seen, law_of("esbjerg")) if one.flag == "MISSING_INSTALMENT"
    ]


def test_an_instalment_is_missed_when_its_month_is_over():
    assert missed(post(1_200), as_of="2022-01-31") == []
    assert missed(post(1_200), as_of="2022-02-01") == ["2022-01"]
    assert missed(post(1_200), instalment("2022-02")) == ["2022-01"]
    assert missed(post(1_200), instalment("2022-01"), instalment("2022-02")) == []
    assert missed(post(1_200), instalment("2022-01", 2021), instalment("2022-02")) == ["2022-01"]


def test_instalments_are_owed_for_posts_the_family_pays_from_their_budget():
    assert missed(post(1_200, option="b")) == []
    single = told("BudgetApplicationReceived", "2021-11-12", year=2022, scope="equipment_outside_budget")
    assert missed(single, post(1_200)) == []
    assert missed(post(1_200, "2022-01-10")) == ["2022-02"]


def test_no_instalment_is_owed_while_help_is_stopped_or_without_training():
    paid = [instalment(f"2022-0{month}") for month in range(1, 6)]
    assert missed(post(1_200), *paid, ENDED, as_of="2022-10-01") == ["2022-06"]
    assert missed(post(1_200), *paid, as_of="2022-08-01") == ["2022-06", "2022-07"]
    stop = stopped("2022-06-30")
    assert missed(post(1_200), *paid, stop, as_of="2022-08-01") == []
    resumed = told("SupportResumed", "2022-07-01", {"stopped": "SupportStopped"}, what="instalments")
    assert missed(post(1_200), *paid, stop, resumed, as_of="2022-08-01") == ["2022-07"]


def test_a_new_undersoegelse_is_missing_until_it_is_opened():
    changed = told("CircumstancesChanged", "2022-03-01", needs_new_undersoegelse=True)
    earlier = told("BoernefagligUndersoegelseOpened", "2022-02-28", issued_as_decision=False)
    opened = told("BoernefagligUndersoegelseOpened", "2022-03-01", issued_as_decision=False)
    missing = ("", "NEW_UNDERSOEGELSE_MISSING", "flag")
    assert (*missing, 6) in found("nyborg", earlier, changed)
    assert (*missing, 5) not in found("nyborg", changed, opened)
    assert found("nyborg", told("CircumstancesChanged", "2022-03-01", needs_new_undersoegelse=False)) == []


@pytest.mark.parametrize("day", ["2022-01-31", "2022-02-01", "2022-06-15", "2022-10-08", "2022-12-31"])
def test_findings_change_by_the_passing_of_days_no_sooner_than_told(day):
    story = (TRAINING, APPLIED, post(1_200), PLAN, instalment("2022-05"))
    law = law_of("esbjerg")
    seen = history_of("esbjerg", *story, as_of=day)
    again = changes_after(seen, law)
    until = again or date(2023, 6, 1)
    for ahead in range((until - seen.as_of).days):
        as_of = date.fromordinal(seen.as_of.toordinal() + ahead)
        same = history_of("esbjerg", *story, as_of=as_of.isoformat())
        if same.told == seen.told:
            assert list(tell(same, law)) == list(tell(seen, law))


def test_the_group_decision_of_a_case_is_of_its_municipality():
    assert ("G42", "", "block", 5) in found("aarhus", MAALGRUPPE)
    assert all(guard != "G42" for guard, *_ in found("esbjerg", MAALGRUPPE))
