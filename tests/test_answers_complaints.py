"""The answers about complaints, Ankestyrelsen and matters sent back, in cases the samples do not have."""

import pytest

from ledger.store.books import Books
from tests.asking import Case
from tests.guarding import told

RIGHT = {"instans": "ankestyrelsen", "frist_uger": 4, "sendes_til": "familiecentret"}
DECIDER = {"unit": "familiecentret", "name": "Karen Lindholt"}
APPLIED = told("BudgetApplicationReceived", "2022-05-02", year=2022)
OF_BUDGET = {"budget_application": "BudgetApplicationReceived"}
OF_KLAGE = {"klage": "KlageReceived"}


def refused(on="2022-06-07", refs=None, key="refused", **data):
    said = {"post": "P3", "year": 2022, "decided_by": DECIDER, "favourable": "none", "klagevejledning": RIGHT}
    return told("BudgetPostRefused", on, OF_BUDGET | (refs or {}), key=key, **(said | data))


def klage(on, decision="refused", key="KlageReceived", **data):
    return told("KlageReceived", on, {"decision": decision}, key=key, **({"kind": "decision", "by": "p-mor"} | data))


def looked(on, resultat="fastholdt", **data):
    said = {"resultat_genvurdering": resultat, "new_information": None}
    return told("GenvurderingCompleted", on, OF_KLAGE, **(said | data)).by("u-fc-02", "fc_raadgiver", "familiecentret")


def forwarded(on, **data):
    return told("KlageForwarded", on, OF_KLAGE, **({"documents": [], "up_to_version": 7} | data))


def ankestyrelsen(on, udfald="hjemvist", klager=("KlageReceived",), key="AnkestyrelsenDecided"):
    return told(
        "AnkestyrelsenDecided", on, {"klager": klager}, key=key, udfald=udfald, decided_on=on, received_on=on,
        instruction=None,
    )  # fmt: skip


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


# Q07


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "Ja, og den var rigtig."),
        ({"frist_uger": 3}, "Klagefristen er 4 uger."),
        ({"instans": "familieretshuset"}, "Klageinstansen er Ankestyrelsen."),
        ({"sendes_til": "paedagogisk_afdeling"}, "Klagen skal sendes til den, der har truffet afgørelsen."),
    ],
)
def test_the_guidance_is_held_against_what_it_should_say(book, wrong, says):
    found = Case(book, APPLIED, refused(klagevejledning=RIGHT | wrong)).ask("Q07")
    assert says in found.answer
    assert found.answer.startswith("Ja, men den var ikke rigtig." if wrong else "Ja, og den var rigtig.")
    assert len(found.data["faults"]) == len(wrong)


def test_without_guidance_it_matters_whether_the_family_got_all_they_asked_for(book):
    case = Case(book, APPLIED, refused(klagevejledning=None))
    found = case.ask("Q07")
    assert found.answer.endswith("Den var påkrævet, fordi afgørelsen ikke gav fuldt medhold (forvaltningslovens § 25).")
    assert found.missing == ("klagevejledning",)
    case.tell(refused(klagevejledning=None, favourable="full", key="second"))
    found = case.ask("Q07")
    assert found.answer.endswith("Den var ikke påkrævet, fordi afgørelsen gav fuldt medhold (forvaltningslovens § 25).")
    assert found.missing == ()


def test_the_guidance_of_the_covering_letter_is_that_of_its_parts(book):
    letter = told(
        "AnnualBudgetDecided", "2022-06-07", OF_BUDGET, year=2022, posts_refused=["P3"], klagevejledning=RIGHT,
        decided_by=DECIDER, key="letter",
    )  # fmt: skip
    case = Case(book, APPLIED, letter, refused(refs={"part_of": "letter"}, klagevejledning=None))
    assert case.says("Q07").startswith("Ja, og den var rigtig. Afgørelsen ”Årsafgørelse sendt” for 2022 (nr. 6)")


# Q08


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2022-07-05", "klagefristen løb til den 5. juli 2022, så klagen kom i tide."),
        ("2022-07-06", "klagefristen udløb den 5. juli 2022, så klagen kom 1 dag for sent. Kun Ankestyrelsen kan se"),
    ],
)
def test_a_complaint_is_in_time_to_the_last_day(book, on, says):
    assert says in Case(book, APPLIED, refused(), klage(on)).says("Q08")


def test_a_complaint_over_a_part_is_measured_by_the_letter_and_told_of_both(book):
    letter = told(
        "AnnualBudgetDecided", "2022-06-07", OF_BUDGET, year=2022, posts_refused=["P3"], favourable="partial",
        decided_by=DECIDER, key="letter",
    )  # fmt: skip
    part = refused("2022-06-07", {"part_of": "letter"})
    other = refused("2022-06-07", {"part_of": "letter"}, key="other", post="P4")
    case = Case(book, APPLIED, letter, part, other, klage("2022-07-05"))
    for decision in ("letter", "refused"):
        says = case.says("Q08", decision=str(case.versions[decision]))
        assert "over afgørelsen ”Budgetpost afslået” om post P3 for 2022 (nr. 7)" in says
        assert "så klagen kom i tide" in says
    assert case.says("Q08", "2022-08-01", post="P4").startswith(
        "Pr. 1. august 2022 er der ikke registreret nogen klage"
    )


def test_the_decision_last_complained_over_is_the_one_that_is_meant(book):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), refused("2022-07-01", key="newer", post="P4"))
    assert "om post P3 for 2022" in case.says("Q08")
    assert "om post P4 for 2022" in case.says("Q07")


def test_a_complaint_taken_back_is_told_with_that(book):
    taken_back = told("KlageWithdrawn", "2022-06-25", OF_KLAGE)
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), taken_back)
    assert case.says("Q08").endswith("Klagen blev trukket tilbage den 25. juni 2022.")
    assert case.says("Q09") == (
        "Klagen modtaget den 20. juni 2022 (nr. 7) er ikke registreret som genvurderet; fristen løb til den"
        " 18. juli 2022, men blev standset. Klagen blev trukket tilbage den 25. juni 2022."
    )
    assert case.ask("Q09").missing == ()


def test_a_complaint_over_the_time_is_not_one_over_a_decision(book):
    case = Case(book, APPLIED, refused(), klage("2022-06-20", kind="processing_time"))
    assert case.says("Q09", "2022-06-30") == "Sagen har ingen klager over afgørelser pr. 30. juni 2022."
    assert "ikke registreret nogen klage" in case.says("Q08")


# Q09 and Q10


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2022-07-18", "fristen løb til den 18. juli 2022 og blev overholdt."),
        ("2022-07-19", "fristen løb til den 18. juli 2022 og blev overskredet med 1 dag."),
    ],
)
def test_the_new_look_has_four_weeks(book, on, says):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), looked(on), forwarded(on))
    assert case.says("Q09").endswith(says)


def test_a_new_look_that_is_not_there_is_missing(book):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"))
    found = case.ask("Q09", "2022-07-01")
    assert found.answer.endswith("er ikke registreret som genvurderet; fristen løber til den 18. juli 2022.")
    assert found.missing == ("en genvurdering af klagen",)
    assert case.says("Q09", "2022-07-20").endswith("fristen løb til den 18. juli 2022 og er overskredet med 2 dage.")
    assert case.ask("Q10").missing == ("en genvurdering af klagen",)


def test_a_late_complaint_is_sent_on_without_a_new_look(book):
    case = Case(book, APPLIED, refused(), klage("2022-07-06"), forwarded("2022-07-08"))
    assert case.says("Q09").startswith(
        "Klagen modtaget den 6. juli 2022 (nr. 7) er ikke registreret som genvurderet, men blev sendt til"
        " Ankestyrelsen den 8. juli 2022; fristen løb til den 3. august 2022 og blev overholdt."
    )


def test_a_new_look_by_another_is_told_with_all_three(book):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), looked("2022-07-01"))
    assert case.says("Q10") == (
        "Ja. Klagen modtaget den 20. juni 2022 (nr. 7) blev genvurderet af Navn, Familiecentret; afgørelsen (nr. 6)"
        " blev truffet af Karen Lindholt, Familiecentret, og registreret af Karen Lindholt, Familiecentret."
    )


@pytest.mark.parametrize("decider", [DECIDER, {"unit": "familiecentret", "name": "Navn"}])
def test_a_new_look_by_the_one_who_decided_or_recorded_the_decision_is_not_by_another(book, decider):
    same = looked("2022-07-01")
    same = same if decider["name"] == "Navn" else same.by("u-fc-01", "fc_raadgiver", "familiecentret")
    case = Case(book, APPLIED, refused(decided_by=decider), klage("2022-06-20"), same)
    assert case.says("Q10").startswith("Nej. ")
    assert case.ask("Q10").data[0]["by_another"] is False


def test_a_complaint_whose_decision_is_annulled_cannot_be_answered_for(book):
    gone = told("EntryAnnulled", "2022-07-02", {"target": "refused"}, key="gone")
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), looked("2022-07-01"), gone)
    assert case.ask("Q10").missing == ("den afgørelse, der er klaget over",)
    assert "peger ikke på en afgørelse" in case.says("Q10")


def test_each_complaint_is_told_unless_one_is_asked_for(book):
    second = klage("2022-06-21", key="second")
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), second)
    assert case.says("Q09").count("Klagen modtaget") == 2
    assert case.says("Q09", klage=str(case.versions["second"])).startswith("Klagen modtaget den 21. juni 2022 (nr. 8)")


# Q11 and Q12


def test_what_was_corrected_after_it_was_sent_is_pointed_out(book):
    filed = told("DocumentAdded", "2022-06-08", document="d-1")
    case = Case(book, APPLIED, refused(), filed, klage("2022-06-20"), looked("2022-07-01"))
    case.tell(forwarded("2022-07-02", documents=["d-1"], up_to_version=9))
    assert case.says("Q11") == (
        "Klagen (nr. 8) blev sendt til Ankestyrelsen den 2. juli 2022 af Karen Lindholt, Familiecentret, med sagens"
        " registreringer til og med nr. 9 og dokumentet d-1."
    )
    case.correct("KlageReceived", "form", "written", "oral")
    found = case.ask("Q11")
    assert found.answer.endswith("Registreringer deri er rettet senere ved nr. 11.")
    assert found.missing == ()


def test_a_package_that_was_sent_before_the_case_grew_is_told_as_it_was(book):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), looked("2022-07-01"), forwarded("2022-07-02"))
    case.correct("KlageReceived", "form", "written", "oral")
    (package,) = case.ask("Q11").data
    assert package["documents"] == []
    assert [row.version for row in package["history"]] == [1, 2, 3, 4, 5, 6, 7]
    assert "skriftlig klage" in package["history"][-1].sentence.casefold()


@pytest.mark.parametrize(
    ("udfald", "missing"), [("stadfaestet", ()), ("aendret", ("hvad Ankestyrelsens afgørelse førte til",))]
)
def test_only_an_outcome_that_changes_something_must_have_led_to_something(book, udfald, missing):
    case = Case(book, APPLIED, refused(), klage("2022-06-20"), ankestyrelsen("2022-10-12", udfald))
    found = case.ask("Q12")
    assert "Der er ikke registreret nogen ændring derefter." in found.answer
    assert found.missing == missing


def test_what_names_ankestyrelsen_as_its_cause_is_told_and_what_names_another_is_not(book):
    approved = told("BudgetPostApproved", "2022-06-07", OF_BUDGET, post="P3", year=2022, amount_oere=100)
    adjusted = {"post": "P3", "year": 2022, "old_amount_oere": 100, "new_amount_oere": 200, "resultat": "forhoejet"}
    of_post = {"post": "BudgetPostApproved"}
    case = Case(
        book, APPLIED, approved, klage("2022-06-20", "BudgetPostApproved"), ankestyrelsen("2022-10-12", "aendret"),
        told("BudgetPostAdjusted", "2022-10-20", of_post, cause="ankestyrelsen", **adjusted),
        told("BudgetPostAdjusted", "2022-10-21", of_post, cause="change_of_need", key="x", **adjusted),
    )  # fmt: skip
    found = case.ask("Q12")
    assert "forhøjet fra 1,00 kr. til 2,00 kr. på grund af afgørelse fra Ankestyrelsen (nr. 9," in found.answer
    assert case.rests_on(found) == {"KlageReceived", "AnkestyrelsenDecided", "BudgetPostAdjusted"}


# Q13

SENT_BACK = (APPLIED, refused(), klage("2022-06-20"), ankestyrelsen("2022-10-12"))
REOPENED = told("HjemvisningReopened", "2022-10-20", {"ankestyrelsen": "AnkestyrelsenDecided"}, round=1)


def promised(on, day, key="DeadlineExtensionNotified"):
    return told(
        "DeadlineExtensionNotified", on, {"trigger": "AnkestyrelsenDecided"}, key=key,
        rule="statute.hjemvisning-decision", new_expected_on=day, old_due_on=None, written=True,
    )  # fmt: skip


def test_a_matter_sent_back_and_left_there_names_all_that_is_missing(book):
    found = Case(book, *SENT_BACK).ask("Q13")
    assert found.answer == (
        "Ankestyrelsen hjemviste sagen den 12. oktober 2022; afgørelsen blev modtaget den 12. oktober 2022 (nr. 8)."
        " Der er ikke registreret, at genbehandlingen er startet. Der er ikke registreret nogen ny afgørelse."
        " Der er ikke lovet nogen dato for den nye afgørelse."
    )
    assert found.missing == (
        "at genbehandlingen er startet", "en ny afgørelse", "en lovet dato for den nye afgørelse",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2022-12-01", "løb til den 1. december 2022 og blev overholdt."),
        ("2022-12-02", "løb til den 1. december 2022 og blev overskredet med 1 dag."),
    ],
)
def test_the_new_decision_is_held_against_the_date_that_was_promised(book, on, says):
    story = (*SENT_BACK, REOPENED, promised("2022-10-21", "2022-12-01"), refused(on, key="new"))
    case = Case(book, *story)
    found = case.ask("Q13")
    assert "Genbehandlingen blev startet den 20. oktober 2022 (nr. 9)." in found.answer
    assert "Den nye afgørelse, ”Budgetpost afslået” (nr. 11), blev sendt" in found.answer
    assert found.answer.endswith(says)
    assert found.missing == ()
    assert case.rests_on(found) >= {"AnkestyrelsenDecided", "HjemvisningReopened", "new"}


def test_a_second_promise_does_not_move_the_first(book):
    story = (*SENT_BACK, REOPENED, promised("2022-10-21", "2022-12-01"), promised("2022-11-25", "2023-01-10", "again"))
    case = Case(book, *story, refused("2023-01-09", key="new"))
    says = case.says("Q13")
    assert "overskredet med 39 dage. Senest er lovet den 10. januar 2023." in says
    assert "Fristen ”Ny afgørelse efter hjemvisning” (statute.hjemvisning-decision) blev udsat 2 gange" in case.says(
        "Q19"
    )
