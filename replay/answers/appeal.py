"""Questions 11-13: what Ankestyrelsen received, what it decided, and what the municipality did then."""

from collections.abc import Sequence
from typing import Any, Final

from ledger.facts.accounts import ClaimAdjustmentCause, TilbagebetalingskravAdjusted
from ledger.facts.budget import AdjustmentCause, BudgetPostAdjusted
from ledger.facts.entry import Entry
from ledger.facts.history import history
from ledger.facts.klage import AnkestyrelsenDecided, HjemvisningReopened, KlageForwarded, KlageReceived, Udfald
from ledger.facts.lifecycle import DocumentAdded
from ledger.facts.payments import ExpenseReviewed
from ledger.facts.sentence import danish_day, listed
from projections.deadlines import DeadlineRow
from projections.history import tell as tell_history
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, days, deadline_row, kept, numbers, quoted, recorded_by, together, told
from replay.answers.wording import chosen, joined, on, versions_of

NEW_DECISION: Final = "statute.hjemvisning-decision"


def _is_about(entry: Entry[Any], ref: str, klage: int | None) -> bool:
    return klage is None or klage in entry.pointers(ref)


def _nothing(asked: Asked, said: str) -> Found:
    return Found(f"{said} {as_of(asked)}.")


# 11


@question(11, "Hvad fik Ankestyrelsen tilsendt, og fra hvilken version af sagen?")
def sent_to_ankestyrelsen(asked: Asked, klage: int | None = None) -> Found:
    """Each package that was sent: the documents, and the case up to a version, as it read then."""
    chosen(asked.told.of(KlageReceived), klage)  # says so when there is no such complaint
    sent = [one for one in asked.told.of(KlageForwarded) if _is_about(one, "klage", klage)]
    if not sent:
        return _nothing(asked, "Der er ikke registreret, at nogen klage er sendt til Ankestyrelsen")
    return together(_package(asked, one) for one in sent)


def _package(asked: Asked, entry: Entry[KlageForwarded]) -> Found:
    fact, klager = entry.fact, entry.pointers("klage")
    filed = {one.fact.document: one.version for one in asked.told.of(DocumentAdded)}
    unknown = [document for document in fact.documents if document not in filed]
    later = _corrected_later(asked, fact.up_to_version)
    sentence = joined(
        f"Klagen ({numbers(klager)}) blev sendt til Ankestyrelsen {on(entry.occurred_on)} af"
        f" {recorded_by(asked, entry)}, med sagens registreringer til og med nr. {fact.up_to_version} og"
        f" {_documents(fact.documents)}.",
        f"Ikke journaliseret i sagen: {listed(unknown)}." if unknown else None,
        f"Registreringer deri er rettet senere ved {numbers(later)}." if later else None,
    )
    known = [one for one in asked.history.recorded if one.version <= fact.up_to_version]
    data = {
        "klage": entry.pointer("klage"),
        "documents": list(fact.documents),
        "up_to_version": fact.up_to_version,
        "history": list(tell_history(history(known, as_of=asked.history.as_of), asked.names)),
    }
    papers = {filed[document] for document in fact.documents if document in filed}
    missing = tuple(f"dokumentet {document}" for document in unknown)
    return Found(sentence, data, {entry.version, *klager, *papers, *later}, missing)


def _corrected_later(asked: Asked, up_to: int) -> set[int]:
    """The corrections, recorded after a version, of what was recorded up to it."""
    seen = asked.history
    changed = {**seen.corrected_by, **{version: (by,) for version, by in seen.annulled_by.items()}}
    return {one for version, found in changed.items() if version <= up_to for one in found if one > up_to}


def _documents(documents: Sequence[str]) -> str:
    if not documents:
        return "ingen dokumenter"
    return f"{'dokumentet' if len(documents) == 1 else 'dokumenterne'} {listed(documents)}"


# 12


@question(12, "Hvad afgjorde Ankestyrelsen, og hvad blev ændret?")
def decided_by_ankestyrelsen(asked: Asked, klage: int | None = None) -> Found:
    """Each decision of Ankestyrelsen, and what was recorded after it that changes what was complained over."""
    chosen(asked.told.of(KlageReceived), klage)  # says so when there is no such complaint
    decided = [one for one in asked.told.of(AnkestyrelsenDecided) if _is_about(one, "klager", klage)]
    if not decided:
        return _nothing(asked, "Der er ikke registreret nogen afgørelse fra Ankestyrelsen")
    return together(_outcome(asked, one) for one in decided)


def _outcome(asked: Asked, entry: Entry[AnkestyrelsenDecided]) -> Found:
    fact, klager = entry.fact, entry.pointers("klager")
    reviewed = {one.fact.expense for one in asked.told.of(ExpenseReviewed) if not _follows(one, entry)}
    changes = [one for one in asked.history.told if _follows(one, entry) and _changes(one, entry, reviewed)]
    stands = fact.udfald in (Udfald.STADFAESTET, Udfald.AFVIST)
    sentence = joined(
        f"Ankestyrelsen afgjorde {on(fact.decided_on)} {_the(klager)}; udfald: {fact.udfald.dansk}."
        f" Afgørelsen blev modtaget {on(fact.received_on)} (nr. {entry.version}).",
        f"Begrundelse: {quoted(fact.begrundelse)}.",
        f"Pålagt kommunen: {quoted(fact.instruction)}." if fact.instruction is not None else None,
        f"Derefter er registreret: {'; '.join(told(asked, one) for one in changes)}."
        if changes
        else "Der er ikke registreret nogen ændring derefter.",
    )
    data = {
        "udfald": fact.udfald,
        "decided_on": fact.decided_on,
        "received_on": fact.received_on,
        "klager": list(klager),
        "changes": [one.version for one in changes],
    }
    missing = () if changes or stands else ("hvad Ankestyrelsens afgørelse førte til",)
    return Found(sentence, data, {entry.version, *klager, *versions_of(changes)}, missing)


def _the(klager: Sequence[int]) -> str:
    return f"{'klagen' if len(klager) == 1 else 'klagerne'} ({numbers(klager)})"


def _follows(entry: Entry[Any], decided: Entry[AnkestyrelsenDecided]) -> bool:
    return (entry.occurred_on, entry.version) > (decided.occurred_on, decided.version)


def _changes(entry: Entry[Any], decided: Entry[AnkestyrelsenDecided], reviewed: set[str]) -> bool:
    """Whether an entry names Ankestyrelsen as its cause, takes the matter up again, or overrules an earlier review."""
    match entry.fact:
        case BudgetPostAdjusted(cause=AdjustmentCause.ANKESTYRELSEN):
            return True
        case TilbagebetalingskravAdjusted(cause=ClaimAdjustmentCause.ANKESTYRELSEN):
            return True
        case HjemvisningReopened():
            return entry.pointer("ankestyrelsen") == decided.version
        case ExpenseReviewed() as fact:
            return fact.expense in reviewed
        case _:
            return False


# 13


@question(13, "Hvis sagen blev hjemvist: hvornår kom den nye afgørelse, og hvilken dato var lovet?")
def after_hjemvisning(asked: Asked) -> Found:
    """Each time Ankestyrelsen sent the matter back: when it was taken up, and the new decision against the promise."""
    sent_back = [one for one in asked.told.of(AnkestyrelsenDecided) if one.fact.udfald is Udfald.HJEMVIST]
    if not sent_back:
        return _nothing(asked, "Sagen er ikke hjemvist")
    return together(_anew(asked, one) for one in sent_back)


def _anew(asked: Asked, entry: Entry[AnkestyrelsenDecided]) -> Found:
    reopened = [one for one in asked.told.of(HjemvisningReopened) if one.pointer("ankestyrelsen") == entry.version]
    row = deadline_row(asked, NEW_DECISION, entry.version)
    decision = _met_by(asked, row)
    sentence = joined(
        f"Ankestyrelsen hjemviste sagen {on(entry.fact.decided_on)}; afgørelsen blev modtaget"
        f" {on(entry.occurred_on)} (nr. {entry.version}).",
        *(f"Genbehandlingen blev startet {on(one.occurred_on)} (nr. {one.version})." for one in reopened),
        None if reopened else "Der er ikke registreret, at genbehandlingen er startet.",
        _new_decision(entry, decision),
        _promise(row),
    )
    missing = [] if reopened else ["at genbehandlingen er startet"]
    missing += [] if decision else ["en ny afgørelse"]
    missing += [] if row and row.due_on else ["en lovet dato for den nye afgørelse"]
    versions = {entry.version, *versions_of(reopened), *(row.entries if row else ())}
    return Found(sentence, row, versions, tuple(missing))


def _met_by(asked: Asked, row: DeadlineRow | None) -> Entry[Any] | None:
    entries = (asked.told.at(version) for version in (row.entries if row and row.met_on else ()))
    return next((one for one in entries if one and one.fact.decides and row and one.occurred_on == row.met_on), None)


def _new_decision(entry: Entry[AnkestyrelsenDecided], decision: Entry[Any] | None) -> str:
    if decision is None:
        return "Der er ikke registreret nogen ny afgørelse."
    after = (decision.occurred_on - entry.occurred_on).days
    return (
        f"Den nye afgørelse, ”{decision.fact.declared.dansk}” (nr. {decision.version}), blev sendt"
        f" {on(decision.occurred_on)}, {days(after)} efter modtagelsen."
    )


def _promise(row: DeadlineRow | None) -> str:
    if row is None or row.due_on is None:
        return "Der er ikke lovet nogen dato for den nye afgørelse."
    later = f" Senest er lovet den {danish_day(row.extended_to)}." if row.extended_to else ""
    return f"Lovet dato: {kept(row)}.{later}"
