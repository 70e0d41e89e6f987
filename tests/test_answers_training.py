"""The answers about visitation, approval, tilsyn, the end of training and tabt arbejdsfortjeneste, in built cases."""

import pytest

from ledger.errors import NotFound
from ledger.store.books import Books
from tests.asking import Case
from tests.guarding import told

MET = told("VisitationHeld", "2021-11-18", resultat="godkendt", minutes=None)
OF_THE_MEETING = {"visitation": "VisitationHeld"}


def approved(on="2021-12-08", refs=None, **data):
    said = {"ends_on": None, "time_limit_reason": None, "decided_on": None, "resultat": "godkendt"} | data
    return told("HjemmetraeningApproved", on, refs or {}, **said)


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


@pytest.fixture
def esbjerg(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("esbjerg")


# Q29 and Q30


def test_a_letter_that_says_something_else_than_the_meeting_makes_the_answer_no(book):
    case = Case(book, MET, approved(refs=OF_THE_MEETING, resultat="delvist_godkendt", decided_on="2021-11-20"))
    assert case.says("Q29") == (
        "Nej. Mødet den 18. november 2021 endte med: godkendt; ”Hjemmetræning godkendt” (nr. 6) af 8. december 2021:"
        " delvist godkendt. Brevet angiver, at afgørelsen blev truffet den 20. november 2021, ikke på mødets dag."
    )


def test_what_was_told_orally_must_be_the_same_too(book):
    orally = told("DecisionToldOrally", "2021-11-18", OF_THE_MEETING, resultat="afslaaet")
    says = Case(book, MET, orally, approved(refs=OF_THE_MEETING)).says("Q29")
    assert says.startswith("Nej.")
    assert "”Afgørelse meddelt mundtligt” den 18. november 2021 lyder anderledes: afslået." in says
    assert "Brevet angiver ikke, hvilken dag afgørelsen blev truffet." in says


def test_a_letter_that_names_no_meeting_is_told_beside_one_that_does(book):
    reviewed = told("HjemmetraeningReviewed", "2022-10-04", resultat="fortsat")
    says = Case(book, MET, approved(refs=OF_THE_MEETING), reviewed).says("Q29")
    assert says.startswith("Ja, hvor afgørelsen henviser til et møde.")
    assert "henviser ikke til et møde i Visitationsudvalget" in says


def test_an_approval_with_a_last_day_is_time_limited_and_told_with_its_reason(book):
    limited = approved(ends_on="2022-12-31", time_limit_reason="Barnet starter i skole.")
    found = Case(book, limited).ask("Q30")
    assert found.answer == (
        "Ja. Godkendelsen af 8. december 2021 (nr. 5) gælder kun til den 31. december 2022."
        " Begrundelse: ”Barnet starter i skole”."
    )
    assert found.missing == ()


def test_a_time_limit_without_a_reason_names_what_is_missing(book):
    found = Case(book, approved(ends_on="2022-12-31")).ask("Q30")
    assert found.answer.endswith("Der er ikke registreret en særlig begrundelse for det.")
    assert found.missing == ("En særlig begrundelse for tidsbegrænsningen",)


@pytest.mark.parametrize(("ends_on", "lead"), [("2034-09-13", "Ja."), ("2034-09-14", "Nej.")])
def test_an_end_on_the_18th_birthday_is_no_time_limit_and_the_day_before_is(book, ends_on, lead):
    assert Case(book, approved(ends_on=ends_on)).says("Q30").startswith(lead)


# Q31 and Q32

STARTED = told("HjemmetraeningStarted", "2021-12-13", started_on="2021-12-13")


def visit(on, key, **data):
    said = {"kind": "ordinary", "child_present": True, "child_talked_to": None, "health_professional": False} | data
    return told("TilsynHeld", on, key=key, **said)


def test_a_year_with_one_visit_too_few_makes_the_answer_no(book):
    case = Case(book, STARTED, visit("2022-06-09", "t1"))
    assert case.says("Q31", "2022-12-12").startswith("Det kan ikke siges endnu.")
    assert case.says("Q31", "2022-12-13").startswith(
        "Nej. To tilsyn om året, 13. december 2021 – 12. december 2022: 1 af 2 holdt:"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"child_present": False, "child_absent_reason": "Barnet var sygt."}, "var ikke til stede: ”Barnet var sygt”"),
        ({"child_present": False, "child_absent_reason": None}, "barnet var ikke til stede: uden angivet grund"),
        ({"child_talked_to": True}, "barnet var til stede og blev talt med"),
    ],
)
def test_each_visit_tells_whether_the_child_was_there(book, data, said):
    assert said in Case(book, STARTED, visit("2022-06-09", "t1", **data)).says("Q31", "2022-12-01")


def test_a_visit_before_training_began_is_told_outside_the_windows(book):
    says = Case(book, visit("2021-12-12", "t0"), STARTED).says("Q31", "2022-01-01")
    assert "0 af 2 holdt." in says
    assert says.endswith("Uden for de fulgte perioder er holdt tilsyn den 12. december 2021 (barnet var til stede).")


def test_a_window_is_cut_short_when_training_ends(book):
    ended = told("HjemmetraeningTerminated", "2022-03-01", effective_on="2022-04-01", immediate=False)
    assert "(afbrudt den 1. april 2022): 0 af 2 holdt." in Case(book, STARTED, ended).says("Q31", "2022-05-01")


def report(on, **data):
    return told("TilsynsrapportPrepared", on, {"tilsyn": "t1"}, **({"indstilling": "ophoer"} | data))


def hearing(on):
    return told("PartshoeringSent", on, {"tilsyn": "t1"}, subject="tilsynsrapport", answer_due_on=None)


@pytest.mark.parametrize(
    ("sent_on", "lead", "said"),
    [
        ("2022-05-04", "Ja.", "sendt i partshøring den 4. maj 2022; fristen, regnet fra den 20. april 2022, løb til"),
        ("2022-05-05", "Nej.", "sendt i partshøring den 5. maj 2022, 1 dag for sent; fristen"),
    ],
)
def test_a_report_is_sent_in_time_up_to_the_last_day(esbjerg, sent_on, lead, said):
    says = Case(esbjerg, visit("2022-04-20", "t1"), report("2022-05-03"), hearing(sent_on)).says("Q32")
    assert says.startswith(f"{lead} Tilsyn den 20. april 2022: Rapporten af 3. maj 2022 indstiller ophør")
    assert said in says


def test_a_report_without_reasons_is_not_in_order_though_sent_in_time(esbjerg):
    says = Case(esbjerg, visit("2022-04-20", "t1"), report("2022-05-03", begrundelse=""), hearing("2022-05-04")).says(
        "Q32"
    )
    assert says.startswith("Nej.")
    assert "indstiller ophør uden begrundelse." in says


def test_a_notice_of_delay_before_the_last_day_is_told(esbjerg):
    notice = told(
        "DeadlineExtensionNotified", "2022-05-03", {"trigger": "t1"}, rule="esbjerg.tilsynsrapport-hearing",
        new_expected_on="2022-05-20",
    )  # fmt: skip
    says = Case(esbjerg, visit("2022-04-20", "t1"), notice, report("2022-05-19"), hearing("2022-05-19")).says("Q32")
    assert says.endswith("Der blev givet besked om forsinkelsen i tide.")


# Q33 and Q34

ENDED = told(
    "HjemmetraeningTerminated", "2022-03-01", effective_on="2022-06-01", immediate=False, helper_notice_until=None
)


def stop(on, refs=None):
    return told("SupportStopped", on, refs or {}, what="instalments", stopped_on=on, reason="Træningen er slut.")


def test_help_that_stopped_without_any_decision_is_told_so(book):
    found = Case(book, stop("2022-05-01")).ask("Q33")
    assert found.answer == (
        "Ja. Hjælpen (rater) stoppede den 1. maj 2022 med begrundelsen ”Træningen er slut”;"
        " der er ikke registreret en afgørelse, det hviler på."
    )
    assert found.missing == ("Afgørelsen, som stoppet den 1. maj 2022 hviler på",)


def test_help_that_stopped_before_the_decision_is_told_with_the_decision(book):
    says = Case(book, stop("2022-02-01"), ENDED).says("Q33")
    assert says.startswith("Ja.")
    assert says.endswith("Først den 1. marts 2022 kom ”Hjemmetræning ophørt ved afgørelse” (nr. 6).")


@pytest.mark.parametrize(
    ("stopped_on", "lead", "said"),
    [
        ("2022-06-01", "Nej.", "efter ”Hjemmetræning ophørt ved afgørelse” (nr. 5) af 1. marts 2022"),
        ("2022-05-31", "Ja.", "der virker fra den 1. juni 2022, som ikke bærer det"),
    ],
)
def test_help_may_stop_from_the_day_the_decision_takes_effect(book, stopped_on, lead, said):
    says = Case(book, ENDED, stop(stopped_on, {"decision": "HjemmetraeningTerminated"})).says("Q33")
    assert says.startswith(lead)
    assert said in says


def test_help_that_was_taken_up_again_is_told_with_the_day(book):
    again = told("SupportResumed", "2022-05-20", {"stopped": "SupportStopped"}, what="instalments")
    assert Case(book, stop("2022-05-01"), again).says("Q33").endswith("Hjælpen blev genoptaget den 20. maj 2022.")


def test_help_that_stops_at_18_stops_by_law(book):
    birthday = told("HjemmetraeningEndedAtAge18", "2034-09-14", birthday="2034-09-14")
    case = Case(book, birthday, stop("2034-09-14"))
    assert case.says("Q33", "2034-09-14") == (
        "Nej. Hjælpen (rater) stoppede den 14. september 2034 med begrundelsen ”Træningen er slut”,"
        " fordi den unge fyldte 18 år den 14. september 2034."
    )
    assert case.says("Q34", "2034-09-14").endswith(
        "Den ophørte ved lov den 14. september 2034, da den unge fyldte 18 år."
    )


def test_an_end_that_was_prepared_is_told_step_by_step(book):
    hearing = told("PartshoeringSent", "2022-02-01", subject="ophoer", answer_due_on=None, key="hearing")
    answered = told("PartshoeringAnswered", "2022-02-10", {"hearing": "hearing"})
    granted = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="bevilget", parent="p-mor")
    helper = told("PartyRegistered", "2021-12-20", party="p-h1", kind="helper", name="Ida Prøve Holm", key="ida")
    engaged = told("HelperEngaged", "2022-01-01", helper="p-h1")
    again = told(
        "TabtArbejdsfortjenesteReassessed", "2022-02-20", parent="p-mor", cause="termination", conclusion="end"
    )
    ended = told("HjemmetraeningTerminated", "2022-03-01", {"hearing": "hearing"}, effective_on="2022-06-07",
                 immediate=False, helper_notice_until="2022-06-07")  # fmt: skip
    taf = told(
        "TabtArbejdsfortjenesteAdjusted", "2022-03-01", resultat="ophoert", reason_code="termination",
        parent="p-mor", old_hours_x100=2_000, new_hours_x100=0, effective_on="2022-06-07",
    )  # fmt: skip
    left = told("HelperLeft", "2022-06-07", helper="p-h1", left_on="2022-06-07", notice_given_on="2022-03-05")
    case = Case(book, granted, helper, engaged, hearing, answered, again, ended, taf, left)
    assert case.says("Q34") == (
        "Afgørelsen om ophør blev sendt den 1. marts 2022 med virkning fra den 7. juni 2022."
        " Familien blev partshørt den 1. februar 2022; den svarede den 10. februar 2022."
        " Tabt arbejdsfortjeneste for Sofie Prøve Nordhavn blev vurderet på ny den 20. februar 2022; konklusion: ophør."
        " Tabt arbejdsfortjeneste for Sofie Prøve Nordhavn blev bragt til ophør fra den 7. juni 2022"
        " ved brev af 1. marts 2022; varslet er langt nok."
        " Hjælpetræner Ida Prøve Holm fratrådte den 7. juni 2022, opsagt den 5. marts 2022."
        " Afgørelsen regner med varsel til hjælpetrænere til den 7. juni 2022."
    )


def test_an_end_that_was_not_prepared_names_all_that_is_missing(book):
    granted = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="bevilget", parent="p-mor")
    engaged = told("HelperEngaged", "2022-01-01", helper="p-far")
    ended = told("HjemmetraeningTerminated", "2022-03-01", effective_on="2022-03-01", immediate=True)
    found = Case(book, granted, engaged, ended).ask("Q34")
    assert "med virkning fra den 1. marts 2022, uden varsel." in found.answer
    assert "Der er ikke registreret en partshøring eller et dialogmøde forud for ophøret." in found.answer
    assert "Der er ikke registreret en ny vurdering af tabt arbejdsfortjeneste" in found.answer
    assert "er opsagt eller fratrådt." in found.answer
    assert found.missing == (
        "Partshøring eller dialogmøde om ophøret",
        "En ny vurdering af tabt arbejdsfortjeneste ved ophøret",
    )


def test_a_hearing_about_the_end_counts_though_the_decision_does_not_point_to_it(book):
    hearing = told("PartshoeringSent", "2022-02-25", subject="ophoer", answer_due_on=None)
    says = Case(book, hearing, ENDED).says("Q34")
    assert (
        "blev partshørt den 25. februar 2022; afgørelsen blev truffet, før fristen for at svare var udløbet."
    ) in says


def test_a_dialogue_before_the_end_is_a_hearing(book):
    met = told("MeetingHeld", "2022-02-20", kind="termination_dialogue")
    ended = told("HjemmetraeningTerminated", "2022-03-01", {"meeting": "MeetingHeld"}, effective_on="2022-04-01")
    assert "hørt på et møde den 20. februar 2022 (dialogmøde om ophør)." in Case(book, met, ended).says("Q34")


# Q39

GRANTED = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="bevilget", parent="p-mor")
BESIDE = (
    "Ved afgørelsen af 8. december 2021 blev Sofie Prøve Nordhavn bevilget 4.200,00 kr. om måneden:"
    " det samme som formlen giver, 4.200,00 kr. (timernes andel af indkomsten 4.200,00 kr., af loftet 33.063,00 kr.)."
)
SCHOOL = told("SchoolingRegistered", "2022-08-01", kind="school_start", hours_per_week_x100=2_500)


def cut(old, new, refs=None, **data):
    said = {"resultat": "nedsat", "reason_code": "school_age", "parent": "p-mor", "effective_on": "2022-11-01"} | data
    return told(
        "TabtArbejdsfortjenesteAdjusted", "2022-09-01", refs or {}, old_hours_x100=old, new_hours_x100=new, **said
    )


def test_a_cut_by_the_hours_at_school_without_assessment_is_by_rote(book):
    found = Case(book, GRANTED, SCHOOL, cut(3_000, 500)).ask("Q39")
    assert found.answer == (
        "Ja. Ved afgørelse af 1. september 2022 blev tabt arbejdsfortjeneste for Sofie Prøve Nordhavn nedsat"
        " fra 30 til 5 timer om ugen fra den 1. november 2022."
        " Nedsættelsen på 25 timer svarer dermed til barnets 25 skoletimer."
        " Der er ikke registreret en ny vurdering, som nedsættelsen hviler på."
        f" {BESIDE}"
    )
    assert found.data["cuts"][0]["automatic"]


def test_a_cut_by_other_hours_after_an_assessment_is_not_by_rote(book):
    again = told(
        "TabtArbejdsfortjenesteReassessed", "2022-08-20", cause="school_age", school_hours_x100=2_500,
        helhedsvurdering="Moren træner om eftermiddagen.",
    )  # fmt: skip
    says = Case(book, GRANTED, again, cut(3_000, 2_000, {"reassessment": "TabtArbejdsfortjenesteReassessed"})).says(
        "Q39"
    )
    assert says.startswith("Nej.")
    assert "Nedsættelsen på 10 timer svarer ikke til barnets 25 skoletimer." in says
    assert says.endswith(f"den 20. august 2022 med helhedsvurderingen ”Moren træner om eftermiddagen”. {BESIDE}")


def test_hours_at_school_that_nobody_registered_are_missing_and_not_guessed(book):
    found = Case(book, GRANTED, cut(3_000, 500)).ask("Q39")
    assert "barnets skoletimer er ikke registreret." in found.answer
    assert "Barnets skoletimer om ugen på afgørelsens tid" in found.missing


def test_a_cut_for_another_reason_is_told_but_is_not_for_school(book):
    says = Case(book, GRANTED, cut(3_000, 500, reason_code="income")).says("Q39")
    assert says.startswith("Nej. Tabt arbejdsfortjeneste er ikke sat ned eller ophørt på grund af skolealder.")
    assert says.endswith(f"af en anden grund: ændret indkomst. {BESIDE}")


WORKED = {"hours_x100": 2_000, "work_hours_x100": 3_700, "income_basis_oere": 4_100_000, "deductions_oere": 0,
          "benefits_added_oere": 0, "monthly_taf_oere": 1_787_189, "from_on": "2022-01-01"}  # fmt: skip
"""The worked example of 2022: 41.000 kr. a month, 20 of 37 hours."""


@pytest.mark.parametrize(
    ("data", "says", "missing"),
    [
        (
            {},
            "som formlen giver, 17.871,89 kr. (timernes andel af indkomsten 22.162,16 kr., af loftet 17.871,89 kr.).",
            [],
        ),
        (
            {"monthly_taf_oere": 1_787_190},
            "17.871,90 kr. om måneden: 0,01 kr. mere end formlen giver, 17.871,89 kr.",
            [],
        ),
        ({"monthly_taf_oere": 1_700_000}, "17.000,00 kr. om måneden: 871,89 kr. mindre end formlen giver", []),
        (
            {"from_on": "2025-01-01"},
            "17.871,89 kr. om måneden; det kan ikke regnes efter, fordi loftet for 2025 ikke er registreret.",
            ["Satsen taf-cap (loft for tabt arbejdsfortjeneste) for 2025, registreret med kilde"],
        ),
        (
            {"work_hours_x100": 0},
            "det kan ikke regnes efter, fordi indkomsten er slettet, eller arbejdstiden er 0 timer.",
            ["Indkomsten og arbejdstiden, som beløbet er regnet af"],
        ),
    ],
)
def test_beside_what_was_granted_stands_what_the_formula_gives(book, data, says, missing):
    granted = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="bevilget", parent="p-mor", **WORKED | data)
    found = Case(book, granted).ask("Q39")
    assert says in found.answer
    assert list(found.missing) == missing


def test_what_was_refused_has_no_amount_to_calculate(book):
    refused = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="afslaaet", parent="p-mor", **WORKED)
    assert Case(book, refused).ask("Q39").data["amounts"] == []


# What is asked for


@pytest.mark.parametrize(
    ("question", "given"),
    [("Q28", {"visitation": "2"}), ("Q29", {"decision": "2"}), ("Q30", {"decision": "2"}), ("Q34", {"decision": "2"})],
)
def test_a_version_that_is_something_else_is_not_found(book, question, given):
    with pytest.raises(NotFound):
        Case(book, MET, approved(), ENDED).ask(question, **given)


def test_a_tilsyn_that_is_not_there_is_said_to_be_missing(book):
    assert Case(book, visit("2022-06-09", "t1")).says("Q32", "2022-07-01", tilsyn="2") == (
        "Der er ikke registreret et sådant tilsyn pr. 1. juli 2022."
    )
