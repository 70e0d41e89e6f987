"""A draft: a fact about to be recorded, before the ledger gives it its version, time and seal."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from ledger.facts.entry import Actor, Imported, OnBehalfOf, RefValue
from ledger.facts.fact import Fact


class Draft(NamedTuple):
    """Members mean the same as in Entry."""

    fact: Fact
    occurred_on: date
    actor: Actor
    source: str
    refs: Mapping[str, RefValue] = {}
    source_recorded_at: datetime | None = None
    key: str | None = None
    document_ids: tuple[str, ...] = ()
    on_behalf_of: OnBehalfOf | None = None
    imported: Imported | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
