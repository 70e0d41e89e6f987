"""The answers about repayment, rejected expenses, the cap and payments, in cases the samples do not have."""

import pytest

from ledger.store.books import Books
from tests.asking import Case
from tests.guarding import told

TRAINING = told("HjemmetraeningApproved", "2021-12-01", ends_on=None)
RECEIVED = told("AccountsReceived", "2023-02-01", year=2022)
LISE = {"unit": "familieraadgivningen_handicap", "name": "Lise Maarup"}


def granted(post, oere, on="2021-12-10", **data):
    said = {"year": 2022, "name": "Balancesæt", "option": "a"} | data
    return told("BudgetPostApproved", on, key=post, post=post, amount_oere=oere, **said)


def expense(name, post, oere, **data):
    said = {"year": 2022, "receipt": True, "abroad": False, "category_code": None, "accrual": None} | data
    return told(
        "ExpenseDocumented", "2022-03-01", key=name, expense=name, post=post, amount_oere=oere, paid_on="2022-03-01",
        description="Balancebræt", **said,
    )  # fmt: skip


def reviewed(name, on, accepted_oere, resultat="rejected", code="ikke_bevilget"):
    return told(
        "ExpenseReviewed", on, {"expense": name}, key=f"{name} {on}", expense=name, resultat_review=resultat,
        accepted_oere=accepted_oere, code=code, reason="Gennemgået.",
    )  # fmt: skip


def claimed(oere, *posts):
    per_post = [{"post": post, "repay_oere": repay} for post, repay in posts]
    return told(
        "TilbagebetalingskravIssued", "2023-03-30", {"accounts": "AccountsReceived"}, year=2022, amount_oere=oere,
        per_post=per_post, decided_by=LISE, second_approver=None,
    )  # fmt: skip


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("esbjerg")


# Q35


def test_a_claim_that_says_something_else_than_the_settlement_is_told_so(book):
    case = Case(
        book, TRAINING, granted("P1", 100_00), expense("e1", "P1", 60_00), RECEIVED, claimed(50_00, ("P1", 50_00))
    )
    assert case.says("Q35") == (
        "Kravet for 2022, rejst den 30. marts 2023 af Lise Maarup, Familierådgivningen Handicap, er på 50,00 kr."
        " Det er for hver post det bevilgede minus det godkendte: P1 (Balancesæt) 100,00 kr. − 60,00 kr. = 40,00 kr.;"
        " i alt 40,00 kr. Kravet er 10,00 kr. større end beregningen."
        " Kravet siger 50,00 kr. for P1; beregningen giver 40,00 kr."
    )


def test_a_claim_is_told_as_the_accounts_stood_the_day_it_was_sent(book):
    case = Case(
        book, TRAINING, granted("P1", 100_00), expense("e1", "P1", 60_00), RECEIVED, claimed(40_00, ("P1", 40_00))
    )
    case.tell(reviewed("e1", "2023-04-10", 20_00))
    assert "P1 (Balancesæt) 100,00 kr. − 60,00 kr. = 40,00 kr.; i alt 40,00 kr." in case.says("Q35")
    assert "større end" not in case.says("Q35")


def test_a_claim_that_was_waived_is_told_so(book):
    waived = told(
        "TilbagebetalingskravAdjusted", "2023-05-01", {"claim": "TilbagebetalingskravIssued"}, year=2022,
        old_amount_oere=40_00, new_amount_oere=0, cause="waived", per_post=None,
    )  # fmt: skip
    case = Case(book, TRAINING, granted("P1", 100_00), RECEIVED, claimed(100_00, ("P1", 100_00)), waived)
    assert case.says("Q35").endswith("Kravet blev frafaldet den 1. maj 2023.")


def test_a_claim_before_the_accounts_were_in_cannot_be_held_against_them(book):
    early = told("AccountsReceived", "2023-04-01", year=2022)
    case = Case(book, TRAINING, granted("P1", 100_00), early, claimed(40_00, ("P1", 40_00)))
    says = case.says("Q35")
    assert "Ingen post har mindre godkendt end bevilget. Regnskabet for året var ikke modtaget" in says


def test_a_claim_for_a_year_without_any_grant_is_answered_too(book):
    says = Case(book, RECEIVED, claimed(40_00, ("P1", 40_00))).says("Q35")
    assert "Kravet siger 40,00 kr. for P1; beregningen giver 0,00 kr." in says


def test_a_claim_whose_accounts_and_grants_are_not_there_names_what_is_missing(book):
    case = Case(book, RECEIVED, claimed(40_00, ("P1", 40_00)))
    case.annul("AccountsReceived")
    found = case.ask("Q35")
    assert found.answer.endswith("Der er hverken registreret bevillinger eller regnskab for året at beregne det af.")
    assert found.missing == ("Bevillinger og regnskab for 2022",)


def test_a_post_whose_name_is_erased_keeps_its_figures(book):
    case = Case(book, TRAINING, granted("P1", 100_00), RECEIVED, claimed(100_00, ("P1", 100_00)))
    case.erase("p-barn", "P1")
    assert "P1 (slettet) 100,00 kr. − 0,00 kr. = 100,00 kr." in case.says("Q35")


# Q36


def test_an_expense_turned_down_in_part_and_one_by_the_rules_alone_are_told_apart(book):
    case = Case(book, TRAINING, granted("P1", 100_00), expense("e1", "P1", 60_00), expense("e2", None, 30_00))
    case.tell(reviewed("e1", "2022-06-01", 20_00, "partly_accepted"))
    found = case.ask("Q36")
    assert found.answer == (
        "1 udgift er blevet afvist helt eller delvist; ingen af afvisningerne er ændret."
        " 1 udgift er ikke gennemgået, men medregnes ikke fuldt ud efter reglerne."
        " e1 (Balancebræt, 60,00 kr., post P1, 2022): delvist godkendt med 20,00 kr. den 1. juni 2022,"
        " kode: ikke bevilget, begrundelse: ”Gennemgået”. Afvisningen står ved magt."
        " e2 (Balancebræt, 30,00 kr., ingen post, 2022): medregnes efter reglerne med 0,00 kr. (kode: ikke bevilget)."
    )
    assert found.missing == ("En gennemgang af udgiften e2",)


def test_a_rejection_that_was_overruled_in_part_is_changed(book):
    case = Case(book, TRAINING, granted("P1", 100_00), expense("e1", "P1", 60_00))
    case.tell(reviewed("e1", "2022-06-01", 0), reviewed("e1", "2022-07-01", 10_00, "partly_accepted"))
    says = case.says("Q36")
    assert says.startswith("1 udgift er blevet afvist helt eller delvist; 1 af afvisningerne er ændret.")
    assert says.endswith("Afvisningen er ændret.")


def test_an_expense_accepted_at_once_was_never_rejected(book):
    case = Case(book, TRAINING, granted("P1", 100_00), expense("e1", "P1", 60_00))
    case.tell(reviewed("e1", "2022-06-01", 60_00, "accepted", code=None))
    assert case.says("Q36", "2022-07-01") == "Der er ikke registreret afviste udgifter pr. 1. juli 2022."


# Q37

CAP_2022 = 666_689_00


@pytest.mark.parametrize(
    ("oere", "lead", "rest"), [(CAP_2022, "Ja.", "0,00 kr. under"), (CAP_2022 + 1, "Nej.", "0,01 kr. over")]
)
def test_grants_up_to_the_cap_keep_it_and_one_oere_more_does_not(book, oere, lead, rest):
    says = Case(book, granted("P1", 100_00), granted("P2", oere - 100_00)).says("Q37")
    assert says.startswith(lead)
    assert says.endswith(f"mod et loft på 666.689,00 kr.: {rest} loftet.")


def test_a_cap_passed_for_a_time_is_passed(book):
    lowered = told(
        "BudgetPostAdjusted", "2022-06-01", {"post": "P1"}, year=2022, post="P1", resultat="nedsat",
        old_amount_oere=CAP_2022 + 1, new_amount_oere=100_00,
    )  # fmt: skip
    assert Case(book, granted("P1", CAP_2022 + 1), lowered).says("Q37").startswith("Nej.")


def test_a_year_without_a_registered_cap_is_not_guessed(book):
    found = Case(book, granted("P1", 100_00, on="2098-12-10", year=2099)).ask("Q37", "2098-12-31")
    assert found.answer == (
        "Det kan ikke siges endnu. 2099: højst bevilget i budgetåret er 100,00 kr. (den 10. december 2098);"
        " loftet for året er ikke registreret."
    )
    assert found.missing == ("Årets loft for 2099, registreret med kilde",)


def test_where_the_cap_runs_over_twelve_months_it_is_held_against_those(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        case = Case(
            books.book("aarhus"), granted("P1", 400_000_00, on="2022-03-01"), granted("P2", 300_000_00, on="2023-02-28")
        )
        says = case.says("Q37")
    assert "2022: højst bevilget i de seneste 12 måneder er 700.000,00 kr. (den 28. februar 2023)" in says
    assert says.startswith("Nej.")


# Q38


def paid(name, kind, oere, **data):
    said = {"year": 2022, "post": None, "payee": None} | data
    return told("PaymentMade", "2022-05-01", key=name, kind=kind, amount_oere=oere, **said)


def test_payments_are_told_by_kind_and_payee_and_the_rest_of_the_grant(book):
    case = Case(book, TRAINING, granted("P1", 100_00), paid("a", "instalment", 20_00), paid("b", "instalment", 20_00))
    case.tell(paid("c", "supplier_invoice", 30_00, post="P1", payee="Metodeudbyder 1"))
    found = case.ask("Q38")
    assert found.answer == (
        "For 2022 er udbetalt 70,00 kr.: 40,00 kr. som rate (2 betalinger, modtageren ikke registreret);"
        " 30,00 kr. som leverandørfaktura (1 betaling, til Metodeudbyder 1)."
        " Af de bevilgede 100,00 kr. er 30,00 kr. ikke udbetalt."
        " Der er ikke rejst krav om tilbagebetaling for 2022."
    )
    assert found.missing == ("Modtageren af en del af udbetalingerne for 2022",)


@pytest.mark.parametrize(
    ("oere", "said"),
    [(100_00, "Det er hele det bevilgede."), (100_01, "Det er 0,01 kr. mere end bevilget. Der er")],
)
def test_what_is_paid_in_full_or_beyond_the_grant_is_told_so(book, oere, said):
    case = Case(book, TRAINING, granted("P1", 100_00), paid("a", "one_off", oere, post="P1", payee="Sofie"))
    assert said in case.says("Q38", year="2022")


def test_a_payee_that_is_erased_reads_as_erased(book):
    case = Case(book, TRAINING, granted("P1", 100_00), paid("a", "one_off", 100_00, post="P1", payee="Metodeudbyder 1"))
    case.erase("p-barn", "a")
    found = case.ask("Q38")
    assert "100,00 kr. som engangsbeløb (1 betaling, til slettet)" in found.answer
    assert found.missing == ()


def test_what_is_repaid_leaves_the_rest_of_the_claim_outstanding(book):
    repaid = told(
        "TilbagebetalingReceived", "2023-05-01", {"claim": "TilbagebetalingskravIssued"}, year=2022, amount_oere=25_00
    )
    case = Case(book, TRAINING, granted("P1", 100_00), RECEIVED, claimed(100_00, ("P1", 100_00)), repaid)
    assert case.says("Q38").endswith("på 100,00 kr. er 25,00 kr. modtaget, og 75,00 kr. udestår.")


def test_tabt_arbejdsfortjeneste_is_said_not_to_be_among_the_payments(book):
    taf = told("TabtArbejdsfortjenesteDecided", "2021-12-08", resultat="bevilget", parent="p-mor")
    assert "Udbetalinger af tabt arbejdsfortjeneste; de føres ikke i sagsbogen" in (
        Case(book, TRAINING, granted("P1", 100_00), taf).ask("Q38").missing
    )
