"""Questions 14 and 15: what a case looked like on a day, as it was known then and as it is known now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.clock import known_by
from ledger.facts.case import STATES, fold
from ledger.facts.entry import Entry
from ledger.facts.fact import State
from ledger.facts.history import History, Known, always, history
from ledger.facts.lifecycle import CaseOpened
from ledger.facts.sentence import danish_day, kroner, listed
from ledger.law.deadline import Status
from ledger.law.law import Law
from projections.balances import Balances
from projections.balances import tell as tell_balances
from projections.deadlines import DeadlineRow
from projections.deadlines import tell as tell_deadlines
from replay.answers import Asked, Found, question
from replay.answers.common import named, numbers, told
from replay.answers.payments import owed
from replay.answers.wording import joined


@dataclass(frozen=True)
class Picture:
    """A case on a day: where it stood, which deadlines were open, the money and the newest decision."""

    as_of: date
    known: int
    """How many entries were known."""
    state: State
    state_since: date | None
    decisions: tuple[int, ...]
    deadlines: tuple[DeadlineRow, ...]
    """Those that ran or were overdue."""
    balances: Balances


def _on(asked: Asked, day: date, known: Known = always) -> History | None:
    """The case on a day as it was known; None when it did not exist, or was not known. Never more than is asked of."""
    found = history(asked.history.recorded, as_of=day, known=known)
    return found if next(found.of(CaseOpened), None) else None


def _picture(seen: History, law: Law) -> Picture:
    case = fold(seen)
    rows = tell_deadlines(seen, law)

    def cap(year: int) -> int | None:
        rate = law.cap(year)
        return rate.value if rate else None

    return Picture(
        as_of=seen.as_of,
        known=len(seen.recorded),
        state=case.state,
        state_since=case.state_since,
        decisions=tuple(entry.version for entry in seen.told if entry.fact.decides),
        deadlines=tuple(row for row in rows if row.status in (Status.RUNNING, Status.OVERDUE)),
        balances=tell_balances(seen, cap),
    )


def _not_there(asked: Asked, day: date) -> Found:
    first = asked.history.recorded[0]
    return Found(
        f"Sagen fandtes ikke, eller kendtes ikke, den {danish_day(day)}; den blev oprettet den"
        f" {danish_day(first.occurred_on)} og kendt den {danish_day(first.known_at)}.",
        versions=[first.version],
    )


# 14


@question(14, "Hvordan så sagen ud på en given dag, som den var kendt dengang?")
def as_known_then(asked: Asked, on: date | None = None) -> Found:
    """State, newest decision, open deadlines and money on a day, of what was known by its end."""
    day = on or asked.history.as_of
    seen = _on(asked, day, known_by(day))
    if seen is None:
        return _not_there(asked, day)
    book = asked.sight.book
    picture = _picture(seen, book.law(known_by(day), asked.law.rulebook))
    said = f"Den {danish_day(day)} kendtes {_entries(picture.known)} i sagen."
    return Found(joined(said, *_describe(seen, picture)), picture, [entry.version for entry in seen.told])


def _entries(count: int) -> str:
    return "1 registrering" if count == 1 else f"{count} registreringer"


def _describe(seen: History, picture: Picture) -> Iterator[str]:
    since = f" siden den {danish_day(picture.state_since)}" if picture.state_since else ""
    yield f"Sagens tilstand var: {STATES[picture.state]}{since}."
    newest = next((entry for entry in reversed(seen.told) if entry.fact.decides), None)
    if newest:
        sent = danish_day(newest.occurred_on)
        yield f"Antal afgørelser: {len(picture.decisions)}; den seneste er {named(newest)}, sendt den {sent}."
    else:
        yield "Der var ingen afgørelser."
    yield from _open(picture.deadlines)
    for year, row in picture.balances.balances.items():
        total = row.total
        yield f"Budget {year}: {kroner(total.approved_oere)} bevilget, {kroner(total.paid_oere)} udbetalt."
    for year, claim in picture.balances.repayment.items():
        if claim.outstanding_oere is not None:
            yield f"Tilbagebetaling for {year}: {owed(claim)}."


def _open(rows: tuple[DeadlineRow, ...]) -> Iterator[str]:
    running = [row for row in rows if row.status is Status.RUNNING]
    overdue = [row for row in rows if row.status is Status.OVERDUE]
    yield f"Løbende frister: {listed(map(_limit, running))}." if running else "Ingen frister løb."
    if overdue:
        yield f"Overskredne frister: {listed(map(_limit, overdue))}."


def _limit(row: DeadlineRow) -> str:
    return f"{row.title} ({danish_day(row.due_on) if row.due_on else 'uden dato'})"


# 15


@question(15, "Hvordan så sagen ud den dag, som den kendes nu?")
def as_known_now(asked: Asked, on: date | None = None) -> Found:
    """The same day with all that is known, and what was recorded later that makes the difference."""
    day = on or asked.history.as_of
    now, then = _on(asked, day), _on(asked, day, known_by(day))
    if now is None:
        return _not_there(asked, day)
    picture = _picture(now, asked.law)
    later = list(_recorded_later(now, then))
    sentence = joined(
        f"Med det, der vides nu, var sagen den {danish_day(day)} sådan:",
        *_describe(now, picture),
        _difference(asked, later),
    )
    data = {"picture": picture, "recorded_later": [entry.version for entry in later]}
    versions = {entry.version for entry in (*now.told, *later)}
    return Found(sentence, data, versions)


def _recorded_later(now: History, then: History | None) -> Iterator[Entry[Any]]:
    """The corrections and annulments that changed the day since, and what happened by then but was known later."""
    known = {entry.version for entry in then.recorded} if then else set()
    reads = {entry.version for entry in (*now.told, *(then.told if then else ()))}
    changes = {
        change
        for version, found in now.corrected_by.items()
        if version in reads
        for change in found
    } | {change for version, change in now.annulled_by.items() if version in reads}  # fmt: skip
    told_late = {entry.version for entry in now.told} | changes
    return (entry for entry in now.recorded if entry.version in told_late - known)


def _difference(asked: Asked, later: list[Entry[Any]]) -> str:
    if not later:
        return "Det er det samme billede, som man havde dengang."
    corrections = [entry for entry in later if entry.pointer("target")]
    late = [entry.version for entry in later if not entry.pointer("target")]
    return joined(
        "Det adskiller sig fra billedet dengang.",
        f"Senere rettet: {'; '.join(told(asked, entry) for entry in corrections)}." if corrections else None,
        f"Senere registreret om tiden indtil da: {numbers(late)}." if late else None,
    )
