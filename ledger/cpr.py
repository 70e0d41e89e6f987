"""CPR numbers: what one looks like, and where one hides in a text (G34).

The check digit is not used: since 2007 numbers are issued that fail it. Replacement numbers have 60
added to the day.
"""

import re
from typing import Final

_DAYS: Final = {*range(1, 32), *range(61, 92)}
_MONTHS: Final = range(1, 13)
_BETWEEN: Final = r"[\s\u00a0\u00ad\u202f\u2010-\u2015\u2212-]{0,3}"  # spaces, hyphens and dashes of all kinds
_SHAPE: Final = re.compile(rf"(?<![^\W_])([0-9]{{2}})([0-9]{{2}})[0-9]{{2}}{_BETWEEN}[0-9]{{4}}(?![^\W_])", re.ASCII)


def _is_possible(match: re.Match[str]) -> bool:
    return int(match[1]) in _DAYS and int(match[2]) in _MONTHS


def holds_cpr(text: str) -> bool:
    """Whether some run of ten digits in the text can be a CPR number."""
    return any(_is_possible(match) for match in _SHAPE.finditer(text))


def is_possible_cpr(text: str) -> str:
    """Gives the number back as ddmmyy-nnnn; ValueError unless it can be one."""
    match = _SHAPE.fullmatch(text)
    if match is None or not _is_possible(match):
        raise ValueError("skal være et CPR-nummer (ddmmåå-nnnn)")
    return f"{text[:6]}-{text[-4:]}"
