"""Questions 16 and 17: what was corrected or annulled, and what had rested on the wrong value until then."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from ledger.facts.book import ReportIssued
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.history import corrected
from ledger.facts.klage import KlageForwarded
from ledger.facts.lifecycle import NEEDS_TWO, EntryCorrected
from ledger.facts.sentence import listed, read_aloud
from ledger.facts.shape import meaning_of
from ledger.store.ledger import book_stream
from projections.findings import CONSEQUENCE, FindingRow
from projections.findings import tell as tell_findings
from replay.answers import Asked, Found, question
from replay.answers.common import named, quoted, recorded_by, together
from replay.answers.wording import joined, on, versions_of

_NOTHING: Final = (
    "Der blev ikke truffet afgørelser, sendt noget til Ankestyrelsen eller udgivet rapporter, mens den forkerte"
    " oplysning stod i sagen."
)


class Change(NamedTuple):
    """A correction or annulment, and the entry it is about as it was recorded."""

    entry: Entry[Any]
    target: Entry[Any]
    in_force: bool


def _changes(asked: Asked) -> list[Change]:
    seen = asked.history
    recorded = {entry.version: entry for entry in seen.recorded}
    return [
        Change(entry, recorded[target], entry.version not in seen.annulled_by)
        for entry in seen.recorded
        if isinstance(entry.fact, NEEDS_TWO)
        for target in entry.pointers("target")
    ]


# 16


@question(16, "Hvilke registreringer er rettet eller annulleret, af hvem, hvorfor og godkendt af hvem?")
def what_was_corrected(asked: Asked) -> Found:
    """Every correction and annulment that is known, also one that was annulled itself."""
    changes = _changes(asked)
    if not changes:
        return Found("Ingen registreringer i sagen er rettet eller annulleret.")
    return together(_told(asked, change) for change in changes)


def _told(asked: Asked, change: Change) -> Found:
    entry, approver = change.entry, change.entry.fact.approved_by
    role = asked.law.municipality.roles.get(approver.role, approver.role)
    by = asked.history.annulled_by.get(entry.version)
    sentence = joined(
        f"{named(change.target)} blev {_what(asked, change)} {on(entry.occurred_on)} (nr. {entry.version})"
        f" af {recorded_by(asked, entry)}, godkendt af {approver.name} ({role}).",
        f"Begrundelse: {quoted(entry.fact.reason)}.",
        f"Det gælder ikke længere: nr. {entry.version} er selv annulleret (nr. {by})." if by else None,
    )
    data = {
        "version": entry.version,
        "target": change.target.version,
        "field": getattr(entry.fact, "field", None),
        "by": entry.actor,
        "approved_by": approver,
        "in_force": change.in_force,
    }
    return Found(sentence, data, [entry.version, change.target.version, *([by] if by else [])])


def _what(asked: Asked, change: Change) -> str:
    fact = change.entry.fact
    if not isinstance(fact, EntryCorrected):
        return "annulleret"
    before = corrected(change.target, _earlier(asked, change))
    after = corrected(before, [change.entry])
    old, new = (_read(asked, one, fact.field) for one in (before, after))
    field = "dagen" if fact.field == "occurred_on" else f"feltet {fact.field}"
    return f"rettet: {field} fra {old} til {new};"


def _earlier(asked: Asked, change: Change) -> Iterable[Entry[Any]]:
    """The corrections of the same entry that were in force before this one."""
    numbers = asked.history.corrected_by.get(change.target.version, ())
    return (one for one in asked.history.recorded if one.version in numbers and one.version < change.entry.version)


def _read(asked: Asked, entry: Entry[Any], field: str) -> str:
    """What an entry says in a field, as people read it."""
    fact: Fact = entry.fact
    if field == "occurred_on":
        return read_aloud(entry.occurred_on)
    value, kind = _at(fact, field), meaning_of(type(fact), field)
    return quoted(value) if kind == "text" and isinstance(value, str) else read_aloud(value, kind, asked.names)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, BaseModel):
            fields = {field.alias or name: name for name, field in type(value).model_fields.items()}
            value = getattr(value, fields.get(part, ""), None)
        else:
            value = value[int(part)] if isinstance(value, tuple) and int(part) < len(value) else None
    return value


# 17


@question(17, "Hvilke rapporter og afgørelser brugte den forkerte værdi før rettelsen?")
def what_rested_on_it(asked: Asked) -> Found:
    """For each correction in force, what was decided, sent or reported while the wrong value stood."""
    changes = [change for change in _changes(asked) if change.in_force]
    if not changes:
        return Found("Ingen registreringer i sagen er rettet eller annulleret, så intet bygger på en rettet værdi.")
    reports, seqs = _reports(asked), asked.sight.book.seqs(asked.sight.case_id)
    findings = [row for row in tell_findings(asked.history, asked.law) if row.flag == CONSEQUENCE]
    found = [_between(change, _rested(asked, change, _issued(change, reports, seqs))) for change in changes]
    return together([*found, _consequences(findings)] if findings else found)


def _reports(asked: Asked) -> list[Entry[ReportIssued]]:
    book = asked.sight.book
    entries = book.entries(book_stream(book.municipality, "book"))
    return [entry for entry in entries if isinstance(entry.fact, ReportIssued) and asked.sight.known(entry.known_at)]


def _issued(change: Change, reports: list[Entry[ReportIssued]], seqs: dict[int, int]) -> list[Entry[ReportIssued]]:
    """The reports that knew the wrong value and not the correction, by the numbers in the book's log."""
    wrong, right = seqs.get(change.target.version), seqs.get(change.entry.version)
    return [
        one
        for one in reports
        if wrong is not None and wrong <= one.fact.up_to_seq and (right is None or one.fact.up_to_seq < right)
    ]


class Rested(NamedTuple):
    """What came about while a wrong value stood in the case."""

    resting: list[Entry[Any]]
    """Decisions that point to it."""
    meanwhile: list[Entry[Any]]
    """Other decisions."""
    sent: list[Entry[KlageForwarded]]
    reports: list[Entry[ReportIssued]]


def _rested(asked: Asked, change: Change, reports: list[Entry[ReportIssued]]) -> Rested:
    wrong, right = change.target.version, change.entry.version
    stood = [one for one in asked.history.told if wrong < one.version < right]
    return Rested(
        [one for one in stood if one.fact.decides and _rests_on(one, wrong)],
        [one for one in stood if one.fact.decides and not _rests_on(one, wrong)],
        [one for one in stood if isinstance(one.fact, KlageForwarded) and wrong <= one.fact.up_to_version],
        reports,
    )


def _between(change: Change, found: Rested) -> Found:
    wrong, right = change.target.version, change.entry.version
    data = {
        "correction": right,
        "target": wrong,
        "resting_on_it": [one.version for one in found.resting],
        "meanwhile": [one.version for one in found.meanwhile],
        "forwarded": [one.version for one in found.sent],
        "reports": [{"report": one.fact.report, "sha256": one.fact.sha256} for one in found.reports],
    }
    missing = tuple(
        f"om {named(one)} brugte oplysningen; den angiver ikke, hvad den bygger på"
        for one in found.meanwhile
        if one.fact.facts_relied_on is None
    )
    versions = {wrong, right, *versions_of(found.resting, found.meanwhile, found.sent)}
    return Found(_in_words(change, found), data, versions, missing)


def _in_words(change: Change, found: Rested) -> str:
    resting, meanwhile, sent, reports = found
    return joined(
        f"Før rettelsen nr. {change.entry.version} af {named(change.target)}:",
        f"Direkte på den forkerte oplysning bygger {listed(map(named, resting))}." if resting else None,
        f"Mens den stod i sagen, blev også truffet {listed(map(named, meanwhile))}." if meanwhile else None,
        f"Ankestyrelsen fik den: {listed(map(named, sent))}." if sent else None,
        f"På det grundlag blev udgivet {listed(map(_report, reports))}." if reports else None,
        None if any(found) else _NOTHING,
    )


def _rests_on(decision: Entry[Any], version: int) -> bool:
    return version in (decision.fact.facts_relied_on or ()) or any(
        version in decision.pointers(name) for name in decision.refs
    )


def _report(entry: Entry[ReportIssued]) -> str:
    fact = entry.fact
    return f"{fact.report} for {on(fact.from_on)} til {on(fact.to_on)}"


def _consequences(findings: list[FindingRow]) -> Found:
    said = "; ".join(f"nr. {row.version}: {row.sentence.rstrip('.')}" for row in findings)
    return Found(
        f"Som følge af rettelser opfylder disse registreringer ikke længere kravene: {said}.",
        findings,
        {version for row in findings for version in row.entries},
    )
