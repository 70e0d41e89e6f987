"""Points in time as text names them: days, instants and rulebooks, read alike over HTTP and on the command line."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from ledger.errors import Fault, Invalid
from replay.as_of import Point

_YEARS: Final = range(1900, 2200)
_OUTSIDE: Final = f"skal ligge i årene {_YEARS[0]}-{_YEARS[-1]}"


def read_day(text: str, where: str) -> date:
    """A day from outside; `where` is what the one who wrote it calls it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Invalid(Fault(where, f"{text!r} er ikke en dato, der findes (ÅÅÅÅ-MM-DD)"))
    if day.year not in _YEARS:
        raise Invalid(Fault(where, _OUTSIDE))
    return day


def point(
    as_of: str | None, known_at: str | None, rulebook: str | None = None, *, called: Callable[[str], str] = str
) -> Point:
    """The point in time that is asked about; `called` gives what the one who asks calls each part of it."""
    if rulebook is not None and not rulebook.strip():
        raise Invalid(Fault(called("rulebook"), "mangler regelsættets version, fingeraftryk eller mappe"))
    day = read_day(as_of, called("as_of")) if as_of is not None else None
    known = _day_or_instant(known_at, called("known_at")) if known_at is not None else None
    return Point(day, known, rulebook=rulebook)


def _day_or_instant(text: str, where: str) -> date | datetime:
    if len(text) == len("2026-01-31"):
        return read_day(text, where)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Invalid(Fault(where, "skal være en dag eller et tidspunkt med zone (fx 2026-01-31T12:00:00Z)"))
    if instant.year not in _YEARS:
        raise Invalid(Fault(where, _OUTSIDE))
    return instant


def point_in(text: str, where: str) -> Point:
    """A point as `as-of:DATE`, `known-at:INSTANT`, `version:N` or `rulebook:NAME`, or several of them with commas."""
    parts = [part.partition(":")[::2] for part in text.split(",")]
    told = dict(parts)
    version = told.pop("version", None)
    odd = set(told) - {"as-of", "known-at", "rulebook"} or (version is not None and not _VERSION.fullmatch(version))
    if odd or len({name for name, _ in parts}) < len(parts):
        says = "skal have formen as-of:DATO, known-at:TIDSPUNKT, version:N eller rulebook:NAVN (evt. flere med komma)"
        raise Invalid(Fault(where, f"{text!r} {says}"))
    found = point(told.get("as-of"), told.get("known-at"), told.get("rulebook"), called=lambda _: where)
    return replace(found, version=int(version)) if version else found


_VERSION: Final = re.compile(r"[0-9]{1,9}")
