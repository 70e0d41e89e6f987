"""The monthly instalments that the year's option-a posts are paid in (RULES §4.3)."""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

_DECEMBER: Final = 12


class Instalment(NamedTuple):
    """One payment of the plan."""

    number: int
    pay_on: date
    amount_oere: int


def months_to_pay(year: int, decided_on: date) -> tuple[date, ...]:
    """The 1st of each month that is left of a budget year: all twelve, or those after a decision in the year.

    None are left after a decision in December: what is granted then is paid as one amount.
    """
    firsts = (date(year, month, 1) for month in range(1, _DECEMBER + 1))
    return tuple(first for first in firsts if first > decided_on)


def instalments(
    total_oere: int, year: int, decided_on: date, next_open: Callable[[date], date]
) -> tuple[Instalment, ...]:
    """The plan for the total of the option-a posts decided together. The last instalment takes the rest.

    `next_open` gives the first day that is open, on or after a day (`ledger.law.counting`).
    """
    months = months_to_pay(year, decided_on)
    if not months:
        return ()
    each, rest = divmod(total_oere, len(months))
    amounts = [each] * (len(months) - 1) + [each + rest]
    return tuple(
        Instalment(number, next_open(first), oere)
        for number, (first, oere) in enumerate(zip(months, amounts, strict=True), 1)
    )
