"""The decision register: who decided what, when, on which legal basis, with which klagevejledning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Table

from ledger.facts.entry import Actor, Entry, OnBehalfOf
from ledger.facts.fact import Fact, Favourable, Klagevejledning
from ledger.facts.history import History
from ledger.facts.sentence import Names, sentence
from ledger.facts.values import Erased, Slug
from projections.tables import Instant, members, table


@dataclass(frozen=True)
class DecisionRow:
    """One decision as it was sent."""

    version: int
    key: str | None
    type: str
    title: str
    subject: str | None
    """What it is about, when the type says it for several things: a budget post, a year, a method."""
    sentence: str
    decided_by: str | None
    """Slug of the unit that decided."""
    decided_by_name: str | None
    decided_on: date | None
    sent_on: date
    channel: str | None
    recipients: tuple[str, ...]
    resultat: Slug | None
    favourable: Favourable | None
    hjemmel: tuple[str, ...]
    begrundelse: str | Erased | None
    klagevejledning: Klagevejledning | None
    facts_relied_on: tuple[int | str, ...]
    recorded_by: Actor
    recorded_by_is_claimed: bool
    """The actor is what an imported file, or the command line of an embedded ledger, says."""
    recorded_at: datetime
    source_recorded_at: datetime | None
    mandate: OnBehalfOf | None
    rulebook: str | None
    basis_version: int
    """The version of the case that the decision was made on."""
    seal: str
    entries: tuple[int, ...]


def tell(history: History, names: Names = str) -> Iterator[DecisionRow]:
    """Every decision in force or not, in the order they were sent."""
    return (_row(entry, history, names) for entry in history.told if entry.fact.decides)


def _row(entry: Entry[Any], history: History, names: Names) -> DecisionRow:
    fact = entry.fact
    return DecisionRow(
        version=entry.version,
        key=entry.key,
        type=entry.type,
        title=fact.declared.dansk,
        subject=_subject(fact),
        sentence=sentence(fact, names),
        decided_by=fact.decided_by.unit if fact.decided_by else None,
        decided_by_name=fact.decided_by.name if fact.decided_by else None,
        decided_on=fact.decided_on,
        sent_on=fact.sent_on or entry.occurred_on,
        channel=fact.channel,
        recipients=fact.recipients or (),
        resultat=fact.resultat,
        favourable=fact.favourable,
        hjemmel=fact.hjemmel or (),
        begrundelse=fact.begrundelse,
        klagevejledning=fact.klagevejledning,
        facts_relied_on=fact.facts_relied_on or (),
        recorded_by=entry.actor,
        recorded_by_is_claimed=entry.imported is not None or entry.actor.claimed,
        recorded_at=entry.recorded_at,
        source_recorded_at=entry.source_recorded_at,
        mandate=entry.on_behalf_of,
        rulebook=entry.rulebook,
        basis_version=entry.version - 1,
        seal=entry.seal.hex(),
        entries=(entry.version, *history.corrected_by.get(entry.version, ())),
    )


def _subject(fact: Fact) -> str | None:
    parts = (getattr(fact, name, None) for name in ("post", "name", "method", "year"))
    told = [str(part) for part in parts if part]
    return " ".join(told) or None


TABLE: Final[Table] = table(
    "decisions",
    Column("version", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("post", String),
    Column("year", Integer),
    Column("part_of", Integer),
    Column("decided_by", String),
    Column("decided_on", Date),
    Column("sent_on", Date, nullable=False),
    Column("channel", String),
    Column("resultat", String),
    Column("favourable", String),
    Column("hjemmel", JSON, nullable=False),
    Column("frist_uger", Integer),  # as the klagevejledning said, NULL when there was none
    Column("recorded_by_is_claimed", Boolean, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source_recorded_at", Instant),
    Column("mandate", String),
    Column("rulebook", String),
    Column("basis_version", Integer, nullable=False),
    Column("seal", String, nullable=False),
)


def stored(history: History, _law: object) -> Iterator[Mapping[str, Any]]:
    """The rows without reasons; what a decision is about only where that is a post or a year, not words."""
    entries = {entry.version: entry for entry in history.told}
    for row in tell(history):
        entry = entries[row.version]
        yield members(
            TABLE,
            row,
            post=getattr(entry.fact, "post", None),
            year=getattr(entry.fact, "year", None),
            part_of=entry.pointer("part_of"),
            frist_uger=row.klagevejledning.frist_uger if row.klagevejledning else None,
            mandate=row.mandate.mandate_ref if row.mandate else None,
        )
