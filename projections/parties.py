"""The parties of a case as they are registered now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, select

from ledger.facts.case import fold
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.lifecycle import Custody, PartyKind, PartyRegistered
from ledger.facts.sentence import Names
from ledger.facts.values import HIDDEN, Erased
from ledger.store.ledger import Ledger
from projections.tables import cpr_column, members, ready, table


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


Registered = Mapping[str, Entry[PartyRegistered]]
"""Party ref to the newest registration."""


def tell(parties: Registered) -> Iterator[PartyRow]:
    """The parties, by party ref."""
    for party, entry in sorted(parties.items()):
        fact = entry.fact
        yield PartyRow(
            party, fact.kind, fact.name, fact.cpr, fact.birth_date, fact.custody, fact.represents, (entry.version,)
        )


def names_in(parties: Registered) -> Names:
    """Turns a party ref into the party's name; it stays a ref where the name is hidden from the reader."""

    def name(party: str) -> str:
        entry = parties.get(party)
        return str(entry.fact.name) if entry and entry.fact.name is not HIDDEN else party

    return name


TABLE: Final[Table] = table(
    "parties",
    Column("party", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("birth_year", Integer),
    Column("custody", String),
    Column("represents", String),
    Column("version", Integer, nullable=False),
    cpr_column("cpr_index"),
)


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows without names; of a CPR number the blind index, of a birth date the year, until they are erased."""
    case = fold(history)
    for row in tell(case.lifecycle.parties):
        subjects = case.lifecycle.parties[row.party].subjects
        # The fact tells of the erasure whether or not the key is gone yet.
        erased = case.retention.erased.get(row.party) in subjects.values()
        yield members(
            TABLE,
            row,
            birth_year=row.birth_date.year if isinstance(row.birth_date, date) and not erased else None,
            cpr_index=row.cpr if row.cpr and not erased else None,
            version=row.entries[0],
        )


def find_by_cpr(ledger: Ledger, cpr: str) -> list[tuple[UUID, str]]:
    """The cases a person takes part in, each with the person's party ref in it."""
    ready(ledger.read_models)
    query = select(TABLE.c.case_id, TABLE.c.party).where(TABLE.c.cpr_index == ledger.vault.blind_index(cpr))
    with ledger.read_models.connect() as connection:
        return [(case_id, party) for case_id, party in connection.execute(query.order_by(TABLE.c.case_id))]
