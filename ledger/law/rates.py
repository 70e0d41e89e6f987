"""Rates: the law's amounts, each for its own year, with where it is written. Nothing is ever extrapolated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, model_validator

from ledger.errors import SagsbogError
from ledger.facts.book import Certainty, RateKind, RateRegistered
from ledger.facts.entry import Entry
from ledger.facts.values import Count, Day, Oere, PublicText, SlugText, Year


class RateMissing(SagsbogError):  # noqa: N818  (a name for the answer, not for a fault)
    """A rate is needed and none is registered. Says which, and where to add it."""

    def __init__(self, kind: RateKind, name: str, year: int) -> None:
        super().__init__(
            f"Satsen {name} ({kind.dansk}) for {year} er ikke registreret;"
            f" foreslå den med kilde: sagsbog rate KOMMUNE {kind.value} {year} --name {name} (se --help)"
        )


class RateRow(BaseModel):
    """One `[[rate]]` of a rulebook's rates.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: RateKind
    name: SlugText
    municipality: SlugText | None = None
    """Slug; absent = the whole country."""
    year: Year
    valid_from: Day | None = None
    """First day, when it is not for the whole year."""
    amount_oere: Oere | None = None
    value: Count | None = None
    """The number, when it is not an amount."""
    source: PublicText
    certainty: Certainty

    @model_validator(mode="after")
    def _is_one_number_of_its_year(self) -> "RateRow":
        if (self.amount_oere is None) == (self.value is None):
            raise ValueError("en sats har enten amount_oere eller value")
        if self.valid_from is not None and self.valid_from.year != self.year:
            raise ValueError(f"valid_from ligger uden for {self.year}")
        return self


@dataclass(frozen=True)
class Rate:
    """A rate in force on a day."""

    value: int
    """Øre, or the plain number."""
    source: str
    certainty: Certainty
    valid_from: date
    version: int | None = None
    """Of the RateRegistered in the book's stream; None when it is the rulebook's."""


def rate_on(  # noqa: PLR0917  (what it takes to ask for one)
    registered: Sequence[Entry[RateRegistered]],
    rates: Sequence[RateRow],
    municipality: str,
    kind: RateKind,
    name: str,
    on: date,
) -> Rate | None:
    """The rate in force on a day; None when none is registered for that year.

    A municipality's own comes before the country's; then the newest `valid_from`; then one that the book has
    registered before the rulebook's for the same period, the last registered first.
    """
    said: list[tuple[RateRow | RateRegistered, int]] = [(row, 0) for row in rates]
    said += [(entry.fact, entry.version) for entry in registered]
    found = [
        (row.municipality is not None, _first_day(row), version, row)
        for row, version in said
        if (row.kind, row.name, row.year) == (kind, name, on.year)
        and row.municipality in (None, municipality)
        and _first_day(row) <= on
        and _number(row) is not None  # one registered without a number tells no rate
    ]
    if not found:
        return None
    _, since, version, row = max(found, key=lambda one: one[:3])
    return Rate(_number(row) or 0, row.source, row.certainty, since, version or None)


def _first_day(row: RateRow | RateRegistered) -> date:
    return row.valid_from or date(row.year, 1, 1)


def _number(row: RateRow | RateRegistered) -> int | None:
    return row.value if row.amount_oere is None else row.amount_oere
