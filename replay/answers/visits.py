"""Tilsyn: whether they were held and the child was there, and whether the report went to hearing in time."""

from collections.abc import Sequence
from typing import Any, Final

from ledger.facts.decision import HearingSubject, PartshoeringSent
from ledger.facts.entry import Entry
from ledger.facts.sentence import danish_day, listed
from ledger.facts.tilsyn import TilsynHeld, TilsynKind, TilsynsrapportPrepared
from ledger.law.deadline import Deadline, Status
from ledger.law.deadlines import deadlines
from ledger.law.guards.seen import given
from ledger.law.rule import Rule
from ledger.law.training import trainings
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, days, quoted, together
from replay.answers.wording import headed, joined, on, verdict, versions_of

_PLAN: Final = "sent.plan.tilsyn"
"""From the assessment of a plan, where that sets the deadline running, to the tilsyn the plan followed on."""


@question(31, "Blev der holdt to tilsyn i hvert år, og var barnet til stede?")
def tilsyn_were_held(asked: Asked) -> Found:
    """Each window of training with the visits that count in it."""
    windows = [one for one in deadlines(asked.history, asked.law) if one.rule.windows]
    held = asked.told.of(TilsynHeld)
    counting = {one: _counting(asked, one, held) for one in windows}
    outside = [one for one in held if not any(one in visits for visits in counting.values())]
    if not windows:
        return Found(
            joined(f"Sagen har ingen periode, som tilsyn skal holdes i, {as_of(asked)}.", _outside(outside)),
            [],
            versions_of(outside),
        )
    on_day = asked.history.as_of
    kept = [_is_kept(one.status(on_day)) for one in windows]
    older = [run.started_by for run in trainings(asked.told) if run.started_on < asked.history.tracked_from]
    answer = headed(
        _lead(kept, is_whole=not older), together(_window(asked, one, visits) for one, visits in counting.items())
    )
    return Found(
        joined(answer.sentence, _not_followed(asked) if older else None, _outside(outside)),
        answer.data,
        {*answer.versions, *versions_of(outside, older)},
        answer.missing,
    )


def _lead(kept: Sequence[bool | None], *, is_whole: bool) -> str:
    if True not in kept or False in kept or (is_whole and None not in kept):
        return verdict(kept)
    return f"Ja, i de perioder, der {'er gået' if is_whole else 'følges og er gået'}."


def _not_followed(asked: Asked) -> str:
    return f"Træningen er startet før {on(asked.history.tracked_from)}; perioder, der begyndte inden da, følges ikke."


def _is_kept(status: Status) -> bool | None:
    return {Status.MET: True, Status.MET_LATE: False, Status.OVERDUE: False}.get(status)


def _counting(asked: Asked, window: Deadline, held: Sequence[Entry[TilsynHeld]]) -> list[Entry[TilsynHeld]]:
    last = min(day for day in (window.ends_on, window.stop_on, asked.history.as_of) if day)
    return [
        one
        for one in held
        if window.trigger_on <= one.occurred_on <= last and any(asked.told.fits(one, met) for met in window.rule.met)
    ]


def _window(asked: Asked, window: Deadline, visits: Sequence[Entry[TilsynHeld]]) -> Found:
    status = window.status(asked.history.as_of)
    ended = f"{danish_day(window.trigger_on)} – {danish_day(window.ends_on or asked.history.as_of)}"
    running = {Status.RUNNING: " (perioden løber endnu)", Status.STOPPED: f" (afbrudt {_stop(window)})"}.get(status, "")
    listing = f": {listed(map(_visit, visits))}" if visits else ""
    return Found(
        f"{window.rule.dansk}, {ended}{running}: {len(visits)} af {window.required} holdt{listing}.",
        {
            "rule": window.rule.slug,
            "from_on": window.trigger_on,
            "to_on": window.ends_on,
            "required": window.required,
            "held": [_visit_data(one) for one in visits],
            "status": status,
        },
        {*window.entries, *versions_of(visits)},
    )


def _stop(window: Deadline) -> str:
    return on(window.stop_on) if window.stop_on else ""


def _visit(entry: Entry[TilsynHeld]) -> str:
    fact = entry.fact
    if fact.child_present:
        child = "barnet var til stede" + " og blev talt med" * bool(fact.child_talked_to)
    else:
        has_reason = given(fact.child_absent_reason)
        child = "barnet var ikke til stede: " + (
            quoted(fact.child_absent_reason) if has_reason else "uden angivet grund"
        )
    return f"{on(entry.occurred_on)} ({child})"


def _visit_data(entry: Entry[TilsynHeld]) -> dict[str, Any]:
    fact = entry.fact
    return {
        "version": entry.version,
        "held_on": entry.occurred_on,
        "kind": fact.kind,
        "child_present": fact.child_present,
        "child_absent_reason": fact.child_absent_reason,
    }


def _outside(visits: Sequence[Entry[TilsynHeld]]) -> str | None:
    return f"Uden for de fulgte perioder er holdt tilsyn {listed(map(_visit, visits))}." if visits else None


@question(32, "Blev tilsynsrapporten sendt i partshøring inden to uger og med en begrundet indstilling?")
def report_was_sent_for_hearing(asked: Asked, tilsyn: int | None = None) -> Found:
    """The report and the hearing after each tilsyn, or after the one of that version."""
    held = [one for one in asked.told.of(TilsynHeld) if one.fact.kind is not TilsynKind.OPFOELGNING]
    visits = [one for one in held if tilsyn in (None, one.version)]
    if not visits:
        return Found(f"Der er ikke registreret {'et sådant' if tilsyn else 'noget'} tilsyn {as_of(asked)}.")
    rows = [one for one in deadlines(asked.history, asked.law) if _is_met_by_sending_the_report(one.rule)]
    found = [_followed(asked, one, _row(asked, rows, one)) for one in visits]
    return headed(verdict([one.data["in_order"] for one in found]), together(found))


def _is_met_by_sending_the_report(rule: Rule) -> bool:
    """Whether a municipality's rule is about sending the report of a tilsyn for hearing, by whatever name."""
    subject = HearingSubject.TILSYNSRAPPORT.value
    return any(PartshoeringSent.declared.type in met.on and subject in met.where.get("subject", ()) for met in rule.met)


def _row(asked: Asked, rows: Sequence[Deadline], visit: Entry[TilsynHeld]) -> Deadline | None:
    """The deadline for the hearing: it runs from the tilsyn, or from the assessment of the plan that followed."""
    for row in rows:
        if visit.version in (row.started_by.version, *asked.told.along(row.started_by, _PLAN)):
            return row
    return None


def _followed(asked: Asked, visit: Entry[TilsynHeld], row: Deadline | None) -> Found:
    reports = [one for one in asked.told.of(TilsynsrapportPrepared) if one.pointer("tilsyn") == visit.version]
    hearings = [one for one in asked.told.of(PartshoeringSent) if one.pointer("tilsyn") == visit.version]
    status = row and row.status(asked.history.as_of)
    reasoned = bool(reports) and given(reports[-1].fact.begrundelse)
    in_time = _is_kept(status) if status else None
    return Found(
        joined(f"Tilsyn {on(visit.occurred_on)}:", _report(reports), _hearing(asked, hearings, row)),
        {
            "tilsyn": visit.version,
            "held_on": visit.occurred_on,
            "indstilling": reports[-1].fact.indstilling if reports else None,
            "reasoned": reasoned,
            "sent_on": hearings[-1].occurred_on if hearings else None,
            "due_on": row and row.due_on,
            "status": status,
            "days_late": row and row.days_late(asked.history.as_of),
            "in_order": False if in_time is False or (reports and not reasoned) else in_time and reasoned,
        },
        {*versions_of([visit], reports, hearings), *(row.entries if row else ())},
        () if reports else (f"Tilsynsrapporten efter tilsynet {on(visit.occurred_on)}",),
    )


def _report(reports: Sequence[Entry[TilsynsrapportPrepared]]) -> str:
    if not reports:
        return "Tilsynsrapporten er ikke registreret."
    fact = reports[-1].fact
    reason = f"med begrundelsen {quoted(fact.begrundelse)}" if given(fact.begrundelse) else "uden begrundelse"
    return f"Rapporten af {danish_day(reports[-1].occurred_on)} indstiller {fact.indstilling.dansk} {reason}."


def _hearing(asked: Asked, hearings: Sequence[Entry[PartshoeringSent]], row: Deadline | None) -> str:
    sent = (
        f"Den blev sendt i partshøring {on(hearings[0].occurred_on)}" if hearings else "Den er ikke sendt i partshøring"
    )
    if row is None or row.due_on is None:
        return f"{sent}; sagsbogen fører ingen frist for det."
    ran = f"fristen, regnet fra {on(row.trigger_on)}, {_ran(asked, row)} {on(row.due_on)}"
    return joined(f"{sent}{_overrun(asked, row, is_sent=bool(hearings))}; {ran}.", _notice(asked, row))


def _overrun(asked: Asked, row: Deadline, *, is_sent: bool) -> str:
    late = row.days_late(asked.history.as_of)
    if not late:
        return ""
    return f", {days(late)} for sent" if is_sent else f", {days(late)} efter fristen"


def _ran(asked: Asked, row: Deadline) -> str:
    return "løber til" if row.status(asked.history.as_of) is Status.RUNNING else "løb til"


def _notice(asked: Asked, row: Deadline) -> str | None:
    match row.notice_in_time(asked.history.as_of):
        case True:
            return "Der blev givet besked om forsinkelsen i tide."
        case False:
            return "Der er ikke registreret besked om forsinkelsen, før fristen udløb."
    return None
