"""Adgang: who has read the case. Names stay out until access to the list has been decided (GDPR art. 15)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from projections.access import Look, are_named, looks_at, moment, released, times
from projections.follower import Follower
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
    looks, decisions = _looks(asked), released(asked.history)
    decided = [f"Aktindsigt i listen blev {one.fact.resultat.dansk} {on(one.occurred_on)}." for one in decisions]
    if not looks:
        nobody = f"Der er ikke registreret, at nogen har læst sagen, {as_of(asked)}."
        return Found(joined(nobody, *decided), [], versions_of(decisions))
    by_reader: dict[_Reader, list[Look]] = defaultdict(list)
    for look in looks:
        by_reader[_reader(asked, look)].append(look)
    told = "; ".join(_said(reader, its) for reader, its in by_reader.items())
    with_names = are_named(decisions)
    return Found(
        joined(f"Sagen er læst {times(len(looks))} {as_of(asked)}: {told}.", *decided),
        [_row(asked, look, with_names=with_names) for look in looks],
        versions_of(decisions),
    )


def _looks(asked: Asked) -> list[Look]:
    """The looks at this case, up to the asked day, oldest first."""
    sight, day = asked.sight, asked.history.as_of
    with Follower(sight.book).caught_up() as connection:
        looks = [look for look in looks_at(connection, sight.case_id) if look.is_told(day, sight.known)]
    return looks[::-1]


def _reader(asked: Asked, look: Look) -> _Reader:
    role = asked.law.municipality.roles.get(look.role, look.role)
    return _Reader(role, asked.unit(look.unit), look.purpose.dansk)


def _said(reader: _Reader, looks: Sequence[Look]) -> str:
    who = f"{reader.role} ({reader.unit}) til formålet {reader.purpose}"
    first, last = moment(looks[0].at), moment(looks[-1].at)
    when = first if len(looks) == 1 else f"{times(len(looks))} fra {first} til {last}"
    return f"{who}, {when}"


def _row(asked: Asked, look: Look, *, with_names: bool) -> dict[str, Any]:
    reader = _reader(asked, look)
    row = {
        "read_at": look.at,
        "role": reader.role,
        "unit": reader.unit,
        "purpose": look.purpose,
        "what": look.what,
        "documents": look.documents,
        "access_version": look.version,
        "seal": look.seal,
    }
    return row | ({"name": look.name} if with_names else {})
