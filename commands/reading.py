"""Reading what comes from outside: strictly, and with a Danish sentence for each thing that is wrong."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from ledger.errors import Fault, Invalid

T = TypeVar("T")

_DEEPEST: Final = 50  # levels of nesting; no fact has more than five
_LONGEST: Final = 19  # characters of a number that fits in 64 bits
NOT_A_DAY: Final = "skal være en dato, der findes, uden klokkeslæt (ÅÅÅÅ-MM-DD)"
_SENTENCES: Final = {
    "missing": "mangler",
    "extra_forbidden": "er et ukendt felt",
    "int_type": "skal være et helt tal",
    "int_parsing": "skal være et helt tal",
    "int_from_float": "skal være et helt tal",
    "bool_type": "skal være true eller false",
    "string_type": "skal være en tekst",
    "date_type": NOT_A_DAY,
    "date_parsing": NOT_A_DAY,
    "date_from_datetime_parsing": NOT_A_DAY,
    "date_from_datetime_inexact": NOT_A_DAY,
    "datetime_type": "skal være et tidspunkt med tidszone (fx 2026-01-31T12:00:00Z)",
    "datetime_parsing": "er ikke et tidspunkt, der findes (fx 2026-01-31T12:00:00Z)",
    "datetime_from_date_parsing": "er ikke et tidspunkt, der findes (fx 2026-01-31T12:00:00Z)",
    "timezone_aware": "skal have en tidszone (fx 2026-01-31T12:00:00Z)",
    "tuple_type": "skal være en liste",
    "list_type": "skal være en liste",
    "model_type": "skal være et objekt",
    "dict_type": "skal være et objekt",
    "dataclass_type": "skal være et objekt",
    "uuid_parsing": "skal være et UUID",
    "uuid_type": "skal være et UUID",
    "string_pattern_mismatch": "har tegn, der ikke kan bruges her",
    "string_unicode": "indeholder tegn, der ikke er gyldig Unicode",
}


class _Refused:
    """Stands where something is that other readers let pass, until its place is known."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


def read_json(raw: bytes, *, about: str = "") -> Any:
    """JSON from outside. Refuses what other readers let pass: repeated keys, NaN, numbers with decimals, depth."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_int=_whole, parse_float=_not_whole,
            parse_constant=_not_whole,
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise Invalid(Fault("", f"er ikke gyldig UTF-8 (byte {error.start})"), about=about) from None
    except json.JSONDecodeError as error:
        raise Invalid(Fault("", _not_json(error)), about=about) from None
    except RecursionError:
        raise Invalid(Fault("", "er indlejret for dybt"), about=about) from None
    fault = None if _can_be_kept(value, raw) else next(_odd(value, ()), None)
    if fault:
        raise Invalid(fault, about=about)
    return value


def _not_json(error: json.JSONDecodeError) -> str:
    if error.doc.startswith("\ufeff"):
        return "begynder med et BOM-mærke; gem filen som UTF-8 uden BOM"
    place = f"linje {error.lineno}, tegn {error.colno}"
    cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
    return f"er ikke gyldig JSON ({place}){'; indholdet ser ud til at være afkortet' if cut else ''}"


def _unique(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = next(key for index, (key, _) in enumerate(pairs) if key in {name for name, _ in pairs[:index]})
    return {**found, twice: _Refused("står der to gange")}


def _whole(text: str) -> Any:
    return int(text) if len(text) <= _LONGEST else _Refused("er et for stort tal")


def _not_whole(_: str) -> Any:
    return _Refused("er ikke et helt tal; beløb skrives i hele øre")


def _can_be_kept(value: Any, raw: bytes) -> bool:
    try:
        orjson.dumps(value)  # stops at lone surrogates, depth and what was refused above
    except orjson.JSONEncodeError:
        return False
    return rb"\u0000" not in raw


def _odd(value: Any, way: tuple[str, ...]) -> Iterator[Fault]:
    """What cannot be kept, with its place. An item of a list goes by its key, where it has one."""
    where = ".".join(way)
    if isinstance(value, _Refused):
        yield Fault(where, value.sentence)
    elif len(way) > _DEEPEST:
        yield Fault(".".join(way[:_FEW]), "er indlejret for dybt")
    elif isinstance(value, str) and _bad_text(value):
        yield Fault(where, _bad_text(value))
    elif isinstance(value, dict):
        for name, one in value.items():
            if _bad_text(name):
                yield Fault(where, f"har et feltnavn, som {_bad_text(name)}")
            else:
                yield from _odd(one, (*way, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            key = one.get("key") if isinstance(one, dict) else None
            named = isinstance(key, str) and len(key) <= _SHORT and not _bad_text(key)
            yield from _odd(one, (*way, str(key) if named else str(index)))


_FEW: Final = 6  # members of a place that say enough
_SHORT: Final = 100


def _bad_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "indeholder tegn, der ikke er gyldig Unicode"
    return "indeholder et nultegn (U+0000)" if "\0" in text else ""


def why_unreadable(error: OSError) -> str:
    """Why a file could not be read, in Danish."""
    match error:
        case FileNotFoundError():
            return "findes ikke"
        case IsADirectoryError():
            return "er en mappe, ikke en fil"
        case NotADirectoryError():
            return "er ikke en mappe"
        case PermissionError():
            return "er lukket for denne bruger"
        case _:
            return f"kan ikke læses (systemets fejl {error.errno})"


def read_as(adapter: TypeAdapter[T], value: Any, *, at: str = "", about: str = "") -> T:
    """Plain JSON data as the type asked for; Invalid with a fault for each thing wrong, its place below `at`."""
    try:
        return adapter.validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise Invalid(*faults(error, at), about=about) from None


def faults(error: ValidationError, at: str) -> Iterable[Fault]:
    """What pydantic found, in Danish."""
    return (fault_of(found, at) for found in error.errors(include_url=False, include_input=False))


def fault_of(found: Mapping[str, Any], *at: str, skip: int = 0) -> Fault:
    """One thing that pydantic found, in Danish. `skip`: how many parts of its place to leave out."""
    place = ".".join(str(part) for part in (*at, *found["loc"][skip:]) if part != "")
    return Fault(place, _sentence(found["type"], found.get("ctx", {})))


def _sentence(kind: str, context: dict[str, Any]) -> str:
    match kind:
        case "enum" | "literal_error":
            return f"skal være en af: {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
        case "greater_than_equal" | "greater_than":
            return f"skal være mindst {context.get('ge', context.get('gt'))}"
        case "less_than":
            return f"skal være under {context['lt']}"
        case "less_than_equal":
            return f"må højst være {context['le']}"
        case "string_too_long":
            return f"må højst være {context['max_length']} tegn"
        case "string_too_short":
            return "må ikke være tom"
        case "value_error":
            return str(context["error"])
        case _:
            return _SENTENCES.get(kind, "har en ugyldig værdi")
