"""When there was training: from HjemmetraeningStarted to the day a decision, or the 18th birthday, ends it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from ledger.facts.decision import HjemmetraeningEndedAtAge18, HjemmetraeningStarted, HjemmetraeningTerminated
from ledger.facts.entry import Entry
from ledger.law.told import Told


@dataclass(frozen=True)
class Training:
    """One run of training. A second start begins a new one, and ends the first where nothing else has."""

    started_on: date
    started_by: Entry[HjemmetraeningStarted]
    ended_on: date | None
    ended_by: Entry[Any] | None

    def runs_on(self, day: date) -> bool:
        """Whether there is training on a day; the day it ends is the first without."""
        return self.started_on <= day and (self.ended_on is None or day < self.ended_on)


def trainings(told: Told) -> list[Training]:
    """The runs of training, in the order they started."""
    starts = sorted(told.of(HjemmetraeningStarted), key=lambda entry: (entry.fact.started_on, entry.version))
    ends = sorted(_ends(told), key=lambda end: (end[0], end[1].version))
    found = []
    for start, following in pairwise([*starts, None]):
        assert start is not None
        began = start.fact.started_on
        replaced = (following.fact.started_on, following) if following else (None, None)
        before = replaced[0] or date.max
        ended_on, ended_by = next((end for end in ends if began <= end[0] <= before), replaced)
        ends = [end for end in ends if end[1] is not ended_by]
        found.append(Training(began, start, ended_on, ended_by))
    return found


def training_by(runs: list[Training], day: date) -> Training | None:
    """The newest run of training that had started by a day."""
    return next((run for run in reversed(runs) if run.started_on <= day), None)


def is_over(year: int, told: Told, on: date) -> bool:
    """Whether a budget year, or all training that had started, had ended by a day."""
    has_ended = any(day <= on for day, _ in _ends(told))
    return on.year > year or (has_ended and not any(run.runs_on(on) for run in trainings(told)))


def _ends(told: Told) -> Iterator[tuple[date, Entry[Any]]]:
    for entry in told.of(HjemmetraeningTerminated):
        yield entry.fact.effective_on, entry
    for ended in told.of(HjemmetraeningEndedAtAge18):
        yield ended.occurred_on, ended
