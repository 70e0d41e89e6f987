"""The told entries of a case, found by type, by version, and along paths of refs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.history import History
from ledger.law.rule import ANY_DECISION, Event, Path, Values, Where

F = TypeVar("F", bound=Fact)
P = ParamSpec("P")
T = TypeVar("T")


def once(work: Callable[Concatenate[History, P], T]) -> Callable[Concatenate[History, P], T]:
    """Keeps with a history what is worked out of it (under a law): several read models ask for the same.

    Whoever asks may look at it and not change it.
    """

    @wraps(work)
    def found(history: History, /, *law: P.args, **named: P.kwargs) -> T:
        kept: dict[Any, tuple[Any, T]] = vars(history).setdefault("_worked_out", {})  # as a cached property is kept
        if work not in kept or any(one is not before for one, before in zip(law, kept[work][0], strict=True)):
            kept[work] = law, work(history, *law, **named)
        return kept[work][1]

    return found


class Told:
    """The told entries of a case: corrected, in the order things happened."""

    def __init__(self, told: Iterable[Entry[Any]]) -> None:
        self._of: dict[str, list[Entry[Any]]] = {}
        self._at: dict[int, Entry[Any]] = {}
        for entry in told:
            Told.add(self, entry)

    def add(self, entry: Entry[Any]) -> None:
        """One more entry, that happened after the others."""
        self._of.setdefault(entry.type, []).append(entry)
        if entry.fact.decides:
            self._of.setdefault(ANY_DECISION, []).append(entry)
        self._at[entry.version] = entry

    def of(self, fact_type: type[F]) -> list[Entry[F]]:
        """The entries of a type, by (occurred_on, version)."""
        return self._of.get(fact_type.declared.type, [])

    def named(self, names: Iterable[str]) -> list[Entry[Any]]:
        """The entries of types given by their stored names, or of ANY_DECISION, in order."""
        found = {entry.version: entry for name in names for entry in self._of.get(name, ())}
        return sorted(found.values(), key=lambda entry: (entry.occurred_on, entry.version))

    def at(self, version: int) -> Entry[Any] | None:
        """An entry by version; None when it is annulled or there is none."""
        return self._at.get(version)

    def along(self, entry: Entry[Any], path: Path) -> Iterator[int]:
        """The versions that a path of refs leads to; an empty path leads to the entry itself."""
        if not path:
            yield entry.version
            return
        name, _, rest = path.partition(".")
        for version in entry.pointers(name):
            if not rest:
                yield version
            elif target := self.at(version):
                yield from self.along(target, rest)

    def values(self, entry: Entry[Any], path: Path) -> Sequence[Any]:
        """The values of the field that a path leads to: over refs, into lists; none where there is no such field."""
        name, _, rest = path.partition(".")
        if name in entry.fact.declared.refs:
            targets = filter(None, map(self.at, entry.pointers(name)))
            return [value for target in targets for value in self.values(target, rest)]
        return [entry.occurred_on] if name == "occurred_on" else _inside(entry.fact, path)

    def value(self, entry: Entry[Any], path: Path) -> Any:
        """The first value a path leads to, None when there is none."""
        if path == "occurred_on":
            return entry.occurred_on
        return next((value for value in self.values(entry, path) if value is not None), None)

    def fits(self, entry: Entry[Any], event: Event) -> bool:
        """Whether an entry is such an event."""
        return of_type(entry, event.on) and self.is_such(entry, event)

    def is_such(self, entry: Entry[Any], event: Event) -> bool:
        """Whether an entry is such an event, when it is of its type."""
        if event.where and not self.holds(entry, event.where):
            return False
        return not (event.where_not and self._any(entry, event.where_not))

    def holds(self, entry: Entry[Any], where: Where) -> bool:
        """Whether every line of a condition holds."""
        return all(self._one_of(entry, path, allowed) for path, allowed in where.items()) if where else True

    def _any(self, entry: Entry[Any], where: Where) -> bool:
        return any(self._one_of(entry, path, named) for path, named in where.items())

    def _one_of(self, entry: Entry[Any], path: Path, allowed: Values) -> bool:
        return any(value in allowed for value in self.values(entry, path))


class ByType(Generic[T]):
    """What is said of entries of some types or of any decision, found by an entry."""

    def __init__(self, said: Iterable[tuple[Iterable[str], T]]) -> None:
        """`said`: stored names of types or ANY_DECISION, and what is said of such entries."""
        self._named: dict[str, list[T]] = defaultdict(list)
        for names, one in said:
            for name in names:
                self._named[name].append(one)
        self._of: dict[type[Fact], Sequence[T]] = {}

    def of(self, entry: Entry[Any]) -> Sequence[T]:
        """All that is said of an entry of its type."""
        fact_type = type(entry.fact)
        found = self._of.get(fact_type)
        if found is None:
            names = [entry.type, ANY_DECISION] if entry.fact.decides else [entry.type]
            found = [one for name in names for one in self._named.get(name, ())]
            if fact_type.decides is Fact.decides:  # else it is not the same for every fact of the type
                self._of[fact_type] = found
        return found

    def among(self, entries: Iterable[Entry[Any]]) -> list[Entry[Any]]:
        """The entries of which anything is said: most of a long case are notes, letters and documents."""
        said = self._of.get
        return [one for one in entries if said(type(one.fact), one) and self.of(one)]


def of_type(entry: Entry[Any], names: Iterable[str]) -> bool:
    """Whether an entry is of one of these types."""
    return entry.type in names or (ANY_DECISION in names and entry.fact.decides)


def _inside(value: Any, path: Path) -> Sequence[Any]:
    name, _, rest = path.partition(".")
    found = getattr(value, name, None)
    each = found if isinstance(found, tuple) else (found,)
    return [inner for one in each for inner in _inside(one, rest)] if rest else each
