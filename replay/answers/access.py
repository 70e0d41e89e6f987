"""Adgang: who has read the case. Names stay out until access to the list has been decided (GDPR art. 15)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from babel.dates import format_datetime

from ledger.clock import COPENHAGEN
from ledger.facts.book import AccessLogged
from ledger.facts.entry import Entry
from ledger.facts.lifecycle import AktindsigtDecided, AktindsigtResult
from ledger.store.ledger import book_stream
from replay.answers import Asked, Found, question
from replay.answers.common import as_of
from replay.answers.wording import joined, on, versions_of


class _Reader(NamedTuple):
    """A kind of reader, as the extract shows them: never by name."""

    role: str
    unit: str
    purpose: str


@question(40, "Hvem har læst sagen, hvornår og med hvilket formål?")
def who_has_read_the_case(asked: Asked) -> Found:
    """The looks at the case by role, unit and purpose; with names once the list has been given as aktindsigt."""
    looks, released = _looks(asked), _released(asked)
    decided = [f"Aktindsigt i listen blev {one.fact.resultat.dansk} {on(one.occurred_on)}." for one in released]
    if not looks:
        nobody = f"Der er ikke registreret, at nogen har læst sagen, {as_of(asked)}."
        return Found(joined(nobody, *decided), [], versions_of(released))
    by_reader: dict[_Reader, list[Entry[AccessLogged]]] = defaultdict(list)
    for look in looks:
        by_reader[_reader(asked, look)].append(look)
    told = "; ".join(_said(reader, its) for reader, its in by_reader.items())
    with_names = any(one.fact.resultat is not AktindsigtResult.REFUSED for one in released)
    return Found(
        joined(f"Sagen er læst {_times(len(looks))} {as_of(asked)}: {told}.", *decided),
        [_row(asked, look, with_names=with_names) for look in looks],
        versions_of(released),
    )


def _looks(asked: Asked) -> list[Entry[AccessLogged]]:
    """The looks at this case, up to the asked day."""
    book, case_id = asked.sight.book, asked.sight.case_id
    logged = book.entries(book_stream(book.municipality, "access"))
    looks = (entry for entry in logged if isinstance(entry.fact, AccessLogged) and case_id in entry.fact.cases)
    sight = asked.sight
    return [entry for entry in looks if entry.occurred_on <= asked.history.as_of and sight.known(entry.known_at)]


def _released(asked: Asked) -> list[Entry[AktindsigtDecided]]:
    """The decisions on requests that asked who has read the case."""
    decided = ((one, asked.told.at(one.pointer("request") or 0)) for one in asked.told.of(AktindsigtDecided))
    return [one for one, request in decided if request is not None and request.fact.access_list]


def _reader(asked: Asked, look: Entry[AccessLogged]) -> _Reader:
    role = asked.law.municipality.roles.get(look.actor.role, look.actor.role)
    return _Reader(role, asked.unit(look.actor.unit), look.fact.purpose.dansk)


def _said(reader: _Reader, looks: Sequence[Entry[AccessLogged]]) -> str:
    who = f"{reader.role} ({reader.unit}) til formålet {reader.purpose}"
    first, last = _at(looks[0].recorded_at), _at(looks[-1].recorded_at)
    when = first if len(looks) == 1 else f"{_times(len(looks))} fra {first} til {last}"
    return f"{who}, {when}"


def _times(number: int) -> str:
    return f"{number} {'gang' if number == 1 else 'gange'}"


def _at(instant: datetime) -> str:
    return format_datetime(instant.astimezone(COPENHAGEN), "d. MMMM y 'kl.' HH.mm", locale="da")


def _row(asked: Asked, look: Entry[AccessLogged], *, with_names: bool) -> dict[str, Any]:
    reader = _reader(asked, look)
    row = {
        "read_at": look.recorded_at,
        "role": reader.role,
        "unit": reader.unit,
        "purpose": look.fact.purpose,
        "what": look.fact.what,
        "documents": look.fact.documents or (),
        "access_version": look.version,
        "seal": look.seal.hex(),
    }
    return row | ({"name": look.actor.name} if with_names else {})
