"""What guards add up over a case: the same as added up anew for each fact, and not more work the longer the case is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved
from ledger.facts.history import history
from ledger.law.guards.accounts import MONEY
from ledger.law.guards.seen import CaseTold, Seen
from ledger.law.posting import Posting
from ledger.law.settlement import Grants, committed, most_to_claim, settled_year
from tests.guarding import LAST_DAY, entries_of, law_of, told

GRANTS = (BudgetPostApproved, BudgetPostAdjusted)
DAYS = st.integers(0, 800).map(lambda days: (date(2021, 6, 1) + timedelta(days)).isoformat())
POSTS, YEARS, OERE = st.sampled_from(["P1", "P2"]), st.sampled_from([2021, 2022]), st.integers(0, 1_000)


def approved(day, post, year, oere):
    refs = {"budget_application": "BudgetApplicationReceived"}
    return told("BudgetPostApproved", day, refs, key=f"{post}-{year}", post=post, year=year, amount_oere=oere)


def adjusted(day, post, year, oere):
    refs = {"post": "BudgetApplicationReceived"}  # whichever: only post and year are looked at
    return told("BudgetPostAdjusted", day, refs, post=post, year=year, new_amount_oere=oere)


def paid(day, post, year, oere):
    return told("PaymentMade", day, post=post, year=year, kind="one_off", amount_oere=oere)


MADE = st.one_of(st.builds(made, DAYS, POSTS, YEARS, OERE) for made in (approved, adjusted, paid))
STORIES = st.lists(MADE, max_size=15)


def seen_of(story):
    """What the guards of each entry see, in the order it is told; of one case, as findings are told."""
    entries = entries_of([told("BudgetApplicationReceived", "2021-01-01", year=2021), *story], "esbjerg")
    seen = history(entries, as_of=LAST_DAY)
    case = CaseTold(seen)
    return [(entry.fact, Seen.by(entry, case, law_of("esbjerg"))) for entry in seen.told]


@given(STORIES, st.randoms(use_true_random=False))
def test_a_sum_is_that_of_all_that_came_before_whatever_is_asked_first(story, chance):
    asked = seen_of(story)
    for turn in (asked, chance.sample(asked, len(asked))):
        for _, seen in turn:
            posting, anew = seen.sum_of(Posting, *MONEY), Posting(seen.all_of(*MONEY))
            for year in (2021, 2022):
                assert settled_year(posting, year) == settled_year(anew, year)
                assert most_to_claim(posting, year) == most_to_claim(anew, year)


@pytest.mark.parametrize("period", ["budget_year", "rolling_12_months"])
@given(STORIES)
def test_what_would_be_committed_with_a_grant_is_what_is_when_it_is_made(period, story):
    for fact, seen in seen_of(story):
        if isinstance(fact, GRANTS):
            grants, before = seen.sum_of(Grants, *GRANTS), [one.fact for one in seen.all_of(*GRANTS)]
            with_it = committed([*before, fact], period, fact.year, fact.sent_on)
            assert grants.committed_with(fact, period) == with_it
            assert grants.committed(period, fact.year, fact.sent_on) == committed(
                before, period, fact.year, fact.sent_on
            )


class Counted:
    """A sum that counts how often anything was told to any of its kind."""

    times = 0

    def tell(self, _):
        type(self).times += 1


def test_each_entry_is_told_once_in_a_case_recorded_in_the_order_it_happened():
    story = [paid((date(2022, 1, 1) + timedelta(day)).isoformat(), "P1", 2022, 1) for day in range(50)]
    for _, seen in seen_of(story):
        seen.sum_of(Counted, *MONEY)
    assert Counted.times == len(story) - 1
