"""Tabt arbejdsfortjeneste: the benefit of a month, to the øre."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Invalid
from ledger.facts.book import Certainty
from ledger.facts.values import ERASED
from ledger.law.rates import Rate, RateMissing
from ledger.law.taf import Hours, Taf, atp, monthly_taf, pension, to_oere
from tests.guarding import broken, told

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


def decided(monthly=1_787_189, **data):
    """A decision of the worked example of 2022."""
    said = {"resultat": "bevilget", "parent": "p-mor", "hours_x100": 2_000, "work_hours_x100": 3_700,
            "income_basis_oere": 4_100_000, "deductions_oere": 0, "benefits_added_oere": 0,
            "monthly_taf_oere": monthly, "from_on": "2022-01-01"}  # fmt: skip
    return told("TabtArbejdsfortjenesteDecided", "2021-12-08", **said | data)


def changed(monthly, **data):
    """A change to 10 hours a week, of which the cap's part is 8.935,95 kr."""
    said = {"resultat": "nedsat", "parent": "p-mor", "new_hours_x100": 1_000, "effective_on": "2022-06-01"}
    return told("TabtArbejdsfortjenesteAdjusted", "2022-03-01", monthly_taf_oere=monthly, **said | data)


ABOVE, MISSING, OTHER = "TAF_ABOVE_CAP", "TAF_CAP_MISSING", "TAF_NOT_AS_CALCULATED"


@pytest.mark.parametrize(
    ("story", "flags"),
    [
        ((decided(),), set()),
        ((decided(1_787_190),), {ABOVE, OTHER}),
        ((decided(1_787_188),), {OTHER}),
        ((decided(from_on="2025-01-01"),), {MISSING}),
        ((decided(0, resultat="afslaaet", from_on="2025-01-01"),), set()),
        ((decided(work_hours_x100=0),), set()),
        ((decided(income_basis_oere=ERASED),), set()),
        ((decided(monthly=ERASED),), set()),
        ((decided(), changed(893_595)), set()),
        ((decided(), changed(893_596)), {ABOVE}),
        ((decided(), changed(893_596, parent="p-far")), set()),
        ((decided(), changed(0, effective_on="2025-01-01", resultat="ophoert")), set()),
        ((decided(), changed(1, effective_on="2025-01-01")), {MISSING}),
        ((changed(9_999_999),), set()),
    ],
)
def test_a_benefit_that_is_not_what_the_law_gives_is_pointed_out(story, flags):
    assert {ABOVE, MISSING, OTHER} & set(broken("aarhus", *story)) == flags


def engaged(oere, on="2022-01-10"):
    return told("HelperEngaged", on, hourly_rate_oere=oere, started_on=on)


@pytest.mark.parametrize(
    ("municipality", "helper", "above"),
    [
        ("esbjerg", engaged(13_300), False),
        ("esbjerg", engaged(13_301), True),
        ("esbjerg", engaged(13_301, "2023-01-10"), False),
        ("aarhus", engaged(13_301), False),
    ],
)
def test_a_helper_paid_above_the_table_of_the_year_is_pointed_out(municipality, helper, above):
    assert ("HELPER_RATE_ABOVE_TABLE" in broken(municipality, helper)) is above
