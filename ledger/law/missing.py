"""What goes missing in a case by the mere passing of days: new goals, an instalment, a new undersøgelse."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from babel.dates import format_date

from ledger.facts.assessment import BoernefagligUndersoegelseOpened
from ledger.facts.budget import BudgetApplicationReceived, BudgetPostApproved, BudgetScope, Option
from ledger.facts.changes import CircumstancesChanged
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.payments import PaymentKind, PaymentMade, SupportKind, SupportResumed, SupportStopped
from ledger.facts.plan import TidsOgFaseplanReceived
from ledger.law.counting import A_DAY, months_after
from ledger.law.instalments import months_to_pay
from ledger.law.law import Law
from ledger.law.told import Told
from ledger.law.training import Training, training_by, trainings

GOALS_OLD: Final = "GOALS_OLDER_THAN_6_MONTHS"
MISSING_INSTALMENT: Final = "MISSING_INSTALMENT"
NEW_UNDERSOEGELSE: Final = "NEW_UNDERSOEGELSE_MISSING"


class Missing(NamedTuple):
    """Something that is missing, and since when."""

    flag: str
    sentence: str
    on: date
    rests_on: tuple[int, ...]
    """The entries that made it due, the first one first."""


def missing(history: History, law: Law) -> Iterator[Missing]:
    """All that is missing on the day the history is asked for."""
    told = Told(history.told)
    runs = trainings(told)
    if GOALS_OLD in law.municipality.guards:
        yield from _goals(told, runs, law, history.as_of)
    if MISSING_INSTALMENT in law.municipality.guards:
        yield from _Instalments(history, told, runs).missing()
    yield from _undersoegelser(told)


def changes_after(history: History, law: Law) -> date | None:
    """The first later day on which something may go missing, or no longer is, by the passing of days alone."""
    told = Told(history.told)
    runs = trainings(told)
    days = [day for run in runs for day in (run.started_on, run.ended_on) if day]
    if GOALS_OLD in law.municipality.guards:
        days += [day for day in [_goals_are_old_on(told, law)] if day]
    if MISSING_INSTALMENT in law.municipality.guards:
        days += [first_after(month) for month in _Instalments(history, told, runs).due()]
    return min((day for day in days if day > history.as_of), default=None)


def first_after(month: date) -> date:
    """The first day of the month after one that is given by its first day."""
    return months_after(month, 1)


def _goals(told: Told, runs: list[Training], law: Law, as_of: date) -> Iterator[Missing]:
    """The goals are those of the newest tids- og faseplan; they are good for some months while training runs."""
    too_old_on, run = _goals_are_old_on(told, law), training_by(runs, as_of)
    if too_old_on and too_old_on <= as_of and run and run.runs_on(as_of):
        says = "Målene i den nyeste tids- og faseplan er for gamle; bed familien om en ny plan."
        yield Missing(GOALS_OLD, says, too_old_on, (told.of(TidsOgFaseplanReceived)[-1].version,))


def _goals_are_old_on(told: Told, law: Law) -> date | None:
    plans, months = told.of(TidsOgFaseplanReceived), law.number("goals_valid_months")
    return months_after(plans[-1].occurred_on, months) + A_DAY if plans and months else None


def _undersoegelser(told: Told) -> Iterator[Missing]:
    opened = [_order(entry) for entry in told.of(BoernefagligUndersoegelseOpened)]
    newest = max(opened, default=(date.min, 0))
    says = "Ændrede forhold kræver en ny børnefaglig undersøgelse, og den er ikke igangsat."
    for change in told.of(CircumstancesChanged):
        if change.fact.needs_new_undersoegelse and newest < _order(change):
            yield Missing(NEW_UNDERSOEGELSE, says, change.occurred_on, (change.version,))


def _order(entry: Entry[Any]) -> tuple[date, int]:
    return entry.occurred_on, entry.version


@dataclass
class _Instalments:
    """The months for which a year's option-a posts are to be paid in instalments (RULES §4.3)."""

    history: History
    told: Told
    runs: list[Training]

    def due(self) -> dict[date, tuple[int, ...]]:
        """First day of each month with an instalment, to the decisions on the posts that it pays."""
        found: dict[date, tuple[int, ...]] = {}
        for year, posts in self._posts().items():
            decided_on = posts[0].occurred_on
            together = tuple(post.version for post in posts if post.occurred_on == decided_on)
            found |= dict.fromkeys(months_to_pay(year, decided_on), together)
        return {month: posts for month, posts in found.items() if month >= self.history.tracked_from}

    def missing(self) -> Iterator[Missing]:
        """The months that have passed with training, without a stop, and without an instalment."""
        paid = {
            (entry.fact.year, entry.occurred_on.year, entry.occurred_on.month)
            for entry in self.told.of(PaymentMade)
            if entry.fact.kind is PaymentKind.INSTALMENT
        }
        for month, posts in self.due().items():
            last = first_after(month) - A_DAY
            unpaid = (month.year, month.year, month.month) not in paid
            if last < self.history.as_of and unpaid and self._is_owed(month, last):
                named = format_date(month, "MMMM y", locale="da")
                says = f"Raten for {named} er ikke udbetalt inden månedens udgang; udbetal den."
                yield Missing(MISSING_INSTALMENT, says, last, posts)

    def _posts(self) -> dict[int, list[Entry[BudgetPostApproved]]]:
        """Year to the option-a posts that were granted with its budget; single purchases are paid at once."""
        found: dict[int, list[Entry[BudgetPostApproved]]] = {}
        for post in self.told.of(BudgetPostApproved):
            if post.fact.option is Option.A and post.fact.amount_oere and not self._is_single(post):
                found.setdefault(post.fact.year, []).append(post)
        return found

    def _is_single(self, post: Entry[BudgetPostApproved]) -> bool:
        applied = self.told.at(post.pointer("budget_application") or 0)
        budgets = (BudgetScope.ANNUAL, BudgetScope.START_UP)
        return applied is not None and isinstance(applied.fact, BudgetApplicationReceived) and (
            applied.fact.scope not in budgets
        )  # fmt: skip

    def _is_owed(self, first: date, last: date) -> bool:
        trained = any(run.started_on <= last and (run.ended_on is None or first < run.ended_on) for run in self.runs)
        return trained and not any(since <= last and first < until for since, until in self._stops())

    def _stops(self) -> Iterator[tuple[date, date]]:
        """From and to of each time instalments were stopped."""
        resumed = {version: entry for entry in self.told.of(SupportResumed) for version in entry.pointers("stopped")}
        for stop in self.told.of(SupportStopped):
            if stop.fact.what in (SupportKind.INSTALMENTS, SupportKind.ALL):
                again = resumed.get(stop.version)
                yield stop.fact.stopped_on, again.occurred_on if again else date.max
