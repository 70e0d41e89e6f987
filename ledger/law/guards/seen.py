"""What a guard sees: what was recorded before a fact and had happened by its own day (CLARIFICATIONS 11)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from ledger.facts.entry import Actor, Entry, OnBehalfOf, RefValue, versions_in
from ledger.facts.fact import Fact
from ledger.facts.history import History
from ledger.facts.values import Erased
from ledger.law.law import Law
from ledger.law.told import Told

F = TypeVar("F", bound=Fact)
_day = attrgetter("occurred_on")
_place = attrgetter("occurred_on", "version")


class Sum(Protocol):
    """Something that entries come to, one after the other."""

    def tell(self, entry: Entry[Any], /) -> None:
        """Counts one more entry."""


S = TypeVar("S", bound=Sum)


class CaseTold(Told):
    """The told entries of a case, also found by what they say and by what they point to."""

    def __init__(self, history: History) -> None:
        """`history`: as long as its facts go; what each guard may see of it is cut by `Seen`."""
        super().__init__(history.told)
        self.looked_at: set[str] = set()
        """Stored names of the types that were looked for, until someone clears it."""
        self._recorded = {entry.version: entry for entry in history.recorded}
        self._saying: dict[tuple[type[Fact], tuple[str, ...]], dict[tuple[Any, ...], list[Entry[Any]]]] = {}
        self._pointing: dict[tuple[type[Fact], str], dict[int, list[Entry[Any]]]] = {}
        self._sums: dict[type[Sum], _SoFar[Any]] = {}

    def add(self, entry: Entry[Any]) -> None:
        """One more entry that happened last, and neither corrects nor annuls another."""
        self._recorded[entry.version] = entry
        self._saying.clear()
        self._pointing.clear()
        self._sums.clear()
        super().add(entry)

    def of(self, fact_type: type[F]) -> list[Entry[F]]:
        """The entries of a type, by (occurred_on, version)."""
        self.looked_at.add(fact_type.declared.type)
        return super().of(fact_type)

    def at(self, version: int) -> Entry[Any] | None:
        """An entry by version; None when it is annulled or there is none."""
        if version in self._recorded:
            self.looked_at.add(self._recorded[version].type)
        return super().at(version)

    def saying(self, fact_type: type[F], fields: Mapping[str, Any]) -> list[Entry[F]]:
        """The entries of a type whose fields have these values, by (occurred_on, version)."""
        self.looked_at.add(fact_type.declared.type)
        names = tuple(fields)
        if (fact_type, names) not in self._saying:
            found: dict[tuple[Any, ...], list[Entry[Any]]] = {}
            for entry in super().of(fact_type):
                found.setdefault(tuple(getattr(entry.fact, name) for name in names), []).append(entry)
            self._saying[fact_type, names] = found
        return self._saying[fact_type, names].get(tuple(fields.values()), [])

    def pointing(self, fact_type: type[F], name: str, version: int) -> list[Entry[F]]:
        """The entries of a type whose ref `name` points to a version, by (occurred_on, version)."""
        self.looked_at.add(fact_type.declared.type)
        if (fact_type, name) not in self._pointing:
            found: dict[int, list[Entry[Any]]] = {}
            for entry in super().of(fact_type):
                for target in entry.pointers(name):
                    found.setdefault(target, []).append(entry)
            self._pointing[fact_type, name] = found
        return self._pointing[fact_type, name].get(version, [])

    def summed(self, kind: type[S], fact_types: tuple[type[Fact], ...], on: date, version: int) -> S:
        """What the entries of some types come to that came before a fact. A kind of sum is always of the same types."""
        self.looked_at.update(fact_type.declared.type for fact_type in fact_types)
        if kind not in self._sums:
            found = [entry for fact_type in fact_types for entry in super(CaseTold, self).of(fact_type)]
            self._sums[kind] = _SoFar(kind, sorted(found, key=_place))
        so_far: S = self._sums[kind].before(on, version)
        return so_far

    def reads(self, version: int) -> Entry[Any] | None:
        """An entry as it reads now, or as it was recorded when it is annulled."""
        return self.at(version) or self._recorded.get(version)


class _SoFar(Generic[S]):
    """A sum that is asked for at one fact of a case after the other, and told only what is new since the last."""

    def __init__(self, kind: type[S], entries: list[Entry[Any]]) -> None:
        self._kind = kind
        self._entries = entries
        self._sum, self._told, self._newest = kind(), 0, 0

    def before(self, on: date, version: int) -> S:
        """The sum of the entries before a fact, by (occurred_on, version). Only to be looked at."""
        past = bisect_left(self._entries, (on, version), key=_place)
        if past < self._told:
            self._sum, self._told, self._newest = self._kind(), 0, 0
        for entry in self._entries[self._told : past]:
            self._sum.tell(entry)
            self._newest = max(self._newest, entry.version)
        self._told = past
        return self._sum if self._newest < version else self._without_later(past, version)

    def _without_later(self, past: int, version: int) -> S:
        """Anew, without what happened before the fact and was recorded after it."""
        found = self._kind()
        for entry in self._entries[:past]:
            if entry.version < version:
                found.tell(entry)
        return found


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact's place in its case, and all that a guard may look at to answer."""

    told: CaseTold
    law: Law
    version: int
    """The version of the fact itself (of the next entry, when it is about to be recorded)."""
    on: date
    """The fact's occurred_on."""
    actor: Actor
    refs: Mapping[str, RefValue]
    on_behalf_of: OnBehalfOf | None = None

    @classmethod
    def by(cls, entry: Entry[Any], told: CaseTold, law: Law) -> "Seen":
        """What an entry's guards see."""
        return cls(told, law, entry.version, entry.occurred_on, entry.actor, entry.refs, entry.on_behalf_of)

    def of(self, fact_type: type[F], **fields: Any) -> Iterator[Entry[F]]:
        """The entries of a type (whose fields have these values) that came before, newest first."""
        return self._before(self.told.saying(fact_type, fields) if fields else self.told.of(fact_type))

    def pointing(self, fact_type: type[F], name: str, version: int) -> Iterator[Entry[F]]:
        """The entries of a type that came before and whose ref `name` points to a version, newest first."""
        return self._before(self.told.pointing(fact_type, name, version))

    def any(self, fact_type: type[F], **fields: Any) -> bool:
        """Whether there is such an entry before."""
        return next(self.of(fact_type, **fields), None) is not None

    def newest(self, fact_type: type[F], **fields: Any) -> Entry[F] | None:
        """The last such entry before, by (occurred_on, version)."""
        return next(self.of(fact_type, **fields), None)

    def all_of(self, *fact_types: type[Fact], **fields: Any) -> list[Entry[Any]]:
        """The entries of any of these types (whose fields have these values) before, in the order they happened."""
        found = [entry for fact_type in fact_types for entry in self.of(fact_type, **fields)]
        return sorted(found, key=lambda entry: (entry.occurred_on, entry.version))

    def sum_of(self, kind: type[S], *fact_types: type[Fact]) -> S:
        """What the entries of these types come to that came before, told in the order they happened."""
        return self.told.summed(kind, fact_types, self.on, self.version)

    def pointed(self, name: str) -> list[Entry[Any]]:
        """The entries that a ref of the fact points to, as they read now; only those that had happened."""
        found = (self.told.at(version) for version in versions_in(self.refs.get(name)))
        return [entry for entry in found if entry is not None and entry.occurred_on <= self.on]

    def pointed_one(self, name: str) -> Entry[Any] | None:
        """The entry that a ref of the fact points to; None when there is none that had happened."""
        return next(iter(self.pointed(name)), None)

    def number(self, name: str) -> int:
        """A number of the law that is always set."""
        value = self.law.number(name)
        assert value is not None, f"the rulebook must say {name}"
        return value

    def _before(self, entries: Sequence[Entry[F]]) -> Iterator[Entry[F]]:
        past = bisect_right(entries, self.on, key=_day)
        return (entries[index] for index in range(past - 1, -1, -1) if entries[index].version < self.version)


def given(value: Any) -> bool:
    """Whether something was said. What has been erased since was said when it was recorded."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, Erased) or bool(value)
