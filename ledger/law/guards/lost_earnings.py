"""Guards on tabt arbejdsfortjeneste."""

from typing import Final

from ledger.facts.changes import SchoolingRegistered
from ledger.facts.lost_earnings import (
    TabtArbejdsfortjenesteAdjusted,
    TabtArbejdsfortjenesteDecided,
    TafAdjustmentReason,
    TafAdjustmentResultat,
)
from ledger.law.counting import Duration, Unit, after
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen, given

_TAF: Final = "serviceloven § 42, nu barnets lov § 87"


@guard(
    "G20",
    TabtArbejdsfortjenesteDecided,
    source=f"{_TAF}; DUKH-nyt 1/2016, Esbjerg Kommunes vejledning, bilag 3",
    flag="TAF_AUTO_REDUCTION",
)
def taf_rests_on_the_whole_situation(_: Seen, fact: TabtArbejdsfortjenesteDecided) -> bool:
    """Tabt arbejdsfortjeneste skal bygge på en helhedsvurdering og kan ikke dække timer til hjemmeundervisning."""
    return given(fact.helhedsvurdering) and not fact.homeschooling_hours_x100


@guard("G20", TabtArbejdsfortjenesteAdjusted, source=f"{_TAF}; DUKH-nyt 1/2016 (skolealder)", flag="TAF_AUTO_REDUCTION")
def taf_is_not_cut_by_the_school_hours(seen: Seen, fact: TabtArbejdsfortjenesteAdjusted) -> bool:
    """Nedsættelsen svarer til skoletimerne; der skal foretages en helhedsvurdering."""
    hours = _school_hours(seen)
    if not _is_cut_for_school(fact) or hours is None:
        return True
    cut = fact.old_hours_x100 - fact.new_hours_x100
    return abs(cut - hours) > seen.number("taf_school_hours_margin_x100")


@guard(
    "G20",
    TabtArbejdsfortjenesteAdjusted,
    source=f"{_TAF}; DUKH-nyt 1/2016 (helhedsvurdering)",
    flag="TAF_AUTO_REDUCTION",
)
def taf_is_assessed_before_it_is_cut_for_school(seen: Seen, fact: TabtArbejdsfortjenesteAdjusted) -> bool:
    """Tabt arbejdsfortjeneste er sat ned på grund af skolealder uden en helhedsvurdering; vurdér den på ny først."""
    return not _is_cut_for_school(fact) or seen.pointed_one("reassessment") is not None


def _is_cut_for_school(fact: TabtArbejdsfortjenesteAdjusted) -> bool:
    cut = fact.resultat is not TafAdjustmentResultat.FORHOEJET
    return cut and fact.reason_code is TafAdjustmentReason.SCHOOL_AGE


def _school_hours(seen: Seen) -> int | None:
    """As the reassessment found them; else as the schooling was last registered."""
    reassessment = seen.pointed_one("reassessment")
    if reassessment is not None and reassessment.fact.school_hours_x100 is not None:
        hours: int = reassessment.fact.school_hours_x100
        return hours
    schooling = seen.newest(SchoolingRegistered)
    return schooling.fact.hours_per_week_x100 if schooling else None


@guard(
    "G28", TabtArbejdsfortjenesteAdjusted, flag="TAF_NOTICE_TOO_SHORT",
    source="bekendtgørelse om tilskud til pasning af børn med handicap § 17; principafgørelse 231-10",
)  # fmt: skip
def taf_ends_with_notice(seen: Seen, fact: TabtArbejdsfortjenesteAdjusted) -> bool:
    """Varslet før ophør af tabt arbejdsfortjeneste er kortere end 14 uger (før 2018: tre måneder)."""
    ends = fact.resultat is TafAdjustmentResultat.OPHOERT and fact.reason_code is not TafAdjustmentReason.AGE_18
    return not ends or fact.effective_on >= after(fact.sent_on, _notice(seen, fact.sent_on.year))


def _notice(seen: Seen, year: int) -> Duration:
    if year < seen.number("taf_notice_weeks_from_year"):
        return Duration(Unit.MONTHS, seen.number("taf_notice_months_before_2018"))
    return Duration(Unit.WEEKS, seen.number("taf_notice_weeks"))
