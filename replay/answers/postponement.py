"""Questions 18 and 19: the deadline for deciding the application, and how often deadlines were put off."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from ledger.errors import Fault, Invalid
from ledger.facts.decision import DeadlineExtensionNotified, HjemmetraeningApproved, HjemmetraeningRefused
from ledger.facts.entry import Entry
from ledger.facts.intake import ApplicationReceived, ApplicationWithdrawn
from ledger.facts.sentence import listed
from ledger.law.deadline import Status
from ledger.law.rule import Rule
from projections.deadlines import DeadlineRow
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, days, deadline_row, kept, quoted, together
from replay.answers.wording import chosen, joined, on, versions_of


def decision_rule(asked: Asked) -> Rule | None:
    """The municipality's deadline for deciding an application."""
    applied, approved = ApplicationReceived.declared.type, HjemmetraeningApproved.declared.type
    for rule in asked.law.rules:
        if any(applied in one.on for one in rule.starts) and any(approved in one.on for one in rule.met):
            return rule
    return None


def decision_on(asked: Asked, application: Entry[ApplicationReceived]) -> Entry[Any] | None:
    """The first decision on an application."""
    types = (HjemmetraeningApproved, HjemmetraeningRefused)
    decided = (one for one in asked.history.told if isinstance(one.fact, types))
    return next((one for one in decided if one.pointer("application") == application.version), None)


def none_applied(asked: Asked) -> Found:
    """The answer when nobody has applied."""
    return Found(f"Sagen har ingen ansøgning om hjemmetræning {as_of(asked)}.")


# 18


@question(18, "Blev fristen på ni måneder overholdt; hvis ikke, blev udsættelsen meddelt, før den udløb?")
def kept_in_time(asked: Asked, application: int | None = None) -> Found:
    """The municipality's own deadline for deciding the application, and the notices of delay."""
    applied = chosen(asked.told.of(ApplicationReceived), application)
    if applied is None:
        return none_applied(asked)
    rule, decision = decision_rule(asked), decision_on(asked, applied)
    row = deadline_row(asked, rule.slug, applied.version) if rule else None
    notices = _notices(asked, row.entries if row else ())
    sentence = joined(
        _yes_or_no(row),
        f"{took(asked, applied, decision)}{f'; {kept(row)}' if row else ''}.",
        no_deadline(asked, applied, rule) if row is None else None,
        _notified(row, notices) if row else None,
    )
    ended = decision or withdrawal(asked, applied)
    return Found(sentence, row, versions_of([applied], [ended] if ended else [], notices))


def _yes_or_no(row: DeadlineRow | None) -> str | None:
    if row is None:
        return None
    return {Status.MET: "Ja.", Status.MET_LATE: "Nej.", Status.OVERDUE: "Nej."}.get(row.status)


def took(asked: Asked, applied: Entry[ApplicationReceived], decision: Entry[Any] | None) -> str:
    """How long an application took, or has taken."""
    start = f"Ansøgningen modtaget {on(applied.occurred_on)} (nr. {applied.version})"
    ended = decision or withdrawal(asked, applied)
    if ended is None:
        waited = (asked.history.as_of - applied.occurred_on).days
        return f"{start} er ikke registreret som afgjort {as_of(asked)}, {days(waited)} efter"
    what, took = "afgjort" if decision else "trukket tilbage", (ended.occurred_on - applied.occurred_on).days
    return f"{start} blev {what} {on(ended.occurred_on)} (nr. {ended.version}), {days(took)} efter"


def withdrawal(asked: Asked, applied: Entry[ApplicationReceived]) -> Entry[ApplicationWithdrawn] | None:
    """What took an application back."""
    taken_back = asked.told.of(ApplicationWithdrawn)
    return next((one for one in taken_back if one.pointer("application") == applied.version), None)


def no_deadline(asked: Asked, applied: Entry[ApplicationReceived], rule: Rule | None) -> str:
    """Why no deadline runs for an application."""
    if rule is None:
        return f"{asked.law.municipality.dansk} har ingen fast frist for afgørelsen i regelsættet."
    if asked.history.is_migrated(applied):
        return (
            f"Ansøgningen er fra før {on(asked.history.tracked_from)}, hvorfra sagen følges, så der løber ingen frist."
        )
    return "Der løber ingen frist for den."


def _notices(asked: Asked, versions: Iterable[int]) -> list[Entry[DeadlineExtensionNotified]]:
    return [one for one in asked.told.of(DeadlineExtensionNotified) if one.version in versions]


def _notified(row: DeadlineRow, notices: list[Entry[DeadlineExtensionNotified]]) -> str | None:
    in_time = [one for one in notices if row.due_on is None or one.occurred_on <= row.due_on]
    later = [one for one in notices if one not in in_time]
    if not notices:
        return "Der er ikke registreret nogen meddelelse om udsættelse." if row.days_late else None
    if not in_time:
        return f"Udsættelsen blev først meddelt, efter at fristen var udløbet: {_dates(later)}."
    return joined(
        f"Udsættelsen blev meddelt, før fristen udløb: {_dates(in_time)}.",
        f"Igen udsat, efter at fristen var udløbet: {_dates(later)}." if later else None,
    )


def _dates(notices: list[Entry[DeadlineExtensionNotified]]) -> str:
    return listed(
        f"{on(one.occurred_on)} (nr. {one.version}), med ny dato {on(one.fact.new_expected_on)}" for one in notices
    )


# 19


@question(19, "Hvor mange gange blev fristen udsat, og blev de lovede datoer holdt?")
def put_off(asked: Asked, rule: str | None = None) -> Found:
    """Every notice of delay, by the deadline it put off, with what became of the date it promised."""
    if rule is not None and rule not in asked.law.rulebook.slugs:
        raise Invalid(Fault("rule", f"reglen {rule!r} findes ikke; se docs/rules.md"))
    notices = [one for one in asked.told.of(DeadlineExtensionNotified) if rule in (None, one.fact.rule)]
    if not notices:
        return Found(f"Der er ikke registreret nogen meddelelse om udsættelse af en frist {as_of(asked)}.")
    ordered = sorted(notices, key=lambda one: (one.fact.rule, one.occurred_on, one.version))
    groups = groupby(ordered, key=lambda one: one.fact.rule)
    return together(_postponed(asked, slug, list(group)) for slug, group in groups)


def _postponed(asked: Asked, slug: str, notices: list[Entry[DeadlineExtensionNotified]]) -> Found:
    title = next((rule.dansk for rule in asked.law.rules if rule.slug == slug), slug)
    times = "1 gang" if len(notices) == 1 else f"{len(notices)} gange"
    rows = [_promise(asked, one) for one in notices]
    told = [_promised(one, row) for one, row in zip(notices, rows, strict=True)]
    versions = {one.version for one in notices} | {version for row in rows if row for version in row.entries}
    return Found(f"Fristen ”{title}” ({slug}) blev udsat {times}: {'; '.join(told)}.", rows, versions)


def _promise(asked: Asked, notice: Entry[DeadlineExtensionNotified]) -> DeadlineRow | None:
    """The deadline of the promised date: one of its own, or the very one put off, where the law gives it no date."""
    promises = (rule.slug for rule in asked.law.rules if rule.promises)
    own = next((row for slug in promises if (row := deadline_row(asked, slug, notice.version))), None)
    return own or deadline_row(asked, notice.fact.rule, notice.version)


def _promised(notice: Entry[DeadlineExtensionNotified], row: DeadlineRow | None) -> str:
    fact = notice.fact
    said = (
        f"{on(notice.occurred_on)} til {on(fact.new_expected_on)} (nr. {notice.version}; begrundelse:"
        f" {quoted(fact.reason)})"
    )
    if row is None:
        return f"{said}, hvor det ikke kan siges, om datoen blev holdt"
    match row.status:
        case Status.MET:
            return f"{said}, og den lovede dato blev holdt"
        case Status.MET_LATE | Status.OVERDUE:
            return f"{said}, men den lovede dato blev overskredet med {days(row.days_late)}"
        case Status.RUNNING:
            return f"{said}, som endnu ikke er nået"
        case _:
            return f"{said}, men fristen blev standset"
