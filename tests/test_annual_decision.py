"""Årsafgørelse as one act: every post applied for is decided in one letter, or nothing is recorded."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from commands.annual_decision import annual_decision
from ledger.errors import Conflict, Invalid, Refused
from ledger.store.books import Books
from replay.verify import verify
from tests.conftest import MASTER_KEY
from tests.esbjerg import LETTER, LISE, NUMBER, TINE, command, events, option, recorded, set_clock, types, until

DAY = date(2021, 12, 10)
APPLICATION = 12
CAP_2022 = 66_668_900


def letter(**changes):
    return LETTER | {"begrundelse": "Ni poster bevilges, tre afslås."} | changes


def approved(post, amount_oere, option="a", **more):
    return {"post": post, "option": option, "amount_oere": amount_oere, "begrundelse": f"{post} er nødvendig."} | more


def refused(post, code="administration", **more):
    return {"post": post, "refusal_code": code, "begrundelse": f"{post} er ikke en udgift til træning."} | more


def sample_decision():
    """The request that leads to the sample's letter of 2021."""
    facts = [one for one in events().values() if one["key"].startswith("post2022-") and one["key"] != "post2022-P10"]
    posts = [one["data"] for one in facts]
    granted = [(one["post"], one["amount_oere"], one["option"], one["begrundelse"]) for one in posts if "option" in one]
    denied = [(one["post"], one["refusal_code"], one["begrundelse"]) for one in posts if "refusal_code" in one]
    return asked(
        [approved(post, oere, option, begrundelse=why) for post, oere, option, why in granted],
        [refused(post, code, begrundelse=why) for post, code, why in denied],
        letter=letter(begrundelse=events()["annual2022"]["data"]["begrundelse"]),
    )


def asked(granted, denied=(), **changes):
    return {
        "year": 2022,
        "budget_application": APPLICATION,
        "letter": letter(),
        "tilsyn_dates": ["2022-04-20", "2022-10-26"],
        "continuation": True,
        "approved": list(granted),
        "refused": list(denied),
    } | changes


@pytest.fixture
def case(books, clock, tmp_path):
    """The sample on the day the budget of 2022 is decided; its application is version 12."""
    return until(books, clock, tmp_path, "annual2022")


def decide(case, request, actor=LISE, on=DAY, request_id="r1", **more):
    return annual_decision(*case, request, actor, on=on, request_id=request_id, **more)


def test_the_act_gives_the_letter_and_its_posts_as_the_sample_has_them(case):
    receipt = decide(case, sample_decision())
    book, case_id = case
    facts = {entry.fact.post if "Post" in entry.type else "": entry for entry in book.entries(case_id, after=12)}
    assert (receipt.version, len(facts)) == (25, 13)
    assert facts[""].fact.as_data() == events()["annual2022"]["data"]
    assert facts[""].refs == {"budget_application": APPLICATION}
    for post, entry in facts.items():
        if post:
            assert entry.fact.as_data() == events()[f"post2022-{post}"]["data"]
            assert entry.refs == {"budget_application": APPLICATION, "part_of": 13}


def test_the_receipt_has_the_plan_the_sample_pays_by(case):
    plan = decide(case, sample_decision()).instalments
    paid = [one["data"] for one in events().values() if one["data"].get("kind") == "instalment"]
    of_2022 = [(one["instalment_no"], one["amount_oere"]) for one in paid if one["year"] == 2022]
    assert [(one.number, one.amount_oere) for one in plan] == of_2022
    assert (plan[0].pay_on, plan[4].pay_on) == (date(2022, 1, 3), date(2022, 5, 2))


def test_an_amount_as_applied_for_is_approved_and_an_oere_less_only_partly(case):
    posts = {one["post"]: one["amount_oere"] for one in events()["budget2022"]["data"]["posts"]}
    less = posts | {"X1": posts["X1"] - 1}
    for number, (amounts, resultat) in enumerate([(posts, "godkendt"), (less, "delvist_godkendt")]):
        start = len(case[0].entries(case[1]))
        decide(case, asked([approved(*one) for one in amounts.items()]), request_id=f"r{number}")
        year, *entries = (entry.fact for entry in case[0].entries(case[1], after=start))
        x1 = next(one for one in entries if one.post == "X1")
        assert (year.resultat, x1.resultat) == (resultat, resultat)
        assert {one.resultat for one in entries if one.post != "X1"} == {"godkendt"}
        assert (year.favourable, x1.favourable) == (("full",) * 2 if number == 0 else ("partial",) * 2)


def test_all_posts_refused_is_a_refusal_without_a_plan(case):
    receipt = decide(case, asked([], [refused(one["post"]) for one in events()["budget2022"]["data"]["posts"]]))
    year = case[0].entry(case[1], 13).fact
    assert (year.resultat, year.favourable, receipt.instalments) == ("afslaaet", "none", ())


def with_posts(change):
    """The sample's request with its posts changed."""
    request = sample_decision()
    change(request["approved"], request["refused"])
    return request


def first_amount(oere):
    return with_posts(lambda granted, _: granted[0].update(amount_oere=oere))


WRONG = {
    "a post not decided": (with_posts(lambda granted, _: granted.pop(0)), "approved: posten P1 er ansøgt"),
    "a post not applied for": (
        with_posts(lambda granted, _: granted.append(approved("P99", 1))), "approved.9.post: posten P99 er ikke ansøgt",
    ),
    "a post decided twice": (
        with_posts(lambda _, denied: denied.append(refused("P1"))), "posten P1 er afgjort mere end én gang",
    ),
    "an øre more than applied for": (
        first_amount(420_001), r"approved.0.amount_oere: 4\.200,01 kr\. er mere end de ansøgte 4\.200,00 kr\.",
    ),
    "an amount that is no number": (first_amount("1"), "approved.0.amount_oere: skal være et helt tal"),
    "another year": (sample_decision() | {"year": 2023}, "year: er ikke ansøgningens år, som er 2022"),
    "no application": (sample_decision() | {"budget_application": 11}, "version 11 er ikke en gældende"),
    "an application to come": (sample_decision() | {"budget_application": 13}, "version 13 er ikke en gældende"),
    "a refusal without reason": (
        with_posts(lambda _, denied: denied[0].pop("begrundelse")), "refused.0.begrundelse: mangler",
    ),
    "an unknown party": (sample_decision() | {"letter": letter(recipients=["p-onkel"])}, "parten p-onkel"),
    "a day that is a number": (
        sample_decision() | {"tilsyn_dates": ["1650412800"]}, "tilsyn_dates.0: skal være en dato",
    ),
    "an outcome of one's own": (sample_decision() | {"resultat": "godkendt"}, "resultat: er et ukendt felt"),
    "no object": ([], "skal være et objekt"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_a_decision_on_the_application_is_invalid_and_nothing_is_kept(case, name):
    request, sentence = WRONG[name]
    with pytest.raises(Invalid, match=sentence):
        decide(case, request)
    assert len(case[0].entries(case[1])) == 12


def test_an_application_outside_the_yearly_budget_is_not_decided_by_the_year(case):
    data = events()["equip"]["data"]
    version = recorded(*case, "BudgetApplicationReceived", "2021-12-10", data)
    with pytest.raises(Invalid, match="redskab uden for budgettet, som ikke afgøres med en årsafgørelse"):
        decide(case, asked([approved("P10", 650_000)], budget_application=version))


GUARDED = {
    "by another role": (sample_decision(), {"actor": TINE}, r"^G32: Din rolle må ikke registrere denne hændelse\. \["),
    "in a letter of tomorrow": (sample_decision(), {"on": date(2021, 12, 11)}, "^G33"),
    "with a CPR number": (sample_decision() | {"letter": letter(begrundelse="010203-4567")}, {}, "^G34"),
    "without guidance on complaints": (
        sample_decision() | {"letter": {**letter(), "klagevejledning": None}}, {}, "^G13: Afgørelsen mangler",
    ),
    "with much that is wrong": (
        sample_decision() | {"letter": {**letter(begrundelse="010203-4567"), "klagevejledning": None}},
        {"actor": TINE, "on": date(2021, 12, 11)}, r"^G13\+G32\+G33\+G34: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDED)
def test_every_guard_of_every_fact_is_asked_and_told_once_lowest_first(case, name):
    request, more, sentence = GUARDED[name]
    with pytest.raises(Refused, match=sentence) as refusal:
        decide(case, request, **more)
    assert len(set(refusal.value.guards)) == len(refusal.value.guards)
    assert len(case[0].entries(case[1])) == 12


def two_large(case, second):
    """The request for two posts that are within the year's cap one by one."""
    posts = [
        {"post": post, "category": "oevrige", "name": post, "amount_oere": CAP_2022} for post in ("A", "B")
    ]  # fmt: skip
    data = {"scope": "annual", "year": 2022, "posts": posts}
    version = recorded(*case, "BudgetApplicationReceived", "2021-12-10", data)
    return asked([approved("A", 40_000_000), approved("B", second)], budget_application=version)


def test_each_post_is_held_against_the_cap_with_those_before_it_in_the_letter(case):
    request = two_large(case, CAP_2022 - 40_000_000 + 1)
    with pytest.raises(Refused, match=r"^G18: "):
        decide(case, request)
    assert len(case[0].entries(case[1])) == 13
    assert decide(case, two_large(case, CAP_2022 - 40_000_000), request_id="r2").version == 17


def test_a_large_post_is_pointed_out_in_the_receipt_wherever_it_stands_in_the_letter(case):
    names = [one.id for one in decide(case, two_large(case, 1)).notices]
    assert names == ["NO_SECOND_APPROVER"]


def test_the_same_request_gives_the_first_receipt_and_another_under_its_id_is_invalid(case):
    first = decide(case, sample_decision())
    recorded(*case, "NoteRecorded", "2021-12-10", {"text": "Sendt.", "about": "other", "internal": True})
    assert decide(case, sample_decision(), if_version=12) == first
    with pytest.raises(Invalid, match="allerede brugt"):
        decide(case, asked([]))
    assert len(case[0].entries(case[1])) == 26


def test_of_two_who_decide_on_the_same_version_one_is_first_and_the_other_keeps_nothing(case, database_url, clock):
    book, case_id = case
    ready = Barrier(2)

    def decide_as(number):
        with Books(database_url, clock, MASTER_KEY) as books:
            mine = books.book("esbjerg")
            ready.wait()
            try:
                return decide((mine, case_id), sample_decision(), request_id=f"r{number}", if_version=12).version
            except Conflict:
                return None

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(decide_as, range(2)), key=str)
    assert done == [25, None]
    assert types(book, case_id, after=12).count("AnnualBudgetDecided") == 1
    assert verify(book).faults == ()


def test_someone_was_first_is_told_with_the_version(case):
    with pytest.raises(Conflict, match="version 12, ikke 11"):
        decide(case, sample_decision(), if_version=11)


def test_a_decision_within_the_year_is_paid_over_the_months_that_are_left(case, clock):
    set_clock(clock, "2022-10-03")
    plan = decide(case, sample_decision(), on=date(2022, 10, 3)).instalments
    assert [one.pay_on for one in plan] == [date(2022, 11, 1), date(2022, 12, 1)]
    assert sum(one.amount_oere for one in plan) == 16_814_750


@pytest.mark.usefixtures("case")
def test_the_command_records_and_prints_the_plan(database_url, monkeypatch, capfd, tmp_path):
    path = tmp_path / "afgørelse.json"
    path.write_text(json.dumps(sample_decision()), "utf-8")
    sagsbog = command(database_url, monkeypatch, capfd)
    arguments = (
        "annual-decision",
        NUMBER,
        "--on",
        DAY,
        "--data",
        f"@{path}",
        "--request-id",
        "r1",
        "--as",
        option(LISE),
    )
    printed = sagsbog(*arguments)
    assert "som version 25" in printed
    assert re.search(r"12 +2022-12-01 +14\.012,31 kr\.", printed)
    told = json.loads(sagsbog(*arguments, "--format", "json"))
    assert (told["version"], len(told["instalments"])) == (25, 12)
    assert told["instalments"][0] == {"number": 1, "pay_on": "2022-01-03", "amount_oere": 1_401_229}
