"""The cases that were restricted as a whole: who may still open each, besides the leaders."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, Table, select

from ledger.facts.history import History
from ledger.facts.lifecycle import CaseOpened, ConfidentialityChanged, ConfidentialityLevel
from projections.tables import table

TABLE: Final[Table] = table("restrictions", Column("users", JSON, nullable=False))


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The user ids that the newest marking of the case names; no row for a case that is open."""
    opened = next(history.of(CaseOpened))
    named = (opened.fact.case_number, str(opened.case_id))
    newest = [entry.fact for entry in history.of(ConfidentialityChanged) if entry.fact.target in named][-1:]
    for marking in newest:
        if marking.level is not ConfidentialityLevel.NORMAL:
            yield {"users": list(marking.users or ())}


def restricted(connection: Connection) -> dict[UUID, list[str]]:
    """The restricted cases, each with the user ids that may open it."""
    return {row.case_id: row.users for row in connection.execute(select(TABLE.c.case_id, TABLE.c.users))}
