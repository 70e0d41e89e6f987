"""Every deadline of a case: what set it running, and what met, moved, extended, promised or stopped it (RULES §2)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from ledger.facts.decision import DeadlineExtensionNotified
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.law.deadline import Deadline
from ledger.law.law import Law
from ledger.law.rule import Change, Met, Path, Rule
from ledger.law.rulebook import Rulebook
from ledger.law.starting import Starting, last_day
from ledger.law.told import ByType, once
from ledger.law.training import training_by

__all__ = ["changes_after", "deadlines", "last_day"]

Role = Literal["moved_by", "replaced_by", "promised_by", "stopped_by"]
_ROLES: Final[tuple[Role, ...]] = ("moved_by", "replaced_by", "promised_by", "stopped_by")


def deadlines(history: History, law: Law) -> list[Deadline]:
    """The deadlines of a case that had appeared by the day the history is asked for, sorted as lists show them."""
    return [one for one in with_birthdays_ahead(history, law) if one.appears_on <= history.as_of]


def with_birthdays_ahead(history: History, law: Law) -> list[Deadline]:
    """The same, and those that a birthday to come will set running: for who may not be told when that is."""
    found = (one for one in _every(history, law) if one.shown)
    return sorted((one for one in found if one.rule.birthday or one.appears_on <= history.as_of), key=_order)


def changes_after(history: History, law: Law) -> date | None:
    """The first later day on which a deadline appears by the passing of time alone; None when none will.

    Birthdays are left out: the day would tell a date of birth.
    """
    every = (one for one in _every(history, law) if not one.rule.birthday)
    ahead = (one.appears_on for one in every if one.appears_on > history.as_of)
    return min(ahead, default=None)


@once
def _every(history: History, law: Law) -> Sequence[Deadline]:
    """Those, and the ones that are not shown or lie ahead."""
    return _Running(history, law).all()


def _order(one: Deadline) -> tuple[date, str, date, date, int]:
    return (one.due_on or date.max, one.rule.slug, one.trigger_on, one.met_on or date.max, one.started_by.version)


@dataclass(frozen=True)
class _Rules:
    """What each fact type may do to running deadlines."""

    met: ByType[tuple[Rule, Met]]
    changes: ByType[tuple[Rule, Role, Change]]
    touching: ByType[None]
    """Whether it may do anything."""
    paths: Mapping[str, set[Path]]
    """Rule to the paths by which its deadlines are found."""


@cache
def _rules(rulebook: Rulebook, municipality: str) -> _Rules:
    rules = rulebook.rules(municipality)
    met = [(one.on, (rule, one)) for rule in rules for one in rule.met]
    changes = [(one.on, (rule, role, one)) for rule in rules for role, one in _changes(rule, rulebook)]
    paths: dict[str, set[Path]] = defaultdict(set)
    for rule, ours in [(rule, one.ours) for _, (rule, one) in met] + [
        (rule, one.ours) for _, (rule, _, one) in changes
    ]:
        paths[rule.slug].add(ours)
    touching = [*(on for on, _ in met), *(on for on, _ in changes), (DeadlineExtensionNotified.declared.type,)]
    return _Rules(ByType(met), ByType(changes), ByType((on, None) for on in touching), paths)


def _changes(rule: Rule, rulebook: Rulebook) -> Iterator[tuple[Role, Change]]:
    for role in _ROLES:
        changes = getattr(rule, role) or ()
        yield from ((role, change) for change in (changes if isinstance(changes, tuple) else (changes,)))
    yield from (("stopped_by", change) for change in rulebook.statute.stopped_by)


class _Running:
    """The deadlines of one case while they are told."""

    def __init__(self, history: History, law: Law) -> None:
        self.history = history
        self.starting = Starting(history, law)
        self.told = self.starting.told
        self.rules = _rules(law.rulebook, law.municipality.slug)
        self.of_rule: dict[str, list[Deadline]] = defaultdict(list)
        self.found_by: dict[tuple[str, Path, int], list[Deadline]] = defaultdict(list)
        """Rule, path and version that the path leads to."""
        self.unmet: dict[str, list[Deadline]] = defaultdict(list)
        self.progress: dict[tuple[Deadline, int], set[Any]] = {}
        """Deadline, and number of the way to meet it, to what is still needed."""
        self.law = law

    def all(self) -> list[Deadline]:
        """Every deadline, with what became of it."""
        started = list(self.starting.all())
        for deadline in started:
            self._keep(deadline)
        for entry in self.rules.touching.among(self.history.told):
            self._meet(entry)
            self._change(entry)
        for deadline in started:
            self._stop_with_training(deadline)
            if deadline.rule.itself:
                deadline.met_on, deadline.met_by = deadline.started_by.occurred_on, (deadline.started_by.version,)
        return started + list(self._promises())

    def _keep(self, deadline: Deadline) -> None:
        slug = deadline.rule.slug
        self.of_rule[slug].append(deadline)
        self.unmet[slug].append(deadline)
        for path in self.rules.paths[slug]:
            for version in self.told.along(deadline.started_by, path):
                self.found_by[slug, path, version].append(deadline)
        for version in deadline.covers[1:]:
            self.found_by[slug, "", version].append(deadline)

    # What meets

    def _meet(self, entry: Entry[Any]) -> None:
        for rule, met in self.rules.met.of(entry):
            if not self.told.is_such(entry, met):
                continue
            for deadline in self._candidates(rule, met, entry):
                if deadline.rule is rule and deadline.met_on is None and self._counts(deadline, met, entry):
                    self._step(deadline, met, entry)
            self.unmet[rule.slug] = [one for one in self.unmet[rule.slug] if one.met_on is None]

    def _candidates(self, rule: Rule, met: Met, entry: Entry[Any]) -> Iterable[Deadline]:
        if met.by:
            return self._pointed(rule.slug, met.by, met.ours, entry)
        return list(self.unmet[rule.slug])

    def _pointed(self, slug: str, by: Sequence[Path], ours: Path, entry: Entry[Any]) -> list[Deadline]:
        versions = {version for path in by for version in self.told.along(entry, path)}
        found = (one for version in sorted(versions) for one in self.found_by.get((slug, ours, version), ()))
        return list(dict.fromkeys(found))

    def _counts(self, deadline: Deadline, met: Met, entry: Entry[Any]) -> bool:
        """Whether an entry of the right kind belongs to this very deadline."""
        start = deadline.started_by
        if met.year is not None and entry.fact.year != deadline.year + met.year:
            return False
        if deadline.ends_on and not deadline.trigger_on <= entry.occurred_on <= _last_day_of(deadline):
            return False
        if not met.decides_alone and not deadline.ends_on and not _is_after(entry, start):
            return False
        if met.recorded_after and entry.version < start.version:
            return False
        if met.after_late and not self._came_late(start, met.after_late):
            return False
        return not met.like or self._is_like(deadline, met, entry)

    def _came_late(self, entry: Entry[Any], slug: str) -> bool:
        """Whether an entry came after the last day of the deadline that it meets."""
        for rule, met in self.rules.met.of(entry):
            if rule.slug == slug:
                found = self._pointed(slug, met.by, met.ours, entry)
                return any(one.measured_by is not None and entry.occurred_on > one.measured_by for one in found)
        return False

    def _is_like(self, deadline: Deadline, met: Met, entry: Entry[Any]) -> bool:
        versions = self.told.along(deadline.started_by, met.like)
        types = {target.type for version in versions if (target := self.told.at(version))}
        complained = next((group for group in met.alike if types & set(group)), types)
        return entry.type in complained

    def _step(self, deadline: Deadline, met: Met, entry: Entry[Any]) -> None:
        """One more of what meets a deadline; the last one needed meets it."""
        if not (met.every or met.covered or met.together or deadline.required > 1):
            deadline.met_on, deadline.met_by = entry.occurred_on, (entry.version,)
            return
        way = (deadline, deadline.rule.met.index(met))
        left = self.progress.setdefault(way, self._needed(deadline, met))
        before = len(left)
        left -= self._taken(met, entry, left)
        if len(left) < before:
            deadline.met_by += (entry.version,)
            deadline.met_on = None if left else entry.occurred_on

    def _needed(self, deadline: Deadline, met: Met) -> set[Any]:
        if met.every:
            return set(self.told.values(deadline.started_by, met.every[0]))
        if met.covered:
            return set(deadline.covers)
        return set(met.on) if met.together else set(range(deadline.required))

    def _taken(self, met: Met, entry: Entry[Any], left: set[Any]) -> set[Any]:
        if met.every:
            return set(self.told.values(entry, met.every[1]))
        if met.covered:
            return {version for path in met.by for version in self.told.along(entry, path)}
        return {entry.type} if met.together else {max(left)}

    # What moves, extends, promises and stops

    def _change(self, entry: Entry[Any]) -> None:
        for rule, role, change in self.rules.changes.of(entry):
            if not self.told.holds(entry, change.where):
                continue
            for deadline in self._changed(rule, change, entry):
                if deadline.rule is rule:
                    getattr(self, f"_{role}")(deadline, change, entry)
        if isinstance(entry.fact, DeadlineExtensionNotified):
            self._notified(entry)

    def _changed(self, rule: Rule, change: Change, entry: Entry[Any]) -> list[Deadline]:
        if change.by:
            return self._pointed(rule.slug, change.by, change.ours, entry)
        return [one for one in self.of_rule[rule.slug] if _is_after(entry, one.started_by)]

    def _day(self, change: Change, entry: Entry[Any]) -> date | None:
        day = self.told.value(entry, change.day)
        return day if isinstance(day, date) else None

    def _moved_by(self, deadline: Deadline, change: Change, entry: Entry[Any]) -> None:
        day = self._day(change, entry)
        deadline.rests_on.add(entry.version)
        if day is None:
            deadline.stop_on, deadline.stopped_by = entry.occurred_on, entry.version
            return
        deadline.trigger_on, deadline.stop_on, deadline.stopped_by = day, None, None
        entries = self.starting.entries
        deadline.counted_to, deadline.due_on = entries.due(deadline.rule, day, deadline.started_by)

    def _replaced_by(self, deadline: Deadline, change: Change, entry: Entry[Any]) -> None:
        if day := self._day(change, entry):
            deadline.new_dates.append((entry.occurred_on, entry.version, day))

    def _promised_by(self, deadline: Deadline, change: Change, entry: Entry[Any]) -> None:
        self._replaced_by(deadline, change, entry)
        deadline.notices.append((entry.occurred_on, entry.version))

    def _stopped_by(self, deadline: Deadline, change: Change, entry: Entry[Any]) -> None:
        day = self._day(change, entry)
        undone = change.undone_by and any(_is_after(one, entry) for one in self.told.named([change.undone_by]))
        if day is not None and not undone and (deadline.stop_on is None or day < deadline.stop_on):
            deadline.stop_on, deadline.stopped_by = day, entry.version

    def _notified(self, entry: Entry[DeadlineExtensionNotified]) -> None:
        for deadline in self._extended_by(entry):
            deadline.notices.append((entry.occurred_on, entry.version))
            if deadline.rule.first_promise_is_due and deadline.due_on is None:
                deadline.due_on = deadline.counted_to = entry.fact.new_expected_on
            elif not deadline.rule.replaced_by:  # the time to answer is replaced, never promised
                deadline.new_dates.append((entry.occurred_on, entry.version, entry.fact.new_expected_on))

    def _extended_by(self, entry: Entry[DeadlineExtensionNotified]) -> list[Deadline]:
        started = entry.pointers("trigger")
        running = self.of_rule.get(entry.fact.rule, ())
        return [one for one in running if {one.started_by.version, *one.covers} & set(started)]

    def _stop_with_training(self, deadline: Deadline) -> None:
        rule = deadline.rule
        if rule.stops_with_training == "no" or rule.windows:
            return
        by = deadline.trigger_on if rule.starts else deadline.due_on
        run = training_by(self.starting.trainings, by) if by else None
        if run is None or run.ended_on is None or run.ended_by is None:
            return
        if rule.stops_with_training == "until_due" and deadline.due_on and run.ended_on > deadline.due_on:
            return
        if deadline.stop_on is None or run.ended_on < deadline.stop_on:
            deadline.stop_on, deadline.stopped_by = run.ended_on, run.ended_by.version

    # What was promised

    def _promises(self) -> Iterator[Deadline]:
        """A deadline for each new date told, met and stopped as the one that was extended."""
        rule = next((rule for rule in self.law.rules if rule.promises), None)
        for entry in self.told.of(DeadlineExtensionNotified) if rule else ():
            assert rule is not None
            extended = self._extended_by(entry)
            day = entry.fact.new_expected_on
            if self.history.is_migrated(entry) or any(_is_its_due_date(one, entry) for one in extended):
                continue
            promise = Deadline(rule, entry.occurred_on, day, day, entry.occurred_on, entry, day.year)
            for one in extended:
                promise.extends = one.rule
                promise.met_on, promise.met_by = one.met_on, one.met_by
                promise.stop_on, promise.stopped_by = one.stop_on, one.stopped_by
            yield promise


def _is_its_due_date(deadline: Deadline, entry: Entry[Any]) -> bool:
    """Whether a promised date is itself the due date, because the law gives none."""
    return bool(
        deadline.rule.first_promise_is_due
        and deadline.notices[:1] == [(entry.occurred_on, entry.version)]
        and all(version != entry.version for _, version, _ in deadline.new_dates)
    )


def _last_day_of(window: Deadline) -> date:
    """What comes after training has ended belongs to no window of it, but to those of a later start."""
    return min(day for day in (window.ends_on, window.stop_on) if day)


def _is_after(entry: Entry[Any], start: Entry[Any]) -> bool:
    return (entry.occurred_on, entry.version) > (start.occurred_on, start.version)
