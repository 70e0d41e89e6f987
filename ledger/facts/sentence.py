"""The one Danish sentence that tells a fact in the timeline.

A template names fields in braces, `{held_on}`, with dots into objects, `{decided_by.unit}`. A part in
square brackets is told only when every field in it has a value, and one that the reader may see:
`Tilsyn holdt[ ({kind})].`
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic import BaseModel

from ledger.facts.fact import Fact, catalogue
from ledger.facts.shape import meaning_of
from ledger.facts.values import HIDDEN, Erased, OnlyYear, Slug

_PART: Final = re.compile(r"\[([^\]]*)\]")
_FIELD: Final = re.compile(r"\{([a-z0-9_.]+)\}")

Names = Callable[[str], str]
"""Gives the name to show for a party ref, or the ref itself."""


def sentence(fact: Fact, names: Names = str) -> str:
    """The fact in one Danish sentence. `names` turns party refs into what the reader may see."""

    def told(match: re.Match[str]) -> str:
        return read_aloud(*_at(fact, match[1]), names)

    def part(match: re.Match[str]) -> str:
        empty = any(_at(fact, name)[0] in (None, "", (), HIDDEN) for name in _FIELD.findall(match[1]))
        return "" if empty else match[1]

    text = _FIELD.sub(told, _PART.sub(part, fact.declared.says))
    return text[:1].upper() + text[1:]


def fields_told(template: str) -> set[str]:
    """The top-level fields that a template names."""
    return {name.partition(".")[0] for name in _FIELD.findall(template)}


def _at(fact: Fact, path: str) -> tuple[Any, str | None]:
    value: Any = fact
    kind = meaning_of(type(fact), path)
    for name in path.split("."):
        value = value if value is None or value is HIDDEN else getattr(value, name)
    return value, kind


def read_aloud(value: Any, kind: str | None = None, names: Names = str) -> str:
    """One value as a Danish reader expects it: 9. juni 2022, 1.234,50 kr., ja, a, b og c."""
    match value:
        case None | "":
            return "–"
        case Slug():
            return value.dansk
        case Erased():
            return str(value)
        case bool():
            return "ja" if value else "nej"
        case date() | OnlyYear():
            return danish_day(value)
        case int() if kind == "oere":
            return kroner(value)
        case int() if kind == "x100":
            return _decimal(value, "#,##0.##")
        case BaseModel():
            parts = (read_aloud(v, meaning_of(type(value), k), names) for k, v in value if v not in (None, ()))
            return " – ".join(parts)
        case tuple():
            return listed(read_aloud(one, kind, names) for one in value)
        case str() if kind == "party":
            return names(value)
        case str() if kind == "fact_type" and value in catalogue():
            return catalogue()[value].declared.dansk
        case _:
            return str(value)


@lru_cache(maxsize=10_000)
def danish_day(day: date | OnlyYear) -> str:
    """9. juni 2022; 2022 when the reader may know no more."""
    if isinstance(day, OnlyYear):
        return str(day)
    return format_date(day, "d. MMMM y", locale="da")


@lru_cache(maxsize=10_000)
def kroner(oere: int) -> str:
    """1.234,50 kr."""
    return f"{_decimal(oere, '#,##0.00')} kr."


def _decimal(hundredths: int, pattern: str) -> str:
    return format_decimal(Decimal(hundredths) / 100, pattern, locale="da")


def listed(parts: Iterable[str]) -> str:
    """a, b og c."""
    *most, last = list(parts) or ["–"]
    return f"{', '.join(most)} og {last}" if most else last
