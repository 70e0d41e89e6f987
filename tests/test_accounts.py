"""The double entry: whatever happens in a case, in whatever order, the accounts balance and say what RULES §4.4 do."""

import sys
from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.facts.accounts import AccountsReceived
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved, RefusalCode
from ledger.facts.changes import AbsencePlanned
from ledger.facts.decision import HjemmetraeningApproved
from ledger.facts.history import history
from ledger.facts.payments import ExpenseDocumented, ExpenseReviewed, PaymentMade
from ledger.law.accounts import Account, Accounts, Post
from ledger.law.posting import Posting
from ledger.law.settlement import settled_post, settled_year
from tests.money import (
    LAST_DAY,
    abroad,
    adjusted,
    approved,
    entry,
    expense,
    granted,
    paid,
    received,
    recorded,
    repaid,
    reviewed,
    told,
)

POSTS = ("P1", "P2", "P3")
P1 = Post(2022, "P1")
ON_PAPER = {Account.DOCUMENTED, Account.COVERED, Account.UNCOVERED}
OF_THE_GRANT = {Account.GRANTED, Account.UNUSED, Account.TO_REPAY, Account.ACCEPTED, Account.OWN_COST}

oere = st.integers(0, 10_000)
years = st.sampled_from([2021, 2022])
posts = st.sampled_from(POSTS)
days = st.dates(date(2020, 12, 1), date(2023, 2, 15)).map(date.isoformat)
codes = st.sampled_from([None, None, None, RefusalCode.CBD_OLIE])
yes_mostly = st.sampled_from([True, True, True, False])
categories = st.sampled_from(["traeningsredskaber", "hjaelpetraenere"])
grants = st.builds(
    granted,
    posts, oere, days, year=years, option=st.sampled_from(["a", "b"]), category=categories,
)  # fmt: skip
expenses = st.builds(
    lambda name, post, amount, on, **said: expense(f"e{name}", post, amount, on, **said),
    st.integers(1, 8), posts | st.none(), oere, days, year=years, receipt=yes_mostly, category_code=codes,
    abroad=yes_mostly.map(lambda yes: not yes), accrual=st.sampled_from([None, "december_tax"]),
)  # fmt: skip
payments = st.builds(paid, st.sampled_from(["one_off", "supplier_invoice", "wage"]), oere, posts, years)
periods = st.tuples(days, days).map(lambda both: abroad(min(both), max(both)))
facts = st.one_of(
    grants, expenses, expenses, expenses, payments, periods,
    st.builds(adjusted, posts, oere, oere, days, years),
    st.builds(lambda name, amount: reviewed(f"e{name}", amount), st.integers(1, 8), oere),
    st.builds(approved, days), st.builds(received, years), st.builds(repaid, oere, years),
    st.builds(lambda amount, year: paid("instalment", amount, year=year), oere, years),
)  # fmt: skip


@st.composite
def histories(draw):
    """Anything at all about money, decided and documented on any days."""
    return told(*((fact, draw(days)) for fact in draw(st.lists(facts, max_size=30))))


def balances(transfers):
    """Account and post to balance, debit positive, from the transfers alone."""
    found = defaultdict(int)
    for one in transfers:
        found[one.debit, one.post] += one.oere
        found[one.credit, one.post] -= one.oere
    return found


@given(histories())
def test_the_legs_of_a_year_and_of_a_post_sum_to_zero_at_every_version(history):
    posting = Posting()
    for one in history.told:
        before = len(posting.accounts.transfers)
        posting.tell(one)
        new = posting.accounts.transfers[before:]
        assert all(transfer.version == one.version and transfer.oere > 0 for transfer in new)
        years, granted_legs, paper_legs = defaultdict(int), defaultdict(int), defaultdict(int)
        for (account, post), balance in balances(posting.accounts.transfers).items():
            years[post.year] += balance
            granted_legs[post] += balance if account in OF_THE_GRANT else 0
            paper_legs[post] += balance if account in ON_PAPER else 0
        for legs in (years, granted_legs, paper_legs):
            assert not any(legs.values())


@given(histories())
def test_the_balances_are_what_the_transfers_add_up_to(history):
    accounts = Posting(history.told).accounts
    for (account, post), balance in balances(accounts.transfers).items():
        assert abs(accounts.amount(account, post)) == abs(balance)


@given(histories())
def test_every_figure_is_what_the_rules_say_worked_out_straight_from_the_facts(history):
    posting = Posting(history.told)
    facts = [one.fact for one in history.told]
    for year in posting.years:
        rows = {post.id: worked_out(facts, year, post.id) for post in posting.posts(year)}
        for post, row in rows.items():
            figures = settled_post(posting, Post(year, post))
            assert {name: getattr(figures, name) for name in row} == row
        total, figures = worked_out_year(facts, year, rows.values()), settled_year(posting, year)
        assert {name: getattr(figures, name) for name in total} == total


def worked_out(facts, year, post):
    """RULES §4.4 for a post, read aloud."""
    grant = grant_of(facts, year, post)
    payments = [one for one in facts if isinstance(one, PaymentMade) and (one.year, one.post) == (year, post)]
    invoices = sum(one.amount_oere for one in payments if one.kind in ("supplier_invoice", "wage"))
    on_post = [one for one in standing(facts) if (one.year, one.post) == (year, post)]
    of_b = grant is not None and grant.option == "b"
    approved_oere = grant.amount_oere if grant else 0
    accepted = sum(accepted_of(facts, one) for one in on_post) + (invoices if of_b else 0)
    settled = any(isinstance(one, AccountsReceived) and one.year == year for one in facts)
    of_a = grant is not None and grant.option == "a"
    return {
        "approved_oere": approved_oere,
        "paid_oere": sum(one.amount_oere for one in payments),
        "documented_oere": sum(one.amount_oere for one in on_post if one.receipt) + (invoices if of_b else 0),
        "accepted_oere": accepted,
        "own_cost_oere": max(accepted - approved_oere, 0) if settled else None,
        "repay_oere": (max(approved_oere - accepted, 0) if of_a else 0) if settled else None,
    }


def worked_out_year(facts, year, rows):
    """RULES §4.4 for a year, read aloud."""
    settled = any(isinstance(one, AccountsReceived) and one.year == year for one in facts)
    names = ["approved_oere", "documented_oere", "accepted_oere"] + settled * ["own_cost_oere", "repay_oere"]
    instalments = sum(
        one.amount_oere for one in facts if isinstance(one, PaymentMade) and one.year == year and one.post is None
    )
    uncovered = sum(
        one.amount_oere - accepted_of(facts, one) for one in standing(facts) if one.year == year and one.receipt
    )
    return {name: sum(row[name] for row in rows) for name in names} | {
        "paid_oere": sum(row["paid_oere"] for row in rows) + instalments,
        "cost_oere": sum(min(row["approved_oere"], row["accepted_oere"]) for row in rows),
        "instalments_oere": instalments,
        "uncovered_oere": uncovered,
    }


def standing(facts):
    """Each expense as it was last documented."""
    return {one.expense: one for one in facts if isinstance(one, ExpenseDocumented)}.values()


def grant_of(facts, year, post):
    """The grant of a post with its last amount and its first letter."""
    found = None
    for one in facts:
        if isinstance(one, BudgetPostApproved) and (one.year, one.post) == (year, post):
            found = one.model_copy(update={"sent_on": min(one.sent_on, found.sent_on if found else one.sent_on)})
        if isinstance(one, BudgetPostAdjusted) and (one.year, one.post) == (year, post) and found:
            found = found.model_copy(update={"amount_oere": one.new_amount_oere})
    return found


def accepted_of(facts, one):
    reviews = [fact for fact in facts if isinstance(fact, ExpenseReviewed) and fact.expense == one.expense]
    if reviews:
        return reviews[-1].accepted_oere
    letters = [fact.sent_on for fact in facts if isinstance(fact, HjemmetraeningApproved)]
    periods = [fact for fact in facts if isinstance(fact, AbsencePlanned)]
    grant = grant_of(facts, one.year, one.post)
    away = one.abroad or any(period.from_on <= one.paid_on <= period.to_on for period in periods)
    if not one.receipt or away or one.category_code or not grant or not letters:
        return 0
    late_tax = one.accrual == "december_tax" and grant.category == "hjaelpetraenere"
    in_year = one.paid_on.year == one.year or (
        late_tax and date(one.year + 1, 1, 1) <= one.paid_on <= date(one.year + 1, 1, 31)
    )
    return one.amount_oere if in_year and one.paid_on >= max(grant.sent_on, min(letters)) else 0


@given(histories())
def test_repayment_and_own_cost_are_never_negative_and_never_both_on_one_post(history):
    posting = Posting(history.told)
    for year in posting.years:
        for post in posting.posts(year):
            figures = settled_post(posting, post)
            assert (figures.repay_oere or 0) >= 0
            assert (figures.own_cost_oere or 0) >= 0
            assert not (figures.repay_oere and figures.own_cost_oere)


@given(histories(), st.lists(facts, max_size=6), posts)
def test_what_happens_on_one_post_never_moves_another(history, more, post):
    of_post = [fact for fact in more if getattr(fact, "post", None) == post and fact.year == 2022]
    others = [fact for fact in of_post if getattr(fact, "expense", "new") not in {f"e{n}" for n in range(1, 9)}]
    after = Posting(history.told)
    for version, fact in enumerate(others, 1_000):
        after.tell(entry(version, fact, "2029-01-01"))
    before = Posting(history.told)
    for one in before.posts(2022):
        assert one.id == post or settled_post(before, one) == settled_post(after, one)


@given(histories(), posts, oere, days)
def test_an_accepted_expense_more_never_raises_what_is_to_be_repaid(history, post, amount, paid_on):
    before, after = Posting(history.told), Posting(history.told)
    after.tell(entry(1_000, expense("new", post, amount, paid_on), "2029-01-01"))
    after.tell(entry(1_001, reviewed("new", amount, "accepted"), "2029-01-01"))
    for one in before.posts(2022):
        assert (settled_post(after, one).repay_oere or 0) <= (settled_post(before, one).repay_oere or 0)


@given(st.permutations([
    granted("P1", 5_000), granted("P2", 900, option="b"), expense("e1", "P1", 3_000), expense("e2", "P1", 100),
    expense("e3", "P2", 70), paid("instalment", 4_000), paid("one_off", 50, "P1"), paid("wage", 800, "P2"),
    abroad("2022-03-01", "2022-03-05"), reviewed("e2", 40), received(), approved(), repaid(10),
]))  # fmt: skip
def test_the_order_in_which_independent_facts_of_one_day_are_recorded_makes_no_difference(order):
    posting = Posting(told(*((fact, "2022-12-31") for fact in order)).told)
    figures = settled_year(posting, 2022)
    assert (figures.approved_oere, figures.paid_oere, figures.instalments_oere) == (5_900, 4_850, 4_000)
    assert (figures.documented_oere, figures.accepted_oere, figures.uncovered_oere) == (3_970, 840, 3_130)
    assert (figures.cost_oere, figures.own_cost_oere, figures.repay_oere) == (840, 0, 4_960)


def test_each_entry_moves_explicit_amounts_between_named_accounts():
    posting = Posting(
        told(approved(), granted("P1", 500), expense("e1", "P1", 700), received(), reviewed("e1", 400)).told
    )
    moved = [(one.version, one.credit, one.debit, one.oere) for one in posting.accounts.transfers]
    assert moved == [
        (2, Account.GRANTED, Account.UNUSED, 500),
        (3, Account.UNUSED, Account.ACCEPTED, 500),
        (3, Account.OWN_COST, Account.ACCEPTED, 200),
        (3, Account.COVERED, Account.DOCUMENTED, 700),
        (5, Account.ACCEPTED, Account.UNUSED, 100),
        (5, Account.ACCEPTED, Account.OWN_COST, 200),
        (5, Account.UNUSED, Account.TO_REPAY, 100),
        (5, Account.DOCUMENTED, Account.COVERED, 300),
        (5, Account.UNCOVERED, Account.DOCUMENTED, 300),
    ]


def test_what_has_left_the_purse_and_not_come_back_is_what_a_settled_year_cost():
    facts = (approved(), granted("P1", 500), paid("instalment", 500), expense("e1", "P1", 420), received(), repaid(80))
    posting = Posting(told(*facts).told)
    year = Post(2022, None)
    assert posting.accounts.amount(Account.CLEARING, year) == 420 == settled_year(posting, 2022).cost_oere
    assert posting.accounts.amount(Account.REPAID, year) == 80


def test_an_amount_moved_back_empties_the_accounts():
    accounts = Accounts()
    accounts.transfer(Account.PAID_OUT, Account.CLEARING, P1, 75, 1)
    accounts.transfer(Account.PAID_OUT, Account.CLEARING, P1, -75, 2)
    accounts.transfer(Account.PAID_OUT, Account.CLEARING, P1, 0, 3)
    assert [accounts.amount(one, P1) for one in (Account.PAID_OUT, Account.CLEARING)] == [0, 0]
    assert [transfer.version for transfer in accounts.transfers] == [1, 2]


def long_case(size):
    """A year of expenses on one post, reviewed one by one, with a week abroad and a changed grant now and then."""
    facts = [approved(), granted("P1", 10**9)]
    for number in range(size):
        on = (date(2022, 1, 1) + timedelta(days=number % 365)).isoformat()
        facts.append(
            (reviewed(f"e{number - 1}", 50), "2022-12-31") if number % 5 == 4
            else (adjusted("P1", 1, 10**9 + number), "2022-12-31") if number % 50 == 7
            else (abroad(on, on), "2022-12-31") if number % 100 == 3
            else (expense(f"e{number}", "P1", 100, on), "2022-12-31")
        )  # fmt: skip
    return history(recorded_fast(facts), as_of=LAST_DAY).told


def recorded_fast(facts):
    return [
        entry(version, *(one if isinstance(one, tuple) else (one, "2021-12-31")))
        for version, one in enumerate(facts, 1)
    ]


def calls_of(work):
    """How many calls a piece of work is, in Python and in C: a cost that is the same on every machine."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_a_case_of_five_thousand_entries_costs_no_more_an_entry_than_one_of_five_hundred():
    short, long = (long_case(size) for size in (500, 5_000))
    assert calls_of(lambda: Posting(long)) / len(long) < 1.1 * calls_of(lambda: Posting(short)) / len(short)


def test_recording_helpers_name_the_expense_that_is_reviewed():
    entries = recorded([expense("e1", "P1", 10), reviewed("e1", 5)])
    assert entries[1].refs == {"expense": 1}
