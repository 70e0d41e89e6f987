"""Børnefaglig undersøgelse: whether the child was talked with, and whether it was done in time."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.facts.assessment import (
    BoernefagligUndersoegelseClosed,
    BoernefagligUndersoegelseOpened,
    ChildTalkHeld,
    ChildTalkOmitted,
)
from ledger.facts.entry import Entry
from ledger.facts.intake import ApplicationReceived, MeetingHeld
from ledger.facts.sentence import danish_day, listed
from ledger.law.deadline import Deadline, Status
from ledger.law.deadlines import deadlines
from ledger.law.guards.seen import given
from ledger.law.starting import ByEntry
from replay.answers import Asked, Found, question
from replay.answers.common import days, quoted
from replay.answers.wording import joined, on, versions_of

_RULE: Final = "statute.boernefaglig-undersoegelse"
_NO_TALK: Final = "Børnesamtale, eller en begrundelse for at undlade den"


@question(23, "Blev der talt med barnet; hvis ikke, hvorfor, og hvordan blev barnets holdning indhentet?")
def child_was_talked_with(asked: Asked) -> Found:
    """The talk, or why there was none, in each børnefaglig undersøgelse."""
    opened = asked.told.of(BoernefagligUndersoegelseOpened)
    if not opened:
        return Found("Sagen har ingen børnefaglig undersøgelse og ingen børnesamtale.", missing=(_NO_TALK,))
    found = [(one, _pointing(asked, one)) for one in opened]
    meetings = [] if all(talks for _, talks in found) else _meetings_with_the_child(asked)
    return Found(
        joined(*(_heard(one, talks, several=len(found) > 1) for one, talks in found), _met(meetings)),
        [{"undersoegelse": one.version, "child_heard": [_talk_data(talk) for talk in talks]} for one, talks in found],
        versions_of(opened, *(talks for _, talks in found), meetings),
        () if all(talks for _, talks in found) else (_NO_TALK,),
    )


def _pointing(asked: Asked, opened: Entry[Any]) -> list[Entry[Any]]:
    """The talks of an undersøgelse, those left out, and what it says of the child's opinion when it is closed."""
    talks = [*asked.told.of(ChildTalkHeld), *asked.told.of(ChildTalkOmitted)]
    found = [one for one in talks if one.pointer("undersoegelse") == opened.version]
    if not found:
        return []
    closed = (one for one in asked.told.of(BoernefagligUndersoegelseClosed) if given(one.fact.child_opinion))
    return found + [one for one in closed if one.pointer("undersoegelse") == opened.version]


def _heard(opened: Entry[BoernefagligUndersoegelseOpened], talks: Sequence[Entry[Any]], *, several: bool) -> str:
    held = any(isinstance(one.fact, ChildTalkHeld) for one in talks)
    bisidder = (
        "Barnet var tilbudt" if opened.fact.bisidder_offered else "Det er registreret, at barnet ikke var tilbudt"
    )
    return joined(
        f"Undersøgelsen, der blev igangsat {on(opened.occurred_on)}:" if several else None,
        "Ja." if held else "Nej." if talks else None,
        *(sentence for one in talks for sentence in _talk(one)),
        None if talks else "Der er hverken registreret en børnesamtale eller en begrundelse for at undlade den.",
        f"{bisidder} en bisidder.",
    )


def _talk(entry: Entry[Any]) -> Iterator[str]:
    day = on(entry.occurred_on)
    match entry.fact:
        case ChildTalkHeld() as fact:
            parents = "uden" if fact.without_parents else "sammen med"
            topics = f"; emner: {listed(map(quoted, fact.topics))}" if fact.topics else ""
            yield f"Børnesamtalen blev holdt {day} ({fact.form.dansk}) {parents} forældrene{_bisidder(fact)}{topics}."
            views = quoted(fact.views) if given(fact.views) else "ikke registreret"
            yield f"Barnets holdning: {views}."
        case ChildTalkOmitted() as fact:
            yield f"Børnesamtalen blev undladt {day} på grund af {fact.ground.dansk}: {quoted(fact.begrundelse)}."
            how = f"{on(fact.views_obtained_on)} på anden måde: {quoted(fact.views_obtained_how)}"
            yield f"Barnets holdning blev indhentet {how}."
        case BoernefagligUndersoegelseClosed(child_opinion=opinion) as fact if opinion is not None:
            obtained = f", indhentet {on(fact.child_opinion_on)}" if fact.child_opinion_on else ""
            yield f"Undersøgelsen gengiver barnets holdning{obtained}: {quoted(opinion)}."


def _bisidder(fact: ChildTalkHeld) -> str:
    if fact.bisidder_present is None:
        return ", og det er ikke registreret, om en bisidder var til stede"
    return " og med bisidder" if fact.bisidder_present else " og uden bisidder"


def _talk_data(entry: Entry[Any]) -> dict[str, Any]:
    return {"version": entry.version, "type": entry.type, "occurred_on": entry.occurred_on}


def _meetings_with_the_child(asked: Asked) -> list[Entry[Any]]:
    return [one for one in asked.told.of(MeetingHeld) if one.fact.child_present]


def _met(meetings: Sequence[Entry[MeetingHeld]]) -> str | None:
    if not meetings:
        return None
    return f"Barnet var til stede ved {listed(f'{one.fact.kind.dansk} {on(one.occurred_on)}' for one in meetings)}."


@question(24, "Blev den børnefaglige undersøgelse færdig inden fire måneder, og fra hvilken dag er de regnet?")
def examination_was_done_in_time(asked: Asked) -> Found:
    """The deadline of each børnefaglig undersøgelse, and beside it the count from the application."""
    opened = asked.told.of(BoernefagligUndersoegelseOpened)
    if not opened:
        return Found("Sagen har ingen børnefaglig undersøgelse.", missing=("Børnefaglig undersøgelse",))
    rows = {one.started_by.version: one for one in deadlines(asked.history, asked.law) if one.rule.slug == _RULE}
    closed = [one for one in asked.told.of(BoernefagligUndersoegelseClosed) if one.pointers("undersoegelse")]
    applied = [one for row in rows.values() if (one := _application_before(asked, row))]
    return Found(
        joined(*(_timing(asked, one, rows.get(one.version), closed) for one in opened)),
        [_timing_data(asked, one, rows.get(one.version)) for one in opened],
        versions_of(opened, closed, applied) | {version for row in rows.values() for version in row.entries},
        tuple(
            f"En frist for undersøgelsen af {danish_day(one.occurred_on)}" for one in opened if one.version not in rows
        ),
    )


def _timing(asked: Asked, opened: Entry[Any], row: Deadline | None, closed: Sequence[Entry[Any]]) -> str:
    if row is None or row.due_on is None:
        return _not_followed(asked, opened, closed)
    lead = {Status.MET: "Ja.", Status.MET_LATE: "Nej.", Status.OVERDUE: "Nej."}.get(row.status(asked.history.as_of))
    runs = "løber" if row.status(asked.history.as_of) is Status.RUNNING else "løb"
    ran = f"Fristen er regnet fra anledningen {on(row.trigger_on)} og {runs} til {on(row.due_on)}"
    return joined(lead, f"{ran}; {_ended(asked, row)}.", _notice(asked, row), _from_application(asked, row))


def _ended(asked: Asked, row: Deadline) -> str:
    late = days(row.days_late(asked.history.as_of))
    match row.status(asked.history.as_of):
        case Status.MET if row.met_on:
            return f"undersøgelsen blev afsluttet {on(row.met_on)}"
        case Status.MET_LATE if row.met_on:
            return f"undersøgelsen blev først afsluttet {on(row.met_on)}, {late} for sent"
        case Status.OVERDUE:
            return f"undersøgelsen er ikke registreret som afsluttet, {late} efter fristen"
        case Status.STOPPED if row.stop_on:
            return f"den blev standset {on(row.stop_on)}"
    return "undersøgelsen er ikke afsluttet endnu"


def _notice(asked: Asked, row: Deadline) -> str | None:
    if row.extended_to:
        given_on = listed(on(day) for day, _ in row.notices)
        return f"Foreløbig vurdering blev givet {given_on}; afslutning var ventet {on(row.extended_to)}."
    if row.days_late(asked.history.as_of):
        return "Der er ikke registreret en foreløbig vurdering med en ny dato."
    return None


def _from_application(asked: Asked, row: Deadline) -> str | None:
    """The count from the application, when that came before the day that counts (RULES X7)."""
    applied = _application_before(asked, row)
    if applied is None:
        return None
    _, due = ByEntry(asked.law, asked.told).due(row.rule, applied.occurred_on, row.started_by)
    assert due is not None, "four months always end"
    ends = "være udløbet" if due < asked.history.as_of else "udløbe"
    return f"Regnet fra ansøgningen {on(applied.occurred_on)} ville fristen {ends} {on(due)}."


def _application_before(asked: Asked, row: Deadline) -> Entry[ApplicationReceived] | None:
    """The newest application when the undersøgelse was opened, if it came before the day that counts."""
    applied = [one for one in asked.told.of(ApplicationReceived) if one.occurred_on <= row.started_by.occurred_on]
    return applied[-1] if applied and applied[-1].occurred_on < row.trigger_on else None


def _not_followed(asked: Asked, opened: Entry[Any], closed: Sequence[Entry[Any]]) -> str:
    ended = [one for one in closed if one.pointer("undersoegelse") == opened.version]
    end = f"afsluttet {on(ended[-1].occurred_on)}" if ended else "er ikke registreret som afsluttet"
    since = on(asked.history.tracked_from)
    why = f", fordi den er fra før {since}, hvor sagsbogen begynder at følge sagen" * asked.history.is_migrated(opened)
    return (
        f"Undersøgelsen med anledning {on(opened.fact.anledning_on)} blev igangsat {on(opened.occurred_on)}"
        f" og {end}. Sagsbogen fører ingen frist for den{why}."
    )


def _timing_data(asked: Asked, opened: Entry[Any], row: Deadline | None) -> dict[str, Any]:
    return {
        "undersoegelse": opened.version,
        "anledning_on": opened.fact.anledning_on,
        "due_on": row and row.due_on,
        "met_on": row and row.met_on,
        "status": row and row.status(asked.history.as_of),
        "days_late": row and row.days_late(asked.history.as_of),
        "extended_to": row and row.extended_to,
        "notice_in_time": row and row.notice_in_time(asked.history.as_of),
    }
