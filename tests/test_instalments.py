"""Instalments: the total in equal monthly payments, the rest in the last."""

import json
from datetime import date, timedelta
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from ledger.law.instalments import instalments, months_to_pay

SATURDAY = 5


def after_the_weekend(day):
    """The first day that is no weekend."""
    while day.weekday() >= SATURDAY or (day.month, day.day) == (1, 1):
        day += timedelta(days=1)
    return day


def test_the_plan_of_the_sample_is_what_the_sample_was_paid():
    sample = json.loads(files("api").joinpath("samples/esbjerg-settlement.json").read_text("utf-8"))
    paid = [event for event in sample["events"] if event["data"].get("kind") == "instalment"]
    for year, total, decided in ((2022, 16_814_750, date(2021, 12, 10)), (2023, 12_802_000, date(2022, 12, 14))):
        plan = instalments(total, year, decided, after_the_weekend)
        of_year = [event for event in paid if event["data"]["year"] == year]
        assert [one.amount_oere for one in plan][: len(of_year)] == [one["data"]["amount_oere"] for one in of_year]
        assert [one.pay_on.isoformat() for one in plan][: len(of_year)] == [one["occurred_on"] for one in of_year]
        assert [one.number for one in plan] == list(range(1, 13))


def test_a_year_decided_before_it_begins_is_paid_in_twelve():
    assert len(months_to_pay(2022, date(2021, 12, 31))) == 12


def test_a_year_decided_in_it_is_paid_from_the_first_first_of_a_month_after_the_decision():
    assert months_to_pay(2022, date(2022, 1, 1))[0] == date(2022, 2, 1)
    assert months_to_pay(2022, date(2022, 8, 31)) == tuple(date(2022, month, 1) for month in (9, 10, 11, 12))
    assert months_to_pay(2022, date(2022, 11, 30)) == (date(2022, 12, 1),)


def test_nothing_is_left_to_divide_when_it_is_decided_in_december():
    assert instalments(1_000, 2022, date(2022, 12, 1), after_the_weekend) == ()


@given(st.integers(0, 10**10), st.dates(date(2021, 1, 1), date(2022, 11, 30)))
def test_the_instalments_sum_to_the_total_and_are_at_most_n_minus_one_oere_apart(total, decided):
    plan = instalments(total, 2022, decided, after_the_weekend)
    amounts = [one.amount_oere for one in plan]
    assert sum(amounts) == total
    assert len(set(amounts[:-1])) <= 1
    assert 0 <= amounts[-1] - amounts[0] <= len(plan) - 1
    assert all(one.pay_on > decided and one.pay_on.year == 2022 for one in plan)
