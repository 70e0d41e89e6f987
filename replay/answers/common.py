"""What questions about decisions and complaints share: which decision, who, and whether a deadline was kept."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Final

from ledger.facts.entry import Entry
from ledger.facts.sentence import danish_day, listed, sentence
from ledger.facts.values import Erased
from ledger.law.deadline import Status
from projections.deadlines import DeadlineRow
from replay.answers import Asked, Found, question
from replay.answers.wording import on

_A_RUN: Final = 3
Telling = Callable[[Asked, Entry[Any]], Found]
Choice = Callable[[Asked], Entry[Any] | None]


def newest_decision(asked: Asked) -> Entry[Any] | None:
    """The decision sent last."""
    return next((entry for entry in reversed(asked.history.told) if entry.fact.decides), None)


def about_decision(number: int, asks: str, usually: Choice = newest_decision) -> Callable[[Telling], Telling]:
    """Declares a question about one decision: by version, or the newest on a post or a year, else `usually`."""

    def declare(tell: Telling) -> Telling:
        def ask(asked: Asked, decision: int | None = None, post: str | None = None, year: int | None = None) -> Found:
            one = asked.decision(decision) if decision is not None else _chosen(asked, post, year, usually)
            return tell(asked, one) if one else Found(f"Sagen har ingen afgørelser{about(post, year)} {as_of(asked)}.")

        ask.__module__ = tell.__module__  # the question is the module's that tells it
        question(number, asks)(ask)
        return tell

    return declare


def _chosen(asked: Asked, post: str | None, year: int | None, usually: Choice) -> Entry[Any] | None:
    if post is None and year is None:
        return usually(asked)
    found = (one for one in reversed(asked.history.told) if one.fact.decides and concerns(one.fact, post, year))
    return next(found, None)


def concerns(fact: Any, post: str | None, year: int | None) -> bool:
    """Whether a fact is about a post and a year, as far as they are asked for."""
    return post in (None, getattr(fact, "post", None)) and year in (None, getattr(fact, "year", None))


def together(parts: Iterable[Found]) -> Found:
    """Several answers as one."""
    found = list(parts)
    return Found(
        " ".join(one.sentence for one in found),
        [one.data for one in found],
        {version for one in found for version in one.versions},
        tuple(dict.fromkeys(said for one in found for said in one.missing)),
    )


def as_of(asked: Asked) -> str:
    """`pr. 1. november 2023`."""
    return f"pr. {danish_day(asked.history.as_of)}"


def about(post: str | None, year: int | None) -> str:
    """` om post P3 for 2022`, as far as it is given."""
    return (f" om post {post}" if post else "") + (f" for {year}" if year else "")


def named(entry: Entry[Any]) -> str:
    """An entry by what it is: `”Budgetpost afslået” om post X1 for 2022 (nr. 23)`."""
    subject = about(getattr(entry.fact, "post", None), getattr(entry.fact, "year", None))
    return f"”{entry.fact.declared.dansk}”{subject} (nr. {entry.version})"


def decision_named(entry: Entry[Any]) -> str:
    """`afgørelsen ”Hjemmetræning godkendt” (nr. 38) af 8. december 2021`."""
    return f"afgørelsen {named(entry)} af {danish_day(entry.occurred_on)}"


def the_decision(entry: Entry[Any]) -> str:
    """The same, as a sentence begins with it."""
    return f"A{decision_named(entry)[1:]}"


def told(asked: Asked, entry: Entry[Any]) -> str:
    """What an entry tells, as part of a sentence: with its number and day instead of a full stop."""
    return f"{sentence(entry.fact, asked.names).rstrip('.')} (nr. {entry.version}, {danish_day(entry.occurred_on)})"


def people(asked: Asked, parties: Iterable[str]) -> str:
    """The names of parties."""
    return listed(asked.names(party) for party in parties)


def recorded_by(asked: Asked, entry: Entry[Any]) -> str:
    """Who recorded an entry. Says so where that is only claimed (CLARIFICATIONS 6)."""
    who = f"{entry.actor.name}, {asked.unit(entry.actor.unit)}"
    if entry.imported:
        return f"{who} (efter den indlæste sagsfil)"
    return f"{who} (efter eget udsagn)" if entry.actor.claimed else who


def decided_by(asked: Asked, entry: Entry[Any]) -> str:
    """Who made a decision: name and unit."""
    who = entry.fact.decided_by
    return f"{who.name}, {asked.unit(who.unit)}" if who else "en, der ikke er angivet"


def quoted(text: str | Erased | None) -> str:
    """A text in quotation marks; `slettet` when it is erased, `ikke angivet` when there is none."""
    if isinstance(text, Erased):
        return str(text)
    return f"”{text.strip().removesuffix('.')}”" if text else "ikke angivet"


def numbers(versions: Iterable[int]) -> str:
    """`nr. 13 og 14`, `nr. 1-11 og 20`."""
    placed = enumerate(sorted(versions))
    runs = groupby(placed, key=lambda one: one[1] - one[0])  # the same for all that follow on each other
    return f"nr. {listed(part for _, run in runs for part in _run([version for _, version in run]))}"


def _run(versions: list[int]) -> list[str]:
    """Versions that follow on each other: two as they are, more by the first and the last."""
    return [f"{versions[0]}-{versions[-1]}"] if len(versions) >= _A_RUN else [str(version) for version in versions]


def days(count: int) -> str:
    """`1 dag`, `8 dage`."""
    return f"{count} {'dag' if count == 1 else 'dage'}"


def deadline_row(asked: Asked, rule: str, version: int) -> DeadlineRow | None:
    """The deadline of a rule that rests on an entry."""
    return next((row for row in asked.deadlines if row.rule == rule and version in row.entries), None)


def kept(row: DeadlineRow) -> str:
    """Whether a deadline was kept: `fristen løb til den 30. maj 2022 og blev overskredet med 8 dage`."""
    if row.due_on is None:
        return "der er ikke fastsat nogen frist"
    until, late = f"fristen løb til {on(row.due_on)}", f"overskredet med {days(row.days_late)}"
    match row.status:
        case Status.RUNNING:
            return f"fristen løber til {on(row.due_on)}"
        case Status.MET:
            return f"{until} og blev overholdt"
        case Status.MET_LATE:
            return f"{until} og blev {late}"
        case Status.OVERDUE:
            return f"{until} og er {late}"
        case Status.STOPPED:
            return f"{until}, men blev standset"
        case _:
            return f"fristen udløb {on(row.due_on)}"
