"""The guards against the table of the field, what they see, and how they refuse a live fact."""

import csv
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.check import CPR_IN_TEXT, FUTURE
from commands.import_cases import import_file
from commands.record import Asked, record
from commands.two_persons import confirm, propose
from ledger.errors import Invalid, Refused
from ledger.facts.entry import Actor
from ledger.facts.fact import Decision, Fact, catalogue
from ledger.facts.history import history
from ledger.law.guards import failing, guards
from ledger.law.guards.expenses import EXPENSE_SCREENED, NOT_COVERED
from ledger.law.guards.seen import CaseTold, Seen
from tests.guarding import LAST_DAY, OPENING, entries_of, law_of, named, told
from tests.test_guards_case import APPLICATION, EXAMINED, MAALGRUPPE, VISITATION, approval, consent

TABLE = Path(__file__).parent / "data/guards.tsv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
ELSEWHERE = {
    (EXPENSE_SCREENED, NOT_COVERED), (FUTURE.id, FUTURE.sentence), (CPR_IN_TEXT.id, CPR_IN_TEXT.sentence),
}  # fmt: skip
"""Asked of every fact, in every place: not declared as a guard of a type."""
MUNICIPALITIES = ("aarhus", "esbjerg", "nyborg")
LISE = Actor("u-frh-01", "Lise Maarup", "familieraadgivningen_handicap", "frh_raadgiver")
POUL = Actor("u-l-01", "Poul Prøve", "ledelse", "leder")
TODAY = date(2026, 1, 5)


def _type_name(fact_type: type[Fact]) -> str:
    words = {Decision: "every decision", Fact: "every event"}
    return words.get(fact_type) or fact_type.declared.type


def _where(name: str) -> str:
    return " ".join(one for one in MUNICIPALITIES if name in law_of(one).municipality.guards)


def test_the_guards_are_those_of_the_table():
    declared = {
        (one.id, ", ".join(map(_type_name, one.of)), "block" if one.blocks else "flag", one.flag,
         "all" if one.everywhere else _where(one.name), one.sentence)
        for one in guards()
    }  # fmt: skip
    named_in_table = {tuple(row.values()) for row in ROWS if (row["id"], row["sentence"]) not in ELSEWHERE}
    assert declared == named_in_table
    assert {(row["id"], row["sentence"]) for row in ROWS} >= ELSEWHERE


def test_every_guard_says_where_it_is_written():
    assert all(one.source and not one.source.startswith(("RULES", "EVENTS", "ROLES")) for one in guards())


def test_a_municipality_lists_only_guards_and_findings_there_are():
    known = {one.name for one in guards() if not one.everywhere} | {"GOALS_OLDER_THAN_6_MONTHS", "MISSING_INSTALMENT"}
    assert all(set(law_of(one).municipality.guards) <= known for one in MUNICIPALITIES)


STORY = (
    *OPENING, APPLICATION, consent(), MAALGRUPPE, *EXAMINED, *VISITATION,
    told("BudgetApplicationReceived", "2021-11-12", year=2022),
    told("BudgetPostApproved", "2021-12-01", {"budget_application": "BudgetApplicationReceived"}, year=2022, post="P1",
         amount_oere=100, option="b"),
    told("BudgetPostAdjusted", "2021-12-02", {"post": "BudgetPostApproved"}, year=2022, post="P1", new_amount_oere=50),
    told("PaymentMade", "2022-01-05", year=2022, post="P1", kind="wage", amount_oere=40),
    told("PaymentMade", "2021-12-31", year=2022, post="P1", kind="wage", amount_oere=5),
)  # fmt: skip
ASKED = (
    approval("2022-01-06", {"visitation": "VisitationHeld"}),
    approval("2021-08-01"),
    told("PaymentMade", "2022-01-06", year=2022, post="P1", kind="wage", amount_oere=6),
    told("PaymentMade", "2022-01-04", year=2022, post="P1", kind="wage", amount_oere=45),
    told("InformationRequested", "2022-01-06", source="gp", without_consent_basis=None),
    told("IndstillingSentToVisitation", "2022-01-06", {"hearings": ("hearing",)}),
)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(2, len(STORY) + 1)), st.sampled_from(ASKED), st.sampled_from(MUNICIPALITIES))
def test_the_order_in_which_facts_of_different_days_were_recorded_is_irrelevant(order, asked, municipality):
    entries = entries_of([*STORY, asked], municipality)
    moved = dict(zip(range(2, len(STORY) + 1), order, strict=True))
    shuffled = [entry._replace(version=moved.get(entry.version, entry.version), refs=_moved(entry, moved))
                for entry in entries]  # fmt: skip
    assert _broken(shuffled, len(entries), municipality) == _broken(entries, len(entries), municipality)


def _moved(entry, moved):
    return {
        name: tuple(moved[one] for one in value) if isinstance(value, tuple) else moved[value]
        for name, value in entry.refs.items()
    }


def _broken(entries, last, municipality):
    by_version = sorted(entries, key=lambda entry: entry.version)
    asked = by_version[last - 1]
    seen = Seen.by(asked, CaseTold(history(by_version, as_of=LAST_DAY)), law_of(municipality))
    return [named(one) for one in failing(asked.fact, seen)]


def test_a_guard_sees_nothing_that_happened_or_was_recorded_later():
    story = [*OPENING, MAALGRUPPE, told("MaalgruppeDecided", "2022-02-01", resultat="ikke_omfattet"), APPLICATION]
    asked = approval("2022-01-31")
    later = told("MaalgruppeDecided", "2022-01-15", resultat="ikke_omfattet")
    entries = entries_of([*story, asked, later], "nyborg")
    assert "G04" not in _broken(entries, len(entries) - 1, "nyborg")
    assert "G04" in _broken(entries_of([*story, later, asked], "nyborg"), len(entries), "nyborg")


@pytest.fixture
def case(books):
    """The Esbjerg sample: 145 entries, running."""
    with as_file(files("api").joinpath("samples", "esbjerg-settlement.json")) as path:
        list(import_file(books, path, "tester"))
    return books.find("ESB-2020-00158")


LETTER = {
    "hjemmel": ["barnets lov § 85, stk. 1"], "sent_on": "2026-01-05", "channel": "digital_post",
    "recipients": ["p-mor"], "decided_by": {"unit": "visitationsudvalg", "name": "Lise Maarup"},
    "favourable": "partial",
}  # fmt: skip
APPROVAL = LETTER | {
    "resultat": "delvist_godkendt", "extent": "partial", "hours_per_week": 20, "methods": ["metode 1"],
    "tilsyn_framework": "To tilsyn om året.", "physical_health_elements": False,
}  # fmt: skip


def test_every_guard_that_says_no_is_told_lowest_first_and_nothing_is_kept(case):
    book, case_id = case
    approval = Asked("HjemmetraeningApproved", date(2027, 1, 1), APPROVAL, {"application": 5})
    someone = Actor("u-bk-01", "Ole Prøve", "boern_og_kultur", "skole")
    with pytest.raises(Refused) as refused:
        record(book, case_id, approval, someone, request_id="r1")
    assert list(dict.fromkeys(one.id for one in refused.value.guards)) == ["G05", "G12", "G13", "G32", "G33"]
    assert str(refused.value).startswith("G05+G12+G13+G32+G33: ")
    assert len(book.entries(case_id)) == 145


def test_what_cannot_be_understood_is_told_before_any_guard(case):
    book, case_id = case
    approval = Asked("HjemmetraeningApproved", date(2027, 1, 1), APPROVAL, {"application": 4})
    with pytest.raises(Invalid, match="skal pege på ApplicationReceived"):
        record(book, case_id, approval, LISE, request_id="r1")


def test_a_flag_does_not_refuse_but_is_told_with_the_receipt(case):
    book, case_id = case
    hearing = {"subject": "andet", "channel": "digital_post", "to": ["p-mor"], "answer_due_on": "2026-01-18"}
    asked = Asked("PartshoeringSent", TODAY, hearing)
    receipt = record(book, case_id, asked, LISE, request_id="r1")
    assert [one.id for one in receipt.notices] == ["G30"]
    assert record(book, case_id, asked, LISE, request_id="r1") == receipt
    in_time = Asked("PartshoeringSent", TODAY, hearing | {"answer_due_on": "2026-01-19"})
    assert record(book, case_id, in_time, LISE, request_id="r2").notices == ()


def test_an_expense_is_never_refused_and_its_status_is_told(case):
    book, case_id = case
    expense = {
        "expense": "x-99", "year": 2023, "post": "N1", "paid_on": "2023-12-01", "amount_oere": 100, "receipt": True,
        "abroad": False, "description": "Perler",
    }  # fmt: skip
    covered = record(book, case_id, Asked("ExpenseDocumented", TODAY, expense), LISE, request_id="r1")
    assert covered.notices == ()
    abroad = Asked("ExpenseDocumented", TODAY, expense | {"expense": "x-100", "abroad": True})
    (notice,) = record(book, case_id, abroad, LISE, request_id="r2").notices
    assert (notice.id, notice.sentence) == (
        "G17", "Udgiften er registreret, men dækkes ikke: køb, kursus eller ophold i udlandet.",
    )  # fmt: skip


def corrects(version, **data):
    return Asked("EntryCorrected", TODAY, {"reason": "tastefejl", **data}, {"target": version})


def test_a_letter_that_was_sent_is_neither_rewritten_nor_annulled(case):
    book, case_id = case
    claim = 114
    changed = {"field": "amount_oere", "old": 1_109_875, "new": 1_109_876}
    with pytest.raises(Refused, match=r"^G27"):
        propose(book, case_id, corrects(claim, **changed), LISE, request_id="r1")
    with pytest.raises(Refused, match=r"^G27"):
        propose(book, case_id, Asked("EntryAnnulled", TODAY, {"reason": "x"}, {"target": claim}), LISE, request_id="r2")
    right = corrects(claim, **changed, letter_was_right=True)
    proposal = propose(book, case_id, right, LISE, request_id="r3")
    assert confirm(book, case_id, proposal.version, POUL, request_id="r4").version == 148


def test_a_proposal_is_guarded_again_when_it_is_confirmed(case):
    book, case_id = case
    opened = {
        "kind": "update", "anledning_on": "2026-01-02", "consent": "with_consent", "bisidder_offered": True,
        "purpose": "ny vurdering", "issued_as_decision": False,
    }  # fmt: skip
    about = record(book, case_id, Asked("BoernefagligUndersoegelseOpened", TODAY, opened), LISE, request_id="r1")
    purpose = corrects(about.version, field="purpose", old="ny vurdering", new="ny undersøgelse")
    decides = corrects(about.version, field="issued_as_decision", old=False, new=True)
    first = propose(book, case_id, purpose, LISE, request_id="r2").version
    second = propose(book, case_id, decides, LISE, request_id="r3").version
    confirm(book, case_id, second, POUL, request_id="r4")
    with pytest.raises(Refused, match=r"^G27"):
        confirm(book, case_id, first, POUL, request_id="r5")


def test_every_fact_type_is_asked_who_may_record_it():
    told_of = [fact_type for one in guards() if one.id == "G32" for fact_type in one.of]
    assert all(any(issubclass(cls, base) for base in told_of) for cls in catalogue().values())
