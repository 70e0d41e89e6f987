"""Every read model of a case, told at once from one sight of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ledger.facts.case import fold
from projections import (
    balances,
    cases,
    deadlines,
    decisions,
    documents,
    findings,
    history,
    klager,
    parties,
    repayments,
    tilsyn,
)
from replay.as_of import Sight

Rows = Iterable[Any]
TELLINGS: Final[Mapping[str, Callable[[Sight], Rows]]] = {
    "case": lambda seen: [cases.tell(seen.history, seen.law)],
    "parties": lambda seen: parties.tell(fold(seen.history).lifecycle.parties),
    "history": lambda seen: history.tell(seen.history),
    "decisions": lambda seen: decisions.tell(seen.history),
    "deadlines": lambda seen: deadlines.tell(seen.history, seen.law),
    "balances": lambda seen: balances.lines(seen.history, seen.law.cap_oere),
    "repayments": lambda seen: repayments.tell(seen.history),
    "findings": lambda seen: findings.tell(seen.history, seen.law),
    "tilsyn": lambda seen: tilsyn.tell(seen.history),
    "klager": lambda seen: klager.tell(seen.history),
    "documents": lambda seen: documents.tell(seen.history),
}


def tell_all(seen: Sight) -> dict[str, list[Any]]:
    """The rows of every read model, by the model's name."""
    return {name: list(tell(seen)) for name, tell in TELLINGS.items()}
