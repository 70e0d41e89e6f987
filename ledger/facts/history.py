"""The history of a case as it is read: limited by what was known, corrected, and in the order things happened.

EVENTS §0.3: take what was known at K; apply corrections in the order they were recorded; drop what happened
after A; sort by day, then version. Annulments are resolved from the newest back, because an annulment can
itself be annulled.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from pydantic import BaseModel

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.lifecycle import CaseOpened, EntryAnnulled, EntryCorrected
from ledger.facts.shape import is_index

F = TypeVar("F", bound=Fact)
Known = Callable[[datetime], bool]
"""Whether something recorded at an instant was known by the time asked for (ledger/clock.py)."""


def always(_: datetime) -> bool:
    """No limit: all that is known today."""
    return True


@dataclass(frozen=True)
class History:
    """Entries of one stream, seen from a point in time."""

    recorded: Sequence[Entry[Any]]
    """What was known, as it was recorded, in version order."""
    told: Sequence[Entry[Any]]
    """The same, corrected, without what was annulled or had not happened, in the order it happened."""
    as_of: date
    corrected_by: Mapping[int, tuple[int, ...]]
    """Version to the versions of the corrections in force, oldest first."""
    annulled_by: Mapping[int, int]
    """Version to the version of the annulment in force."""

    def of(self, fact_type: type[F]) -> Iterator[Entry[F]]:
        """The told entries of a type, in order."""
        return iter(self._of_type.get(fact_type.declared.type, ()))

    @cached_property
    def _of_type(self) -> Mapping[str, Sequence[Entry[Any]]]:
        found: dict[str, list[Entry[Any]]] = {}
        for entry in self.told:
            found.setdefault(entry.type, []).append(entry)
        return found

    @cached_property
    def tracked_from(self) -> date:
        """The day from which the ledger is complete for the case."""
        opened = next(self.of(CaseOpened), None)
        return (opened.fact.tracked_from or opened.fact.opened_on) if opened else date.min

    def is_migrated(self, entry: Entry[Any]) -> bool:
        """Older history that starts no deadlines and is not guarded: migrated, from before the ledger is complete."""
        return entry.source == "migration" and entry.occurred_on < self.tracked_from

    @property
    def version(self) -> int:
        """The newest version known."""
        return self.recorded[-1].version if self.recorded else 0


def history(entries: Iterable[Entry[Any]], *, as_of: date, known: Known = always) -> History:
    """Reads entries (in version order) as they were known at an instant and had happened by a day."""
    seen = list(entries) if known is always else [entry for entry in entries if known(entry.known_at)]
    annulled = annulments(seen)
    corrections: dict[int, list[Entry[EntryCorrected]]] = {}
    for entry in seen:
        if isinstance(entry.fact, EntryCorrected) and entry.version not in annulled:
            for target in entry.pointers("target"):
                corrections.setdefault(target, []).append(entry)
    standing = (
        corrected(entry, corrections[entry.version]) if entry.version in corrections else entry
        for entry in seen
        if entry.version not in annulled
    )
    told = [entry for entry in standing if entry.occurred_on <= as_of]
    told.sort(key=attrgetter("occurred_on", "version"))
    return History(
        recorded=seen,
        told=told,
        as_of=as_of,
        corrected_by={version: tuple(one.version for one in found) for version, found in corrections.items()},
        annulled_by=annulled,
    )


def annulments(seen: Sequence[Entry[Any]]) -> dict[int, int]:
    """Version to the version of the annulment in force, resolved from the newest back."""
    annulled: dict[int, int] = {}
    for entry in reversed(seen):
        if isinstance(entry.fact, EntryAnnulled) and entry.version not in annulled:
            for target in entry.pointers("target"):
                annulled.setdefault(target, entry.version)
    return annulled


def corrected(entry: Entry[Any], corrections: Iterable[Entry[EntryCorrected]]) -> Entry[Any]:
    """The entry as it reads after the corrections, in their order."""
    for correction in corrections:
        # One that no longer fits (what it corrects was annulled or erased since) has no effect.
        with suppress(LookupError, TypeError, ValueError):
            entry = _with(entry, correction.fact.field, correction.fact.new)
    return entry


def _with(entry: Entry[Any], path: str, new: Any) -> Entry[Any]:
    letter_moved = path == "occurred_on" or (path == "sent_on" and entry.fact.decides)
    if letter_moved:  # the letter's day is one day, told in two places
        entry = entry._replace(occurred_on=date.fromisoformat(new))
        if not entry.fact.decides:
            return entry
        path = "sent_on"
    data = plain(entry.fact)
    set_at(data, path.split("."), new)
    return entry._replace(fact=type(entry.fact).model_validate(data))


def plain(value: Any) -> Any:
    """A fact or a value in it as plain lists and dicts, erased values left standing."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {fields[name].alias or name: plain(one) for name, one in value}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value


def value_at(data: Any, path: str) -> Any:
    """The value at a dotted path inside plain data; None where there is none."""
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, Sequence) and not isinstance(data, str) and is_index(part) and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def set_at(data: dict[str, Any], way: list[str], new: Any) -> None:
    """Puts a value at a path inside plain data; LookupError or TypeError when there is no such place."""
    place: Any = data
    for part in way[:-1]:
        place = place[_member(place, part)]
    place[_member(place, way[-1])] = new


def _member(place: Any, part: str) -> Any:
    if isinstance(place, list):
        if not is_index(part):
            raise LookupError(part)
        return int(part)
    return part
