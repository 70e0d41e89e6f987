"""The parties of a case as they are registered now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.facts.case import Case
from ledger.facts.lifecycle import Custody, PartyKind
from ledger.facts.sentence import Names
from ledger.facts.values import Erased


@dataclass(frozen=True)
class PartyRow:
    """One person in the case."""

    party: str
    kind: PartyKind
    name: str | Erased
    cpr: str | Erased | None
    birth_date: date | Erased | None
    custody: Custody | None
    represents: str | None
    entries: tuple[int, ...]
    """Versions the row rests on."""


def tell(case: Case) -> Iterator[PartyRow]:
    """The parties, by party ref."""
    for party, entry in sorted(case.lifecycle.parties.items()):
        fact = entry.fact
        yield PartyRow(
            party, fact.kind, fact.name, fact.cpr, fact.birth_date, fact.custody, fact.represents, (entry.version,)
        )


def names_in(case: Case) -> Names:
    """Turns a party ref into the party's name, for readers who may see it."""

    def name(party: str) -> str:
        entry = case.lifecycle.parties.get(party)
        return str(entry.fact.name) if entry else party

    return name
