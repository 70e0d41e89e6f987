"""What changed in a case between two points in time, and which entries did it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from ledger.facts.entry import Entry
from ledger.facts.sentence import Names, sentence
from replay.as_of import Sight
from replay.tellings import tell_all

NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "case": (),
    "parties": ("party",),
    "history": ("version",),
    "decisions": ("version",),
    "deadlines": ("rule", "trigger_on"),
    "balances": ("year", "post"),
    "repayments": ("year",),
    "findings": ("version", "guard", "flag"),
    "tilsyn": ("kind", "planned"),
    "klager": ("version",),
    "documents": ("document",),
}
"""The columns by which a row is known again."""
_ALWAYS_DIFFERENT: Final = ("as_of", "entries", "seq")


class Change(StrEnum):
    """What became of a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Field:
    """A value before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """A row that is another at the second point than at the first."""

    model: str
    row: str
    """What it is known by: `aarhus.decision 2021-02-01`."""
    change: Change
    fields: tuple[Field, ...]
    entries: tuple[int, ...]
    """The entries that did it: those it rests on, else the first that made it another. None: the day alone did."""


@dataclass(frozen=True)
class Cause:
    """An entry that only one of the points has."""

    version: int
    occurred_on: date
    sentence: str


@dataclass(frozen=True)
class Diff:
    """Two sights of a case side by side."""

    from_day: date
    to_day: date
    from_version: int
    to_version: int
    changes: tuple[Difference, ...]
    entries: tuple[Cause, ...]
    """All entries that only one of the points has, in the order they were recorded."""


def diff(before: Sight, after: Sight, names: Names = str) -> Diff:
    """The read models of one case, compared row by row."""
    changed = _changed(before, after)
    return Diff(
        from_day=before.history.as_of,
        to_day=after.history.as_of,
        from_version=before.history.version,
        to_version=after.history.version,
        changes=tuple(_differences(before, after, changed)),
        entries=tuple(_causes(before, after, changed, names)),
    )


def _changed(before: Sight, after: Sight) -> set[int]:
    """Versions that only one of the points has, or that read differently."""
    then, now = ({entry.version: entry for entry in seen.history.told} for seen in (before, after))
    recorded = {entry.version for entry in before.history.recorded} ^ {
        entry.version for entry in after.history.recorded
    }
    different = {version for version in then.keys() & now.keys() if not _reads_the_same(then[version], now[version])}
    return recorded | different | (then.keys() ^ now.keys())


def _reads_the_same(one: Entry[Any], other: Entry[Any]) -> bool:
    return bool(one.occurred_on == other.occurred_on and one.fact == other.fact)


def _causes(before: Sight, after: Sight, changed: set[int], names: Names) -> Iterator[Cause]:
    found = {entry.version: entry for seen in (before, after) for entry in seen.history.recorded}
    for version in sorted(changed):
        entry = found[version]
        yield Cause(version, entry.occurred_on, sentence(entry.fact, names))


class _Between:
    """The read models on the later day, with only some of what changed: tells which entry did what."""

    def __init__(self, before: Sight, after: Sight, changed: set[int]) -> None:
        self._before, self._after = before, after
        self._changed = sorted(changed)
        self._told: dict[int, dict[str, dict[str, Any]]] = {}

    def rows(self, count: int) -> dict[str, dict[str, Any]]:
        """The rows when only the first of the changed entries are as they are at the later point."""
        if count not in self._told:
            new = set(self._changed[:count])
            told = [entry for entry in self._before.history.told if entry.version not in new]
            told += [entry for entry in self._after.history.told if entry.version in new]
            told.sort(key=lambda entry: (entry.occurred_on, entry.version))
            seen = replace(self._after, history=replace(self._after.history, told=told))
            self._told[count] = _all_keyed(seen)
        return self._told[count]

    def cause(self, model: str, key: str, before: Any) -> tuple[int, ...]:
        """The first of the changed entries with which a row is another; none when the day alone did it."""
        counts = range(len(self._changed) + 1)
        found = bisect_left(counts, True, key=lambda count: _is_other(before, self.rows(count)[model].get(key)))
        return (self._changed[found - 1],) if 0 < found < len(counts) else ()


def _is_other(before: Any, row: Any) -> bool:
    if before is None or row is None:
        return before is not row
    return any(True for _ in _fields(before, row))


def _all_keyed(seen: Sight) -> dict[str, dict[str, Any]]:
    told = tell_all(seen)
    return {model: _keyed(told[model], names) for model, names in NAMED_BY.items()}


def _differences(before: Sight, after: Sight, changed: set[int]) -> Iterator[Difference]:
    then, now = _all_keyed(before), _all_keyed(after)
    between = _Between(before, after, changed)
    for model in NAMED_BY:
        for key in sorted(then[model].keys() | now[model].keys()):
            rows = then[model].get(key), now[model].get(key)
            told = tuple(_fields(*rows))
            if told:
                rests_on = {version for row in rows if row is not None for version in row.entries}
                did_it = tuple(sorted(rests_on & changed)) or between.cause(model, key, rows[0])
                yield Difference(model, key, _change(*rows), told, did_it)


def _change(before: Any, after: Any) -> Change:
    return Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED


def _keyed(rows: Iterable[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The rows by what they are known by; equal names are told apart by their order."""
    counted: Counter[str] = Counter()
    found = {}
    for row in rows:
        name = " ".join(str(value) for value in (getattr(row, part) for part in names) if value is not None)
        counted[name] += 1
        found[name if counted[name] == 1 else f"{name} #{counted[name]}"] = row
    return found


def _fields(before: Any, after: Any) -> Iterator[Field]:
    row = before if before is not None else after
    for one in fields(row):
        values = [None if row is None else getattr(row, one.name) for row in (before, after)]
        if one.name not in _ALWAYS_DIFFERENT and values[0] != values[1]:
            yield Field(one.name, *values)
