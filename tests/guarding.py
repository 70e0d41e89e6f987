"""What the tests of guards and findings share: a case told in a few words, and what a fact would be told there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from ledger.facts.entry import Actor, Entry, Imported, OnBehalfOf, RefValue
from ledger.facts.example import example
from ledger.facts.fact import Fact, Task, catalogue
from ledger.facts.history import History, history
from ledger.law.guards import Guard, failing
from ledger.law.guards.seen import CaseTold, Seen
from ledger.law.law import Law
from ledger.law.period import period_of
from ledger.law.rulebook import rulebook_in_force

CASE: Final = UUID(int=1)
LAST_DAY: Final = date(2050, 1, 1)
_TRAIT: Final = {"favourable": "full", "channel": "digital_post", "recipients": ["p-mor"]}


@dataclass(frozen=True)
class Told:
    """One fact of a story. What is not said is as in the examples of the documentation."""

    type: str
    on: date
    data: Mapping[str, Any]
    refs: Mapping[str, Any] = field(default_factory=dict)
    """Ref to the key of an earlier fact of the story, or a tuple of keys."""
    key: str = ""
    actor: Actor | None = None
    on_behalf_of: OnBehalfOf | None = None
    source: str = "import"

    def by(self, user_id: str, role: str, unit: str = "ledelse") -> "Told":
        """The same, recorded by someone in particular."""
        return replace(self, actor=Actor(user_id, "Navn", unit, role))

    def mandated(self, mandate: str, unit: str) -> "Told":
        """The same, under a mandate."""
        return replace(self, on_behalf_of=OnBehalfOf(mandate, unit, "Navn"))

    def migrated(self) -> "Told":
        """The same, as older history."""
        return replace(self, source="migration")


def told(fact_type: str, on: str, refs: Mapping[str, Any] | None = None, *, key: str = "", **data: Any) -> Told:
    """A fact of a story. Its key is its type, unless another is given; None leaves a field out."""
    return Told(fact_type, date.fromisoformat(on), data, refs or {}, key or fact_type)


OPENING: Final = (
    told("CaseOpened", "2018-01-01", opened_on="2018-01-01", tracked_from=None),
    told("PartyRegistered", "2018-01-01", party="p-barn", kind="child", birth_date="2016-09-14", custody=None),
    told("PartyRegistered", "2018-01-01", party="p-mor", kind="custody_holder", custody="joint"),
    told("PartyRegistered", "2018-01-01", party="p-far", kind="custody_holder", custody="joint"),
)


def law_of(municipality: str) -> Law:
    book = rulebook_in_force()
    return Law(book, book.municipalities[municipality])


def fact_of(one: Told) -> Fact:
    cls = catalogue()[one.type]
    data = dict(example(cls))
    for name in ("represents", "part_of", "raised_by"):
        data.pop(name, None)
    if "sent_on" in data:
        data |= _TRAIT | {"sent_on": one.on.isoformat(), "hjemmel": [_hjemmel(one.on)]}
    data |= one.data
    return cls.model_validate({name: value for name, value in data.items() if value is not None})


def _hjemmel(day: date) -> str:
    return "barnets lov § 85, stk. 1" if period_of(day) == "p2" else "serviceloven § 32 a, stk. 1"


def entries_of(story: Sequence[Told], municipality: str, *, imported: bool = True) -> list[Entry[Any]]:
    """The entries that a story becomes, in the order it is told."""
    keys: dict[str, int] = {}
    found = []
    for version, one in enumerate(story, 1):
        found.append(_entry(one, version, {name: _version(keys, key) for name, key in one.refs.items()}, municipality))
        keys[one.key] = version
    return found if imported else [entry._replace(imported=None, source="api") for entry in found]


def _version(keys: Mapping[str, int], key: Any) -> RefValue:
    return tuple(keys[one] for one in key) if isinstance(key, tuple) else keys[key]


def _entry(one: Told, version: int, refs: Mapping[str, RefValue], municipality: str) -> Entry[Any]:
    recorded = datetime.combine(LAST_DAY, time(), UTC) + timedelta(minutes=version)
    fact = fact_of(one)
    return Entry(
        CASE, version, fact, one.on, recorded, one.actor or _actor(fact, municipality), municipality, one.source,
        refs, bytes(32), bytes(32), on_behalf_of=one.on_behalf_of, imported=Imported("tester", "0" * 64),
    )  # fmt: skip


def _actor(fact: Fact, municipality: str) -> Actor:
    """Someone who may record it."""
    tasks = law_of(municipality).municipality.tasks
    roles = [role for task in fact.declared.by if task is not Task.CITIZEN for role in tasks[task]]
    role = roles[0] if roles else "leder"
    return Actor(f"u-{role}", "Navn", "enhed", role)


def seen_by(entries: Sequence[Entry[Any]], municipality: str) -> tuple[Fact, Seen]:
    """The last of some entries, and what its guards see."""
    last = entries[-1]
    return last.fact, Seen.by(last, CaseTold(history(entries, as_of=LAST_DAY)), law_of(municipality))


def broken(municipality: str, *story: Told) -> list[str]:
    """The guards that say no to the last fact of a story: `G04`, `G19 NO_CVR`, `LATE_REQUEST`."""
    entries = entries_of([*OPENING, *story], municipality)
    return [named(one) for one in failing(*seen_by(entries, municipality))]


def named(one: Guard) -> str:
    return f"{one.id} {one.flag}".strip()


def history_of(municipality: str, *story: Told, as_of: str = "2050-01-01") -> History:
    return history(entries_of([*OPENING, *story], municipality), as_of=date.fromisoformat(as_of))
