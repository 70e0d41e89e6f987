"""Retention: legal hold, delivery to the archive, and erasure of a person's key."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Task, ref
from ledger.facts.lifecycle import Approver
from ledger.facts.values import (
    AsDecision,
    DataKind,
    Day,
    Id,
    LawText,
    PartyRef,
    Text,
    Version,
)


@dataclass(slots=True)
class RetentionState:
    """What stands in the way of erasure, and what is erased."""

    holds: dict[int, Entry["LegalHoldPlaced"]] = field(default_factory=dict)
    """Version to a hold not yet lifted."""
    erased: dict[str, UUID] = field(default_factory=dict)
    """Party ref to the data subject whose key was destroyed."""
    archived_up_to: int = 0


class LegalHoldPlaced(
    Fact,
    type="LegalHoldPlaced",
    dansk="Sletning spærret",
    data=DataKind.CASE,
    says="Sletning blev spærret[ for {party}] med henvisning til {legal_basis}: {reason}",
    by=(Task.LEDER, Task.ADMIN),
):
    """Nothing of the case (or of one party) may be erased until the hold is lifted."""

    party: PartyRef | None = Field(None, description="party; absent = the whole case")
    legal_basis: LawText = Field(description="legal basis")
    reason: AsDecision[Text] = Field(description="why")

    def apply(self, state: RetentionState, entry: Entry[Any]) -> None:
        state.holds[entry.version] = entry


class LegalHoldLifted(
    Fact,
    type="LegalHoldLifted",
    dansk="Spærring for sletning ophævet",
    data=DataKind.CASE,
    says="Spærringen for sletning blev ophævet: {reason}",
    by=(Task.LEDER, Task.ADMIN),
    refs=(ref("hold", "LegalHoldPlaced", required=True),),
):
    """A hold no longer stands."""

    reason: AsDecision[Text] = Field(description="why")

    def apply(self, state: RetentionState, entry: Entry[Any]) -> None:
        for version in entry.pointers("hold"):
            state.holds.pop(version, None)


class ArchiveDelivered(
    Fact,
    type="ArchiveDelivered",
    dansk="Afleveret til arkiv",
    data=DataKind.CASE,
    says="Sagen til og med version {up_to_version} blev afleveret til {archive} den {delivered_on}.",
    by=(Task.ADMIN,),
):
    """The case was delivered to the public archive."""

    archive: Id = Field(description="id of the archive")
    up_to_version: Version = Field(description="last version delivered")
    delivered_on: Day = Field(description="day of delivery")

    def apply(self, state: RetentionState, entry: Entry[Any]) -> None:
        state.archived_up_to = self.up_to_version


class SubjectErased(
    Fact,
    type="SubjectErased",
    dansk="Personoplysninger slettet",
    data=DataKind.CASE,
    says="Oplysningerne om {party} blev slettet med hjemmel i {legal_basis}.",
    by=(Task.ADMIN,),
):
    """The key of one data subject was destroyed: what was sealed under it reads as "slettet" from then on."""

    party: PartyRef = Field(description="party ref in this case")
    subject: UUID = Field(description="data subject whose key was destroyed")
    legal_basis: LawText = Field(description="ground for the erasure")
    approved_by: Approver = Field(description="the leader who approved")

    def apply(self, state: RetentionState, entry: Entry[Any]) -> None:
        state.erased[self.party] = self.subject
