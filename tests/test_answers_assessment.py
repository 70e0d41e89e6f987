"""The answers about målgruppe, the børnefaglig undersøgelse, consent and health, in cases the samples do not have."""

import pytest

from ledger.errors import NotFound
from ledger.store.books import Books
from tests.asking import Case
from tests.guarding import told

DECIDER = {"unit": "paedagogisk_afdeling", "name": "Mette Skovbo"}
GROUP = told("MaalgruppeDecided", "2021-06-01", decided_by=DECIDER, facts_relied_on=None, decided_on=None)
OPENED = told(
    "BoernefagligUndersoegelseOpened", "2021-06-02", anledning_on="2021-06-01", kind="initial",
    issued_as_decision=False, bisidder_offered=False,
)  # fmt: skip
OF_IT = {"undersoegelse": "BoernefagligUndersoegelseOpened"}


def approved(on, key="HjemmetraeningApproved", **data):
    said = {"ends_on": None, "physical_health_elements": False, "starts_on": None} | data
    return told("HjemmetraeningApproved", on, key=key, **said)


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


# Q21 and Q22


def test_a_decision_that_names_what_it_relies_on_is_told_with_that_and_nothing_else(book):
    case = Case(book)
    case.tell(told("InformationReceived", "2021-03-01", source="hospital", key="hospital"))
    case.tell(told("InformationReceived", "2021-03-02", source="institution"))
    relied = [case.versions["hospital"], "d-7"]
    case.tell(
        told("MaalgruppeDecided", "2021-06-01", decided_by=DECIDER, facts_relied_on=relied, decided_on="2021-05-20")
    )
    found = case.ask("Q21")
    assert "Den angiver at bygge på oplysninger fra hospital (1. marts 2021) og dokument d-7." in found.answer
    assert "Afgørelsen blev truffet den 20. maj 2021 og sendt den 1. juni 2021." in found.answer
    assert case.rests_on(found) == {"hospital", "MaalgruppeDecided"}
    assert found.missing == ()


def test_a_second_decision_on_the_group_is_told_with_the_first(book):
    case = Case(book, told("MaalgruppeDecided", "2021-02-01", resultat="ikke_omfattet", key="no"), GROUP)
    says = case.says("Q21")
    assert says.startswith("Mette Skovbo, Pædagogisk Afdeling, afgjorde, at barnet er omfattet af målgruppen")
    assert says.endswith("Tidligere afgørelse, sendt den 1. februar 2021: ikke omfattet af målgruppen.")
    assert "at barnet ikke er omfattet af målgruppen" in case.says("Q21", decision=str(case.versions["no"]))


def test_erased_reasons_read_as_erased(book):
    case = Case(book, GROUP)
    case.erase("p-barn", "MaalgruppeDecided")
    assert "Begrundelse: slettet." in case.says("Q21")


def test_an_approval_after_the_decision_on_the_group_did_not_come_first(book):
    assert Case(book, GROUP, approved("2021-12-08")).says("Q22") == (
        "Nej. Det blev afgjort den 1. juni 2021 (nr. 5), at barnet er omfattet af målgruppen;"
        " hjemmetræningen blev godkendt bagefter, den 8. december 2021 (nr. 6)."
    )


def test_an_approval_before_the_decision_on_the_group_came_first(book):
    assert Case(book, approved("2021-05-31"), GROUP).says("Q22") == (
        "Ja. Hjemmetræningen blev godkendt den 31. maj 2021 (nr. 5); først den 1. juni 2021 (nr. 6) blev det afgjort,"
        " at barnet er omfattet af målgruppen."
    )


def test_an_approval_under_a_no_to_the_group_is_told_as_that(book):
    no = told("MaalgruppeDecided", "2021-02-01", resultat="ikke_omfattet")
    assert Case(book, no, approved("2021-05-31")).says("Q22") == (
        "Ja. Da hjemmetræningen blev godkendt den 31. maj 2021 (nr. 6), gjaldt afgørelsen den 1. februar 2021 (nr. 5),"
        " at barnet ikke er omfattet af målgruppen."
    )


def test_a_decision_on_the_group_recorded_after_the_approval_is_told_by_both_clocks(book):
    says = Case(book, approved("2021-12-08"), GROUP).says("Q22")
    assert "er dateret 1. juni 2021, men først registreret derefter (nr. 6)" in says


def test_an_approval_without_any_decision_on_the_group_names_what_is_missing(book):
    found = Case(book, approved("2021-12-08")).ask("Q22")
    assert found.answer.endswith("der er ikke registreret nogen målgruppeafgørelse.")
    assert found.missing == ("Målgruppeafgørelse",)


# Q23 and Q24


def test_a_talk_left_out_is_told_with_its_reason_and_how_the_view_was_found(book):
    omitted = told(
        "ChildTalkOmitted", "2021-06-22", OF_IT, ground="maturity", begrundelse="Barnet er to år.",
        views_obtained_how="Observation i leg.", views_obtained_on="2021-06-20",
    )  # fmt: skip
    assert Case(book, OPENED, omitted).says("Q23") == (
        "Nej. Børnesamtalen blev undladt den 22. juni 2021 på grund af barnets modenhed: ”Barnet er to år”."
        " Barnets holdning blev indhentet den 20. juni 2021 på anden måde: ”Observation i leg”."
        " Det er registreret, at barnet ikke var tilbudt en bisidder."
    )


def test_without_a_talk_the_meetings_where_the_child_was_there_are_named(book):
    met = told("MeetingHeld", "2021-06-10", kind="home_visit", child_present=True)
    away = told("MeetingHeld", "2021-06-11", kind="kick_off", child_present=False, key="away")
    found = Case(book, OPENED, met, away).ask("Q23")
    assert "Barnet var til stede ved hjemmebesøg den 10. juni 2021." in found.answer
    assert found.missing


def test_each_undersoegelse_is_told_by_itself(book):
    held = told("ChildTalkHeld", "2021-06-22", OF_IT, form="talk", without_parents=True, views=None, topics=[])
    update = told("BoernefagligUndersoegelseOpened", "2022-06-02", key="update", issued_as_decision=False)
    says = Case(book, OPENED, held, update).says("Q23")
    assert "Undersøgelsen, der blev igangsat den 2. juni 2021: Ja." in says
    assert "Barnets holdning: ikke registreret." in says
    assert "Undersøgelsen, der blev igangsat den 2. juni 2022: Der er hverken registreret en børnesamtale" in says


@pytest.mark.parametrize(
    ("closed_on", "lead", "ended"),
    [
        ("2021-10-01", "Ja.", "undersøgelsen blev afsluttet den 1. oktober 2021"),
        ("2021-10-02", "Nej.", "undersøgelsen blev først afsluttet den 2. oktober 2021, 1 dag for sent"),
    ],
)
def test_an_undersoegelse_is_done_in_time_up_to_the_last_day(book, closed_on, lead, ended):
    says = Case(book, OPENED, told("BoernefagligUndersoegelseClosed", closed_on, OF_IT)).says("Q24")
    assert says.startswith(lead)
    assert ended in says


def test_a_late_undersoegelse_is_told_with_the_interim_assessment_or_that_there_is_none(book):
    interim = told(
        "BoernefagligUndersoegelseInterimAssessed", "2021-09-20", OF_IT, expected_on="2021-11-01", reason="Ferie."
    )  # fmt: skip
    case = Case(book, OPENED)
    late = "undersøgelsen er ikke registreret som afsluttet, 9 dage efter fristen. Der er ikke registreret en foreløbig"
    assert late in case.says("Q24", "2021-10-10")
    case.tell(interim)
    promised = "Foreløbig vurdering blev givet den 20. september 2021; afslutning var ventet den 1. november 2021."
    assert promised in case.says("Q24", "2021-10-10")


def test_a_corrected_day_moves_the_answer_and_the_correction_is_named(book):
    case = Case(book, OPENED, told("BoernefagligUndersoegelseClosed", "2021-10-02", OF_IT))
    case.correct("BoernefagligUndersoegelseOpened", "anledning_on", "2021-06-01", "2021-06-02")
    found = case.ask("Q24")
    assert found.answer.startswith("Ja. Fristen er regnet fra anledningen den 2. juni 2021")
    assert found.entries[0].corrected_by == (7,)


# Q25


def asked_source(source, on, **data):
    return told("InformationRequested", on, source=source, key=source, **{"without_consent_basis": None} | data)


def consent(on, *sources, **data):
    said = {"given_by": ["p-mor"], "valid_to": None, "form": "written"} | data
    return told("ConsentGiven", on, sources=list(sources), **said)


def test_a_source_without_consent_makes_the_answer_no_and_is_named(book):
    case = Case(book, consent("2021-02-01", "hospital"), asked_source("hospital", "2021-02-03"))
    assert case.says("Q25").startswith("Ja. Spurgt den 3. februar 2021: hospital; samtykke givet skriftligt")
    case.tell(asked_source("ppr", "2021-02-04"))
    found = case.ask("Q25")
    assert found.answer.startswith("Nej.")
    assert found.answer.endswith("Spurgt den 4. februar 2021: ppr; intet samtykke er registreret.")
    assert found.missing == ("Samtykke til kilden ppr, eller hjemlen til at spørge uden",)


def test_a_source_asked_without_consent_is_told_with_the_law_it_was_asked_by(book):
    case = Case(book, asked_source("ppr", "2021-02-04", without_consent_basis="retssikkerhedsloven § 11 c"))
    found = case.ask("Q25")
    assert "ppr; uden samtykke, med hjemmel i retssikkerhedsloven § 11 c." in found.answer
    assert found.missing == ()


def test_a_consent_holds_to_its_last_day_and_not_after(book):
    until = consent("2021-02-01", "hospital", valid_to="2021-02-10")
    assert Case(book, until, asked_source("hospital", "2021-02-10")).says("Q25").startswith("Ja.")


def test_a_consent_that_had_run_out_is_told_with_its_last_day(book):
    until = consent("2021-02-01", "hospital", valid_to="2021-02-10")
    says = Case(book, until, asked_source("hospital", "2021-02-11")).says("Q25")
    assert "intet gældende samtykke: det af 1. februar 2021 gjaldt til den 10. februar 2021." in says


def test_a_consent_taken_back_is_told_with_the_day(book):
    back = told("ConsentRefused", "2021-02-05", kind="withdrawn", sources=["hospital"])
    case = Case(book, consent("2021-02-01", "hospital"), back, asked_source("hospital", "2021-02-06"))
    assert "intet gældende samtykke: det blev trukket tilbage den 5. februar 2021." in case.says("Q25")


# Q26 and Q27


ASSESSED = told(
    "HealthAssessmentReceived", "2021-11-01", discipline="fysioterapeut", method="metode 1", conclusion="Forsvarlig."
)


def visit(on, *, health, key):
    return told("TilsynHeld", on, key=key, kind="ordinary", health_professional=health, child_present=True)


def test_a_method_with_physical_elements_is_told_with_its_assessment_and_the_visits(book):
    case = Case(book, ASSESSED, approved("2021-12-08", physical_health_elements=True))
    assert case.says("Q26") == (
        "Ja. ”Hjemmetræning godkendt” (nr. 6) af 8. december 2021 angiver fysiske, sundhedsfaglige elementer;"
        " forud for den: ”metode 1” vurderet den 1. november 2021 (fysioterapeut): ”Forsvarlig”."
        " Der er ikke holdt tilsyn siden."
    )
    case.tell(visit("2022-06-01", health=True, key="t1"), visit("2022-12-01", health=False, key="t2"))
    says = case.says("Q26")
    assert says.startswith("Delvist.")
    assert "En sundhedsfaglig deltog i tilsyn den 1. juni 2022." in says
    assert "Ingen sundhedsfaglig deltog i tilsyn den 1. december 2022." in says


def test_an_assessment_after_the_decision_does_not_count_as_before_it(book):
    found = Case(book, approved("2021-10-31", physical_health_elements=True), ASSESSED).ask("Q26")
    assert found.answer.startswith("Nej.")
    assert "der er ikke registreret en sundhedsfaglig vurdering forud for den." in found.answer
    assert found.missing


@pytest.mark.parametrize(
    ("resultat", "health_class", "lead"),
    [
        ("godkendt", "specialised_health", "Ja."),
        ("afslaaet", "specialised_health", "Nej."),
        ("godkendt", "physical_health", "Nej."),
    ],
)
def test_only_an_approved_specialised_element_makes_the_answer_yes(book, resultat, health_class, lead):
    element = told(
        "MethodElementDecided", "2021-12-08", resultat=resultat, health_class=health_class, element="trykkammer",
        method="metode 1",
    )  # fmt: skip
    says = Case(book, element).says("Q27")
    assert says.startswith(f"{lead} Afgjort er ”trykkammer” i ”metode 1”: ")
    assert says.endswith("(8. december 2021).")


# What is asked for


@pytest.mark.parametrize("question", ["Q21", "Q22"])
def test_a_version_that_is_no_such_decision_is_not_found(book, question):
    with pytest.raises(NotFound, match=r"Nr\. 2 er ikke en registrering, som spørgsmålet kan handle om"):
        Case(book, GROUP, approved("2021-12-08")).ask(question, decision="2")
