"""Visitation: who met and what came of it, whether the letter says the same, and whether it sets an end."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.facts.decision import (
    DecisionToldOrally,
    HjemmetraeningApproved,
    VisitationHeld,
    VisitationOutcomeReceived,
)
from ledger.facts.entry import Entry
from ledger.facts.sentence import danish_day, listed
from ledger.law.guards.age import is_under_age
from ledger.law.guards.seen import CaseTold, Seen, given
from replay.answers import Asked, Found, question
from replay.answers.common import decided_by, named, quoted, together
from replay.answers.wording import chosen, headed, joined, on, verdict, versions_of

_NOT_HELD: Final = "Der er ikke registreret et møde i Visitationsudvalget."


@question(28, "Hvem sad i Visitationsudvalget, og hvad besluttede det?")
def who_sat_in_the_committee(asked: Asked, visitation: int | None = None) -> Found:
    """Each meeting, or the one of that version: members, outcome and minutes."""
    meetings = asked.told.of(VisitationHeld)
    if visitation is not None:
        one = chosen(meetings, visitation)
        meetings = [one] if one else []
    if not meetings:
        return _decided_without(asked)
    return together(_meeting(one) for one in meetings)


def _meeting(entry: Entry[VisitationHeld]) -> Found:
    fact = entry.fact
    members = listed(f"{one.name} ({one.role})" for one in fact.members)
    who = f"I mødet {on(entry.occurred_on)} deltog {members}" if fact.members else f"Mødet {on(entry.occurred_on)}"
    minutes = f"Referat: {quoted(fact.minutes)}." if given(fact.minutes) else "Der er ikke registreret et referat."
    nobody = "" if fact.members else ", men deltagerne er ikke registreret"
    return Found(
        f"{who}; resultatet blev: {fact.resultat.dansk}{nobody}. {minutes}",
        {
            "version": entry.version,
            "held_on": entry.occurred_on,
            "members": [{"name": one.name, "role": one.role} for one in fact.members],
            "resultat": fact.resultat,
            "minutes": fact.minutes,
        },
        [entry.version, *entry.pointers("sent")],
        () if given(fact.minutes) else (f"Referat af mødet {on(entry.occurred_on)}",),
    )


def _decided_without(asked: Asked) -> Found:
    """No meeting on record: the decisions that are said to be the committee's all the same."""
    unit = "visitationsudvalg"
    its = [one for one in asked.history.told if one.fact.decides and one.fact.decided_by]
    its = [one for one in its if one.fact.decided_by.unit == unit]
    told = (f"{named(one)} af {danish_day(one.occurred_on)} angives truffet af {decided_by(asked, one)}" for one in its)
    return Found(
        joined(_NOT_HELD, f"{'; '.join(told)}." if its else None),
        [],
        versions_of(its),
        ("Visitationsmødet: deltagere, resultat og referat",),
    )


@question(29, "Er den skriftlige afgørelse den samme som mødets resultat?")
def letter_says_what_the_meeting_decided(asked: Asked, decision: int | None = None) -> Found:
    """The outcome of the meeting beside that of the letter, and the days of both."""
    letters = [one for one in asked.history.told if one.fact.decides and "visitation" in one.fact.declared.refs]
    if decision is not None:
        one = chosen(letters, decision)
        letters = [one] if one else []
    if not letters:
        return Found("Sagen har ingen afgørelse, der træffes på et møde i Visitationsudvalget.")
    found = [(one, asked.told.at(one.pointer("visitation") or 0)) for one in letters]
    same = [meeting and _is_the_same(asked, letter, meeting) for letter, meeting in found]
    return headed(_verdict(same), together(_compared(asked, letter, meeting) for letter, meeting in found))


def _verdict(same: Sequence[bool | None]) -> str:
    if None not in same or False in same:
        return verdict(same)
    return "Ja, hvor afgørelsen henviser til et møde." if True in same else "Det kan ikke afgøres."


def _is_the_same(asked: Asked, letter: Entry[Any], meeting: Entry[Any]) -> bool:
    said = [one.fact.resultat.value for one in (letter, meeting, *_retold(asked, meeting))]
    return len(set(said)) == 1


def _retold(asked: Asked, meeting: Entry[Any]) -> list[Entry[Any]]:
    """What was told of the outcome before the letter."""
    retold = [*asked.told.of(DecisionToldOrally), *asked.told.of(VisitationOutcomeReceived)]
    return [one for one in retold if one.pointer("visitation") == meeting.version]


def _compared(asked: Asked, letter: Entry[Any], meeting: Entry[Any] | None) -> Found:
    which = f"{named(letter)} af {danish_day(letter.occurred_on)}"
    if meeting is None:
        return Found(
            f"{which} henviser ikke til et møde i Visitationsudvalget, så den kan ikke holdes op mod et.",
            {"decision": letter.version, "visitation": None},
            [letter.version],
            (f"Mødet, som {named(letter)} blev truffet på",),
        )
    fact = letter.fact
    says = f"mødet {on(meeting.occurred_on)} endte med: {meeting.fact.resultat.dansk}; {which}: {fact.resultat.dansk}"
    retold = _retold(asked, meeting)
    return Found(
        joined(f"{says[0].upper()}{says[1:]}.", *_deviations(retold, meeting), _dated(letter, meeting)),
        {
            "decision": letter.version,
            "visitation": meeting.version,
            "meeting_resultat": meeting.fact.resultat,
            "resultat": fact.resultat,
            "held_on": meeting.occurred_on,
            "decided_on": fact.decided_on,
            "sent_on": fact.sent_on,
        },
        versions_of([letter, meeting], retold),
    )


def _deviations(retold: list[Entry[Any]], meeting: Entry[Any]) -> Iterator[str]:
    for one in retold:
        if one.fact.resultat != meeting.fact.resultat:
            what = one.fact.declared.dansk
            yield f"”{what}” {on(one.occurred_on)} lyder anderledes: {one.fact.resultat.dansk}."


def _dated(letter: Entry[Any], meeting: Entry[Any]) -> str:
    decided_on = letter.fact.decided_on
    if decided_on is None:
        return "Brevet angiver ikke, hvilken dag afgørelsen blev truffet."
    if decided_on == meeting.occurred_on:
        return "Brevet angiver mødets dag som den dag, afgørelsen blev truffet."
    return f"Brevet angiver, at afgørelsen blev truffet {on(decided_on)}, ikke på mødets dag."


@question(30, "Er godkendelsen tidsbegrænset, og med hvilken begrundelse?")
def approval_is_time_limited(asked: Asked, decision: int | None = None) -> Found:
    """The last day of the approval, if it has one before the 18th birthday, and the reason for it."""
    approved = chosen(asked.told.of(HjemmetraeningApproved), decision)
    if approved is None:
        return Found("Sagen har ingen godkendelse af hjemmetræning.")
    fact = approved.fact
    is_limited = fact.ends_on is not None and is_under_age(
        Seen.by(approved, CaseTold(asked.history), asked.law), fact.ends_on
    )
    has_reason = given(fact.time_limit_reason)
    return Found(
        _limit(approved, is_limited=is_limited),
        {
            "decision": approved.version,
            "ends_on": fact.ends_on,
            "time_limited": is_limited,
            "time_limit_reason": fact.time_limit_reason,
        },
        [approved.version],
        ("En særlig begrundelse for tidsbegrænsningen",) if is_limited and not has_reason else (),
    )


def _limit(approved: Entry[HjemmetraeningApproved], *, is_limited: bool) -> str:
    fact = approved.fact
    which = f"Godkendelsen af {danish_day(approved.occurred_on)} (nr. {approved.version})"
    if fact.ends_on is None:
        return f"Nej. {which} har ingen slutdag."
    if not is_limited:
        return f"Nej. {which} gælder til {on(fact.ends_on)}, som ikke ligger før den unges 18-års dag."
    reason = "Der er ikke registreret en særlig begrundelse for det."
    if given(fact.time_limit_reason):
        reason = f"Begrundelse: {quoted(fact.time_limit_reason)}."
    return f"Ja. {which} gælder kun til {on(fact.ends_on)}. {reason}"
