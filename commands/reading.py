"""Reading what comes from outside: strictly, and with a Danish sentence for each thing that is wrong."""

import json
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from ledger.errors import Fault, Invalid

T = TypeVar("T")

_DEEPEST: Final = 50  # levels of nesting; no fact has more than five
_SENTENCES: Final = {
    "missing": "mangler",
    "extra_forbidden": "er et ukendt felt",
    "int_type": "skal være et helt tal",
    "int_parsing": "skal være et helt tal",
    "int_from_float": "skal være et helt tal",
    "bool_type": "skal være true eller false",
    "string_type": "skal være en tekst",
    "date_type": "skal være en dato (ÅÅÅÅ-MM-DD)",
    "date_parsing": "er ikke en dato, der findes (ÅÅÅÅ-MM-DD)",
    "date_from_datetime_parsing": "er ikke en dato, der findes (ÅÅÅÅ-MM-DD)",
    "date_from_datetime_inexact": "skal være en dato uden klokkeslæt (ÅÅÅÅ-MM-DD)",
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


def read_json(raw: bytes, *, about: str = "") -> Any:
    """JSON from outside. Refuses what other readers let pass: repeated keys, NaN, numbers with decimals, depth."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
        )
        orjson.dumps(value)  # finds lone surrogates and numbers beyond 64 bits
    except UnicodeDecodeError as error:
        raise Invalid(Fault("", f"er ikke gyldig UTF-8 (byte {error.start})"), about=about) from None
    except json.JSONDecodeError as error:
        place = f"linje {error.lineno}, tegn {error.colno}"
        cut = "; filen ser ud til at være afkortet" if error.pos >= len(error.doc.rstrip()) else ""
        raise Invalid(Fault("", f"er ikke gyldig JSON ({place}){cut}"), about=about) from None
    except RecursionError:
        raise Invalid(Fault("", "er indlejret for dybt"), about=about) from None
    except (orjson.JSONEncodeError, ValueError) as error:
        raise Invalid(Fault("", _told(error)), about=about) from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in {name for name, _ in pairs[:index]})
        raise ValueError(f"feltet {twice!r} står der to gange")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"tallet {text} har decimaler; beløb skrives i hele øre")


def _told(error: Exception) -> str:
    if isinstance(error, orjson.JSONEncodeError):
        return "indeholder et tal eller tegn, der ikke kan gemmes"
    return "indeholder et for stort tal" if "digits" in str(error) else str(error)


def read_as(adapter: TypeAdapter[T], value: Any, *, at: str = "", about: str = "") -> T:
    """Plain JSON data as the type asked for; Invalid with a fault for each thing wrong, its place below `at`."""
    try:
        return adapter.validate_json(orjson.dumps(value), strict=True)
    except ValidationError as error:
        raise Invalid(*faults(error, at), about=about) from None


def faults(error: ValidationError, at: str) -> Iterable[Fault]:
    """What pydantic found, in Danish."""
    for found in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in (at, *found["loc"]) if part != "")
        yield Fault(place, _sentence(found["type"], found.get("ctx", {})))


def _sentence(kind: str, context: dict[str, Any]) -> str:
    match kind:
        case "enum" | "literal_error":
            return f"skal være en af: {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
        case "greater_than_equal" | "greater_than":
            return f"skal være mindst {context.get('ge', context.get('gt'))}"
        case "less_than" | "less_than_equal":
            return f"skal være under {context.get('lt', context.get('le'))}"
        case "string_too_long":
            return f"må højst være {context['max_length']} tegn"
        case "string_too_short":
            return "må ikke være tom"
        case "value_error":
            return str(context["error"])
        case _:
            return _SENTENCES.get(kind, "har en ugyldig værdi")
