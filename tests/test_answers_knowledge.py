"""The answers about other points in time, corrections and the time it took, in cases the samples do not have."""

from datetime import UTC, date, datetime

import pytest

from ledger.facts.book import ReportIssued
from ledger.facts.draft import Draft
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import book_stream
from replay.answers import answer
from replay.as_of import Point, sight
from tests.asking import KAREN, LEADER, Case
from tests.guarding import told

DECIDER = {"unit": "familiecentret", "name": "Karen Lindholt"}
APPLIED = told("ApplicationReceived", "2021-02-01", parts=[], applicants=["p-mor"])
OF_IT = {"application": "ApplicationReceived"}


def approved(on, refs=None, **data):
    said = {"decided_by": DECIDER, "facts_relied_on": None, "ends_on": None} | data
    return told("HjemmetraeningApproved", on, OF_IT | (refs or {}), **said)


def put_off(on, day, key="DeadlineExtensionNotified"):
    return told(
        "DeadlineExtensionNotified", on, {"trigger": "ApplicationReceived"}, key=key, rule="aarhus.decision",
        new_expected_on=day, old_due_on=None, written=True, reason="Vi venter på hospitalet.",
    )  # fmt: skip


@pytest.fixture
def book(tmp_path, clock):
    clock.now = datetime(2022, 1, 10, 8, 0, tzinfo=UTC)
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


# Q14 and Q15


def test_a_day_is_told_as_it_was_known_then_and_as_it_is_known_now(book, clock):
    case = Case(book, APPLIED)
    clock.now = datetime(2022, 2, 1, 8, 0, tzinfo=UTC)
    case.tell(approved("2022-01-11"))
    case.correct("ApplicationReceived", "occurred_on", "2021-02-01", "2021-03-01")
    then = case.says("Q14", on="2022-01-20")
    assert then == (
        "Den 20. januar 2022 kendtes 5 registreringer i sagen. Sagens tilstand var: ansøgt siden den 1. februar 2021."
        " Der var ingen afgørelser. Løbende frister: Den unge fylder 18 år (14. september 2034). Overskredne frister:"
        " Afgørelse om ansøgningen (1. november 2021)."
    )
    now = case.ask("Q15", on="2022-01-20")
    assert "Sagens tilstand var: bevilget siden den 11. januar 2022." in now.answer
    assert now.answer.endswith(
        "Det adskiller sig fra billedet dengang. Senere rettet: Feltet occurred_on blev rettet, godkendt af Poul Prøve:"
        " tastefejl (nr. 7, 1. februar 2022). Senere registreret om tiden indtil da: nr. 6."
    )
    assert now.data["recorded_later"] == [6, 7]


def test_what_happened_after_the_day_makes_no_difference_to_it(book, clock):
    case = Case(book, APPLIED)
    clock.now = datetime(2022, 2, 1, 8, 0, tzinfo=UTC)
    case.tell(approved("2022-01-21"))
    assert case.says("Q15", on="2022-01-20").endswith("Det er det samme billede, som man havde dengang.")
    assert case.says("Q15", on="2022-01-21").endswith("Senere registreret om tiden indtil da: nr. 6.")


def test_an_entry_annulled_since_makes_the_difference(book, clock):
    case = Case(book, APPLIED, approved("2022-01-09"))
    clock.now = datetime(2022, 2, 1, 8, 0, tzinfo=UTC)
    case.tell(told("EntryAnnulled", "2022-02-01", {"target": "HjemmetraeningApproved"}, approved_by=LEADER))
    assert "bevilget siden den 9. januar 2022" in case.says("Q14", on="2022-01-20")
    assert "ansøgt siden den 1. februar 2021" in case.says("Q15", on="2022-01-20")
    assert "Senere rettet: En registrering blev annulleret, godkendt af Poul Prøve:" in case.says(
        "Q15", on="2022-01-20"
    )


def test_a_question_asked_of_the_past_knows_nothing_later(book, clock):
    case = Case(book, APPLIED)
    clock.now = datetime(2022, 2, 1, 8, 0, tzinfo=UTC)
    case.tell(approved("2022-01-11"))
    past = sight(book, case.case_id, Point(known_at=date(2022, 1, 31)))
    assert answer(past, "Q15", {"on": "2022-01-20"}).answer.endswith("Det er det samme billede, som man havde dengang.")


# Q16


def test_a_correction_is_told_with_old_and_new_who_why_and_who_approved(book):
    case = Case(book, APPLIED)
    case.correct("ApplicationReceived", "hours_per_week", 2, 20)
    case.correct("ApplicationReceived", "hours_per_week", 20, 25)
    case.correct("ApplicationReceived", "occurred_on", "2021-02-01", "2021-02-02")
    assert case.says("Q16") == (
        "”Ansøgning modtaget” (nr. 5) blev rettet: feltet hours_per_week fra 2 til 20; den 10. januar 2022 (nr. 6) af"
        " Karen Lindholt, Familiecentret, godkendt af Poul Prøve (Leder). Begrundelse: ”tastefejl”."
        " ”Ansøgning modtaget” (nr. 5) blev rettet: feltet hours_per_week fra 20 til 25; den 10. januar 2022 (nr. 7) af"
        " Karen Lindholt, Familiecentret, godkendt af Poul Prøve (Leder). Begrundelse: ”tastefejl”."
        " ”Ansøgning modtaget” (nr. 5) blev rettet: dagen fra 1. februar 2021 til 2. februar 2021; den 10. januar 2022"
        " (nr. 8) af Karen Lindholt, Familiecentret, godkendt af Poul Prøve (Leder). Begrundelse: ”tastefejl”."
    )


def test_a_correction_inside_a_list_is_told_in_words(book):
    posts = [{"post": "P1", "category": "kurser", "name": "Kursus", "amount_oere": 100000}]
    case = Case(book, told("BudgetApplicationReceived", "2021-11-12", year=2022, posts=posts))
    case.correct("BudgetApplicationReceived", "posts.0.amount_oere", 100000, 120000)
    case.correct("BudgetApplicationReceived", "posts.0.name", "Kursus", "Metodekursus")
    assert "feltet posts.0.amount_oere fra 1.000,00 kr. til 1.200,00 kr.;" in case.says("Q16")
    assert "feltet posts.0.name fra ”Kursus” til ”Metodekursus”;" in case.says("Q16")


def test_an_annulment_and_a_correction_that_was_annulled_itself_are_told_as_that(book):
    case = Case(book, APPLIED, told("NoteRecorded", "2021-03-01"))
    case.correct("ApplicationReceived", "hours_per_week", 2, 20)
    case.versions["correction"] = 7
    gone = told("EntryAnnulled", "2022-01-10", {"target": "correction"}, approved_by=LEADER, reason="Den var rigtig.")
    note = told("EntryAnnulled", "2022-01-10", {"target": "NoteRecorded"}, approved_by=LEADER, key="second")
    case.tell(gone, note)
    found = case.ask("Q16")
    assert "Det gælder ikke længere: nr. 7 er selv annulleret (nr. 8)." in found.answer
    assert "”Registrering rettet” (nr. 7) blev annulleret den 10. januar 2022 (nr. 8)" in found.answer
    assert "”Notat (notatpligt)” (nr. 6) blev annulleret den 10. januar 2022 (nr. 9)" in found.answer
    assert [one["in_force"] for one in found.data] == [False, True, True]


def test_erased_values_of_a_correction_read_as_erased(book):
    case = Case(book, told("NoteRecorded", "2021-03-01", text="Mor ringede."))
    case.correct("NoteRecorded", "text", "Mor ringede.", "Far ringede.")
    assert "feltet text fra ”Mor ringede” til ”Far ringede”;" in case.says("Q16")
    case.erase("p-barn", "NoteRecorded")
    assert "feltet text fra slettet til slettet;" in case.says("Q16")


# Q17


def test_what_was_decided_while_the_wrong_value_stood_is_told_and_what_came_before_or_after_is_not(book):
    case = Case(book, APPLIED, told("InformationReceived", "2021-03-01", source="hospital"))
    relied = [case.versions["InformationReceived"]]
    resting = told(
        "MaalgruppeDecided", "2021-06-01", facts_relied_on=relied, decided_by=DECIDER, decided_on=None, key="resting"
    )
    case.tell(resting, approved("2021-12-08"))
    case.correct("InformationReceived", "source", "hospital", "gp")
    case.tell(approved("2021-12-09"))
    found = case.ask("Q17")
    assert found.answer == (
        "Før rettelsen nr. 9 af ”Oplysninger modtaget” (nr. 6): Direkte på den forkerte oplysning bygger"
        " ”Målgruppeafgørelse” (nr. 7). Mens den stod i sagen, blev også truffet ”Hjemmetræning godkendt” (nr. 8)."
    )
    assert found.missing == (
        "om ”Hjemmetræning godkendt” (nr. 8) brugte oplysningen; den angiver ikke, hvad den bygger på",
    )


def test_a_wrong_value_that_nothing_came_of_is_told_as_that(book):
    case = Case(book, APPLIED)
    case.correct("ApplicationReceived", "hours_per_week", 2, 20)
    assert case.says("Q17") == (
        "Før rettelsen nr. 6 af ”Ansøgning modtaget” (nr. 5): Der blev ikke truffet afgørelser, sendt noget til"
        " Ankestyrelsen eller udgivet rapporter, mens den forkerte oplysning stod i sagen."
    )


def issue(book, up_to_seq):
    stream = book_stream("aarhus", "book")
    report = ReportIssued(
        report="processing-times", from_on=date(2021, 1, 1), to_on=date(2021, 12, 31), as_of=date(2021, 12, 31),
        up_to_seq=up_to_seq, published=True, statement="x", media_type="text/csv", sha256="0" * 64,
        period="report-2022", content="eA==",
    )  # fmt: skip
    head = Head.of(stream, book.entries(stream))
    book.append(head, [Draft(report, date(2022, 1, 10), KAREN, "api")])


def test_a_report_issued_on_the_wrong_value_is_told_and_one_issued_before_or_after_is_not(book):
    case = Case(book)
    book.number()
    issue(book, max(book.seqs(case.case_id).values()))
    case.tell(APPLIED)
    book.number()
    issue(book, book.seqs(case.case_id)[5])
    case.correct("ApplicationReceived", "hours_per_week", 2, 20)
    book.number()
    issue(book, book.seqs(case.case_id)[6])
    found = case.ask("Q17")
    assert found.answer.endswith(
        "På det grundlag blev udgivet processing-times for den 1. januar 2021 til den 31. december 2021."
    )
    assert len(found.data[0]["reports"]) == 1


def test_ankestyrelsen_having_got_the_wrong_value_is_told(book):
    claim = told("KlageReceived", "2022-01-02", {"decision": "HjemmetraeningApproved"}, kind="decision")
    sent = told("KlageForwarded", "2022-01-05", {"klage": "KlageReceived"}, up_to_version=6, documents=[])
    case = Case(book, APPLIED, approved("2021-12-08"), claim, sent)
    case.correct("ApplicationReceived", "hours_per_week", 2, 20)
    assert "Ankestyrelsen fik den: ”Klage sendt til Ankestyrelsen” (nr. 8)." in case.says("Q17")


def test_an_entry_that_no_longer_meets_a_guard_because_of_a_correction_is_named(book):
    group = told("MaalgruppeDecided", "2021-06-01", decided_by=DECIDER, key="group")
    case = Case(book, APPLIED, group, approved("2021-12-08"))
    case.correct("group", "resultat", "omfattet", "ikke_omfattet")
    says = case.says("Q17")
    assert "Som følge af rettelser opfylder disse registreringer ikke længere kravene: nr. 7: " in says
    assert "omfattet af målgruppen" in says


# Q18, Q19 and Q20


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2021-11-01", "Ja. Ansøgningen modtaget den 1. februar 2021 (nr. 5) blev afgjort den 1. november 2021"),
        ("2021-11-02", "Nej. Ansøgningen modtaget den 1. februar 2021 (nr. 5) blev afgjort den 2. november 2021"),
    ],
)
def test_the_nine_months_end_on_the_same_day_of_the_month(book, on, says):
    case = Case(book, APPLIED, approved(on))
    assert case.says("Q18").startswith(says)
    assert ("Der er ikke registreret nogen meddelelse om udsættelse." in case.says("Q18")) is (on == "2021-11-02")


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2021-11-01", "Udsættelsen blev meddelt, før fristen udløb: den 1. november 2021 (nr. 6)"),
        ("2021-11-02", "Udsættelsen blev først meddelt, efter at fristen var udløbet: den 2. november 2021 (nr. 6)"),
    ],
)
def test_a_notice_is_in_time_to_the_last_day(book, on, says):
    assert says in Case(book, APPLIED, put_off(on, "2021-12-10"), approved("2021-12-08")).says("Q18")


def test_an_application_not_decided_is_told_to_the_day_it_is_asked_about(book):
    case = Case(book, APPLIED)
    assert case.says("Q18", "2021-02-11") == (
        "Ansøgningen modtaget den 1. februar 2021 (nr. 5) er ikke registreret som afgjort pr. 11. februar 2021, 10 dage"
        " efter; fristen løber til den 1. november 2021."
    )
    assert case.says("Q18", "2021-11-03").startswith("Nej. ")
    assert "er overskredet med 2 dage" in case.says("Q18", "2021-11-03")


def test_a_case_without_an_application_answers_that(book):
    case = Case(book)
    for question in ("Q18", "Q20"):
        assert case.says(question, "2021-02-11") == "Sagen har ingen ansøgning om hjemmetræning pr. 11. februar 2021."


def test_each_promise_is_told_with_what_became_of_it(book):
    story = (put_off("2021-10-25", "2021-11-20"), put_off("2021-11-18", "2021-12-10", "again"))
    case = Case(book, APPLIED, *story, approved("2021-12-08"))
    assert case.says("Q19") == (
        "Fristen ”Afgørelse om ansøgningen” (aarhus.decision) blev udsat 2 gange: den 25. oktober 2021 til den"
        " 20. november 2021 (nr. 6; begrundelse: ”Vi venter på hospitalet”), men den lovede dato blev overskredet med"
        " 18 dage; den 18. november 2021 til den 10. december 2021 (nr. 7; begrundelse: ”Vi venter på hospitalet”), og"
        " den lovede dato blev holdt."
    )
    assert "som endnu ikke er nået" in case.says("Q19", "2021-11-01")


def test_the_days_of_the_sides_add_up_to_all_of_them(book):
    asked = told("InformationRequested", "2021-02-03", OF_IT, source="gp", purpose="application")
    got = told("InformationReceived", "2021-02-23", {"requests": ("InformationRequested",)}, source="gp")
    found = Case(book, APPLIED, asked, got, approved("2021-03-03")).ask("Q20")
    assert found.data["waited_by_side"] == {"authority": 10, "parents": 0, "third_parties": 20}
    assert found.answer == (
        "Ansøgningen modtaget den 1. februar 2021 (nr. 5) blev afgjort den 3. marts 2021 (nr. 8), 30 dage efter."
        " Forløbets dele, som kan overlappe: indhentning af oplysninger (20 dage). Af dagene ventede sagen på:"
        " kommunen (10 dage) og andre (20 dage). Fordelt på frister i forløbet: ”Oplysninger fra andre” (20 dage);"
        " resten lå uden for dem."
    )


def test_the_newest_application_is_the_one_that_is_meant_and_an_older_one_can_be_asked_for(book):
    second = told("ApplicationReceived", "2021-12-01", parts=[], applicants=["p-mor"], key="second")
    case = Case(book, APPLIED, approved("2021-11-08"), second)
    assert "modtaget den 1. december 2021 (nr. 7)" in case.says("Q18")
    assert "modtaget den 1. februar 2021 (nr. 5) blev afgjort" in case.says("Q18", application="5")
    assert "blev afgjort den 8. november 2021" in case.says("Q20", application="5")
