"""Tabt arbejdsfortjeneste: the benefit of a month, to the øre."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Invalid
from ledger.facts.book import Certainty
from ledger.law.rates import Rate, RateMissing
from ledger.law.taf import Hours, Taf, atp, monthly_taf, pension, to_oere

CAP_2022 = Rate(3_306_300, "S4", Certainty.SEED, date(2022, 1, 1))
HALF_TIME = Hours(2_000, 3_700)
THIRD = Fraction(1, 3)
oere = st.integers(0, 10**9)
hours = st.builds(Hours, st.integers(0, 10_000), st.integers(1, 10_000))


def benefit(income, deducted=0, added=0, of=HALF_TIME, cap=CAP_2022):
    return monthly_taf(income, of, cap, year=2022, deductions_oere=deducted, benefits_added_oere=added)


def test_the_worked_example_of_2022_pays_the_capped_amount():
    assert benefit(4_100_000) == Taf(share_oere=2_216_216, cap_share_oere=1_787_189, monthly_taf_oere=1_787_189)
    assert pension(1_787_189, 1_000_000, HALF_TIME, 10) == 178_719


def test_an_income_below_the_cap_pays_its_own_share():
    assert benefit(3_306_300).monthly_taf_oere == benefit(3_306_300).cap_share_oere == 1_787_189
    assert benefit(3_306_299).monthly_taf_oere == 1_787_189  # 1.787.188,65 øre
    assert benefit(3_306_298).monthly_taf_oere == 1_787_188  # 1.787.188,11 øre


def test_deductions_and_benefits_count_before_the_cap():
    full_time = Hours(3_700, 3_700)
    assert monthly_taf(2_000_000, full_time, CAP_2022, year=2022).monthly_taf_oere == 2_000_000
    assert benefit(2_000_000, deducted=300_000, of=full_time).monthly_taf_oere == 1_700_000
    assert benefit(2_000_000, added=300_000, of=full_time).monthly_taf_oere == 2_300_000
    assert benefit(3_000_000, added=300_000, deducted=10_000, of=full_time).monthly_taf_oere == 3_290_000
    assert benefit(3_500_000, deducted=100_000, of=full_time).monthly_taf_oere == 3_306_300


def test_the_benefit_is_never_below_nothing():
    assert benefit(100_000, deducted=100_000).monthly_taf_oere == 0


def test_without_a_registered_cap_nothing_is_calculated():
    with pytest.raises(RateMissing, match=r"sagsbog rate KOMMUNE taf_cap 2025 --name taf-cap"):
        monthly_taf(4_100_000, HALF_TIME, None, year=2025)
    assert benefit(4_100_000).monthly_taf_oere > 0


def test_working_time_must_be_over_nothing():
    with pytest.raises(Invalid, match="work_hours_x100: skal være over 0"):
        benefit(1, of=Hours(0, 0))
    assert benefit(1, of=Hours(0, 1)).monthly_taf_oere == 0


def test_the_pension_is_at_most_what_the_employer_paid_for_those_hours():
    assert pension(1_787_189, 185_000, HALF_TIME, 10) == 100_000
    assert pension(1_787_189, 0, HALF_TIME, 10) == 0


@pytest.mark.parametrize(("amount", "parts"), [(300, (100, 200)), (100, (33, 67)), (200, (67, 133)), (0, (0, 0))])
def test_atp_is_divided_in_a_third_and_the_rest(amount, parts):
    assert atp(amount, THIRD) == parts


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [(Fraction(1, 2), 1), (Fraction(3, 2), 2), (Fraction(5, 2), 3), (Fraction(49, 100), 0), (Fraction(7), 7)],
)
def test_half_an_oere_is_rounded_up(exact, rounded):
    assert to_oere(exact) == rounded


@given(oere, hours, oere, oere)
def test_the_benefit_is_never_above_the_share_of_the_cap_and_grows_with_the_income(income, of, deducted, added):
    found = benefit(income, deducted, added, of)
    assert 0 <= found.monthly_taf_oere <= found.cap_share_oere
    assert found.monthly_taf_oere <= benefit(income + 1_000, deducted, added, of).monthly_taf_oere


@given(oere)
def test_the_two_parts_of_atp_are_the_whole(amount):
    recipient, municipality = atp(amount, THIRD)
    assert recipient + municipality == amount
    assert abs(3 * recipient - amount) <= 1


@given(oere, oere, hours)
def test_the_pension_is_at_most_ten_per_cent_and_at_most_the_contribution(taf, contribution, of):
    assert (
        0 <= pension(taf, contribution, of, 10) <= min(to_oere(Fraction(taf, 10)), to_oere(of.share_of(contribution)))
    )
