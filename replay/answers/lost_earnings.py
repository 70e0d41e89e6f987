"""Tabt arbejdsfortjeneste: whether it was cut by rote when the child reached school age."""

from collections.abc import Iterator
from typing import Any

from ledger.facts.changes import SchoolingRegistered
from ledger.facts.entry import Entry
from ledger.facts.lost_earnings import (
    TabtArbejdsfortjenesteAdjusted,
    TabtArbejdsfortjenesteDecided,
    TafAdjustmentReason,
    TafAdjustmentResultat,
)
from ledger.facts.sentence import danish_day, read_aloud
from ledger.law.guards.lost_earnings import (
    taf_is_assessed_before_it_is_cut_for_school,
    taf_is_not_cut_by_the_school_hours,
)
from ledger.law.guards.seen import CaseTold, Seen
from replay.answers import Asked, Found, question
from replay.answers.common import quoted, together
from replay.answers.wording import headed, joined, on, versions_of, was_before


@question(39, "Blev tabt arbejdsfortjeneste sat ned automatisk, da barnet nåede skolealderen?")
def cut_by_rote_at_school_age(asked: Asked) -> Found:
    """Each cut for school age: by how much, beside the hours at school, and what assessment it rests on."""
    cuts = [one for one in asked.told.of(TabtArbejdsfortjenesteAdjusted) if _is_cut(one.fact)]
    for_school = [one for one in cuts if one.fact.reason_code is TafAdjustmentReason.SCHOOL_AGE]
    others = [one for one in cuts if one not in for_school]
    if not for_school:
        return _not_cut(asked, others)
    found = [_cut(asked, one) for one in for_school]
    answer = headed("Ja." if any(one.data["automatic"] for one in found) else "Nej.", together(found))
    return Found(
        joined(answer.sentence, *(_other(asked, one) for one in others)),
        answer.data,
        {*answer.versions, *versions_of(others)},
        answer.missing,
    )


def _is_cut(fact: TabtArbejdsfortjenesteAdjusted) -> bool:
    return fact.resultat is not TafAdjustmentResultat.FORHOEJET


def _not_cut(asked: Asked, others: list[Entry[TabtArbejdsfortjenesteAdjusted]]) -> Found:
    decided = asked.told.of(TabtArbejdsfortjenesteDecided)
    if not decided and not others:
        return Found("Sagen har ingen afgørelse om tabt arbejdsfortjeneste.", [])
    return Found(
        joined(
            "Nej. Tabt arbejdsfortjeneste er ikke sat ned eller ophørt på grund af skolealder.",
            *(_other(asked, one) for one in others),
        ),
        [],
        versions_of(decided, others),
    )


def _other(asked: Asked, entry: Entry[TabtArbejdsfortjenesteAdjusted]) -> str:
    return f"{_change(asked, entry)} af en anden grund: {entry.fact.reason_code.dansk}."


def _change(asked: Asked, entry: Entry[TabtArbejdsfortjenesteAdjusted]) -> str:
    fact = entry.fact
    return (
        f"Ved afgørelse af {danish_day(entry.occurred_on)} blev tabt arbejdsfortjeneste for {asked.names(fact.parent)}"
        f" {changed(fact)} fra {_hours(fact.old_hours_x100)} til {_hours(fact.new_hours_x100)} timer om ugen"
        f" fra {on(fact.effective_on)}"
    )


def changed(fact: TabtArbejdsfortjenesteAdjusted) -> str:
    """What became of a running benefit, after `blev`."""
    return "bragt til ophør" if fact.resultat is TafAdjustmentResultat.OPHOERT else fact.resultat.dansk


def _hours(x100: int) -> str:
    return read_aloud(x100, "x100")


def _cut(asked: Asked, entry: Entry[TabtArbejdsfortjenesteAdjusted]) -> Found:
    seen = Seen.by(entry, CaseTold(asked.history), asked.law)
    by_hours = not taf_is_not_cut_by_the_school_hours(seen, entry.fact)
    assessed = taf_is_assessed_before_it_is_cut_for_school(seen, entry.fact)
    assessment = seen.pointed_one("reassessment")
    schooling = [one for one in asked.told.of(SchoolingRegistered) if was_before(one, entry)][-1:]
    school_hours = _school_hours(assessment, schooling)
    missing = []
    if school_hours is None:
        missing.append("Barnets skoletimer om ugen på afgørelsens tid")
    if assessment is None:
        missing.append("Den nye vurdering med helhedsvurdering, som nedsættelsen hviler på")
    return Found(
        joined(
            f"{_change(asked, entry)}.", *_measured(entry, school_hours, by_hours=by_hours), _assessment(assessment)
        ),
        {
            "version": entry.version,
            "cut_x100": entry.fact.old_hours_x100 - entry.fact.new_hours_x100,
            "school_hours_x100": school_hours,
            "follows_school_hours": by_hours,
            "assessed": assessed,
            "automatic": by_hours or not assessed,
        },
        versions_of([entry], [assessment] if assessment else [], schooling),
        tuple(missing),
    )


def _school_hours(assessment: Entry[Any] | None, schooling: list[Entry[SchoolingRegistered]]) -> int | None:
    """As the new assessment found them, else as the schooling was last registered."""
    if assessment is not None and assessment.fact.school_hours_x100 is not None:
        found: int = assessment.fact.school_hours_x100
        return found
    return schooling[0].fact.hours_per_week_x100 if schooling else None


def _measured(
    entry: Entry[TabtArbejdsfortjenesteAdjusted], school_hours: int | None, *, by_hours: bool
) -> Iterator[str]:
    cut = _hours(entry.fact.old_hours_x100 - entry.fact.new_hours_x100)
    if school_hours is None:
        yield f"Nedsættelsen er på {cut} timer; barnets skoletimer er ikke registreret."
        return
    follows = "svarer dermed til" if by_hours else "svarer ikke til"
    yield f"Nedsættelsen på {cut} timer {follows} barnets {_hours(school_hours)} skoletimer."


def _assessment(assessment: Entry[Any] | None) -> str:
    if assessment is None:
        return "Der er ikke registreret en ny vurdering, som nedsættelsen hviler på."
    day = on(assessment.occurred_on)
    return f"Den hviler på en ny vurdering {day} med helhedsvurderingen {quoted(assessment.fact.helhedsvurdering)}."
