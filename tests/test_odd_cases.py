"""Odd but real: what an appeal or an audit would turn on, told the same by every read model and answer."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.facts.accounts import AccountsReceived
from ledger.law.deadline import Status
from ledger.law.guards import failing
from ledger.law.settlement import claims
from ledger.store.books import Books
from projections import deadlines
from projections.cases import metrics
from replay.as_of import Point, sight
from tests.asking import Case
from tests.conftest import ToldClock
from tests.guarding import OPENING, entries_of, history_of, law_of, seen_by, told
from tests.money import claimed, entry, heard
from tests.test_answers_complaints import APPLIED, forwarded, klage, refused
from tests.test_rate_acts import CAP, confirmed

APPLICATION = told("ApplicationReceived", "2021-05-31", key="first")
WITHDRAWN = told("ApplicationWithdrawn", "2021-08-01", {"application": "first"})
AGAIN = told("ApplicationReceived", "2021-09-30", key="again")


@pytest.fixture
def books(tmp_path):
    with Books(f"sqlite:///{tmp_path / 'data'}", ToldClock(datetime(2026, 11, 21, 8, tzinfo=UTC))) as books:
        yield books


@pytest.fixture
def aarhus(books):
    return books.book("aarhus")


@pytest.fixture
def esbjerg(books):
    return books.book("esbjerg")


# An application that is taken back


def durations(as_of, *story):
    found = metrics(history_of("aarhus", *story, as_of=as_of), law_of("aarhus"))
    return {name: value for name, value in found.items() if name.endswith(("_days", "_months"))}


def test_an_application_that_was_taken_back_has_no_duration_and_the_next_one_has():
    none = {"over_9_months": False, "over_12_months": False, "over_18_months": False}
    assert durations("2023-08-01", APPLICATION) == dict.fromkeys(none, True)
    assert durations("2021-08-01", APPLICATION, WITHDRAWN) == durations("2023-08-01", APPLICATION, WITHDRAWN) == {}
    assert durations("2021-12-01", APPLICATION, WITHDRAWN, AGAIN) == none


def test_one_that_was_decided_before_it_was_taken_back_keeps_its_duration():
    decided = told("HjemmetraeningRefused", "2021-07-01", {"application": "first"})
    assert durations("2023-08-01", APPLICATION, decided, WITHDRAWN)["first_decision_days"] == 31


def test_an_application_marked_as_older_is_followed_from_the_day_the_ledger_is_complete():
    decided = told("HjemmetraeningRefused", "2021-07-01", {"application": "first"})
    assert durations("2023-08-01", APPLICATION.migrated(), decided)["first_decision_days"] == 31
    before = told("ApplicationReceived", "2017-12-31", key="first").migrated()
    assert durations("2023-08-01", before, decided) == {}


def test_the_answer_tells_that_an_application_was_taken_back_and_by_which_entry(aarhus):
    case = Case(aarhus, APPLICATION, WITHDRAWN)
    found = case.ask("Q18", "2022-12-01")
    assert found.answer == (
        "Ansøgningen modtaget den 31. maj 2021 (nr. 5) blev trukket tilbage den 1. august 2021 (nr. 6), 62 dage efter;"
        " fristen løb til den 28. februar 2022, men blev standset."
    )
    assert case.rests_on(found) == {"first", "ApplicationWithdrawn"}


def test_a_notice_before_the_last_day_is_told_apart_from_one_after_it(aarhus):
    def notice(on, new):
        trigger = {"trigger": "again"}
        return told(
            "DeadlineExtensionNotified", on, trigger, key=on, rule="aarhus.decision", new_expected_on=new, written=True
        )

    says = Case(aarhus, AGAIN, notice("2022-06-30", "2022-08-01"), notice("2022-07-01", "2022-09-01")).says("Q18")
    assert "før fristen udløb: den 30. juni 2022 (nr. 6), med ny dato den 1. august 2022. Igen udsat, efter" in says
    assert says.endswith("efter at fristen var udløbet: den 1. juli 2022 (nr. 7), med ny dato den 1. september 2022.")


# A klage that came too late


@pytest.mark.parametrize("question", ["Q09", "Q10"])
def test_a_klage_that_came_too_late_misses_no_genvurdering_and_one_in_time_does(aarhus, question):
    late = Case(aarhus, APPLIED, refused(), klage("2022-07-06"), forwarded("2022-07-08")).ask(question)
    assert late.missing == ()
    assert "kom for sent" in late.answer


@pytest.mark.parametrize("question", ["Q09", "Q10"])
def test_a_klage_in_time_that_is_sent_on_as_it_is_misses_its_genvurdering(aarhus, question):
    in_time = Case(aarhus, APPLIED, refused(), klage("2022-07-05"), forwarded("2022-07-08")).ask(question)
    assert in_time.missing == ("en genvurdering af klagen",)
    assert "kom for sent" not in in_time.answer


# Money owed to the family, and two years


def claim(on="2023-03-30", year=2022, **refs):
    return told("TilbagebetalingskravIssued", on, refs, key=f"claim {year}", year=year, amount_oere=200_00, per_post=[])


def waived(new_oere):
    return told(
        "TilbagebetalingskravAdjusted", "2023-06-01", {"claim": "claim 2022"}, year=2022, old_amount_oere=200_00,
        new_amount_oere=new_oere, cause="klage", per_post=None,
    )  # fmt: skip


REPAID = told("TilbagebetalingReceived", "2023-05-01", {"claim": "claim 2022"}, year=2022, amount_oere=150_00)


@pytest.mark.parametrize(
    ("new_oere", "says"),
    [
        (150_00, "Af kravet om tilbagebetaling på 150,00 kr. er 150,00 kr. modtaget, og 0,00 kr. udestår."),
        (149_00, "på 149,00 kr. er 150,00 kr. modtaget, og familien har 1,00 kr. til gode."),
        (0, "for 2022 er frafaldet; 150,00 kr. er modtaget, og familien har 150,00 kr. til gode."),
    ],
)  # fmt: skip
def test_what_the_family_paid_beyond_the_claim_is_theirs(esbjerg, new_oere, says):
    case = Case(esbjerg, claim(), REPAID, waived(new_oere))
    assert case.says("Q38").endswith(says)
    assert says.rstrip(".").rpartition("og ")[2] in case.says("Q15")


def test_claims_for_two_years_are_both_told_of(esbjerg):
    case = Case(esbjerg, claim(), claim("2024-03-27", 2023))
    assert case.says("Q35").startswith("Kravet for 2023, ")
    assert case.says("Q35").endswith("Der er også rejst krav for 2022.")
    assert "også rejst krav" not in case.says("Q35", "2023-12-31")


# A hearing that says no year


def test_a_hearing_that_says_no_year_is_about_the_claim_that_names_it():
    received = AccountsReceived(year=2022, lines=1, template_used=True)
    entries = [entry(1, received, "2023-02-28"), entry(2, heard(500_00), "2023-03-10")]
    assert claims([*entries, entry(3, claimed(400_00), "2023-03-30")])[2022].heard_oere is None
    (found,) = claims([*entries, entry(3, claimed(400_00), "2023-03-30", {"hearing": 2})]).values()
    assert (found.heard_oere, found.issued_oere, sorted(found.entries)) == (500_00, 400_00, [2, 3])


def test_a_hearing_about_the_accounts_is_about_their_year():
    received = AccountsReceived(year=2022, lines=1, template_used=True)
    hearing = entry(2, heard(500_00), "2023-03-10", {"about": (1,)})
    assert claims([entry(1, received, "2023-02-28"), hearing])[2022].heard_oere == 500_00


# Tilsyn of training that is older than the ledger


@pytest.mark.parametrize(
    ("tracked_from", "lead"),
    [("2021-01-04", "Nej."), ("2021-01-05", "Ja, i de perioder, der følges og er gået.")],
)
def test_years_with_training_that_are_not_followed_are_not_said_to_be_kept(esbjerg, tracked_from, lead):
    visits = [
        told("TilsynHeld", on, key=on, kind="ordinary", child_present=True) for on in ("2022-04-20", "2022-10-26")
    ]
    case = Case(esbjerg, told("HjemmetraeningStarted", "2021-01-04", started_on="2021-01-04"), *visits)
    case.correct("CaseOpened", "tracked_from", None, tracked_from)
    says = case.says("Q31", "2023-01-01")
    assert says.startswith(lead)
    assert ("perioder, der begyndte inden da, følges ikke." in says) is lead.startswith("Ja")


# Training that ended and started again


@pytest.mark.parametrize(("on", "number"), [("2022-04-01", 2), ("2022-04-02", 1)])
def test_a_tilsyn_after_the_end_of_training_does_not_count_in_the_window_that_it_cut_short(esbjerg, on, number):
    visits = [told("TilsynHeld", day, key=day, kind="ordinary") for day in ("2022-02-01", on)]
    case = Case(
        esbjerg,
        told("HjemmetraeningStarted", "2021-12-31", key="first start", started_on="2021-12-31"),
        told("HjemmetraeningTerminated", "2022-03-01", effective_on="2022-04-01", immediate=False),
        told("HjemmetraeningStarted", "2022-06-30", key="second start", started_on="2022-06-30"),
        *visits,
    )
    cut_short, anew = case.ask("Q31", "2022-12-31").data[:2]
    assert (len(cut_short["held"]), cut_short["required"]) == (number, 2)
    assert (len(anew["held"]), anew["required"]) == (0, 1)
    seen = sight(esbjerg, case.case_id, Point(date(2022, 12, 31)))
    row = next(row for row in deadlines.tell(seen.history, seen.law) if row.rule == "statute.tilsyn-twice-a-year")
    assert row.status is {2: Status.MET, 1: Status.STOPPED}[number]


# An undersøgelse seen from the application


@pytest.mark.parametrize(
    ("as_of", "says"),
    [("2021-06-02", "ville fristen være udløbet den 1. juni 2021."), ("2021-06-01", "ville fristen udløbe den")],
)
def test_the_count_from_the_application_is_told_with_the_application_it_rests_on(aarhus, as_of, says):
    applied = told("ApplicationReceived", "2021-02-01")
    opened = told("BoernefagligUndersoegelseOpened", "2021-03-01", anledning_on="2021-03-01", issued_as_decision=False)
    case = Case(aarhus, applied, opened)
    found = case.ask("Q24", as_of)
    assert says in found.answer
    assert case.rests_on(found) == {"ApplicationReceived", "BoernefagligUndersoegelseOpened"}


# Custody on the day of the letter


def test_a_parent_who_got_custody_after_the_letter_is_not_missed_among_its_recipients(aarhus):
    def custody(on):
        return told("PartyRegistered", on, key=on, party="p-ven", kind="custody_holder", custody="sole", name="Ven")

    letter = refused(recipients=["p-mor", "p-far"])
    assert "står ikke som modtager" not in Case(aarhus, APPLIED, letter, custody("2022-06-08")).says("Q05")


def test_a_parent_who_had_custody_on_the_day_of_the_letter_is_missed(aarhus):
    ven = told("PartyRegistered", "2022-06-07", key="ven", party="p-ven", kind="custody_holder", custody="sole")
    says = Case(aarhus, ven, APPLIED, refused(recipients=["p-mor", "p-far"])).says("Q05")
    assert says.endswith("havde del i forældremyndigheden, men står ikke som modtager.")


# What the book had registered


def test_a_version_knows_no_rate_that_was_registered_after_it(esbjerg):
    case = Case(esbjerg)
    confirmed(esbjerg)
    case.tell(told("NoteRecorded", "2024-01-01"))
    caps = [sight(esbjerg, case.case_id, Point(version=number)).law.cap_oere(2025) for number in (4, 5)]
    assert caps == [None, CAP["amount_oere"]]
    before, after = (date(2026, 11, 20), date(2026, 11, 21))
    known = [esbjerg.law(Point(known_at=day).known).cap_oere(2025) for day in (before, after)]
    assert known == [None, CAP["amount_oere"]]


@pytest.mark.parametrize(("registered_on", "refused_by"), [("2022-06-07", []), ("2022-06-08", ["G32"])])
def test_a_mandate_of_the_book_covers_what_is_recorded_on_any_case_from_its_day(registered_on, refused_by):
    delegated = told(
        "MandateRegistered", registered_on, mandate="b-1", holder_unit="registratur", holder_user=None,
        event_types=["NoteRecorded"], granted_by={"unit": "visitationsudvalg", "name": "Navn"}, valid_from="2022-01-01",
        valid_to=None,
    )  # fmt: skip
    note = told("NoteRecorded", "2022-06-07").by("u-1", "registrator", "registratur")
    fact, seen = seen_by(entries_of([*OPENING, note.mandated("b-1", "visitationsudvalg")], "aarhus"), "aarhus")
    law = replace(seen.law, mandates=entries_of([delegated], "aarhus"))
    assert [one.id for one in failing(fact, replace(seen, law=law))] == refused_by
    assert [one.id for one in failing(fact, seen)] == ["G32"]
