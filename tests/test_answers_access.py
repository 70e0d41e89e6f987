"""Who has read a case: told by role, unit, purpose and time; by name only once the list has been given."""

from uuid import uuid4

import pytest

from commands.access import draft_look
from ledger.facts.book import Purpose
from ledger.facts.entry import Actor
from ledger.store.books import Books
from tests.asking import KAREN, Case
from tests.guarding import told

METTE = Actor("u-pa-01", "Mette Skovbo", "paedagogisk_afdeling", "pa_konsulent")
ASKED = told("AktindsigtRequested", "2026-11-21", access_list=True)
GIVEN = {"request": "AktindsigtRequested"}


@pytest.fixture
def case(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield Case(books.book("aarhus"))


def look(case, actor=KAREN, purpose=Purpose.SAGSBEHANDLING):
    case.book.log_look(draft_look(case.book, actor, [case.case_id], ["timeline"], purpose))


def test_nobody_has_read_a_case_before_someone_has(case):
    assert case.says("Q40") == "Der er ikke registreret, at nogen har læst sagen, pr. 21. november 2026."


def test_readers_are_told_by_role_unit_purpose_and_time_and_not_by_name(case):
    look(case)
    look(case)
    look(case, METTE, Purpose.KLAGE)
    found = case.ask("Q40")
    assert found.answer == (
        "Sagen er læst 3 gange pr. 21. november 2026:"
        " Rådgiver, Familiecentret (Familiecentret) til formålet sagsbehandling,"
        " 2 gange fra 21. november 2026 kl. 09.00 til 21. november 2026 kl. 09.00;"
        " Konsulent, Pædagogisk Afdeling (Pædagogisk Afdeling) til formålet klage, 21. november 2026 kl. 09.00."
    )
    assert [row["access_version"] for row in found.data] == [1, 2, 3]
    assert "Lindholt" not in str(found)
    assert "Skovbo" not in str(found)


def test_a_look_at_another_case_is_not_told(case):
    case.book.log_look(draft_look(case.book, KAREN, [uuid4()], ["timeline"], Purpose.LEDELSE))
    assert case.ask("Q40").data == []


def test_a_look_after_the_asked_day_is_not_told(case):
    look(case)
    assert case.says("Q40", "2026-11-20") == "Der er ikke registreret, at nogen har læst sagen, pr. 20. november 2026."


@pytest.mark.parametrize(("resultat", "named"), [("given", True), ("partly", True), ("refused", False)])
def test_names_come_with_the_decision_that_gives_the_list(case, resultat, named):
    look(case)
    case.tell(ASKED, told("AktindsigtDecided", "2026-11-21", GIVEN, resultat=resultat))
    found = case.ask("Q40")
    assert ("name" in found.data[0]) is named
    assert "Aktindsigt i listen blev " in found.answer
    assert case.rests_on(found) == {"AktindsigtDecided"}


def test_aktindsigt_in_the_case_alone_releases_no_names(case):
    look(case)
    request = told("AktindsigtRequested", "2026-11-21", access_list=False)
    case.tell(request, told("AktindsigtDecided", "2026-11-21", GIVEN, resultat="given"))
    assert "name" not in case.ask("Q40").data[0]
