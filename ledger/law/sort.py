"""What decides who may see an entry: the kind of data it is, which may be that of the entry it is about."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.decision import PartshoeringAnswered, PartshoeringDeadlineExtended, PartshoeringExpired
from ledger.facts.entry import Entry, versions_in
from ledger.facts.fact import Fact, catalogue
from ledger.facts.lifecycle import EntryAnnulled, EntryCorrected
from ledger.facts.values import DataKind

Readings = Mapping[int, Sequence[Entry[Any]]]
"""The entries of a case by version: as each was recorded, and as it reads now when that is another."""
ABOUT: Final[Mapping[type[Fact], str]] = {
    EntryCorrected: "target",
    EntryAnnulled: "target",
    ActConfirmed: "proposal",
    ActRejected: "proposal",
    PartshoeringAnswered: "hearing",
    PartshoeringDeadlineExtended: "hearing",
    PartshoeringExpired: "hearing",
}
"""Facts that are data of the kind of the entry they point to, and the ref that does."""


class Sort(NamedTuple):
    """Entries of a sort are seen by the same people."""

    kind: DataKind
    type: str
    """By which parts of a kind name it."""


def target_of(entry: Entry[Any]) -> int | None:
    """The entry that a fact is about, when that decides what kind of data it is."""
    about = ABOUT.get(type(entry.fact))
    return entry.pointer(about) if about else None


def sort_of(entry: Entry[Any], readings: Readings) -> Sort | None:
    """The sort of an entry; None when what it is about cannot be found."""
    if isinstance(entry.fact, ActProposed):
        return _sort_of_proposed(entry, readings)
    target = target_of(entry)
    return Sort(entry.fact.data_kind, entry.type) if target is None else _sort_at(target, entry, readings)


def _sort_at(version: int, entry: Entry[Any], readings: Readings) -> Sort | None:
    found = readings.get(version) if version < entry.version else None
    return sort_of(found[-1], readings) if found else None


def _sort_of_proposed(entry: Entry[ActProposed], readings: Readings) -> Sort | None:
    """What is proposed decides, as if it had been recorded."""
    proposed = catalogue()[entry.fact.proposed_type]
    if about := ABOUT.get(proposed):
        target = entry.fact.refs.get(about)
        versions = versions_in(tuple(target) if isinstance(target, list) else target)
        return _sort_at(versions[0], entry, readings) if versions else None
    candidate = proposed.model_construct(**entry.fact.data)
    try:
        return Sort(candidate.data_kind, proposed.declared.type)
    except (AttributeError, KeyError):  # the key of what decides it is gone
        return None
