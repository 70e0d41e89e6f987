"""Settlement: what counts of an expense, what a post and a year come to, the claim, and the use of the cap."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.facts.accounts import AccountsReviewed
from ledger.facts.budget import RefusalCode
from ledger.law.accounts import Post
from ledger.law.posting import Posting
from ledger.law.screening import DaysAbroad
from ledger.law.settlement import claims, committed, most_to_claim, settled_post, settled_year
from tests.money import (
    abroad,
    adjusted,
    approved,
    claim_changed,
    claimed,
    entry,
    expense,
    granted,
    heard,
    paid,
    received,
    recorded,
    repaid,
    reviewed,
    told,
)

P1 = Post(2022, "P1")


def screen(*facts):
    """What counts of the one expense among the facts: øre, and the code."""
    (found,) = Posting(told(*facts).told).screened().values()
    return found.accepted_oere, found.code


def screened(given=(), **data):
    """An expense of 100 on a post granted on 10 December, in a training approved on 1 December."""
    said = {"on_post": "P1", "paid_on": "2022-03-01"} | data
    bought = expense("e1", said.pop("on_post"), 100, said.pop("paid_on"), **said)
    return screen(approved(), granted("P1", 500), granted("H1", 500, category="hjaelpetraenere"), *given, bought)


def post(*facts, of=P1):
    return settled_post(Posting(told(*facts).told), of)


def year(*facts, of=2022):
    return settled_year(Posting(told(*facts).told), of)


@pytest.mark.parametrize(
    ("counts", "data", "given"),
    [
        (None, {}, ()),
        ("mangler_kvittering", {"receipt": False}, ()),
        ("udland", {"abroad": True}, ()),
        ("udland", {}, [abroad("2022-03-01", "2022-03-07")]),
        ("udland", {}, [abroad("2022-02-20", "2022-03-01")]),
        (None, {}, [abroad("2022-03-02", "2022-03-07")]),
        (None, {}, [abroad("2022-02-20", "2022-02-28")]),
        (None, {}, [abroad("2022-02-20", "2022-03-07", kind="holiday")]),
        ("cbd_olie", {"category_code": "cbd_olie"}, ()),
        ("ikke_bevilget", {"on_post": "P9"}, ()),
        ("ikke_bevilget", {"on_post": None}, ()),
        ("ikke_bevilget", {"year": 2023}, ()),
        (None, {"paid_on": "2021-12-10", "year": 2021}, [granted("P1", 9, year=2021)]),
        ("foer_afgoerelse", {"paid_on": "2021-12-09", "year": 2021}, [granted("P1", 9, year=2021)]),
        ("forkert_aar", {"paid_on": "2021-12-31"}, ()),
        (None, {"paid_on": "2022-01-01"}, ()),
        (None, {"paid_on": "2022-12-31"}, ()),
        ("forkert_aar", {"paid_on": "2023-01-01"}, ()),
        (None, {"on_post": "H1", "paid_on": "2023-01-31", "accrual": "december_tax"}, ()),
        ("forkert_aar", {"on_post": "H1", "paid_on": "2023-02-01", "accrual": "december_tax"}, ()),
        ("forkert_aar", {"on_post": "H1", "paid_on": "2023-01-16", "accrual": "none"}, ()),
        ("forkert_aar", {"on_post": "P1", "paid_on": "2023-01-16", "accrual": "december_tax"}, ()),
    ],
)
def test_an_expense_counts_in_full_or_not_at_all_with_the_reason(counts, data, given):
    assert screened(given, **data) == (0 if counts else 100, counts)


def test_the_first_reason_in_the_order_of_the_rules_is_the_one_told():
    wrong = {
        "receipt": (False, RefusalCode.MANGLER_KVITTERING),
        "abroad": (True, RefusalCode.UDLAND),
        "category_code": ("specialkost", RefusalCode.SPECIALKOST),
        "on_post": ("P9", RefusalCode.IKKE_BEVILGET),
        "paid_on": ("2021-01-01", RefusalCode.FOER_AFGOERELSE),
    }
    names = list(wrong)
    for first, name in enumerate(names):
        data = {later: wrong[later][0] for later in names[first:]}
        assert screened(**data) == (0, wrong[name][1])


def test_nothing_counts_before_the_training_is_approved():
    bought = expense("e1", "P1", 100, "2022-03-01")
    assert screen(granted("P1", 500), bought) == (0, "foer_afgoerelse")
    assert screen(granted("P1", 500), bought, approved("2022-03-02")) == (0, "foer_afgoerelse")
    assert screen(granted("P1", 500), bought, approved("2022-03-01")) == (100, None)
    assert screen(approved("2022-03-01"), granted("P1", 500), bought, approved("2022-06-01")) == (100, None)


def test_a_post_that_is_granted_again_counts_from_its_first_letter():
    facts = (approved(), granted("P1", 500), expense("e1", "P1", 100), granted("P1", 700, on="2022-06-01"))
    assert screen(*facts) == (100, None)
    assert post(*facts).approved_oere == 700


def test_an_expense_documented_before_its_post_is_granted_is_screened_again():
    late = (expense("e1", "P1", 100, "2022-03-01"), "2022-03-02")
    assert screen(approved(), late) == (0, "ikke_bevilget")
    assert screen(approved(), late, granted("P1", 500, on="2022-03-03")) == (0, "foer_afgoerelse")
    assert screen(approved(), late, granted("P1", 500, on="2022-03-01")) == (100, None)


def test_the_latest_review_decides_whatever_the_screening_said():
    bought = expense("e1", "P9", 100, receipt=False)
    assert screen(approved(), bought, reviewed("e1", 60, code="slitage")) == (60, "slitage")
    assert screen(approved(), bought, reviewed("e1", 60), reviewed("e1", 100, "accepted")) == (100, None)
    assert screen(approved(), bought, reviewed("other", 60)) == (0, "mangler_kvittering")


def test_an_expense_documented_anew_is_the_same_expense():
    facts = (approved(), granted("P1", 500), granted("P2", 500), expense("e1", "P1", 100, receipt=False))
    again = (*facts, expense("e1", "P2", 80))
    assert post(*facts, expense("e1", "P1", 100)).accepted_oere == 100
    assert (post(*again).documented_oere, post(*again).accepted_oere) == (0, 0)
    assert post(*again, of=Post(2022, "P2")).accepted_oere == 80


def test_a_post_of_option_a_that_is_underspent_is_repaid_and_one_overspent_is_the_familys_own_cost():
    facts = (approved(), granted("P1", 500), granted("P2", 20), expense("e1", "P1", 420), expense("e2", "P2", 50))
    under, over = (post(*facts, received(), of=Post(2022, one)) for one in ("P1", "P2"))
    assert (under.repay_oere, under.own_cost_oere) == (80, 0)
    assert (over.repay_oere, over.own_cost_oere) == (0, 30)
    total = year(*facts, received())
    assert (total.repay_oere, total.own_cost_oere, total.cost_oere) == (80, 30, 440)


def test_nothing_is_to_be_repaid_before_the_accounts_are_received():
    facts = (approved(), granted("P1", 500), expense("e1", "P1", 600))
    assert (post(*facts).repay_oere, post(*facts).own_cost_oere) == (None, None)
    assert (post(*facts, received()).repay_oere, post(*facts, received()).own_cost_oere) == (0, 100)
    assert year(*facts).repay_oere is None
    assert year(*facts).cost_oere == 500
    assert post(*facts, received(2021)).repay_oere is None


def test_a_post_granted_after_the_accounts_are_received_is_settled_too():
    assert post(received(), (granted("P1", 500), "2023-03-01")).repay_oere == 500


@pytest.mark.parametrize("kind", ["supplier_invoice", "wage"])
def test_what_the_municipality_pays_on_option_b_is_documented_and_accepted_and_never_repaid(kind):
    row = post(granted("P1", 900, option="b"), paid(kind, 800, "P1"), received())
    assert (row.paid_oere, row.documented_oere, row.accepted_oere) == (800, 800, 800)
    assert (row.repay_oere, row.own_cost_oere) == (0, 0)


def test_an_invoice_beyond_an_option_b_post_is_the_familys_own_cost():
    row = post(granted("P1", 900, option="b"), paid("supplier_invoice", 950, "P1"), received())
    assert (row.accepted_oere, row.own_cost_oere, row.repay_oere) == (950, 50, 0)


def test_a_payment_on_option_a_is_only_paid():
    for kind in ("one_off", "supplier_invoice", "wage"):
        row = post(granted("P1", 900), paid(kind, 800, "P1"), received())
        assert (row.paid_oere, row.documented_oere, row.accepted_oere, row.repay_oere) == (800, 0, 0, 900)
    one_off = post(granted("P1", 900, option="b"), paid("one_off", 800, "P1"), received())
    assert (one_off.paid_oere, one_off.accepted_oere) == (800, 0)


def test_instalments_belong_to_the_year_and_to_no_post():
    total = year(granted("P1", 900), paid("instalment", 75), paid("instalment", 75), paid("one_off", 10, "P1"))
    assert (total.instalments_oere, total.paid_oere) == (150, 160)
    assert post(granted("P1", 900), paid("instalment", 75)).paid_oere == 0


def test_an_expense_on_no_post_is_uncovered_and_on_no_posts_figures():
    total = year(approved(), granted("P1", 900), expense("e1", None, 120), expense("e2", None, 50, receipt=False))
    assert (total.documented_oere, total.accepted_oere, total.uncovered_oere) == (0, 0, 120)


def test_uncovered_is_what_has_a_receipt_and_is_not_accepted():
    facts = (approved(), granted("P1", 900), expense("e1", "P1", 100), expense("e2", "P1", 40, receipt=False))
    assert year(*facts).uncovered_oere == 0
    assert year(*facts, reviewed("e1", 70)).uncovered_oere == 30
    accepted_without_receipt = year(*facts, reviewed("e2", 40, "accepted"))
    assert (accepted_without_receipt.uncovered_oere, accepted_without_receipt.accepted_oere) == (0, 140)
    assert accepted_without_receipt.documented_oere == 100


def test_an_adjustment_replaces_the_amount_of_the_whole_year():
    facts = (approved(), granted("P1", 500), expense("e1", "P1", 420), received())
    assert post(*facts, adjusted("P1", 500, 450)).repay_oere == 30
    assert post(*facts, adjusted("P1", 500, 400)).own_cost_oere == 20
    assert post(adjusted("P1", 0, 450), received()).approved_oere == 0


def test_the_most_to_claim_is_what_the_family_got_less_what_it_was_used_for():
    facts = (approved(), granted("P1", 500), granted("B1", 900, option="b"), paid("wage", 800, "B1"), received())
    got = (*facts, paid("instalment", 300), paid("one_off", 100, "P1"), expense("e1", "P1", 150))
    assert most_to_claim(Posting(told(*got).told), 2022) == 250
    assert settled_year(Posting(told(*got).told), 2022).repay_oere == 350
    assert most_to_claim(Posting(told(*facts, expense("e1", "P1", 150)).told), 2022) == 0
    assert most_to_claim(Posting(told(*got, expense("e2", "P1", 999)).told), 2022) == 0


def test_what_is_paid_on_option_b_or_on_no_granted_post_is_not_the_familys_to_pay_back():
    facts = (granted("B1", 900, option="b"), paid("one_off", 100, "B1"), paid("one_off", 70, "P9"))
    assert most_to_claim(Posting(told(*facts).told), 2022) == 0
    assert most_to_claim(Posting(told(*facts, granted("P9", 50)).told), 2022) == 70


def test_what_was_used_beyond_the_grant_does_not_lower_the_most_to_claim():
    facts = (approved(), granted("P1", 100), granted("P2", 100), paid("instalment", 200), expense("e1", "P1", 180))
    assert most_to_claim(Posting(told(*facts).told), 2022) == 100


def stages(*facts, of=2022):
    found = claims(told(*facts).told).get(of)
    names = ("heard_oere", "issued_oere", "adjusted_to_oere", "received_oere", "outstanding_oere")
    return found and tuple(getattr(found, name) for name in names)


def test_a_claim_goes_from_heard_to_issued_to_adjusted_to_received():
    facts = [heard(1_000, (2022, "P1", 1_000)), claimed(900), claim_changed(900, 700), repaid(300), repaid(400)]
    facts = [(fact, f"2023-0{number}-01") for number, fact in enumerate(facts, 3)]
    assert stages(*facts[:1]) == (1_000, None, None, 0, None)
    assert stages(*facts[:2]) == (1_000, 900, None, 0, 900)
    assert stages(*facts[:3]) == (1_000, 900, 700, 0, 700)
    assert stages(*facts[:4]) == (1_000, 900, 700, 300, 400)
    assert stages(*facts) == (1_000, 900, 700, 700, 0)
    assert stages(*facts, of=2021) is None


def test_a_waived_claim_is_adjusted_to_nothing_and_what_was_paid_stands_out_as_owed_to_the_family():
    facts = ((claimed(900), "2023-03-30"), (repaid(100), "2023-04-01"), (claim_changed(900, 0), "2023-05-01"))
    assert stages(*facts[:1], facts[2]) == (None, 900, 0, 0, 0)
    assert stages(*facts) == (None, 900, 0, 100, -100)


def test_a_new_claim_takes_the_place_of_the_one_before_with_its_adjustment():
    facts = ((claimed(900), "2023-03-30"), (claim_changed(900, 500), "2023-05-01"), (claimed(600), "2023-06-01"))
    assert stages(*facts) == (None, 600, None, 0, 600)


def test_a_hearing_about_two_years_is_divided_by_the_posts_of_each():
    both = heard(1_000, (2021, "P1", 300), (2022, "P1", 500), (2022, "P2", 200))
    assert stages(both)[0] == 700
    assert stages(both, of=2021)[0] == 300


def test_a_hearing_about_one_year_is_about_the_amount_it_proposes():
    assert stages(heard(1_000, (2022, "P1", 900)))[0] == 1_000
    assert stages(heard(None, (2022, "P1", 900)))[0] == 900


def test_the_newest_hearing_about_repayment_counts_and_no_other():
    other = heard(9_000, (2022, "P1", 9_000)).model_copy(update={"subject": "tilsynsrapport"})
    assert stages(heard(1_000, (2022, "P1", 1_000)), heard(800, (2022, "P1", 800)), other)[0] == 800


def test_a_hearing_without_posts_is_about_the_year_whose_review_it_points_to():
    review = AccountsReviewed(year=2022, per_post=[], provisional_repay_oere=500)
    entries = [entry(1, review, "2023-03-08"), entry(2, heard(500), "2023-03-10", {"about": (1,)})]
    assert claims(entries)[2022].heard_oere == 500
    assert claims([entries[0], entries[1]._replace(refs={})]) == {}


def hold(*facts, period="budget_year", on="2022-06-15", of=2022):
    return committed([one.fact for one in recorded(facts)], period, of, date.fromisoformat(on))


def test_in_a_budget_year_every_post_of_the_year_is_held_against_its_cap():
    facts = (granted("P1", 500), granted("P2", 300), granted("P1", 90, year=2023))
    assert hold(*facts) == 800
    assert hold(*facts, of=2023) == 90
    assert hold(*facts, adjusted("P1", 500, 650)) == 950
    assert hold(*facts, adjusted("P1", 500, 100)) == 400
    assert hold(*facts, granted("P1", 200, on="2022-02-01")) == 500
    assert hold(adjusted("P1", 0, 100)) == 0


@pytest.mark.parametrize(
    ("day", "held"), [("2021-06-15", 0), ("2021-06-16", 500), ("2022-06-15", 500), ("2022-06-16", 0)]
)
def test_in_twelve_rolling_months_grants_are_held_by_the_day_of_their_letter(day, held):
    assert hold(granted("P1", 500, on=day), period="rolling_12_months", on="2022-06-15") == held


def test_the_twelve_months_take_in_grants_for_every_year():
    facts = (granted("P1", 500, on="2021-12-10", year=2021), granted("P2", 300, on="2022-01-10"))
    assert hold(*facts, period="rolling_12_months") == 800
    assert hold(*facts) == 300


def test_a_raise_is_held_from_its_own_letter_and_a_reduction_takes_from_what_was_granted_last():
    facts = (granted("P1", 500, on="2021-01-10"), adjusted("P1", 500, 800, on="2022-03-01"))
    rolling = {"period": "rolling_12_months", "on": "2022-06-15"}
    assert hold(*facts, **rolling) == 300
    assert hold(*facts, adjusted("P1", 800, 700, on="2022-04-01"), **rolling) == 200
    assert hold(*facts, adjusted("P1", 800, 400, on="2022-04-01"), **rolling) == 0
    assert hold(facts[0], adjusted("P1", 500, 501, on="2022-03-01"), **rolling) == 1
    back = (adjusted("P1", 800, 400, on="2022-04-01"), adjusted("P1", 400, 450, on="2022-05-01"))
    assert hold(*facts, *back, **rolling) == 50
    assert hold(*facts, *back) == 450


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-3, 8)), max_size=8))
@example([(4, 0), (5, -2)])  # one that ends before it begins
def test_stays_abroad_are_the_days_of_each_stay_and_no_other(stays):
    new_year, away, days = date(2022, 1, 1), DaysAbroad(), set()
    for first, length in stays:
        away.add(new_year + timedelta(days=first), new_year + timedelta(days=first + length))
        days |= set(range(first, first + length + 1))
    assert {day for day in range(-5, 60) if new_year + timedelta(days=day) in away} == days
