"""One deadline told day by day: why it runs, how it was counted, on whom each day waited, and what met it."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.errors import Fault, Invalid, NotFound
from ledger.facts.history import History
from ledger.facts.sentence import Names, danish_day, sentence
from ledger.law.counting import A_DAY, Unit, skipped
from ledger.law.deadline import Deadline, Status
from ledger.law.deadlines import deadlines
from ledger.law.law import Law
from ledger.law.rule import Kind, Side
from ledger.law.starting import ByEntry
from ledger.law.told import Told

_SIDES: Final = list(Side)
_UNTIL_DUE: Final = (Kind.HEARING, Kind.RIGHT, Kind.RETENTION)
"""What passes by itself: nobody is waited for after the last day."""


@dataclass(frozen=True)
class Closed:
    """A day that was not counted, or that the due date moved off."""

    day: date
    reason: str


@dataclass(frozen=True)
class Step:
    """An entry that the deadline rests on."""

    version: int
    occurred_on: date
    sentence: str
    new_date: date | None = None


@dataclass(frozen=True)
class Waited:
    """A calendar day of the deadline, and on whom it waited."""

    day: date
    side: Side
    on: str
    """Who, as the rule names them."""
    rule: str
    """The rule that was waited for: an inner one, or the rule itself."""


@dataclass(frozen=True)
class Explanation:
    """One deadline on the asked day."""

    rule: str
    title: str
    says: str
    source: str
    quote: str
    certainty: str
    remark: str
    obliged: str
    length: str
    trigger_on: date
    because: Step
    not_counted: tuple[Closed, ...]
    """Closed days that a count of working days passed over."""
    counted_to: date | None
    rolled_over: tuple[Closed, ...]
    """Closed days that the due date moved off."""
    due_on: date | None
    extensions: tuple[Step, ...]
    extended_to: date | None
    notices: tuple[Step, ...]
    notice_in_time: bool | None
    met_by: tuple[Step, ...]
    met_on: date | None
    stopped_by: Step | None
    stop_on: date | None
    status: Status
    days_late: int
    as_of: date
    days: int
    """Calendar days from the day that counts to the day it was met, stopped or asked about."""
    waited: tuple[Waited, ...]
    """Each of them."""
    waited_by_side: dict[str, int]
    """Their number for each side; adds up to `days`."""
    entries: tuple[int, ...]


def explain(history: History, law: Law, rule: str, trigger_on: date | None, names: Names = str) -> list[Explanation]:
    """The deadlines of a rule, explained. Several only when a trigger day is given and several began on it."""
    if rule not in law.rulebook.slugs:
        raise Invalid(Fault("RULE", f"reglen {rule!r} findes ikke; se docs/rules.md"))
    every = deadlines(history, law)
    found = [one for one in every if one.rule.slug == rule and trigger_on in (None, one.trigger_on)]
    if not found:
        since = f" fra {danish_day(trigger_on)}" if trigger_on else ""
        raise NotFound(f"Sagen har ingen frist efter {rule}{since} pr. {danish_day(history.as_of)}.")
    triggers = sorted({one.trigger_on for one in found})
    if len(triggers) > 1:
        days = ", ".join(day.isoformat() for day in triggers)
        raise Invalid(Fault("--trigger", f"reglen har løbet flere gange; angiv en af dagene {days}"))
    return [_explanation(one, every, history, law, names) for one in found]


def _explanation(one: Deadline, every: Sequence[Deadline], history: History, law: Law, names: Names) -> Explanation:
    rule, on = one.rule, history.as_of
    entries = ByEntry(law, Told(history.told))

    def step(version: int, new_date: date | None = None) -> Step:
        entry = entries.told.at(version)
        assert entry is not None
        return Step(version, entry.occurred_on, sentence(entry.fact, names), new_date)

    slugs = law.rulebook.inner(law.municipality.slug, one.owed_by.slug)
    waited = tuple(_waited(one, [row for row in every if row.rule.slug in slugs and row is not one], on))
    sides = Counter(day.side for day in waited)
    status = one.status(on)
    stopped = one.stopped_by is not None and one.stop_on is not None and one.stop_on <= on
    return Explanation(
        rule=rule.slug,
        title=rule.dansk,
        says=rule.says,
        source=_source(rule.source, law),
        quote=rule.quote,
        certainty=rule.certainty,
        remark=rule.remark,
        obliged=one.owed_by.obliged,
        length=_length(one, entries),
        trigger_on=one.trigger_on,
        because=step(one.started_by.version),
        not_counted=tuple(_not_counted(one, entries)),
        counted_to=one.counted_to,
        rolled_over=tuple(_rolled_over(one, entries)),
        due_on=one.due_on,
        extensions=tuple(step(version, new) for _, version, new in one.new_dates),
        extended_to=one.extended_to,
        notices=tuple(step(version) for _, version in one.notices),
        notice_in_time=one.notice_in_time(on),
        met_by=() if status is Status.STOPPED else tuple(step(version) for version in one.met_by),
        met_on=None if status is Status.STOPPED else one.met_on,
        stopped_by=step(one.stopped_by) if stopped and one.stopped_by else None,
        stop_on=one.stop_on if stopped else None,
        status=status,
        days_late=one.days_late(on),
        as_of=on,
        days=len(waited),
        waited=waited,
        waited_by_side={side.value: sides[side] for side in Side},
        entries=one.entries,
    )


def _source(code: str, law: Law) -> str:
    return law.rulebook.statute.sources.get(code, code)


_UNITS: Final = {
    Unit.DAYS: ("dag", "dage"),
    Unit.WEEKS: ("uge", "uger"),
    Unit.MONTHS: ("måned", "måneder"),
    Unit.WORKING_DAYS: ("hverdag", "hverdage"),
}


def _length(one: Deadline, entries: ByEntry) -> str:
    """How long it runs, in words."""
    rule = one.rule
    if rule.until and entries.told.value(one.started_by, rule.until):
        return "til den dag, myndigheden har sat"
    if one.ends_on:
        return f"{one.required} inden udgangen af {danish_day(one.ends_on)}"
    length = entries.length(rule, one.started_by)
    count = length.count if length else None
    if length is None or (count is None and not length.day):
        return "ingen fastsat længde"
    if count is None or (length.day and one.trigger_on <= length.day.of(one.year)):
        return "til en fast dag"
    told = f"{count.count} {_UNITS[count.unit][count.count != 1]}"
    return f"{told} før" if length.before else told


def _not_counted(one: Deadline, entries: ByEntry) -> Iterator[Closed]:
    length = entries.length(one.rule, one.started_by)
    if length and length.working_days is not None and one.counted_to:
        for day, reason in skipped(one.trigger_on, one.counted_to, entries.law.calendar):
            yield Closed(day, reason)


def _rolled_over(one: Deadline, entries: ByEntry) -> Iterator[Closed]:
    if one.counted_to and one.due_on:
        day = one.counted_to
        while day < one.due_on:
            yield Closed(day, entries.law.calendar.closed(day) or "")
            day += A_DAY


def _waited(one: Deadline, inner: Sequence[Deadline], on: date) -> Iterator[Waited]:
    """Each calendar day after the one that counts, up to the day it was met, stopped or asked about."""
    start = min(one.trigger_on, max(one.started_by.occurred_on, one.appears_on))
    coming = deque(sorted(inner, key=lambda row: row.trigger_on))
    running: list[Deadline] = []
    for ahead in range(1, (_waited_until(one, on) - start).days + 1):
        day = start + ahead * A_DAY
        while coming and coming[0].trigger_on < day:
            running.append(coming.popleft())
        running = [row for row in running if day <= _waited_until(row, on)]
        row = min(running, key=_waits_first, default=one)
        yield Waited(day, row.owed_by.side, row.owed_by.obliged, row.rule.slug)


def _waits_first(row: Deadline) -> tuple[date, int, str]:
    return row.due_on or date.max, _SIDES.index(row.owed_by.side), row.rule.slug


def _waited_until(one: Deadline, on: date) -> date:
    """The last day that someone was waited for."""
    ends = [on, *(day for day in (one.met_on, one.stop_on) if day)]
    if one.rule.kind in _UNTIL_DUE and one.measured_by:
        ends.append(one.measured_by)
    return min(ends)
