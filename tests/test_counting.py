"""How time is counted (RULES §1): days, weeks, months, working days, closed days and the roll."""

from calendar import FRIDAY, SUNDAY
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.law.counting import (
    DANISH,
    Calendar,
    Duration,
    Unit,
    after,
    before,
    closed,
    easter,
    holidays,
    months_after,
    roll,
    skipped,
)

day = date.fromisoformat
A_DAY = timedelta(days=1)

EASTER_SUNDAYS = [
    "2008-03-23", "2009-04-12", "2010-04-04", "2011-04-24", "2012-04-08", "2013-03-31",
    "2014-04-20", "2015-04-05", "2016-03-27", "2017-04-16", "2018-04-01", "2019-04-21",
    "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20",
    "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21",
]  # fmt: skip
# The earliest and the latest there can be, the years in which a full moon counted too late is moved back,
# and far years that tell the algorithm from its near misses.
RARE_EASTER_SUNDAYS = [
    "1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2038-04-25", "2049-04-18", "2076-04-19",
    "1700-04-11", "1886-04-25", "3165-04-18",
]  # fmt: skip

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
COUNTS = st.integers(0, 400)
FEW = st.integers(0, 40)
LENGTHS = st.builds(Duration, st.sampled_from(Unit), FEW)
BACKWARD = st.builds(Duration, st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]), COUNTS)


@st.composite
def near(draw, start):
    """Days shortly after a day: where a closing day matters."""
    return {start + timedelta(days=ahead): "lukkedag" for ahead in draw(st.sets(st.integers(0, 60)))}


def between(start, end):
    """The days after `start`, up to and with `end`."""
    return [start + timedelta(days=ahead) for ahead in range(1, (end - start).days + 1)]


# Easter, and the days that hang on it


@pytest.mark.parametrize("sunday", EASTER_SUNDAYS + RARE_EASTER_SUNDAYS)
def test_easter_falls_where_the_calendar_has_it(sunday):
    assert easter(int(sunday[:4])) == day(sunday)


@given(st.integers(1583, 4000))
def test_easter_is_a_sunday_between_22_march_and_25_april(year):
    assert easter(year).weekday() == SUNDAY
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_public_holidays_of_a_year_have_their_danish_names():
    assert holidays(2023) == {
        day("2023-01-01"): "nytårsdag",
        day("2023-04-06"): "skærtorsdag",
        day("2023-04-07"): "langfredag",
        day("2023-04-09"): "påskedag",
        day("2023-04-10"): "2. påskedag",
        day("2023-05-05"): "Store bededag",
        day("2023-05-18"): "Kristi himmelfartsdag",
        day("2023-05-28"): "pinsedag",
        day("2023-05-29"): "2. pinsedag",
        day("2023-12-25"): "1. juledag",
        day("2023-12-26"): "2. juledag",
    }


@pytest.mark.parametrize("friday", ["2021-04-30", "2022-05-13", "2023-05-05"])
def test_store_bededag_was_closed_up_to_2023(friday):
    assert closed(day(friday)) == "Store bededag"


@given(st.integers(2024, 2199))
def test_store_bededag_is_an_ordinary_friday_from_2024(year):
    friday = easter(year) + timedelta(days=26)
    assert friday.weekday() == FRIDAY
    assert closed(friday) is None
    assert "Store bededag" not in holidays(year).values()


@given(st.integers(1900, 2199))
def test_the_friday_after_kristi_himmelfart_is_a_working_day(year):
    assert closed(easter(year) + timedelta(days=39)) == "Kristi himmelfartsdag"
    assert closed(easter(year) + timedelta(days=40)) is None


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("2022-06-03", None),  # a Friday
        ("2022-06-04", "lørdag"),
        ("2022-06-12", "søndag"),
        ("2023-06-05", "Grundlovsdag"),
        ("2022-06-05", "pinsedag"),  # also Grundlovsdag, and a Sunday
        ("2022-06-06", "2. pinsedag"),
        ("2022-12-23", None),
        ("2022-12-24", "juleaftensdag"),  # a Saturday
        ("2022-12-26", "2. juledag"),
        ("2022-12-27", None),
        ("2022-12-30", None),
        ("2021-12-31", "nytårsaftensdag"),
        ("2023-01-01", "nytårsdag"),  # a Sunday
        ("2023-01-02", None),
        ("2023-05-01", None),  # many are off on 1 May, but it is open
        ("2022-04-13", None),  # the Wednesday before Easter
        ("2022-04-14", "skærtorsdag"),
    ],
)
def test_a_day_is_open_or_says_why_it_is_closed(on, why):
    assert closed(day(on)) == why
    assert DANISH.closed(day(on)) == why


def test_a_municipality_may_keep_more_days_closed_but_opens_none():
    friday, saturday = day("2022-05-27"), day("2022-05-28")
    aarhus = Calendar({friday: "lukkedag efter Kristi himmelfart", saturday: "lukkedag"})
    assert aarhus.closed(friday) == "lukkedag efter Kristi himmelfart"
    assert aarhus.closed(saturday) == "lørdag"
    assert closed(friday) is None


# Forward and backward


@pytest.mark.parametrize(
    ("start", "unit", "count", "due"),
    [
        ("2021-11-18", "days", 0, "2021-11-18"),
        ("2021-11-18", "days", 14, "2021-12-02"),
        ("2024-02-28", "days", 2, "2024-03-01"),  # over a leap day
        ("2021-12-08", "weeks", 4, "2022-01-05"),
        ("2021-05-31", "months", 9, "2022-02-28"),
        ("2016-02-29", "months", 216, "2034-02-28"),  # 18 years
        ("2016-02-29", "months", 48, "2020-02-29"),
        ("2021-02-28", "months", 1, "2021-03-28"),  # the same day number, not the last day again
        ("2021-10-31", "months", 4, "2022-02-28"),
        ("2021-11-30", "months", 1, "2021-12-30"),
        ("2021-02-01", "months", 9, "2021-11-01"),
        ("2021-11-18", "working_days", 1, "2021-11-19"),
        ("2021-11-19", "working_days", 1, "2021-11-22"),  # over a weekend
        ("2022-04-08", "working_days", 7, "2022-04-22"),  # over Easter
        ("2022-12-20", "working_days", 7, "2022-12-30"),  # over Christmas
        ("2022-12-20", "working_days", 8, "2023-01-02"),  # over Christmas and New Year
        ("2022-05-25", "working_days", 1, "2022-05-27"),  # over Kristi himmelfart, not the Friday after
        ("2023-05-04", "working_days", 1, "2023-05-08"),  # over the last Store bededag
        ("2024-04-25", "working_days", 1, "2024-04-26"),  # the first that was no more
        ("2022-06-04", "working_days", 1, "2022-06-07"),  # from a Saturday
        ("2022-06-04", "working_days", 0, "2022-06-04"),
    ],
)
def test_a_length_after_a_day(start, unit, count, due):
    assert after(day(start), Duration(Unit(unit), count)) == day(due)


@pytest.mark.parametrize(
    ("day_that_counts", "unit", "count", "due"),
    [
        ("2022-06-09", "days", 14, "2022-05-26"),  # Kristi himmelfartsdag: nothing backward rolls
        ("2022-04-20", "weeks", 2, "2022-04-06"),
        ("2022-03-31", "months", 1, "2022-02-28"),
        ("2024-03-31", "months", 1, "2024-02-29"),
        ("2022-01-15", "months", 1, "2021-12-15"),
    ],
)
def test_a_length_before_a_day(day_that_counts, unit, count, due):
    assert before(day(day_that_counts), Duration(Unit(unit), count)) == day(due)


def test_four_weeks_are_neither_a_month_nor_anything_else():
    assert Duration(Unit.WEEKS, 4) != Duration(Unit.DAYS, 28)
    assert after(day("2022-01-31"), Duration(Unit.WEEKS, 4)) == after(day("2022-01-31"), Duration(Unit.MONTHS, 1))
    assert after(day("2022-03-31"), Duration(Unit.WEEKS, 4)) != after(day("2022-03-31"), Duration(Unit.MONTHS, 1))


def test_a_length_below_nothing_and_working_days_backward_are_our_own_mistakes():
    with pytest.raises(AssertionError):
        Duration(Unit.DAYS, -1)
    with pytest.raises(AssertionError):
        before(day("2022-06-09"), Duration(Unit.WORKING_DAYS, 1))


@given(DAYS, LENGTHS)
def test_forward_never_ends_before_the_trigger(start, length):
    due = after(start, length)
    assert due >= start
    assert (due == start) == (length.count == 0)


@given(DAYS, BACKWARD)
def test_backward_never_ends_after_the_day_that_counts(start, length):
    due = before(start, length)
    assert due <= start
    assert (due == start) == (length.count == 0)


@given(DAYS, st.integers(0, 60), LENGTHS)
def test_a_later_trigger_never_gives_an_earlier_due_date(start, later, length):
    assert after(start, length) <= after(start + timedelta(days=later), length)


@given(DAYS, st.sampled_from(Unit), FEW, FEW)
def test_a_longer_length_never_ends_earlier(start, unit, shorter, more):
    assert after(start, Duration(unit, shorter)) <= after(start, Duration(unit, shorter + more))


@given(DAYS, st.sampled_from([Unit.DAYS, Unit.WEEKS]), COUNTS)
def test_days_and_weeks_lead_back_to_where_they_began(start, unit, count):
    length = Duration(unit, count)
    assert before(after(start, length), length) == start


@given(DAYS, COUNTS)
def test_weeks_keep_the_weekday(start, count):
    due = after(start, Duration(Unit.WEEKS, count))
    assert due.weekday() == start.weekday()
    assert (due - start).days == 7 * count


# Months


@given(DAYS, st.integers(-400, 400))
def test_months_keep_the_day_number_or_end_on_the_last_day_of_the_month(start, months):
    due = months_after(start, months)
    assert (due.year - start.year) * 12 + due.month - start.month == months
    if due.day != start.day:
        assert due.day < start.day
        assert (due + A_DAY).day == 1


@given(DAYS, COUNTS, COUNTS)
def test_months_counted_in_two_steps_lose_at_most_the_days_that_the_first_step_cut_off(start, first, second):
    halfway = months_after(start, first)
    lost = months_after(start, first + second) - months_after(halfway, second)
    assert timedelta() <= lost <= timedelta(days=start.day - halfway.day)


@given(DAYS, COUNTS, COUNTS)
def test_months_add_up_for_a_day_that_every_month_has(start, first, second):
    start = start.replace(day=min(start.day, 28))
    assert months_after(months_after(start, first), second) == months_after(start, first + second)
    assert months_after(months_after(start, first), -first) == start


# Working days, the roll, and what was skipped


@given(DAYS, FEW, FEW)
def test_working_days_add_up(start, first, second):
    assert DANISH.add_working_days(DANISH.add_working_days(start, first), second) == DANISH.add_working_days(
        start, first + second
    )


@given(DAYS, FEW)
def test_exactly_so_many_open_days_are_counted_and_the_last_is_open(start, count):
    due = after(start, Duration(Unit.WORKING_DAYS, count))
    assert sum(closed(one) is None for one in between(start, due)) == count
    assert count == 0 or closed(due) is None


@pytest.mark.parametrize(
    ("due", "rolled"),
    [
        ("2022-06-03", "2022-06-03"),  # open
        ("2022-06-04", "2022-06-07"),  # Saturday, pinsedag, 2. pinsedag
        ("2022-12-31", "2023-01-02"),
        ("2021-12-24", "2021-12-27"),  # both holidays fall on the weekend
        ("2022-04-14", "2022-04-19"),  # Easter
        ("2023-05-05", "2023-05-08"),
        ("2024-04-26", "2024-04-26"),
        ("2026-02-28", "2026-03-02"),  # a month's last day rolls into the next month
    ],
)
def test_a_due_date_on_a_closed_day_rolls_to_the_next_open_one(due, rolled):
    assert roll(day(due)) == day(rolled)


@given(DAYS)
def test_a_roll_lands_on_an_open_day_and_passes_none_and_is_done_once(due):
    rolled = roll(due)
    assert closed(rolled) is None
    assert all(closed(one) for one in between(due - A_DAY, rolled - A_DAY))
    assert roll(rolled) == rolled
    assert rolled - due <= timedelta(days=5)  # the longest row of closed days


@given(DAYS, LENGTHS, st.data())
def test_one_more_closing_day_never_shortens_a_period(start, length, data):
    some = data.draw(near(start))
    more = some | data.draw(near(start))
    assert after(start, length, Calendar(some)) <= after(start, length, Calendar(more))
    assert roll(start, Calendar(some)) <= roll(start, Calendar(more))
    assert roll(after(start, length, Calendar(some)), Calendar(some)) <= roll(
        after(start, length, Calendar(more)), Calendar(more)
    )


@given(DAYS, LENGTHS, st.data())
def test_closing_days_move_working_days_and_nothing_else(start, length, data):
    assume(length.unit is not Unit.WORKING_DAYS)
    assert after(start, length, Calendar(data.draw(near(start)))) == after(start, length)


@given(DAYS, FEW, st.data())
def test_the_days_told_as_skipped_and_the_working_days_make_up_the_whole(start, count, data):
    calendar = Calendar(data.draw(near(start)))
    due = after(start, Duration(Unit.WORKING_DAYS, count), calendar)
    assert (due - start).days == count + len(list(skipped(start, due, calendar)))


def test_skipped_days_are_told_with_their_reasons_from_the_day_after_the_start_to_the_end():
    christmas = [
        (day("2022-12-24"), "juleaftensdag"),
        (day("2022-12-25"), "1. juledag"),
        (day("2022-12-26"), "2. juledag"),
    ]
    assert list(skipped(day("2022-12-23"), day("2022-12-27"))) == christmas
    assert list(skipped(day("2022-12-24"), day("2022-12-26"))) == christmas[1:]
    assert list(skipped(day("2022-12-26"), day("2022-12-26"))) == []
    tuesday = Calendar({day("2022-12-27"): "rådhuset lukket"})
    assert list(skipped(day("2022-12-26"), day("2022-12-28"), tuesday)) == [(day("2022-12-27"), "rådhuset lukket")]
