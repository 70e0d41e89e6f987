"""Importing `sagsbog-case/1` files: each file (each line of a .jsonl) is one case, all or nothing.

A file that is already there adds nothing; one that goes on where the ledger stops adds the rest; any
difference in what is known is a Conflict. The file's recorded_at is kept as what the old system claims.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from commands.case_file import raw_cases, read_case
from ledger.errors import Conflict, Fault, Invalid, SagsbogError
from ledger.facts.draft import Draft
from ledger.facts.entry import Entry
from ledger.facts.lifecycle import EntryCorrected
from ledger.store.books import Books
from ledger.store.head import Head


@dataclass(frozen=True)
class Outcome:
    """What became of one case of a file."""

    where: str
    """File, and line in a .jsonl."""
    case_number: str = ""
    municipality: str = ""
    added: int = 0
    total: int = 0
    error: SagsbogError | None = None
    entries: Sequence[Entry[Any]] = ()
    """The case as it is now, when something of it was added."""
    read_bytes: int = 0
    """How far into the file it is."""


def import_file(books: Books, path: Path, importer: str, *, dry_run: bool = False) -> Iterator[Outcome]:
    """Imports one file, a case at a time. An outcome with an error kept nothing of that case."""
    try:
        read = 0
        found = False
        for where, raw in raw_cases(path):
            found = True
            read += len(raw)
            try:
                outcome = import_case(books, raw, where, importer, dry_run=dry_run)
            except SagsbogError as error:
                outcome = Outcome(where, error=error)
            yield replace(outcome, read_bytes=read)
        if not found:
            yield Outcome(str(path), error=Invalid(Fault("", "indeholder ingen sager"), about=str(path)))
    except SagsbogError as error:
        yield Outcome(str(path), error=error)


def import_case(books: Books, raw: bytes, where: str, importer: str, *, dry_run: bool) -> Outcome:
    """Imports one case. Raises Invalid or Conflict with file, event and field, and then keeps nothing of it."""
    given = read_case(raw, where, importer, books.now(), books.rulebook)
    book = books.made(given.municipality)
    known = book.entries(given.case_id) if book else []
    for stored, entry in zip(known, given.case.entries, strict=False):
        _check_same(stored, entry, f"{where}, hændelse {entry.key}")
    added = given.case.entries[len(known) :]
    for entry in added:
        _check_not_erased(entry, known, f"{where}, hændelse {entry.key}")
    if added and not dry_run:
        head, drafts = Head.of(given.case_id, known), [_draft(entry) for entry in added]
        try:
            books.book(given.municipality).append(head, drafts, entry_at=given.case.at)
        except Conflict as error:
            raise Conflict(f"{where}: {error}", error.current_version) from None
    entries = given.case.entries
    return Outcome(
        where, given.case_number, given.municipality, len(added), len(entries), entries=entries if added else ()
    )


def _draft(entry: Entry[Any]) -> Draft:
    return Draft(
        entry.fact, entry.occurred_on, entry.actor, entry.source, entry.refs, entry.source_recorded_at, entry.key,
        entry.document_ids, entry.on_behalf_of, entry.imported, entry.correlation_id, entry.causation_id,
    )  # fmt: skip


def _check_not_erased(entry: Entry[Any], known: Sequence[Entry[Any]], about: str) -> None:
    """A file still holds what the ledger has erased; a correction must not bring it back."""
    target = entry.pointer("target") or 0
    if isinstance(entry.fact, EntryCorrected) and target <= len(known) and known[target - 1].erased:
        raise Invalid(
            Fault("refs.target", f"oplysninger på version {target} er slettet og kan ikke rettes"), about=about
        )


_SAME: Final = (
    "type", "occurred_on", "refs", "source", "source_recorded_at", "key", "document_ids", "on_behalf_of",
    "correlation_id", "causation_id",
)  # fmt: skip


def _check_same(stored: Entry[Any], given: Entry[Any], about: str) -> None:
    """What is known must be told the same again; what is erased cannot be compared, and is not brought back."""
    differing = [name for name in _SAME if getattr(stored, name) != getattr(given, name)]
    if stored.type == given.type:
        differing += [f"data.{name}" for name in type(given.fact).model_fields if _differs(name, stored, given)]
    if "actor.name" not in stored.erased and stored.actor != given.actor:
        differing.append("actor")
    if differing:
        raise Conflict(
            f"{about}: sagen er kendt, men version {stored.version} er en anden ({', '.join(differing)})."
            " En kendt hændelse kan ikke ændres ved import; ret den på sagen i stedet.",
            stored.version,
        )


def _differs(name: str, stored: Entry[Any], given: Entry[Any]) -> bool:
    if isinstance(given.fact, EntryCorrected) and name == "old":  # stored as a commitment only
        return False
    path = f"data.{name}"
    if any(gone == path or gone.startswith(f"{path}.") for gone in stored.erased):
        return False
    return bool(getattr(stored.fact, name) != getattr(given.fact, name))
