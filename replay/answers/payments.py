"""Loft og udbetalinger: whether the grants stayed under the cap, and what was paid to whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ledger.facts.book import Certainty
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved, PostAdjustedResultat
from ledger.facts.entry import Entry
from ledger.facts.lost_earnings import TabtArbejdsfortjenesteDecided
from ledger.facts.payments import PaymentKind, PaymentMade
from ledger.facts.sentence import kroner
from ledger.law.rates import Rate
from ledger.law.settlement import committed
from projections.balances import Balances, RepaymentRow, tell
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, together
from replay.answers.wording import headed, on, verdict, versions_of

Grant = BudgetPostApproved | BudgetPostAdjusted


class _Measured(NamedTuple):
    """What was granted in the cap's period when a post was granted or raised."""

    entry: Entry[Grant]
    committed_oere: int


@question(37, "Blev årets loft overholdt i hver periode?")
def cap_was_kept(asked: Asked) -> Found:
    """What stood granted at each grant of a budget year, against the year's cap."""
    by_year: dict[int, list[_Measured]] = defaultdict(list)
    for one in _measured(asked):
        by_year[one.entry.fact.year].append(one)
    if not by_year:
        return Found("Sagen har ingen bevilgede budgetposter at holde op mod loftet.", [])
    found = [_year(asked, year, grants) for year, grants in sorted(by_year.items())]
    return headed(verdict([one.data["kept"] for one in found]), together(found))


def _measured(asked: Asked) -> Iterator[_Measured]:
    """Each grant and each raise, with what then stood granted in its period, as G18 holds it against the cap."""
    grants = [one for one in asked.history.told if isinstance(one.fact, Grant)]
    for number, one in enumerate(grants, 1):
        if isinstance(one.fact, BudgetPostApproved) or one.fact.resultat is PostAdjustedResultat.FORHOEJET:
            so_far = [grant.fact for grant in grants[:number]]
            period = asked.law.municipality.cap_period
            yield _Measured(one, committed(so_far, period, one.fact.year, one.fact.sent_on))


def _year(asked: Asked, year: int, grants: Sequence[_Measured]) -> Found:
    cap = asked.law.cap(year)
    highest = max(grants, key=lambda one: one.committed_oere)
    period = "de seneste 12 måneder" if asked.law.municipality.cap_period == "rolling_12_months" else "budgetåret"
    granted = f"{year}: højst bevilget i {period} er {kroner(highest.committed_oere)} ({on(highest.entry.occurred_on)})"
    return Found(
        f"{granted}{_against(highest.committed_oere, cap)}.",
        {
            "year": year,
            "highest_oere": highest.committed_oere,
            "on": highest.entry.occurred_on,
            "cap_oere": cap and cap.value,
            "cap_source": cap and cap.source,
            "cap_certainty": cap and cap.certainty,
            "cap_registered": cap and cap.version,
            "kept": None if cap is None else highest.committed_oere <= cap.value,
            "grants": [{"version": one.entry.version, "committed_oere": one.committed_oere} for one in grants],
        },
        versions_of(one.entry for one in grants),
        () if cap else (f"Årets loft for {year}, registreret med kilde",),
    )


def _against(committed_oere: int, cap: Rate | None) -> str:
    if cap is None:
        return "; loftet for året er ikke registreret"
    unsure = f", som er {cap.certainty.dansk}" if cap.certainty in (Certainty.INF, Certainty.MEM) else ""
    rest = cap.value - committed_oere
    return f" mod et loft på {kroner(cap.value)}{unsure}: {kroner(abs(rest))} {'under' if rest >= 0 else 'over'} loftet"


@question(38, "Hvad er udbetalt, til hvem, og hvad udestår?")
def paid_and_outstanding(asked: Asked, year: int | None = None) -> Found:
    """The payments of each budget year by kind and payee, what is left of the grants, and the claim."""
    by_year: dict[int, list[Entry[PaymentMade]]] = defaultdict(list)
    for payment in asked.told.of(PaymentMade):
        by_year[payment.fact.year].append(payment)
    figures = tell(asked.history, lambda _: None)
    years = sorted({*by_year, *map(int, figures.balances), *map(int, figures.repayment)})
    years = [one for one in years if year in (None, one)]
    if not years:
        which = f" for {year}" if year else ""
        return Found(f"Der er ikke registreret bevillinger eller udbetalinger{which} {as_of(asked)}.", [])
    found = together(_paid(one, by_year.get(one, ()), figures) for one in years)
    taf = asked.told.of(TabtArbejdsfortjenesteDecided)
    unseen = ("Udbetalinger af tabt arbejdsfortjeneste; de føres ikke i sagsbogen",) if taf else ()
    return Found(found.sentence, found.data, found.versions, (*found.missing, *unseen))


def _paid(year: int, payments: Sequence[Entry[PaymentMade]], figures: Balances) -> Found:
    balance, claim = figures.balances.get(str(year)), figures.repayment.get(str(year))
    total = sum(one.fact.amount_oere for one in payments)
    parts = "; ".join(_group(kind, payee, its) for (kind, payee), its in _groups(payments).items())
    told = f"For {year} er udbetalt {kroner(total)}: {parts}." if parts else f"For {year} er der ikke udbetalt noget."
    granted = balance.total.approved_oere if balance else 0
    nameless = any(one.fact.payee is None for one in payments)
    return Found(
        " ".join([told, *_rest(granted, total), *_claim(year, claim)]),
        {
            "year": year,
            "approved_oere": granted,
            "paid_oere": total,
            "payments": [_payment(one) for one in payments],
            "repayment": claim,
        },
        {*versions_of(payments), *(balance.total.entries if balance else ()), *(claim.entries if claim else ())},
        (f"Modtageren af en del af udbetalingerne for {year}",) if nameless else (),
    )


def _groups(payments: Iterable[Entry[PaymentMade]]) -> dict[tuple[PaymentKind, str | None], list[Entry[PaymentMade]]]:
    groups: dict[tuple[PaymentKind, str | None], list[Entry[PaymentMade]]] = defaultdict(list)
    for one in payments:
        payee = one.fact.payee
        groups[one.fact.kind, None if payee is None else str(payee)].append(one)
    return groups


def _group(kind: PaymentKind, payee: str | None, payments: Sequence[Entry[PaymentMade]]) -> str:
    total = kroner(sum(one.fact.amount_oere for one in payments))
    number = f"{len(payments)} {'betaling' if len(payments) == 1 else 'betalinger'}"
    to = f"til {payee}" if payee else "modtageren ikke registreret"
    return f"{total} som {kind.dansk} ({number}, {to})"


def _rest(granted: int, paid: int) -> Iterator[str]:
    if granted > paid:
        yield f"Af de bevilgede {kroner(granted)} er {kroner(granted - paid)} ikke udbetalt."
    elif paid > granted:
        yield f"Det er {kroner(paid - granted)} mere end bevilget."
    elif granted:
        yield "Det er hele det bevilgede."


def _claim(year: int, claim: RepaymentRow | None) -> Iterator[str]:
    if claim is None or claim.outstanding_oere is None:
        yield f"Der er ikke rejst krav om tilbagebetaling for {year}."
        return
    claimed, received = claim.outstanding_oere + claim.received_oere, kroner(claim.received_oere)
    if not claimed:
        yield f"Kravet om tilbagebetaling for {year} er frafaldet; {received} er modtaget, og {owed(claim)}."
    else:
        yield f"Af kravet om tilbagebetaling på {kroner(claimed)} er {received} modtaget, og {owed(claim)}."


def owed(claim: RepaymentRow) -> str:
    """What is left of a claim, on either side: `100,00 kr. udestår`."""
    left = claim.outstanding_oere or 0
    return f"familien har {kroner(-left)} til gode" if left < 0 else f"{kroner(left)} udestår"


def _payment(entry: Entry[PaymentMade]) -> dict[str, str | int | date | None]:
    fact = entry.fact
    return {
        "version": entry.version,
        "on": entry.occurred_on,
        "kind": fact.kind,
        "post": fact.post,
        "amount_oere": fact.amount_oere,
        "payee": None if fact.payee is None else str(fact.payee),
    }
