"""The answers about a decision in cases the samples do not have: mandates, hearings, law, and what is missing."""

import pytest

from ledger.facts.draft import Draft
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import book_stream
from tests.asking import KAREN, Case
from tests.guarding import fact_of, told

APPLIED = told("BudgetApplicationReceived", "2022-05-02", year=2022)
OF_BUDGET = {"budget_application": "BudgetApplicationReceived"}
DECIDER = {"unit": "familiecentret", "name": "Karen Lindholt"}
MANDATE = {
    "mandate": "b-1", "holder_unit": "familiecentret", "holder_user": None, "valid_from": "2022-01-01",
    "valid_to": "2022-12-31", "event_types": ["BudgetPostRefused"], "legal_basis": "delegationsplan",
    "granted_by": {"unit": "visitationsudvalg", "name": "Poul Prøve"},
}  # fmt: skip


def refused(on, post="P3", **data):
    said = {"post": post, "year": 2022, "name": "Gåstativ", "refusal_code": "udland", "decided_by": DECIDER}
    said |= {"favourable": "none", "facts_relied_on": None, "decided_on": None}
    return told("BudgetPostRefused", on, OF_BUDGET, key=f"refused {post}", **(said | data))


def approved(on, **data):
    said = {"post": "P3", "year": 2022, "name": "Gåstativ", "option": "a", "amount_oere": 650000}
    said |= {"resultat": "godkendt", "decided_by": DECIDER, "quantity": None}
    return told("BudgetPostApproved", on, OF_BUDGET, **(said | data))


def tilsyn_reviewed(on, refs=None, key="reviewed", **data):
    return told("HjemmetraeningReviewed", on, refs, key=key, **({"decided_by": DECIDER} | data))


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


def test_a_case_without_decisions_answers_that(book):
    case = Case(book)
    for question in ("Q02", "Q03", "Q04", "Q05", "Q06", "Q07", "Q08"):
        assert case.says(question, "2022-06-09") == "Sagen har ingen afgørelser pr. 9. juni 2022."
    assert case.says("Q02", "2022-06-09", post="P3", year="2022") == (
        "Sagen har ingen afgørelser om post P3 for 2022 pr. 9. juni 2022."
    )


# Q01


def test_a_refusal_that_was_overruled_is_told_with_what_came_later(book):
    case = Case(book, APPLIED, refused("2022-06-07"), approved("2022-09-01"))
    assert case.says("Q01", post="P3") == (
        "Budgetpost P3 (Gåstativ) for 2022 på 4.200,00 kr. blev afslået af Karen Lindholt, Familiecentret, ved"
        " afgørelse sendt den 7. juni 2022 (nr. 6; grund: køb, kursus eller ophold i udlandet); registreret af"
        " Karen Lindholt, Familiecentret. Senere er afgjort: Budgetpost P3 (Gåstativ) godkendt for 2022 med"
        " 6.500,00 kr. (forældrene betaler) (nr. 7, 1. september 2022)."
    )
    assert case.rests_on(case.ask("Q01")) == {"refused P3", "BudgetPostApproved"}


def test_a_post_refused_in_a_covering_letter_only_is_told_as_that(book):
    letter = told(
        "AnnualBudgetDecided", "2022-06-07", OF_BUDGET, year=2022, posts_refused=["P3"], posts_approved=[],
        decided_by=DECIDER,
    )  # fmt: skip
    found = Case(book, APPLIED, letter).ask("Q01", "2022-06-09", post="P3")
    assert found.answer == (
        "Der er ikke registreret noget afslag på post P3 pr. 9. juni 2022."
        " Posten står som afslået i ”Årsafgørelse sendt” for 2022 (nr. 6), men uden en afgørelse om selve posten."
    )
    assert found.missing == ("en afgørelse om post P3",)


def test_an_erased_name_reads_as_erased(book):
    case = Case(book, APPLIED, refused("2022-06-07"))
    case.erase("p-barn", "refused P3")
    assert case.says("Q01").startswith("Budgetpost P3 (slettet) for 2022")


# Q02


@pytest.mark.parametrize(
    ("on", "hjemmel", "says"),
    [
        ("2023-12-31", "serviceloven § 32 a, stk. 6", "Loven gjaldt på afgørelsens dag, den 31. december 2023."),
        ("2024-01-01", "serviceloven § 32 a, stk. 6", "Hjemlen hører til en lov, der ikke gjaldt på afgørelsens dag,"),
        ("2024-01-01", "barnets lov § 85, stk. 6", "Loven gjaldt på afgørelsens dag, den 1. januar 2024."),
        ("2023-12-31", "barnets lov § 85, stk. 6", "Hjemlen hører til en lov, der ikke gjaldt på afgørelsens dag,"),
    ],
)
def test_the_law_named_is_held_against_the_day_of_the_decision(book, on, hjemmel, says):
    case = Case(book, APPLIED, refused(on, hjemmel=[hjemmel]))
    assert f"er truffet med hjemmel i {hjemmel}." in case.says("Q02")
    assert says in case.says("Q02")


def test_a_law_that_is_not_known_here_is_not_vouched_for(book):
    found = Case(book, APPLIED, refused("2022-06-07", hjemmel=["forvaltningsloven § 9"])).ask("Q02")
    assert found.answer.endswith("er truffet med hjemmel i forvaltningsloven § 9.")
    assert found.missing == (
        "om forvaltningsloven § 9 gjaldt den 7. juni 2022; her kendes kun serviceloven og barnets lov",
    )


def test_a_decision_without_hjemmel_is_told_as_that(book):
    found = Case(book, APPLIED, refused("2022-06-07", hjemmel=[])).ask("Q02")
    assert found.answer.endswith("angiver ingen hjemmel.")
    assert found.missing == ("hjemmel",)


# Q03


def test_what_a_decision_says_it_rests_on_is_told_first(book):
    case = Case(book, APPLIED)
    case.tell(told("InformationReceived", "2022-05-10", source="hospital"))
    relied = [case.versions["InformationReceived"], "d-7"]
    case.tell(refused("2022-06-07", facts_relied_on=relied), told("InformationReceived", "2022-06-08", key="later"))
    found = case.ask("Q03")
    assert found.answer == (
        "Afgørelsen ”Budgetpost afslået” om post P3 for 2022 (nr. 7) af 7. juni 2022 angiver at bygge på nr. 6 og"
        " dokumentet d-7. Den henviser til ”Budgetansøgning modtaget” for 2022 (nr. 5). Før afgørelsen var"
        " registreret: ”Oplysninger modtaget” (nr. 6)."
    )
    assert found.missing == ()
    assert "later" not in case.rests_on(found)


# Q04


def used(story, mandate="b-1"):
    return story.mandated(mandate, "visitationsudvalg")


def test_a_mandate_that_covers_the_decision_is_told_with_who_granted_it(book):
    case = Case(book, told("MandateRegistered", "2022-01-01", **MANDATE), APPLIED, used(refused("2022-06-07")))
    found = case.ask("Q04")
    assert found.answer == (
        "Afgørelsen ”Budgetpost afslået” om post P3 for 2022 (nr. 7) af 7. juni 2022 er truffet af Karen Lindholt,"
        " Familiecentret, og registreret af Karen Lindholt, Familiecentret. Det skete på vegne af Navn,"
        " Visitationsudvalget, efter bemyndigelse b-1. Den er givet af Poul Prøve, Visitationsudvalget, til"
        " Familiecentret og gælder fra den 1. januar 2022 til den 31. december 2022; den dækkede afgørelsen den"
        " 7. juni 2022. Kompetencen til den lå den 7. juni 2022 hos rollen ”Rådgiver, Familiecentret” og hos"
        " Familiecentret på vegne af Visitationsudvalget (bemyndigelse b-1, højst 4.200,00 kr.)."
    )
    assert case.rests_on(found) == {"MandateRegistered", "refused P3"}


@pytest.mark.parametrize(("limit", "says"), [(None, "den dækkede afgørelsen"), (1, "den dækkede ikke afgørelsen")])
def test_a_mandate_for_smaller_amounts_does_not_cover_the_decision(book, limit, says):
    mandate = told("MandateRegistered", "2022-01-01", **MANDATE | {"max_amount_oere": limit})
    assert says in Case(book, mandate, APPLIED, used(refused("2022-06-07"))).says("Q04")


@pytest.mark.parametrize(
    ("on", "says"), [("2022-12-31", "den dækkede afgørelsen"), ("2023-01-01", "den dækkede ikke afgørelsen")]
)
def test_a_mandate_covers_to_its_last_day_and_no_longer(book, on, says):
    case = Case(book, told("MandateRegistered", "2022-01-01", **MANDATE), APPLIED, used(refused(on)))
    assert says in case.says("Q04")


def test_a_mandate_of_the_municipalitys_own_book_is_found(book):
    stream = book_stream("aarhus", "book")
    registered = told("MandateRegistered", "2022-01-01", **MANDATE)
    book.append(Head.of(stream, []), [Draft(fact_of(registered), registered.on, KAREN, "api")])
    case = Case(book, APPLIED, used(refused("2022-06-07")))
    found = case.ask("Q04")
    assert "den dækkede afgørelsen" in found.answer
    assert case.rests_on(found) == {"refused P3"}


def test_a_mandate_that_is_not_registered_is_missing(book):
    found = Case(book, APPLIED, used(refused("2022-06-07"), "b-9")).ask("Q04")
    assert "efter bemyndigelse b-9. Bemyndigelsen er ikke registreret." in found.answer
    assert found.missing == ("bemyndigelsen b-9",)


# Q05


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ("digital_post", "(Digital Post) til"),
        ("letter", "regnes for modtaget den 15. juni 2022"),
        ("quick_letter", "regnes for modtaget den 9. juni 2022"),
    ],
)
def test_a_letter_counts_as_received_by_how_it_was_sent(book, channel, says):
    assert says in Case(book, APPLIED, refused("2022-06-07", channel=channel)).says("Q05")


def test_a_custody_holder_who_got_no_letter_is_named(book):
    case = Case(book, APPLIED, refused("2022-06-07", recipients=["p-mor"]))
    assert "havde del i forældremyndigheden, men står ikke som modtager." in case.says("Q05")
    assert case.ask("Q05").data["not_among_recipients"] == ["p-far"]
    case.tell(refused("2022-06-08", recipients=["p-mor", "p-far"]))
    assert "står ikke som modtager" not in case.says("Q05")


# Q06

HEARD = told(
    "PartshoeringSent", "2022-05-10", subject="tilsynsrapport", answer_due_on=None, per_post=None, proposed_oere=None
)


def answered(on, **data):
    refs = {"hearing": "PartshoeringSent"}
    return told("PartshoeringAnswered", on, refs, **({"by": ["p-mor"], "changes_made": None} | data))


def test_a_hearing_after_the_last_decision_of_the_type_is_about_the_next_one_and_an_older_one_is_not(book):
    case = Case(book, HEARD, answered("2022-05-20"), tilsyn_reviewed("2022-06-07"))
    assert case.says("Q06").startswith("Ja. Før afgørelsen ”Hjemmetræning fortsat eller justeret” (nr. 7)")
    case.tell(tilsyn_reviewed("2022-12-07", favourable="none", key="second"))
    found = case.ask("Q06")
    assert found.answer == (
        "Der er ikke registreret nogen partshøring om tilsynsrapport før afgørelsen ”Hjemmetræning fortsat eller"
        " justeret” (nr. 8) af 7. december 2022."
    )
    assert found.missing == ("en partshøring, eller grunden til, at den blev udeladt",)


def test_a_hearing_that_the_decision_names_goes_before_any_other(book):
    other = told("PartshoeringSent", "2022-06-01", subject="tilsynsrapport", key="other")
    case = Case(book, HEARD, other, tilsyn_reviewed("2022-06-07", {"hearing": "PartshoeringSent"}))
    assert "den 10. maj 2022" in case.says("Q06")


@pytest.mark.parametrize(
    ("sent_on", "early"), [("2022-05-24", True), ("2022-05-25", False)]
)  # the last day to answer is 24 May  # fmt: skip
def test_a_decision_sent_while_the_family_could_still_answer_is_pointed_out(book, sent_on, early):
    says = Case(book, HEARD, tilsyn_reviewed(sent_on)).says("Q06")
    assert ("Afgørelsen blev sendt, før svaret var modtaget eller svarfristen udløbet." in says) is early
    assert "med svarfrist den 24. maj 2022" in says


def test_an_answer_ends_the_waiting(book):
    case = Case(book, HEARD, answered("2022-05-15"), tilsyn_reviewed("2022-05-16"))
    assert "før svaret var modtaget" not in case.says("Q06")


def test_an_answer_that_came_after_the_decision_is_told_as_that(book):
    says = Case(book, HEARD, tilsyn_reviewed("2022-05-16"), answered("2022-05-17", agrees=False)).says("Q06")
    assert "svarede den 17. maj 2022 (efter afgørelsen) og var ikke enig (nr. 7)." in says


def test_a_hearing_that_was_extended_has_its_new_last_day(book):
    extended = told(
        "PartshoeringDeadlineExtended", "2022-05-20", {"hearing": "PartshoeringSent"}, new_due_on="2022-06-03"
    )
    says = Case(book, HEARD, extended, tilsyn_reviewed("2022-06-07")).says("Q06")
    assert "med svarfrist den 3. juni 2022" in says


def test_before_an_end_a_meeting_about_it_is_told_too(book):
    met = told("MeetingHeld", "2022-05-10", kind="termination_dialogue")
    ended = told(
        "HjemmetraeningTerminated", "2022-06-07", {"meeting": "MeetingHeld"}, favourable="none", decided_by=DECIDER
    )
    found = Case(book, met, ended).ask("Q06")
    assert found.answer.endswith("Der blev holdt dialogmøde om ophør den 10. maj 2022 (nr. 5).")
    assert found.missing == ()
