"""What sets deadlines running in a case: entries, the calendar, birthdays and windows of training (RULES §2)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from ledger.facts.entry import Entry
from ledger.facts.fact import Channel
from ledger.facts.history import History
from ledger.facts.lifecycle import CaseOpened, PartyKind, PartyRegistered
from ledger.facts.values import Erased
from ledger.law.counting import A_DAY, Duration, Unit, after, before, months_after
from ledger.law.deadline import Deadline
from ledger.law.law import Law
from ledger.law.period import period_of
from ledger.law.rule import Birthday, DayOfYear, EachYear, Kind, Length, Path, Rule, Starts, Windows
from ledger.law.rulebook import Rulebook
from ledger.law.told import ByType, Told
from ledger.law.training import Training, trainings

_YEAR: Final = 12
_HALF_YEAR: Final = 6


class ByEntry:
    """Starts deadlines from single entries of a case."""

    def __init__(self, law: Law, told: Told) -> None:
        self.law = law
        self.told = told
        self._rules = _by_type(law.rulebook, law.municipality.slug)

    def started_by(self, entry: Entry[Any], kind: Kind | None = None) -> Sequence[Deadline]:
        """The deadlines that one entry starts, of one class or of all."""
        rules = self._rules.of(entry)
        if not rules:
            return ()
        started = [
            deadline
            for rule, starts in rules
            if kind in (None, rule.kind) and not starts.first_after and self.is_started(entry, starts)
            for deadline in self.from_entry(rule, starts, entry)
        ]
        if len(started) < 2:  # noqa: PLR2004 - one gives way to none
            return started
        own = {deadline.rule.kind for deadline in started if not deadline.rule.yields}
        return [deadline for deadline in started if not (deadline.rule.yields and deadline.rule.kind in own)]

    def starting(self, told: Iterable[Entry[Any]]) -> list[Entry[Any]]:
        """Those that may set anything running."""
        return self._rules.among(told)

    def is_started(self, entry: Entry[Any], starts: Starts) -> bool:
        """Whether an entry, of its type, is such as sets a rule running."""
        if starts.without and entry.pointers(starts.without):
            return False
        return self.told.is_such(entry, starts) and not any(self.told.fits(entry, one) for one in starts.unless)

    def from_entry(self, rule: Rule, starts: Starts, entry: Entry[Any]) -> Iterator[Deadline]:
        """The deadline of one rule that an entry starts, if the rule is law on the day that counts."""
        day = self.day_of(entry, starts.since)
        if day is not None and _is_law(rule, day):
            counted_to, due = self.due(rule, day, entry)
            yield Deadline(rule, day, counted_to, due, entry.occurred_on, entry, _year_of(entry, day))

    def day_of(self, entry: Entry[Any], since: Path | DayOfYear) -> date | None:
        """The day that counts for a deadline which an entry starts."""
        if isinstance(since, DayOfYear):
            day = since.of(entry.fact.year)
            later = self._day(entry, since.or_later) if since.or_later else None
            return max(day, later) if later else day
        if since == "received":
            return received(self.law, entry)
        if since == "answer_due":
            return self.answer_due(entry)
        return self._day(entry, since)

    def _day(self, entry: Entry[Any], path: Path) -> date | None:
        value = self.told.value(entry, path)
        return value if isinstance(value, date) else None

    def due(self, rule: Rule, day: date, entry: Entry[Any], year: int | None = None) -> tuple[date | None, date | None]:
        """Where the count ends, and the due date after any roll; None while no length is set."""
        if rule.until and (given := self._day(entry, rule.until)):
            return given, given
        length = self.length(rule, entry)
        if length is None:
            return None, None
        counted: date | None = None
        if length.day:
            counted = length.day.of(_year_of(entry, day) if year is None else year)
        if length.weeks_in:
            weeks = self.law.number(length.weeks_in)
            counted = None if weeks is None else after(day, Duration(Unit.WEEKS, weeks), self.law.calendar)
        elif length.count and (counted is None or day > counted):
            counted = before(day, length.count) if length.before else after(day, length.count, self.law.calendar)
        rolls = rule.roll and not length.before and counted is not None
        return counted, self.law.calendar.next_open(counted) if rolls and counted else counted

    def length(self, rule: Rule, entry: Entry[Any]) -> Length | None:
        """How long a rule runs when an entry starts it."""
        return next((one for one in rule.length if self.told.holds(entry, one.when)), None)

    def answer_due(self, hearing: Entry[Any]) -> date | None:
        """The last day to answer a hearing, extended if it was."""
        deadline = next(iter(self.started_by(hearing, Kind.HEARING)), None)
        return (self._replaced(deadline) or deadline.due_on) if deadline else None

    def _replaced(self, deadline: Deadline) -> date | None:
        change = deadline.rule.replaced_by
        if change is None:
            return None
        points = [
            entry
            for entry in self.told.named(change.on)
            if any(deadline.started_by.version in self.told.along(entry, path) for path in change.by)
        ]
        return self._day(points[-1], change.day) if points else None


class Starting:
    """Starts the deadlines of one case."""

    def __init__(self, history: History, law: Law) -> None:
        self.history = history
        self.law = law
        self.told = Told(history.told)
        self.entries = ByEntry(law, self.told)
        self.trainings = trainings(self.told)

    def all(self) -> Iterator[Deadline]:
        """Every deadline that has been set running, and those by the calendar that will appear within a year."""
        for entry in self.entries.starting(self.history.told):
            for deadline in self.entries.started_by(entry):
                yield self._shown(deadline)
        for rule in self.law.rules:
            if rule.each_year:
                yield from self._by_calendar(rule, rule.each_year)
            elif rule.birthday:
                yield from self._by_birthday(rule, rule.birthday)
            elif rule.windows:
                yield from self._by_window(rule, rule.windows)
            elif any(starts.first_after for starts in rule.starts):
                yield from map(self._shown, self._by_round(rule))

    def _shown(self, deadline: Deadline) -> Deadline:
        """The same, not to be shown when it is older history that started it."""
        deadline.shown = not self.history.is_migrated(deadline.started_by)
        return deadline

    def _by_round(self, rule: Rule) -> Iterator[Deadline]:
        """The first such entry after one that opens a round; it covers those that follow until the round ends."""
        for starts in rule.starts:
            may_start, current = False, None
            for entry in self.told.named([*starts.on, *starts.first_after, starts.until]):
                if entry.type in starts.first_after:
                    may_start, current = True, None
                elif entry.type == starts.until:
                    may_start, current = False, None
                elif self.entries.is_started(entry, starts):
                    if may_start:
                        current = next(self.entries.from_entry(rule, starts, entry), None)
                        may_start = False
                        if current:
                            yield current
                    if current:
                        current.covers += (entry.version,)

    # By the calendar

    def _by_calendar(self, rule: Rule, calendar: EachYear) -> Iterator[Deadline]:
        for year, by in self._years(calendar):
            day = calendar.falls.of(year)
            counted_to, due = self.entries.due(rule, day, by, year)
            assert due is not None
            tracked = day if calendar.tracked == "trigger" else due
            asked = bool(calendar.years) or self._trained(year, due)
            if asked and tracked >= self.history.tracked_from and _is_law(rule, day):
                yield Deadline(rule, day, counted_to, due, calendar.appears.of(year), by, year)

    def _years(self, calendar: EachYear) -> Iterator[tuple[int, Entry[Any]]]:
        """The years in question, each with what makes it so."""
        if calendar.years:
            first: dict[int, Entry[Any]] = {}
            for entry in self.history.told:
                if entry.type in calendar.years and self.told.holds(entry, calendar.where):
                    first.setdefault(entry.fact.year, entry)
            yield from sorted(first.items())
            return
        for year in range(self._first_year(), self.history.as_of.year + 2):
            run = next((run for run in reversed(self.trainings) if run.started_on.year <= year), None)
            assert run is not None
            yield year, run.started_by

    def _first_year(self) -> int:
        return min((run.started_on.year for run in self.trainings), default=date.max.year)

    def _trained(self, year: int, due: date) -> bool:
        """Whether training has started by the due date and had not ended before the year."""
        began = date(year, 1, 1)
        return any(run.started_on <= due and (run.ended_on is None or run.ended_on >= began) for run in self.trainings)

    # By a birthday

    def _by_birthday(self, rule: Rule, birthday: Birthday) -> Iterator[Deadline]:
        records = [entry for entry in self.told.of(PartyRegistered) if entry.fact.kind is PartyKind.CHILD]
        opened = self.told.of(CaseOpened)
        born = records[-1].fact.birth_date if records else None
        if not opened or born is None or isinstance(born, Erased):
            return
        day = months_after(born, birthday.age * _YEAR)
        appears = day if birthday.appears_on_the_day else opened[0].occurred_on
        counted_to, due = self.entries.due(rule, day, records[0])
        if _is_law(rule, day) and due and due >= self.history.tracked_from:
            found = Deadline(rule, day, counted_to, due, appears, records[0], day.year)
            found.rests_on.add(records[-1].version)
            yield found

    # By a window of training

    def _by_window(self, rule: Rule, windows: Windows) -> Iterator[Deadline]:
        for run in self.trainings:
            for first, last, required in self._windows(run, windows.required):
                if first < self.history.tracked_from or not _is_law(rule, first):
                    continue
                yield Deadline(
                    rule, first, last, last, first, run.started_by, first.year, ends_on=last, required=required,
                    stop_on=run.ended_on, stopped_by=run.ended_by.version if run.ended_by else None,
                )  # fmt: skip

    def _windows(self, run: Training, required: int) -> Iterator[tuple[date, date, int]]:
        """First day, last day and how many; up to the first window that lies ahead."""
        first, number = run.started_on, 0
        while run.ended_on is None or first <= run.ended_on:
            if self.law.municipality.windows == "calendar_year":
                following = date(first.year + 1, 1, 1)
                wanted = min(required, _half_years(first, following) * required // 2)
            else:
                number += 1
                following, wanted = months_after(run.started_on, number * _YEAR), required
            if wanted:
                yield first, following - A_DAY, wanted
            if first > self.history.as_of:
                return
            first = following


def last_day(law: Law, told: Told, entry: Entry[Any], kind: Kind) -> date | None:
    """The due date of the rule of a class which an entry starts, before any extension; None when it starts none."""
    return next((deadline.due_on for deadline in ByEntry(law, told).started_by(entry, kind)), None)


@cache
def _by_type(rulebook: Rulebook, municipality: str) -> ByType[tuple[Rule, Starts]]:
    """The rules that an entry of a type may start."""
    rules = rulebook.rules(municipality)
    return ByType((starts.on, (rule, starts)) for rule in rules for starts in rule.starts)


def received(law: Law, decision: Entry[Any]) -> date:
    """The day a decision counts as received: some working days after it was sent, by how it was sent (EVENTS §0.2)."""
    sent_on = decision.fact.sent_on or decision.occurred_on
    days = law.rulebook.statute.received.get(decision.fact.channel or Channel.DIGITAL_POST, 0)
    return law.calendar.add_working_days(sent_on, days)


def _is_law(rule: Rule, day: date) -> bool:
    return rule.valid_on(day) and (not rule.periods or period_of(day) in rule.periods)


def _year_of(entry: Entry[Any], day: date) -> int:
    year = vars(entry.fact).get("year")  # far cheaper than to be told by pydantic that there is none
    return year if isinstance(year, int) else day.year


def _half_years(first: date, following: date) -> int:
    """Whole six-month periods between two days."""
    return sum(months_after(first, _HALF_YEAR * number) <= following for number in (1, 2))
