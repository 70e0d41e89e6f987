"""Writes a sample for each type and schema version that has none. An existing sample is never touched.

Run by hand after adding a fact type: python -m tests.stored.write
"""

import json
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.example import example
from ledger.facts.fact import Fact, catalogue
from ledger.facts.lifecycle import CaseOpened, NoteRecorded
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import Ledger, book_stream, case_id_of

HERE = Path(__file__).parent
_DAY = date(2022, 6, 9)
_KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")


def sample_path(fact_type: type[Fact]) -> Path:
    """Where the sample of a type's schema version lies."""
    return HERE / f"{fact_type.declared.type}.{fact_type.declared.schema_version}.json"


def main() -> None:
    """Records the missing samples in a ledger of their own and writes what was stored."""
    missing = [fact_type for fact_type in catalogue().values() if not sample_path(fact_type).exists()]
    with (
        tempfile.TemporaryDirectory() as directory,
        Books(f"sqlite:///{directory}", lambda: datetime.now(UTC)) as books,
    ):
        for fact_type in missing:
            sample = _sample(books.book("aarhus"), fact_type)
            text = json.dumps(sample, ensure_ascii=False, indent=1, sort_keys=True)
            sample_path(fact_type).write_text(text + "\n", "utf-8")


def _sample(book: Ledger, fact_type: type[Fact]) -> dict[str, object]:
    keys: dict[str, str] = {}
    keep = book.vault.create

    def remember(fresh: dict[UUID, bytes]) -> None:
        keys.update({str(subject): key.hex() for subject, key in fresh.items()})
        keep(fresh)

    book.vault.create = remember  # type: ignore[method-assign, assignment]
    name = fact_type.declared.type
    fact = fact_type.model_validate_json(json.dumps(example(fact_type)), strict=True)
    if "case" in fact_type.declared.streams:
        stream = case_id_of("aarhus", f"SAMPLE-{name}")
        first = [_example_of(CaseOpened), _example_of(NoteRecorded)]
        facts = [fact] if fact_type is CaseOpened else [*first, fact]
    else:
        stream, facts = book_stream("aarhus", f"sample-{name}"), [fact]
    refs = {ref.name: (2,) if ref.many else 2 for ref in fact_type.declared.refs.values()}
    drafts = [Draft(one, _DAY, _KAREN, "api", refs if one is fact else {}) for one in facts]
    entry = book.append(Head(stream), drafts)[-1]
    stored = book.recorder.select_events(stream)[-1].state
    return {
        "case_id": str(stream),
        "version": entry.version,
        "stored": stored.decode(),
        "seal": entry.seal.hex(),
        "keys": {str(subject): keys[str(subject)] for subject in entry.subjects.values()},
        "reads": example(fact_type),
    }


def _example_of(fact_type: type[Fact]) -> Fact:
    return fact_type.model_validate_json(json.dumps(example(fact_type)), strict=True)


if __name__ == "__main__":
    main()
