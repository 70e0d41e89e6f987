"""Acts that need two persons: proposed by one, confirmed or rejected by another (four eyes, drafts)."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import STAFF, Fact, Task, ref
from ledger.facts.values import (
    AsDecision,
    DataKind,
    Day,
    Id,
    Text,
    TypeName,
)


@dataclass(slots=True)
class ActsState:
    """Proposals that nobody has answered yet, by version."""

    open: dict[int, Entry["ActProposed"]] = field(default_factory=dict)


class ActProposed(
    Fact,
    type="ActProposed",
    dansk="Handling foreslået",
    data=DataKind.CASE,
    says="Foreslået til godkendelse: {proposed_type}.",
    by=(*STAFF, Task.CITIZEN),
    streams=("case", "book"),
):
    """A complete candidate fact, kept until a second person answers. It has no effect before that."""

    proposed_type: TypeName = Field(description="stored name of the candidate's fact type")
    proposed_on: Day = Field(description="the candidate's occurred_on")
    data: dict[str, Any] = Field(description="the candidate's data, sealed field by field as the fact would be")
    refs: dict[str, Any] = Field(description="the candidate's refs, as versions")
    document_ids: tuple[Id, ...] | None = Field(None, description="documents that prove it")

    def apply(self, state: ActsState, entry: Entry[Any]) -> None:
        state.open[entry.version] = entry


class ActConfirmed(
    Fact,
    type="ActConfirmed",
    dansk="Handling godkendt",
    data=DataKind.CASE,
    says="Det foreslåede blev godkendt.",
    by=STAFF,
    refs=(ref("proposal", "ActProposed", required=True),),
    streams=("case", "book"),
):
    """A second person confirmed a proposal; the fact itself is the entry right after this one."""

    def apply(self, state: ActsState, entry: Entry[Any]) -> None:
        for version in entry.pointers("proposal"):
            state.open.pop(version, None)


class ActRejected(
    Fact,
    type="ActRejected",
    dansk="Handling afvist",
    data=DataKind.CASE,
    says="Det foreslåede blev afvist: {reason}",
    by=STAFF,
    refs=(ref("proposal", "ActProposed", required=True),),
    streams=("case", "book"),
):
    """A second person rejected a proposal."""

    reason: AsDecision[Text] = Field(description="why")

    def apply(self, state: ActsState, entry: Entry[Any]) -> None:
        for version in entry.pointers("proposal"):
            state.open.pop(version, None)


_APPROVERS: Final = ("approved_by", "second_approver")
"""Fields that name the second person; nobody fills them in but the one who confirms."""


def approver_fields(names: Container[str]) -> list[str]:
    """Those of some field names that hold the second person."""
    return [name for name in _APPROVERS if name in names]


BY_TWO: Final = (ActProposed, ActConfirmed, ActRejected)
"""Only ever recorded by proposing, confirming and rejecting."""
