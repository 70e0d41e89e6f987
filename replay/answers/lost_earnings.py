"""Tabt arbejdsfortjeneste: whether it was cut by rote when the child reached school age, and what the formula gives."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.facts.changes import SchoolingRegistered
from ledger.facts.entry import Entry
from ledger.facts.lost_earnings import (
    TabtArbejdsfortjenesteAdjusted,
    TabtArbejdsfortjenesteDecided,
    TafAdjustmentReason,
    TafAdjustmentResultat,
    TafResultat,
)
from ledger.facts.sentence import danish_day, kroner, read_aloud
from ledger.facts.values import Erased
from ledger.law.guards.lost_earnings import (
    taf_is_assessed_before_it_is_cut_for_school,
    taf_is_not_cut_by_the_school_hours,
)
from ledger.law.guards.seen import CaseTold, Seen
from ledger.law.rates import RateMissing
from ledger.law.taf import CAP, Taf, as_decided
from replay.answers import Asked, Found, question
from replay.answers.common import quoted, together
from replay.answers.wording import headed, joined, on, versions_of, was_before


@question(39, "Blev tabt arbejdsfortjeneste sat ned automatisk, da barnet nåede skolealderen?")
def cut_by_rote_at_school_age(asked: Asked) -> Found:
    """Each cut for school age: by how much, beside the hours at school, and what assessment it rests on.

    Beside each amount that was granted stands what the formula gives (RULES §4.5), to the øre.
    """
    answer = _cut_by_rote(asked)
    amounts = together([_amount(asked, one) for one in asked.told.of(TabtArbejdsfortjenesteDecided) if _is_paid(one)])
    return Found(
        joined(answer.sentence, amounts.sentence),
        {"cuts": answer.data, "amounts": amounts.data},
        {*answer.versions, *amounts.versions},
        (*answer.missing, *amounts.missing),
    )


def _cut_by_rote(asked: Asked) -> Found:
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


def _is_paid(entry: Entry[TabtArbejdsfortjenesteDecided]) -> bool:
    return entry.fact.resultat is not TafResultat.AFSLAAET


class _Unknown(NamedTuple):
    """Why an amount cannot be calculated, and what is missing."""

    why: str
    missing: str


def _amount(asked: Asked, entry: Entry[TabtArbejdsfortjenesteDecided]) -> Found:
    """What was granted a month, beside what the decision's own figures give."""
    fact, found = entry.fact, _calculated(asked, entry.fact)
    granted = None if isinstance(fact.monthly_taf_oere, Erased) else fact.monthly_taf_oere
    amount = "et beløb" if granted is None else kroner(granted)
    says = f"Ved afgørelsen af {danish_day(entry.occurred_on)} blev {asked.names(fact.parent)} bevilget {amount}"
    data = {"version": entry.version, "from_on": fact.from_on, "granted_oere": granted, "calculated": None}
    if isinstance(found, _Unknown):
        sentence = f"{says} om måneden; det kan ikke regnes efter, fordi {found.why}."
        return Found(sentence, data, [entry.version], (found.missing,))
    assert granted is not None, "an erased amount is unknown"
    return Found(f"{says} om måneden: {_beside(granted, found)}.", data | {"calculated": found}, [entry.version])


def _calculated(asked: Asked, fact: TabtArbejdsfortjenesteDecided) -> Taf | _Unknown:
    if isinstance(fact.monthly_taf_oere, Erased):
        return _Unknown("det er slettet", "Beløbet om måneden; det er slettet")
    try:
        found = as_decided(fact, asked.law)
    except RateMissing:
        year = fact.from_on.year
        missing = f"Satsen {CAP} (loft for tabt arbejdsfortjeneste) for {year}, registreret med kilde"
        return _Unknown(f"loftet for {year} ikke er registreret", missing)
    return found or _Unknown(
        "indkomsten er slettet, eller arbejdstiden er 0 timer", "Indkomsten og arbejdstiden, som beløbet er regnet af"
    )


def _beside(granted_oere: int, calculated: Taf) -> str:
    """The two amounts that the benefit is the lesser of, and how what was granted compares."""
    off = granted_oere - calculated.monthly_taf_oere
    compared = f"{kroner(abs(off))} {'mere' if off > 0 else 'mindre'} end" if off else "det samme som"
    shares = f"af indkomsten {kroner(calculated.share_oere)}, af loftet {kroner(calculated.cap_share_oere)}"
    return f"{compared} formlen giver, {kroner(calculated.monthly_taf_oere)} (timernes andel {shares})"
