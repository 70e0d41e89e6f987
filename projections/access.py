"""Who has looked at a case: the access log of a book, found by case.

A look is an entry of the book's own stream that may be of many cases. Its rows say what stands there in clear; of a
citizen they keep the role, because name and user id are sealed.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from babel.dates import format_datetime
from eventsourcing.persistence import Notification
from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, String, Table, Uuid, exists, select

from ledger.clock import COPENHAGEN, danish_day
from ledger.facts.book import AccessLogged, Purpose
from ledger.facts.entry import Actor, Entry
from ledger.facts.history import History, Known
from ledger.facts.lifecycle import AktindsigtDecided, AktindsigtRequested, AktindsigtResult
from ledger.facts.sentence import danish_day as in_danish
from ledger.facts.sentence import listed
from ledger.law.law import Law
from ledger.law.part import CITIZEN, has_part
from ledger.store.ledger import Ledger
from ledger.store.vault import Vault
from projections import history as timeline
from projections.bulk import write
from projections.findings import FindingRow
from projections.tables import METADATA, Instant, Private, opened, sealed, sealed_column

WITHOUT_PART: Final = "LOOK_WITHOUT_PART"
LOOKS: Final = Table(
    "looks", METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # in the book's log
    Column("version", Integer, nullable=False),  # in its stream of looks
    Column("at", Instant, nullable=False),
    Column("user_id", String),
    Column("name", String),
    Column("unit", String, nullable=False),
    Column("role", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("what", JSON, nullable=False),
    sealed_column("purpose_text"),  # for the year, as in the log
    Column("documents", JSON, nullable=False),
    Column("seal", String(64), nullable=False),
)  # fmt: skip
LOOKED_AT: Final = Table(
    "looked_at", METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One look at a case."""

    seq: int
    version: int
    at: datetime
    user_id: str | None
    """None for a citizen, as the name is."""
    name: str | None
    unit: str
    role: str
    purpose: Purpose
    purpose_text: str | None
    """In the reader's own words; sealed."""
    what: tuple[str, ...]
    documents: tuple[str, ...]
    seal: str

    def is_told(self, as_of: date, known: Known) -> bool:
        """Whether it had happened by a day, and was known."""
        return danish_day(self.at) <= as_of and known(self.at)


def tell(connection: Connection, ledger: Ledger, logged: Iterable[Notification]) -> None:
    """Adds the rows of looks that are new in the log."""
    looks = [(one.id, ledger.mapper.to_domain_event(one)) for one in logged]
    write(connection, LOOKS, [_row(ledger, seq, look) for seq, look in looks])
    cases = ((case_id, seq) for seq, look in looks for case_id in look.fact.cases)
    write(connection, LOOKED_AT, [{"case_id": case_id, "seq": seq} for case_id, seq in dict.fromkeys(cases)])


def tell_all(connection: Connection, ledger: Ledger, until: int, batch: int = 1_000) -> None:
    """Adds the rows of every look in the log up to a number, to tables that have none."""
    after, logged = 0, (AccessLogged.declared.type,)
    while found := ledger.recorder.select_notifications(after, batch, until, logged, inclusive_of_start=False):
        tell(connection, ledger, found)
        after = found[-1].id


def _row(ledger: Ledger, seq: int, look: Entry[AccessLogged]) -> dict[str, Any]:
    actor, fact = look.actor, look.fact
    is_staff, text = actor.role != CITIZEN, fact.purpose_text
    return {
        "seq": seq, "version": look.version, "at": look.recorded_at, "unit": actor.unit, "role": actor.role,
        "user_id": actor.user_id if is_staff else None, "name": actor.name if is_staff else None,
        "purpose_text": sealed(ledger.vault, Private(look.subjects[fact.period], text)) if text else None,
        "purpose": fact.purpose.value, "what": fact.what, "documents": fact.documents or (), "seal": look.seal.hex(),
    }  # fmt: skip


def newest(connection: Connection) -> int:
    """The version of the newest look that is told; 0 when none is."""
    return connection.execute(select(LOOKS.c.version).order_by(LOOKS.c.seq.desc()).limit(1)).scalar() or 0


def looks_at(connection: Connection, case_id: UUID, before: int | None = None) -> Iterator[Look]:
    """The looks at a case, newest first; those with smaller numbers than `before` when it is given."""
    query = select(LOOKS).join(LOOKED_AT, LOOKED_AT.c.seq == LOOKS.c.seq).where(LOOKED_AT.c.case_id == case_id)
    if before is not None:
        query = query.where(LOOKED_AT.c.seq < before)
    in_order = query.order_by(LOOKED_AT.c.seq.desc()).execution_options(yield_per=200)
    with connection.execute(in_order) as rows:
        for row in rows.mappings():
            lists = {name: tuple(row[name]) for name in ("what", "documents")}
            yield Look(**{**row, **lists, "purpose": Purpose[row["purpose"].upper()]})


def looked_at_from_elsewhere(connection: Connection, cases: Sequence[UUID]) -> list[UUID]:
    """Those of some cases that a role in a unit has looked at which has recorded nothing there, by the tables.

    Looks by people without part in the case (`unusual`) are among these.
    """
    recorded = timeline.TABLE.c
    here = (recorded.case_id == LOOKED_AT.c.case_id, recorded.unit == LOOKS.c.unit, recorded.role == LOOKS.c.role)
    from_elsewhere = LOOKED_AT.c.case_id.in_(cases) & (LOOKS.c.role != CITIZEN) & ~exists().where(*here)
    query = select(LOOKED_AT.c.case_id).join(LOOKS, LOOKED_AT.c.seq == LOOKS.c.seq).where(from_elsewhere).distinct()
    return list(connection.execute(query).scalars())


def released(history: History, party: str | None = None) -> list[Entry[AktindsigtDecided]]:
    """The decisions on requests that asked who has read the case; only those that a party made, when one is given."""
    asked = {
        entry.version
        for entry in history.of(AktindsigtRequested)
        if entry.fact.access_list and party in (None, entry.fact.requested_by)
    }
    return [entry for entry in history.of(AktindsigtDecided) if entry.pointer("request") in asked]


def are_named(decisions: Iterable[Entry[AktindsigtDecided]]) -> bool:
    """Whether a decision gave the list: only then are readers told by name."""
    return any(one.fact.resultat is not AktindsigtResult.REFUSED for one in decisions)


def extract(looks: Iterable[Look], law: Law, vault: Vault, *, named: bool) -> Generator[dict[str, Any]]:
    """The looks as they are shown: when, from where, why and what; by whom, and in which words, only when named."""
    for look in looks:
        yield _shown(look, law) | (_named(look, vault) if named else {})


def _named(look: Look, vault: Vault) -> dict[str, Any]:
    return {"user_id": look.user_id, "name": look.name, "purpose_text": opened(vault, look.purpose_text)}


def _shown(look: Look, law: Law) -> dict[str, Any]:
    return {
        "seq": look.seq,
        "at": look.at,
        "unit": look.unit,
        "unit_name": _words(law.municipality.units, look.unit),
        "role": look.role,
        "role_name": _words(law.municipality.roles, look.role),
        "purpose": look.purpose,
        "what": look.what,
        "what_names": seen_in_words(look.what),
        "documents": look.documents,
    }


_ELSEWHERE: Final = {"drift": "Drift"}
"""Unit and role of one who reads on the command line without saying who they are."""
_SEEN: Final = {
    "access": "listen over, hvem der har set sagen",
    "answer": "svar på et spørgsmål om sagen",
    "balances": "økonomien",
    "case": "sagens forside",
    "cases": "listen over sager",
    "deadlines": "fristerne",
    "decisions": "afgørelserne",
    "diff": "forskellen mellem to tidspunkter",
    "documents": "listen over dokumenter",
    "explain": "beregningen af en frist",
    "find": "søgning på CPR-nummer",
    "findings": "bemærkningerne",
    "history": "forløbet",
    "klager": "klagerne",
    "proposals": "forslag, der venter på en anden",
    "settlement": "afregningen",
    "tilsyn": "tilsynene",
}


def seen_in_words(what: Iterable[str]) -> str:
    """What was shown, as a parent reads it."""
    return listed(_SEEN.get(one, one) for one in what)


def _words(names: Mapping[str, str], slug: str) -> str:
    return names.get(slug) or _ELSEWHERE.get(slug, slug)


def unusual(history: History, law: Law, looks: Iterable[Look]) -> Iterator[FindingRow]:
    """The looks by people who have no part in the case, as findings: one for each of them, in the order of the last."""
    by_reader: dict[Actor, list[Look]] = defaultdict(list)
    for look in looks:
        if look.role != CITIZEN:
            by_reader[Actor(look.user_id or "", look.name or "", look.unit, look.role)].append(look)
    found = (_finding(reader, its, law) for reader, its in by_reader.items() if not has_part(history, reader))
    yield from sorted(found, key=lambda row: (row.occurred_on, row.sentence))


def _finding(reader: Actor, looks: Sequence[Look], law: Law) -> FindingRow:
    """By role and unit: whoever may see names, finds them in the access log."""
    who = f"{_words(law.municipality.roles, reader.role)}, {_words(law.municipality.units, reader.unit)}"
    last = danish_day(max(look.at for look in looks))
    why = listed(sorted({look.purpose.dansk for look in looks}))
    says = f"En uden del i sagen ({who}) har set den {times(len(looks))}, senest {in_danish(last)}, til formålet {why}."
    return FindingRow("", WITHOUT_PART, says, 0, "flag", last, ())


def moment(instant: datetime) -> str:
    """21. november 2026 kl. 09.00, in Copenhagen."""
    return format_datetime(instant.astimezone(COPENHAGEN), "d. MMMM y 'kl.' HH.mm", locale="da")


def times(number: int) -> str:
    """1 gang, 2 gange."""
    return f"{number} {'gang' if number == 1 else 'gange'}"
