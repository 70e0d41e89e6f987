"""What the tests of money share: a family's year, told a fact at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ledger.facts.accounts import (
    AccountsReceived,
    TilbagebetalingReceived,
    TilbagebetalingskravAdjusted,
    TilbagebetalingskravIssued,
)
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved
from ledger.facts.changes import AbsencePlanned
from ledger.facts.decision import HjemmetraeningApproved, PartshoeringSent
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact
from ledger.facts.history import History, history
from ledger.facts.payments import ExpenseDocumented, ExpenseReviewed, PaymentMade

TINE: Final = Actor("u-oek-01", "Tine Ravn", "familieraadgivningen_handicap", "oekonomikonsulent")
CASE: Final = UUID(int=1)
START: Final = datetime(2021, 1, 1, 12, tzinfo=UTC)
LAST_DAY: Final = date(2030, 1, 1)

_LETTER: Final = {
    "hjemmel": ["serviceloven § 32 a, stk. 6"],
    "channel": "digital_post",
    "recipients": ["p-mor"],
    "decided_by": {"unit": "familieraadgivningen_handicap", "name": "Lise Maarup"},
    "favourable": "full",
}
_REF_TO: Final = {
    ExpenseReviewed: "expense",
    TilbagebetalingskravAdjusted: "claim",
    TilbagebetalingReceived: "claim",
    BudgetPostAdjusted: "post",
}


def approved(on: str = "2021-12-01") -> HjemmetraeningApproved:
    """The training is approved; without it no expense counts."""
    return HjemmetraeningApproved(
        **_LETTER, sent_on=on, resultat="godkendt", extent="full", hours_per_week=30, methods=["metode 1"],
        tilsyn_framework="To tilsyn om året.", physical_health_elements=False,
    )  # fmt: skip


def granted(post: str, oere: int, on: str = "2021-12-10", **data: Any) -> BudgetPostApproved:
    """A post of 2022, option a, unless said otherwise."""
    said = {"year": 2022, "category": "traeningsredskaber", "name": "Balancesæt", "option": "a"} | data
    return BudgetPostApproved(
        **_LETTER, sent_on=on, resultat="godkendt", post=post, amount_oere=oere, **said
    )  # fmt: skip


def adjusted(post: str, old: int, new: int, on: str = "2022-06-01", year: int = 2022) -> BudgetPostAdjusted:
    resultat = "forhoejet" if new > old else "nedsat"
    return BudgetPostAdjusted(
        **_LETTER, sent_on=on, resultat=resultat, year=year, post=post, old_amount_oere=old, new_amount_oere=new,
        cause="change_of_need",
    )  # fmt: skip


def paid(kind: str, oere: int, post: str | None = None, year: int = 2022) -> PaymentMade:
    return PaymentMade(kind=kind, year=year, post=post, amount_oere=oere)


def expense(name: str, post: str | None, oere: int, paid_on: str = "2022-03-01", **data: Any) -> ExpenseDocumented:
    """An expense with a receipt, bought at home, unless said otherwise."""
    said = {"year": 2022, "receipt": True, "abroad": False, "description": "Udgift"} | data
    return ExpenseDocumented(expense=name, post=post, amount_oere=oere, paid_on=paid_on, **said)


def reviewed(name: str, accepted_oere: int, resultat: str = "partly_accepted", **data: Any) -> ExpenseReviewed:
    return ExpenseReviewed(
        expense=name, resultat_review=resultat, accepted_oere=accepted_oere, reason="Gennemgået.", **data
    )


def abroad(first: str, last: str, kind: str = "abroad") -> AbsencePlanned:
    return AbsencePlanned(kind=kind, from_on=first, to_on=last)


def received(year: int = 2022) -> AccountsReceived:
    return AccountsReceived(year=year, lines=10, template_used=True)


def heard(oere: int | None, *posts: tuple[int, str, int]) -> PartshoeringSent:
    per_post = [
        {"year": year, "post": post, "approved_oere": repay, "accepted_oere": 0, "repay_oere": repay}
        for year, post, repay in posts
    ]
    return PartshoeringSent(
        subject="tilbagebetaling", channel="digital_post", to=["p-mor"], proposed_oere=oere, per_post=per_post or None
    )


def claimed(oere: int, year: int = 2022) -> TilbagebetalingskravIssued:
    return TilbagebetalingskravIssued(
        **_LETTER, sent_on="2023-03-30", resultat="tilbagebetaling", year=year, amount_oere=oere, per_post=[]
    )


def claim_changed(old: int, new: int, year: int = 2022) -> TilbagebetalingskravAdjusted:
    return TilbagebetalingskravAdjusted(year=year, old_amount_oere=old, new_amount_oere=new, cause="klage")


def repaid(oere: int, year: int = 2022) -> TilbagebetalingReceived:
    return TilbagebetalingReceived(year=year, amount_oere=oere)


def entry(version: int, fact: Fact, on: str, refs: Mapping[str, Any] | None = None) -> Entry[Any]:
    """A fact as the ledger recorded it."""
    at = START + timedelta(days=version)
    return Entry(CASE, version, fact, date.fromisoformat(on), at, TINE, "esbjerg", "api", refs or {}, b"", b"")


def told(*facts: Fact | tuple[Fact, str], as_of: date = LAST_DAY) -> History:
    """The history of facts that happened on the last day of 2022, or on the day beside them; letters when sent."""
    return history(list(recorded(facts)), as_of=as_of)


def recorded(facts: Sequence[Fact | tuple[Fact, str]]) -> list[Entry[Any]]:
    """Facts as entries, in the order they were recorded."""
    entries: list[Entry[Any]] = []
    for version, one in enumerate(facts, 1):
        fact, on = one if isinstance(one, tuple) else (one, _day(one))
        name = _REF_TO.get(type(fact))
        target = next((past.version for past in reversed(entries) if name and _is_target(past.fact, fact)), None)
        entries.append(entry(version, fact, on, {name: target} if name and target else {}))
    return entries


def _day(fact: Fact) -> str:
    return fact.sent_on.isoformat() if fact.decides else "2022-12-31"


def _is_target(past: Fact, fact: Fact) -> bool:
    match fact:
        case ExpenseReviewed():
            return isinstance(past, ExpenseDocumented) and past.expense == fact.expense
        case BudgetPostAdjusted():
            return isinstance(past, BudgetPostApproved) and (past.year, past.post) == (fact.year, fact.post)
        case _:
            return isinstance(past, TilbagebetalingskravIssued)
