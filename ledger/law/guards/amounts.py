"""Amounts that are reckoned after the law's formula or a table. They are only pointed out: the decision stands."""

from typing import Final

from ledger.facts.book import RateKind
from ledger.facts.lost_earnings import TabtArbejdsfortjenesteAdjusted, TabtArbejdsfortjenesteDecided
from ledger.facts.payments import HelperEngaged
from ledger.facts.values import Erased
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen
from ledger.law.rates import Rate
from ledger.law.taf import Hours, as_decided, cap_on, to_oere

Benefit = TabtArbejdsfortjenesteDecided | TabtArbejdsfortjenesteAdjusted
_TAF: Final = "serviceloven § 42, nu barnets lov § 87; Esbjerg Kommunes vejledning, bilag 3"


@guard("", TabtArbejdsfortjenesteDecided, TabtArbejdsfortjenesteAdjusted, source=_TAF, flag="TAF_CAP_MISSING")
def taf_cap_is_registered(seen: Seen, fact: Benefit) -> bool:
    """Beløbet kan ikke regnes efter: loftet for tabt arbejdsfortjeneste (taf-cap) er ikke registreret for året."""
    return not fact.monthly_taf_oere or _cap(seen, fact) is not None


@guard("", TabtArbejdsfortjenesteDecided, TabtArbejdsfortjenesteAdjusted, source=_TAF, flag="TAF_ABOVE_CAP")
def taf_is_within_the_cap(seen: Seen, fact: Benefit) -> bool:
    """Beløbet om måneden er højere end timernes del af loftet for tabt arbejdsfortjeneste."""
    cap, hours = _cap(seen, fact), _hours(seen, fact)
    if cap is None or hours is None or isinstance(fact.monthly_taf_oere, Erased):
        return True
    return fact.monthly_taf_oere <= to_oere(hours.share_of(cap.value))


@guard("", TabtArbejdsfortjenesteDecided, source=_TAF, flag="TAF_NOT_AS_CALCULATED")
def taf_is_as_calculated(seen: Seen, fact: TabtArbejdsfortjenesteDecided) -> bool:
    """Beløbet om måneden er ikke det, som afgørelsens timer, indkomst, fradrag og tillæg giver under loftet."""
    if not fact.monthly_taf_oere or isinstance(fact.monthly_taf_oere, Erased) or _cap(seen, fact) is None:
        return True
    calculated = as_decided(fact, seen.law)
    return calculated is None or fact.monthly_taf_oere == calculated.monthly_taf_oere


def _cap(seen: Seen, fact: Benefit) -> Rate | None:
    """Of the day that the benefit is given from."""
    return cap_on(seen.law, fact.from_on if isinstance(fact, TabtArbejdsfortjenesteDecided) else fact.effective_on)


def _hours(seen: Seen, fact: Benefit) -> Hours | None:
    """The hours of the benefit out of the working time, which a change takes from the parent's newest decision."""
    if isinstance(fact, TabtArbejdsfortjenesteDecided):
        hours, decision = fact.hours_x100, fact
    else:
        newest = seen.newest(TabtArbejdsfortjenesteDecided, parent=fact.parent)
        if newest is None:
            return None
        hours, decision = fact.new_hours_x100, newest.fact
    return Hours(hours, decision.work_hours_x100) if decision.work_hours_x100 else None


@guard(
    "", HelperEngaged, source="Esbjerg Kommunes vejledning, juni 2022 (timeløn ved nye ansættelser)",
    flag="HELPER_RATE_ABOVE_TABLE",
)  # fmt: skip
def helper_is_paid_within_the_table(seen: Seen, fact: HelperEngaged) -> bool:
    """Timelønnen er højere end kommunens sats for hjælpetrænere."""
    rate = seen.law.rate(RateKind.HELPER_HOUR_RATE, "helper-hour", fact.started_on)
    return rate is None or fact.hourly_rate_oere <= rate.value
