"""Question 6: whether the family was heard before a decision."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeVar

from ledger.facts.decision import (
    BEFORE_VISITATION,
    HearingSubject,
    PartshoeringAnswered,
    PartshoeringExpired,
    PartshoeringSent,
)
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Favourable
from ledger.facts.intake import MeetingHeld, MeetingKind
from ledger.facts.sentence import listed
from ledger.law.deadlines import last_day
from ledger.law.rule import Kind
from replay.answers import Asked, Found
from replay.answers.common import about_decision, decision_named, numbers, people, quoted
from replay.answers.wording import joined, on, versions_of, was_before

F = TypeVar("F", bound=Fact)
_METHOD: Final = (HearingSubject.METODE,)
_PAYING_BACK: Final = (HearingSubject.TILBAGEBETALING,)
_LOST_EARNINGS: Final = (HearingSubject.TAF,)
_OTHER: Final = (HearingSubject.ANDET,)
HEARD_ABOUT: Final[Mapping[str, tuple[HearingSubject, ...]]] = {
    "MaalgruppeDecided": (HearingSubject.MAALGRUPPE_FACTS,),
    "HjemmetraeningApproved": BEFORE_VISITATION,
    "HjemmetraeningRefused": BEFORE_VISITATION,
    "MethodElementDecided": BEFORE_VISITATION,
    "HjemmetraeningReviewed": (HearingSubject.TILSYNSRAPPORT,),
    "HjemmetraeningTerminated": (HearingSubject.OPHOER, HearingSubject.TILSYNSRAPPORT),
    "MethodSupplementDecided": _METHOD,
    "MethodChangeDecided": _METHOD,
    "BudgetPostApproved": _OTHER,
    "BudgetPostRefused": _OTHER,
    "BudgetPostAdjusted": _OTHER,
    "AnnualBudgetDecided": _OTHER,
    "AccountsDecided": _PAYING_BACK,
    "TilbagebetalingskravIssued": _PAYING_BACK,
    "TabtArbejdsfortjenesteDecided": _LOST_EARNINGS,
    "TabtArbejdsfortjenesteAdjusted": _LOST_EARNINGS,
    "OtherSupportGranted": _OTHER,
}
"""Decision type to what the family is heard about before it (APPEAL §3); of other types no hearing is looked for."""


def hearing_before(asked: Asked, decision: Entry[Any]) -> Entry[PartshoeringSent] | None:
    """The hearing about a decision: the one it, or its covering letter, names; else the newest that fits.

    It fits when it is about what such a decision is heard about, and after the last decision of the type
    (CLARIFICATIONS 19).
    """
    covering = asked.told.at(decision.pointer("part_of") or decision.version)
    for one in (decision, covering):
        named = asked.told.at(one.pointer("hearing") or 0) if one else None
        if named is not None:
            return named
    earlier = (one for one in asked.told.named([decision.type]) if was_before(one, decision))
    since = max((one.occurred_on for one in earlier), default=date.min)
    subjects = HEARD_ABOUT.get(decision.type, ())
    fitting = [
        one
        for one in asked.told.of(PartshoeringSent)
        if one.fact.subject in subjects and since <= one.occurred_on and was_before(one, decision)
    ]
    return fitting[-1] if fitting else None


@about_decision(6, "Blev familien hørt, før der blev truffet afgørelse?")
def was_heard(asked: Asked, decision: Entry[Any]) -> Found:
    """The hearing, its last day and its answers; before an end also the meeting about it."""
    hearing, meeting = hearing_before(asked, decision), _meeting(asked, decision)
    if hearing is None:
        return _not_heard(decision, meeting)
    answers, expired = _pointing(asked, PartshoeringAnswered, hearing), _pointing(asked, PartshoeringExpired, hearing)
    due = _due(asked, hearing)
    sentence = joined(
        _heard(asked, hearing, decision, due),
        *(_answer(asked, one, decision) for one in answers),
        None if answers else _unanswered(expired),
        _too_early(decision, answers, due),
        _met(meeting),
    )
    data = {
        "hearing": hearing.version,
        "subject": hearing.fact.subject,
        "sent_on": hearing.occurred_on,
        "due_on": due,
        "answered_on": [one.occurred_on for one in answers],
    }
    return Found(sentence, data, versions_of([decision, hearing], answers, expired, [meeting] if meeting else []))


def _pointing(asked: Asked, fact_type: type[F], hearing: Entry[PartshoeringSent]) -> list[Entry[F]]:
    return [one for one in asked.told.of(fact_type) if one.pointer("hearing") == hearing.version]


def _heard(asked: Asked, hearing: Entry[PartshoeringSent], decision: Entry[Any], due: date | None) -> str:
    fact, until = hearing.fact, f" med svarfrist {on(due)}" if due else ""
    return (
        f"Ja. Før {decision_named(decision)} blev {people(asked, fact.to)} partshørt (emne: {fact.subject.dansk})"
        f" {on(hearing.occurred_on)} ({fact.channel.dansk}, nr. {hearing.version}){until}."
    )


def _unanswered(expired: list[Entry[PartshoeringExpired]]) -> str:
    closed = f"; fristen er registreret som udløbet ({numbers(versions_of(expired))})" if expired else ""
    return f"Der er ikke registreret noget svar{closed}."


def _due(asked: Asked, hearing: Entry[PartshoeringSent]) -> date | None:
    """The last day to answer. Of older, migrated history there is no deadline, only what the law would say."""
    for row in asked.deadlines:
        if row.kind is Kind.HEARING and hearing.version in row.entries:
            return row.extended_to or row.due_on
    return last_day(asked.law, asked.told, hearing, Kind.HEARING)


def _answer(asked: Asked, entry: Entry[PartshoeringAnswered], decision: Entry[Any]) -> str:
    fact = entry.fact
    agree = "enige" if len(fact.by) > 1 else "enig"
    agreed = {True: f" og var {agree}", False: f" og var ikke {agree}", None: ""}[fact.agrees]
    changed = f"; ændret på den baggrund: {quoted(fact.changes_made)}" if fact.changes_made is not None else ""
    late = "" if was_before(entry, decision) else " (efter afgørelsen)"
    return f"{people(asked, fact.by)} svarede {on(entry.occurred_on)}{late}{agreed}{changed} (nr. {entry.version})."


def _too_early(decision: Entry[Any], answers: list[Entry[PartshoeringAnswered]], due: date | None) -> str | None:
    if due is None or due < decision.occurred_on or any(was_before(one, decision) for one in answers):
        return None
    return "Afgørelsen blev sendt, før svaret var modtaget eller svarfristen udløbet."


def _meeting(asked: Asked, decision: Entry[Any]) -> Entry[MeetingHeld] | None:
    """The meeting about the end of the training that a decision names."""
    meeting = asked.told.at(decision.pointer("meeting") or 0)
    about_the_end = meeting is not None and getattr(meeting.fact, "kind", None) is MeetingKind.TERMINATION_DIALOGUE
    return meeting if about_the_end else None


def _met(meeting: Entry[MeetingHeld] | None) -> str | None:
    return (
        f"Der blev holdt {meeting.fact.kind.dansk} {on(meeting.occurred_on)} (nr. {meeting.version})."
        if meeting
        else None
    )


def _not_heard(decision: Entry[Any], meeting: Entry[MeetingHeld] | None) -> Found:
    subjects = HEARD_ABOUT.get(decision.type, ())
    about = f" om {listed(one.dansk for one in subjects)}" if subjects != _OTHER and subjects else ""
    favourable = decision.fact.favourable is Favourable.FULL
    sentence = joined(
        f"Der er ikke registreret nogen partshøring{about} før {decision_named(decision)}.",
        "Afgørelsen gav fuldt medhold." if favourable else None,
        _met(meeting),
    )
    missing = () if favourable or meeting else ("en partshøring, eller grunden til, at den blev udeladt",)
    data = {"hearing": None, "meeting": meeting.version if meeting else None}
    return Found(sentence, data, versions_of([decision], [meeting] if meeting else []), missing)
