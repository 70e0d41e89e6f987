"""Which law was in force on a day."""

import tomllib
from bisect import bisect_right
from datetime import date
from functools import cache
from importlib.resources import files


@cache
def _periods() -> tuple[list[date], list[str]]:
    table = tomllib.loads(files("ledger.law").joinpath("periods.toml").read_text("utf-8"))["period"]
    return [row["from"] for row in table], [row["slug"] for row in table]


def period_of(day: date) -> str | None:
    """The legal period of a day: p0, p1 or p2 (RULES §5); None before the scheme existed."""
    starts, slugs = _periods()
    found = bisect_right(starts, day)
    return slugs[found - 1] if found else None
