"""Rates: which of several is in force on a day, and that every one in the rulebook says where it is written."""

import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger.facts.book import Certainty, RateKind, RateRegistered
from ledger.facts.entry import Actor, Entry
from ledger.law.rates import RateMissing, RateRow, rate_on

NEW_YEAR = date(2022, 1, 1)
REGISTRAR = Actor("u-reg-01", "Ib Prøve", "registratur", "registrator")
ROWS = TypeAdapter(tuple[RateRow, ...]).validate_python(
    tomllib.loads(files("ledger.law").joinpath("rulebooks/1/rates.toml").read_text("utf-8"))["rate"]
)
A_ROW = {"kind": "cap", "name": "cap", "year": 2022, "amount_oere": 100, "source": "S4", "certainty": "seed"}


def row(**data):
    said = A_ROW | data
    return RateRow.model_validate({name: value for name, value in said.items() if value is not None})


def registered(version=1, **data):
    approver = {"user_id": "u-reg-02", "name": "Bo Prøve", "role": "registrator"}
    fact = RateRegistered.model_validate(A_ROW | {"second_approver": approver} | data)
    at = datetime(2022, 1, 1, tzinfo=UTC)
    return Entry(UUID(int=2), version, fact, at.date(), at, REGISTRAR, "esbjerg", "api", {}, b"", b"")


def cap(rates=(), book=(), on=NEW_YEAR, *, municipality="esbjerg", kind=RateKind.CAP, name="cap"):
    rate = rate_on(book, rates, municipality, kind, name, on)
    return rate and rate.value


def bundled(kind, name, on, municipality="esbjerg"):
    return rate_on((), ROWS, municipality, kind, name, date.fromisoformat(on))


@pytest.mark.parametrize(
    ("year", "kroner"),
    [(2016, 596_681), (2017, 608_615), (2018, 620_787), (2019, 633_203), (2020, 645_867), (2021, 658_784),
     (2022, 666_689), (2023, 684_690), (2024, 706_600), (2015, None), (2025, None), (2026, None)],
)  # fmt: skip
def test_the_rulebook_knows_the_cap_of_2016_to_2024_and_of_no_other_year(year, kroner):
    for day in (f"{year}-01-01", f"{year}-12-31"):
        rate = bundled(RateKind.CAP, "cap", day)
        assert (rate and rate.value) == (kroner and kroner * 100)


@pytest.mark.parametrize(
    ("year", "kroner"),
    [(2018, 30_576), (2021, 32_671), (2022, 33_063), (2023, 34_055), (2024, 35_247),
     (2017, None), (2019, None), (2020, None), (2025, None), (2026, None)],
)  # fmt: skip
def test_the_rulebook_knows_the_taf_caps_that_were_found_and_no_other(year, kroner):
    rate = bundled(RateKind.TAF_CAP, "taf-cap", f"{year}-06-01")
    assert (rate and rate.value) == (kroner and kroner * 100)


@pytest.mark.parametrize(
    ("day", "oere"),
    [("2016-12-31", None), ("2017-01-01", 193), ("2018-07-01", 194), ("2019-07-01", 198), ("2020-07-01", 196),
     ("2021-12-31", 190), ("2022-01-01", 198), ("2022-04-30", 198), ("2022-05-01", 217), ("2022-12-31", 217),
     ("2023-07-01", 219), ("2024-07-01", 223), ("2025-07-01", 223), ("2026-07-01", 228), ("2027-01-01", None)],
)  # fmt: skip
def test_the_low_mileage_rate_changes_with_the_year_and_in_2022_on_the_first_of_may(day, oere):
    rate = bundled(RateKind.TRAVEL, "mileage-low", day)
    assert (rate and rate.value) == oere


@pytest.mark.parametrize(
    ("name", "value"),
    [("meals-adult-day", 10_000), ("meals-child-day", 10_000), ("lodging-single", 49_900), ("lodging-double", 65_000),
     ("lodging-extra-bed", 100_000), ("whole-day-hours", 24), ("lodging-teaching-minutes", 450)],
)  # fmt: skip
def test_the_travel_table_is_esbjergs_own_and_of_2022(name, value):
    rate = bundled(RateKind.TRAVEL, name, "2022-06-09")
    assert rate is not None
    assert rate.value == value
    assert bundled(RateKind.TRAVEL, name, "2022-06-09", "aarhus") is None
    assert bundled(RateKind.TRAVEL, name, "2023-06-09") is None


def test_the_pay_of_a_helper_an_hour_is_known_for_esbjerg_in_2022():
    rate = bundled(RateKind.HELPER_HOUR_RATE, "helper-hour", "2022-06-09")
    assert rate is not None
    assert rate.value == 13_300
    assert bundled(RateKind.HELPER_HOUR_RATE, "helper-hour", "2022-06-09", "nyborg") is None


def test_every_rate_of_the_rulebook_says_where_it_is_written_and_how_sure_it_is():
    derived = {(rate.name, rate.year) for rate in ROWS if rate.certainty is Certainty.INF}
    assert derived == {("cap", 2017), ("cap", 2020), ("cap", 2023)}
    assert {(rate.name, rate.year) for rate in ROWS if rate.certainty is Certainty.MEM} == {("mileage-low", 2022)}
    assert all(len(rate.source) > 1 for rate in ROWS)


def test_no_rate_stands_twice_in_the_rulebook():
    periods = [(rate.kind, rate.name, rate.municipality, rate.valid_from or rate.year) for rate in ROWS]
    assert len(set(periods)) == len(periods)


@pytest.mark.parametrize(
    "wrong",
    [{"source": None}, {"source": ""}, {"amount_oere": -1}, {"amount_oere": None}, {"value": 7}, {"value": -7},
     {"year": None}, {"certainty": None}, {"certainty": "gæt"}, {"amount_oere": 1.5}, {"note": "x"}, {"kind": "loft"},
     {"valid_from": "2021-12-31"}, {"valid_from": "2023-01-01"}],
)  # fmt: skip
def test_a_row_that_is_not_one_sourced_number_of_its_year_is_refused(wrong):
    with pytest.raises(ValidationError):
        row(**wrong)


@pytest.mark.parametrize(
    "right", [{}, {"amount_oere": 0}, {"amount_oere": None, "value": 7}, {"valid_from": "2022-12-31"}]
)
def test_a_row_that_is_one_sourced_number_of_its_year_is_taken(right):
    assert row(**right).source == "S4"


def test_a_registered_rate_comes_before_the_rulebooks_and_names_its_entry():
    rate = rate_on([registered(7, amount_oere=200)], [row()], "esbjerg", RateKind.CAP, "cap", NEW_YEAR)
    assert rate is not None
    assert (rate.value, rate.version, rate.valid_from) == (200, 7, NEW_YEAR)
    rate = rate_on([], [row()], "esbjerg", RateKind.CAP, "cap", NEW_YEAR)
    assert rate is not None
    assert (rate.value, rate.version, rate.certainty) == (100, None, Certainty.SEED)


def test_the_rate_registered_last_counts():
    assert cap(book=[registered(2, amount_oere=2), registered(9, amount_oere=9), registered(5, amount_oere=5)]) == 9


def test_a_newer_period_of_the_rulebook_comes_before_an_older_one_that_is_registered():
    rates, book = [row(valid_from="2022-05-01", amount_oere=5)], [registered(amount_oere=1)]
    assert cap(rates, book, date(2022, 4, 30)) == 1
    assert cap(rates, book, date(2022, 5, 1)) == 5


def test_a_municipalitys_own_rate_comes_before_the_countrys_and_never_counts_elsewhere():
    book = [registered(1, municipality="esbjerg", amount_oere=10), registered(2, amount_oere=20)]
    assert cap(book=book) == 10
    assert cap(book=book, municipality="aarhus") == 20
    assert cap(book=book[:1], municipality="aarhus") is None


def test_a_rate_of_another_kind_name_or_year_does_not_count():
    assert cap([row()]) == 100
    assert cap([row()], kind=RateKind.TAF_CAP) is None
    assert cap([row()], name="taf-cap") is None
    assert cap([row()], on=date(2023, 1, 1)) is None
    assert cap([row()], on=date(2021, 12, 31)) is None


def test_one_registered_without_a_number_tells_no_rate():
    without = registered().fact.model_copy(update={"amount_oere": None})
    assert cap([row()], [registered()._replace(fact=without)]) == 100


def test_a_number_that_is_no_amount_is_given_as_it_is():
    assert cap([row(amount_oere=None, value=24)]) == 24
    assert cap([row(amount_oere=None, value=0)]) == 0


def test_a_missing_rate_says_which_it_is_and_where_to_add_it():
    sentence = str(RateMissing(RateKind.TAF_CAP, "taf-cap", 2025))
    assert "foreslå den med kilde: sagsbog rate KOMMUNE taf_cap 2025 --name taf-cap" in sentence
    assert "loft for tabt arbejdsfortjeneste" in sentence


@given(st.lists(st.tuples(st.integers(2020, 2023), st.integers(1, 12), st.integers(0, 10**6)), max_size=12), st.dates())
def test_nothing_is_ever_extrapolated_to_another_year_or_backwards(periods, on):
    rates = [row(year=year, valid_from=f"{year}-{month:02}-01", amount_oere=oere) for year, month, oere in periods]
    found = rate_on((), rates, "esbjerg", RateKind.CAP, "cap", on)
    begun = [rate.valid_from for rate in rates if rate.year == on.year and rate.valid_from <= on]
    assert (found and found.valid_from) == max(begun, default=None)
