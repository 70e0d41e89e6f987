"""Ophør: whether help stopped on a decision, and what the family was heard about and warned of when it ended."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.facts.decision import (
    HearingSubject,
    HjemmetraeningEndedAtAge18,
    HjemmetraeningRefused,
    HjemmetraeningReviewed,
    HjemmetraeningTerminated,
    PartshoeringAnswered,
    PartshoeringExpired,
    PartshoeringSent,
)
from ledger.facts.entry import Entry
from ledger.facts.intake import MeetingHeld
from ledger.facts.lost_earnings import (
    ReassessmentCause,
    TabtArbejdsfortjenesteAdjusted,
    TabtArbejdsfortjenesteDecided,
    TabtArbejdsfortjenesteReassessed,
    TafAdjustmentReason,
    TafAdjustmentResultat,
    TafResultat,
)
from ledger.facts.payments import HelperEngaged, HelperLeft, SupportResumed, SupportStopped
from ledger.facts.sentence import danish_day, listed
from ledger.law.guards.decision import is_heard
from ledger.law.guards.lost_earnings import taf_ends_with_notice
from ledger.law.guards.payments import stop_follows_a_decision
from ledger.law.guards.seen import CaseTold, Seen
from replay.answers import Asked, Found, question
from replay.answers.common import named, quoted, together
from replay.answers.lost_earnings import changed
from replay.answers.wording import chosen, headed, joined, on, versions_of, was_before

_MAY_END_IT: Final = (
    HjemmetraeningTerminated,
    HjemmetraeningReviewed,
    HjemmetraeningRefused,
    TabtArbejdsfortjenesteAdjusted,
)
_TAKES_AWAY: Final = ("ophoert", "justeret", "afslaaet", "nedsat")


@question(33, "Stoppede hjælpen før eller uden en afgørelse?")
def help_stopped_without_a_decision(asked: Asked) -> Found:
    """Each stop of support beside the decision it rests on, or the one that came too late."""
    stops = asked.told.of(SupportStopped)
    if not stops:
        return Found("Der er ikke registreret, at hjælp er stoppet eller holdt tilbage.", [])
    told = CaseTold(asked.history)
    rests = [stop_follows_a_decision(Seen.by(one, told, asked.law), one.fact) for one in stops]
    found = together(_stop(asked, one, on_a_decision=rest) for one, rest in zip(stops, rests, strict=True))
    return headed("Nej." if all(rests) else "Ja.", found)


def _stop(asked: Asked, stop: Entry[SupportStopped], *, on_a_decision: bool) -> Found:
    fact, decision = stop.fact, asked.told.at(stop.pointer("decision") or 0)
    resumed = [one for one in asked.told.of(SupportResumed) if one.pointer("stopped") == stop.version]
    later = None if on_a_decision else _decided_later(asked, stop)
    stopped = f"Hjælpen ({fact.what.dansk}) stoppede {on(fact.stopped_on)} med begrundelsen {quoted(fact.reason)}"
    return Found(
        joined(
            f"{stopped}{_basis(asked, decision, on_a_decision=on_a_decision)}.",
            f"Først {on(later.occurred_on)} kom {named(later)}." if later else None,
            *(f"Hjælpen blev genoptaget {on(one.occurred_on)}." for one in resumed),
        ),
        {
            "version": stop.version,
            "what": fact.what,
            "stopped_on": fact.stopped_on,
            "decision": decision and decision.version,
            "on_a_decision": on_a_decision,
            "decided_later": later and later.version,
        },
        versions_of([stop], resumed, *([one] for one in (decision, later) if one)),
        () if on_a_decision else (f"Afgørelsen, som stoppet {on(fact.stopped_on)} hviler på",),
    )


def _basis(asked: Asked, decision: Entry[Any] | None, *, on_a_decision: bool) -> str:
    if decision is None:
        if on_a_decision:  # by law, at 18
            ended = asked.told.of(HjemmetraeningEndedAtAge18)
            return f", fordi den unge fyldte 18 år {on(ended[0].occurred_on)}" if ended else ""
        return "; der er ikke registreret en afgørelse, det hviler på"
    effect = getattr(decision.fact, "effective_on", None) or decision.occurred_on
    which = f"{named(decision)} af {danish_day(decision.occurred_on)}, der virker fra {on(effect)}"
    return f" efter {which}" if on_a_decision else f"; det henviser til {which}, som ikke bærer det"


def _decided_later(asked: Asked, stop: Entry[SupportStopped]) -> Entry[Any] | None:
    after = (one for one in asked.history.told if isinstance(one.fact, _MAY_END_IT) and not was_before(one, stop))
    return next((one for one in after if one.fact.resultat in _TAKES_AWAY), None)


@question(34, "Blev familien hørt og tabt arbejdsfortjeneste vurderet på ny ved ophøret, og blev der givet varsel?")
def ending_was_prepared(asked: Asked, decision: int | None = None) -> Found:
    """The hearing before the decision to end, the new look at tabt arbejdsfortjeneste, and the notices given."""
    ended = chosen(asked.told.of(HjemmetraeningTerminated), decision)
    if ended is None:
        at_18 = asked.told.of(HjemmetraeningEndedAtAge18)
        by_law = f" Den ophørte ved lov {on(at_18[0].occurred_on)}, da den unge fyldte 18 år." if at_18 else ""
        return Found(f"Hjemmetræningen er ikke bragt til ophør ved en afgørelse.{by_law}", [], versions_of(at_18))
    at_once = ", uden varsel" if ended.fact.immediate else ""
    from_on = f"{on(ended.fact.effective_on)}{at_once}"
    effect = f"Afgørelsen om ophør blev sendt {on(ended.occurred_on)} med virkning fra {from_on}."
    return headed(effect, together([_heard(asked, ended), _taf(asked, ended), _helpers(asked, ended)]))


def _heard(asked: Asked, ended: Entry[HjemmetraeningTerminated]) -> Found:
    meeting, hearing = asked.told.at(ended.pointer("meeting") or 0), _hearing(asked, ended)
    if meeting is not None and isinstance(meeting.fact, MeetingHeld):
        says = f"Familien blev hørt på et møde {on(meeting.occurred_on)} ({meeting.fact.kind.dansk})."
        return Found(says, {"meeting": meeting.version}, [ended.version, meeting.version])
    if hearing is None:
        says = "Der er ikke registreret en partshøring eller et dialogmøde forud for ophøret."
        return Found(says, {"hearing": None}, [ended.version], ("Partshøring eller dialogmøde om ophøret",))
    closings = [*asked.told.of(PartshoeringAnswered), *asked.told.of(PartshoeringExpired)]
    closed = [one for one in closings if one.pointer("hearing") == hearing.version]
    over = is_heard(Seen.by(ended, CaseTold(asked.history), asked.law), hearing)
    says = f"Familien blev partshørt {on(hearing.occurred_on)}; {_reply(closed, over=over)}."
    return Found(says, {"hearing": hearing.version, "over": over}, versions_of([ended, hearing], closed))


def _hearing(asked: Asked, ended: Entry[HjemmetraeningTerminated]) -> Entry[PartshoeringSent] | None:
    """The hearing it points to, else the newest about the end since the decision before it (CLARIFICATIONS 19)."""
    pointed = asked.told.at(ended.pointer("hearing") or 0)
    if pointed is not None:
        return pointed
    before = [one for one in asked.told.of(HjemmetraeningTerminated) if was_before(one, ended)]
    hearings = [one for one in asked.told.of(PartshoeringSent) if one.fact.subject is HearingSubject.OPHOER]
    since = before[-1].version if before else 0
    return next((one for one in reversed(hearings) if was_before(one, ended) and one.version > since), None)


def _reply(closed: Sequence[Entry[Any]], *, over: bool) -> str:
    answered = [one for one in closed if isinstance(one.fact, PartshoeringAnswered)]
    if answered:
        return f"den svarede {listed(on(one.occurred_on) for one in answered)}"
    return "fristen udløb uden svar" if over else "afgørelsen blev truffet, før fristen for at svare var udløbet"


def _taf(asked: Asked, ended: Entry[HjemmetraeningTerminated]) -> Found:
    granted = [
        one for one in asked.told.of(TabtArbejdsfortjenesteDecided) if one.fact.resultat is not TafResultat.AFSLAAET
    ]
    if not granted:
        return Found("Der er ikke bevilget tabt arbejdsfortjeneste.", {"taf": None})
    looked = asked.told.of(TabtArbejdsfortjenesteReassessed)
    looked = [one for one in looked if one.fact.cause is ReassessmentCause.TERMINATION]
    altered = asked.told.of(TabtArbejdsfortjenesteAdjusted)
    altered = [one for one in altered if one.fact.reason_code is TafAdjustmentReason.TERMINATION]
    none = "Der er ikke registreret en ny vurdering af tabt arbejdsfortjeneste i anledning af ophøret."
    return Found(
        joined(*(_reassessed(asked, one) for one in looked), None if looked else none, *_noticed(asked, altered)),
        {"reassessed": sorted(versions_of(looked)), "adjusted": sorted(versions_of(altered))},
        versions_of([ended], granted, looked, altered),
        () if looked else ("En ny vurdering af tabt arbejdsfortjeneste ved ophøret",),
    )


def _reassessed(asked: Asked, entry: Entry[TabtArbejdsfortjenesteReassessed]) -> str:
    parent = asked.names(entry.fact.parent)
    return (
        f"Tabt arbejdsfortjeneste for {parent} blev vurderet på ny {on(entry.occurred_on)};"
        f" konklusion: {entry.fact.conclusion.dansk}."
    )


def _noticed(asked: Asked, altered: Sequence[Entry[TabtArbejdsfortjenesteAdjusted]]) -> Iterator[str]:
    told = CaseTold(asked.history)
    for one in altered:
        fact, what = one.fact, f"Tabt arbejdsfortjeneste for {asked.names(one.fact.parent)}"
        notice = ""
        if fact.resultat is TafAdjustmentResultat.OPHOERT:
            enough = taf_ends_with_notice(Seen.by(one, told, asked.law), fact)
            notice = f"; varslet er {'langt nok' if enough else 'for kort'}"
        sent = f"brev af {danish_day(one.occurred_on)}"
        yield f"{what} blev {changed(fact)} fra {on(fact.effective_on)} ved {sent}{notice}."
    if not altered:
        yield "Der er ikke registreret en afgørelse om ændring eller ophør af den som følge af ophøret."


def _helpers(asked: Asked, ended: Entry[HjemmetraeningTerminated]) -> Found:
    engaged, left = asked.told.of(HelperEngaged), asked.told.of(HelperLeft)
    if not engaged:
        return Found("Der er ikke registreret hjælpetrænere.", {"helpers": []})
    until = ended.fact.helper_notice_until
    gone = {one.fact.helper: one for one in left}
    told = [_helper(asked, one, gone.get(one.fact.helper)) for one in engaged]
    return Found(
        joined(*told, f"Afgørelsen regner med varsel til hjælpetrænere til {on(until)}." if until else None),
        {"helpers": [one.fact.helper for one in engaged], "left": sorted(versions_of(left)), "notice_until": until},
        versions_of([ended], engaged, left),
    )


def _helper(asked: Asked, engaged: Entry[HelperEngaged], left: Entry[HelperLeft] | None) -> str:
    name = asked.names(engaged.fact.helper)
    if left is None:
        return f"Der er ikke registreret, at hjælpetræner {name} er opsagt eller fratrådt."
    given = left.fact.notice_given_on
    notice = f"opsagt {on(given)}" if given else "uden registreret opsigelse"
    return f"Hjælpetræner {name} fratrådte {on(left.fact.left_on)}, {notice}."
