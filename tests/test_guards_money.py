"""Every guard on budget, payments, helpers, accounts and lost earnings: an accepted and a refused edge side by side."""

from typing import Any

import pytest

from ledger.facts.values import ERASED
from tests.guarding import Told, broken, told
from tests.test_guards_case import Edge

APPLIED = told("BudgetApplicationReceived", "2021-11-12", year=2022, scope="annual")
TO_BUDGET = {"budget_application": "BudgetApplicationReceived"}


def post(oere: int, on: str = "2021-12-10", name: str = "P1", **data: Any) -> Told:
    said = {"year": 2022, "post": name, "amount_oere": oere, "option": "a", "favourable": "full"} | data
    return told("BudgetPostApproved", on, TO_BUDGET, key=name, **said)


def adjusted(old: int, new: int, on: str = "2022-06-01", name: str = "P1") -> Told:
    said = {"year": 2022, "post": name, "old_amount_oere": old, "new_amount_oere": new}
    resultat = "forhoejet" if new > old else "nedsat"
    return told("BudgetPostAdjusted", on, {"post": name}, resultat=resultat, **said)


def paid(oere: int, kind: str = "supplier_invoice", name: str | None = "P1", on: str = "2022-02-01") -> Told:
    return told("PaymentMade", on, year=2022, post=name, kind=kind, amount_oere=oere)


CAP = 66_668_900
"""2022."""
LARGE = 10_000_000


def helper(**data: Any) -> Told:
    said = {
        "helper": "p-h1", "started_on": "2022-01-10", "boerneattest_on": "2022-01-10", "straffeattest_on": "2022-01-05",
        "contract": True, "relation": "none", "planned_hours_per_year": 401,
        "insurance": ["arbejdsskade", "aes", "erhvervsansvar"],
    }  # fmt: skip
    return told("HelperEngaged", "2022-01-10", **(said | data))


def account(cvr: Any = "00000000", on: str = "2022-01-10") -> Told:
    return told("BusinessAccountRegistered", on, holder="p-mor", cvr=cvr)


TRAINED = told("HjemmetraeningApproved", "2021-12-01", key="approval")
SETTLED = (
    TRAINED, APPLIED, post(420_000), paid(420_000, "one_off"),
    told("ExpenseDocumented", "2022-03-01", expense="x1", year=2022, post="P1", paid_on="2022-03-01",
         amount_oere=395_000, receipt=True, abroad=False, category_code=None, accrual=None),
    told("AccountsReceived", "2023-02-28", year=2022),
    told("PartshoeringSent", "2023-03-01", answer_due_on=None, subject="tilbagebetaling", key="hearing"),
)  # fmt: skip
"""A year in which 250 kr. of a post was not used; the last day to answer is 15 March 2023."""


def claim(oere: int = 25_000, on: str = "2023-03-16", **data: Any) -> Told:
    about = {"hearing": "hearing", "accounts": "AccountsReceived"}
    return told("TilbagebetalingskravIssued", on, about, year=2022, amount_oere=oere, **data)


def stopped(on: str, refs: dict[str, str] | None = None) -> Told:
    return told("SupportStopped", "2022-07-01", refs, what="instalments", stopped_on=on)


ENDED = told("HjemmetraeningTerminated", "2022-05-01", effective_on="2022-07-01")


def taf(old: int = 2_000, new: int = 0, on: str = "2022-06-01", **data: Any) -> Told:
    said = {"parent": "p-mor", "old_hours_x100": old, "new_hours_x100": new, "reason_code": "other"} | data
    return told("TabtArbejdsfortjenesteAdjusted", on, said.pop("refs", None), **said)


def assessed(school_hours: int | None = 1_500) -> Told:
    said = {"parent": "p-mor", "school_hours_x100": school_hours}
    return told("TabtArbejdsfortjenesteReassessed", "2022-05-01", key="assessed", **said)


def cut(to: int, refs: dict[str, str] | None = None) -> Told:
    return taf(3_000, to, refs=refs, resultat="nedsat", reason_code="school_age")


def taf_ends(effective_on: str, on: str = "2022-06-01", reason: str = "other") -> Told:
    return taf(on=on, resultat="ophoert", effective_on=effective_on, reason_code=reason)


def annual(**data: Any) -> Told:
    said = {"year": 2022, "tilsyn_dates": ["2022-04-20", "2022-10-26"], "continuation": True} | data
    return told("AnnualBudgetDecided", "2021-12-10", **said)


BY_TWO = {"user_id": "u-2", "name": "Navn"}

EDGES = {
    "help stops from the day a decision takes effect": Edge(
        "G15 TERMINATION_WITHOUT_DECISION", (ENDED, stopped("2022-07-01", {"decision": "HjemmetraeningTerminated"})),
        (ENDED, stopped("2022-06-30", {"decision": "HjemmetraeningTerminated"})),
    ),
    "a grant stops nothing": Edge(
        "G15 TERMINATION_WITHOUT_DECISION", (APPLIED, post(5), adjusted(5, 1), stopped("2022-06-01", {
            "decision": "BudgetPostAdjusted"})), (APPLIED, post(5), stopped("2022-06-01", {"decision": "P1"})),
    ),
    "help stops at 18 without a decision": Edge(
        "G15 TERMINATION_WITHOUT_DECISION",
        (told("HjemmetraeningEndedAtAge18", "2022-06-30"), stopped("2022-07-01")), (stopped("2022-07-01"),),
    ),
    "a grant goes up to the cap": Edge("G18", (APPLIED, post(CAP)), (APPLIED, post(CAP + 1))),
    "grants of a year go up to the cap together": Edge(
        "G18", (APPLIED, post(CAP - 1), post(1, name="P2")), (APPLIED, post(CAP - 1), post(2, name="P2")),
    ),
    "another year has its own cap": Edge(
        "G18", (APPLIED, post(CAP), post(1, name="P2", year=2023)), (APPLIED, post(CAP), post(1, name="P2")),
    ),
    "a raise goes up to the cap": Edge(
        "G18", (APPLIED, post(1), adjusted(1, CAP)), (APPLIED, post(1), adjusted(1, CAP + 1)),
    ),
    "a reduction is never over the cap": Edge(
        "G18", (APPLIED, post(CAP + 9), adjusted(CAP + 9, CAP + 8)), (APPLIED, post(CAP + 9), adjusted(CAP, CAP + 10)),
    ),
    "a year without a cap grants nothing": Edge(
        "G18", (APPLIED, post(1, "2024-01-02", year=2024)), (APPLIED, post(1, "2024-12-02", year=2025)),
    ),
    "in Aarhus the cap is for twelve months on end": Edge(
        "G18", (APPLIED, post(CAP, "2021-12-10"), post(1, "2022-12-10", "P2")),
        (APPLIED, post(CAP, "2021-12-11"), post(1, "2022-12-10", "P2")), "aarhus",
    ),
    "the attests are there before the first day": Edge("G19", (helper(),), (helper(boerneattest_on="2022-01-11"),)),
    "an attest that was erased was there": Edge(
        "G19", (helper(straffeattest_on=ERASED),), (helper(straffeattest_on="2022-01-11"),),
    ),
    "a helper is nobody of the family's": Edge("G19", (helper(),), (helper(relation="friend"),)),
    "a helper has a contract": Edge("G19 NO_CONTRACT", (helper(),), (helper(contract=False),)),
    "the family is an employer": Edge("G19 NO_CVR", (account(), helper()), (account(on="2022-01-11"), helper())),
    "a CVR number that was erased was there": Edge(
        "G19 NO_CVR", (account(ERASED), helper()), (account(None), helper()),
    ),
    "a helper of more than 400 hours is insured": Edge(
        "G19 NO_INSURANCE", (helper(planned_hours_per_year=400, insurance=None),),
        (helper(planned_hours_per_year=401, insurance=["arbejdsskade", "aes"]),),
    ),
    "lost earnings are for training": Edge(
        "G20 TAF_AUTO_REDUCTION", (told("TabtArbejdsfortjenesteDecided", "2022-01-01", homeschooling_hours_x100=0),),
        (told("TabtArbejdsfortjenesteDecided", "2022-01-01", homeschooling_hours_x100=1),),
    ),
    "lost earnings are not cut by the school hours": Edge(
        "G20 TAF_AUTO_REDUCTION", (assessed(), cut(3_000 - 1_500 - 101, {"reassessment": "assessed"})),
        (assessed(), cut(3_000 - 1_500 - 100, {"reassessment": "assessed"})),
    ),
    "lost earnings are cut for school after an assessment": Edge(
        "G20 TAF_AUTO_REDUCTION", (assessed(None), cut(1_000, {"reassessment": "assessed"})),
        (assessed(None), cut(1_000)),
    ),
    "a claim is made after the hearing": Edge("G22", (*SETTLED, claim()), (*SETTLED, claim(on="2023-03-15"))),
    "lost earnings end with 14 weeks' notice": Edge(
        "G28 TAF_NOTICE_TOO_SHORT", (taf_ends("2022-09-07"),), (taf_ends("2022-09-06"),),
    ),
    "before 2018 the notice was three months": Edge(
        "G28 TAF_NOTICE_TOO_SHORT", (taf_ends("2018-03-31", "2017-12-31"),), (taf_ends("2018-04-08", "2018-01-01"),),
    ),
    "a reduction needs no notice": Edge(
        "G28 TAF_NOTICE_TOO_SHORT", (taf(resultat="nedsat", effective_on="2022-06-01"),), (taf_ends("2022-06-01"),),
    ),
    "at 18 there is no notice": Edge(
        "G28 TAF_NOTICE_TOO_SHORT", (taf_ends("2022-06-01", reason="age_18"),), (taf_ends("2022-06-01"),),
    ),
    "the annual decision dates both tilsyn": Edge(
        "G29 NO_TILSYN_DATES", (annual(),), (annual(tilsyn_dates=["2022-04-20", "2023-01-01"]),), "esbjerg",
    ),
    "a year without training has no tilsyn": Edge(
        "G29 NO_TILSYN_DATES", (annual(tilsyn_dates=[], continuation=False),), (annual(tilsyn_dates=[]),), "esbjerg",
    ),
    "a claim is at most what was settled": Edge("G35", (*SETTLED, claim(25_000)), (*SETTLED, claim(25_001))),
    "a year without accounts is not settled": Edge(
        "G35", (*SETTLED[:5], *SETTLED[6:], told("AccountsReceived", "2024-01-01", year=2023), claim(25_001)),
        (*SETTLED, claim(25_001)),
    ),
    "a claim is at most what was paid": Edge(
        "CLAIM_EXCEEDS_PAID", (*SETTLED, claim(25_000)), (*SETTLED[:3], *SETTLED[4:], claim(25_000)),
    ),
    "an invoice is paid up to the post": Edge(
        "G36", (APPLIED, post(100), paid(60), paid(40)), (APPLIED, post(100), paid(60), paid(41)),
    ),
    "an invoice is paid up to the post as adjusted": Edge(
        "G36", (APPLIED, post(100), adjusted(100, 120, "2022-01-31"), paid(120)),
        (APPLIED, post(100), adjusted(100, 120, "2022-02-02"), paid(120)),
    ),
    "what the family is paid is not an invoice": Edge(
        "G36", (APPLIED, post(100), paid(101, "one_off")), (APPLIED, post(100), paid(101, "wage")),
    ),
    "a paid post is granted": Edge("G37", (APPLIED, post(100), paid(1)), (APPLIED, post(100, year=2023), paid(1))),
    "instalments are for all posts": Edge("G37", (paid(1, "instalment", None),), (paid(1, "one_off"),)),
    "accounts are decided when the year is over": Edge(
        "G38", (told("AccountsDecided", "2023-01-01", year=2022),), (told("AccountsDecided", "2022-12-31", year=2022),),
    ),
    "accounts are decided when the training is over": Edge(
        "G38", (ENDED, told("AccountsDecided", "2022-07-01", year=2022)),
        (ENDED, told("AccountsDecided", "2022-06-30", year=2022)),
    ),
    "training that began again is not over": Edge(
        "G38", (ENDED, told("AccountsDecided", "2022-09-01", year=2022)),
        (ENDED, told("HjemmetraeningStarted", "2022-08-01", started_on="2022-08-01"),
         told("AccountsDecided", "2022-09-01", year=2022)),
    ),
    "a payment names its post": Edge("G40", (paid(1, "instalment", None),), (paid(1, "one_off", None),)),
    "what is not accepted says why": Edge(
        "G41", (told("ExpenseReviewed", "2022-01-01", resultat_review="accepted", code=None),),
        (told("ExpenseReviewed", "2022-01-01", resultat_review="partly_accepted", code=None),),
    ),
    "a large grant is approved by two": Edge(
        "NO_SECOND_APPROVER", (APPLIED, post(LARGE, second_approver=None)),
        (APPLIED, post(LARGE + 1, second_approver=None)),
    ),
    "a large grant is approved by another": Edge(
        "NO_SECOND_APPROVER", (APPLIED, post(LARGE + 1, second_approver=BY_TWO).by("u-1", "soc_raadgiver")),
        (APPLIED, post(LARGE + 1, second_approver=BY_TWO).by("u-2", "soc_raadgiver")),
    ),
    "a large claim is approved by another": Edge(
        "NO_SECOND_APPROVER", (*SETTLED, claim(LARGE + 1, second_approver=BY_TWO).by("u-1", "soc_raadgiver")),
        (*SETTLED, claim(LARGE + 1, second_approver=BY_TWO).by("u-2", "soc_raadgiver")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_the_line_is_drawn_where_the_law_draws_it(name: str) -> None:
    edge = EDGES[name]
    assert edge.guard not in broken(edge.municipality, *edge.accepted)
    assert edge.guard in broken(edge.municipality, *edge.refused)
