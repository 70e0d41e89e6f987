"""What is worked out for one act is gone on with by the next: always what it would be if it were worked out anew."""

from datetime import date

import pytest

from commands.so_far import CaseSoFar, at_hand
from ledger.facts.draft import Draft
from ledger.facts.fact import catalogue
from ledger.facts.values import Erased
from ledger.store.books import Books
from ledger.store.head import Head
from tests.conftest import MASTER_KEY
from tests.guarding import OPENING, entries_of, law_of, told
from tests.samples import AARHUS, ESBJERG, import_sample

LATE = [
    *OPENING,
    told("NoteRecorded", "2021-03-01", key="note"),
    told("DocumentAdded", "2021-03-02", key="paper", document="d-1"),
    told("NoteRecorded", "2021-02-01", key="late"),
    told("EntryCorrected", "2021-03-03", {"target": "note"}, key="correction", field="text", old="x", new="y"),
    told("NoteRecorded", "2021-03-04"),
    told("EntryAnnulled", "2021-03-05", {"target": "correction"}, key="annulment"),
    told("EntryAnnulled", "2021-03-05", {"target": "paper"}, key="no paper"),
    told("DocumentAdded", "2021-03-06", key="another", document="d-2"),
    told("EntryAnnulled", "2021-03-07", {"target": "no paper"}),
    told("NoteRecorded", "2021-03-07", key="last"),
]


@pytest.fixture
def remembering(database_url, clock):
    with Books(database_url, clock, MASTER_KEY, remember=1_000) as books:
        import_sample(books, AARHUS)
        yield books


def seen_in(case, stream):
    """All that can be looked up in a case."""
    versions = range(1, len(case.entries) + 1)
    return {
        "entries": case.entries, "parties": case.parties, "documents": case.documents, "annulled": case.annulled,
        "reads": [case.now_reads(version) for version in versions],
        "told": [case.told.of(cls) for cls in catalogue().values()],
        "at": [(case.told.at(version), case.told.reads(version)) for version in versions],
        "head": case.head or Head(stream),
    }  # fmt: skip


def check_step_by_step(entries, law):
    stream, case = entries[0].case_id, CaseSoFar(held_against=law)
    for number, entry in enumerate(entries, 1):
        assert case.told is not None  # looked at before each step, so that it is gone on with
        case.add(entry)
        assert seen_in(case, stream) == seen_in(CaseSoFar.of(entries[:number], law), stream), entry.type
    assert case.head == Head.of(stream, entries)


@pytest.mark.parametrize("number", [AARHUS, ESBJERG])
def test_a_case_gone_on_with_is_the_case_worked_out_anew(books, number):
    import_sample(books, number)
    book, case_id = books.find(number)
    check_step_by_step(book.entries(case_id), book.law())


def test_also_when_something_is_late_corrected_annulled_and_annulled_again():
    check_step_by_step(entries_of(LATE, "aarhus"), law_of("aarhus"))


def test_what_was_looked_up_before_is_looked_up_anew_after_a_new_fact():
    case = CaseSoFar.of(entries_of(OPENING, "aarhus"), law_of("aarhus"))
    note = catalogue()["NoteRecorded"]
    assert case.told.saying(note, {"internal": False}) == []
    *_, noted = entries_of([*OPENING, told("NoteRecorded", "2030-01-01", internal=False)], "aarhus")
    case.add(noted)
    assert case.told.saying(note, {"internal": False}) == [noted]


def test_what_another_process_recorded_meanwhile_is_in_it(remembering, database_url, clock):
    book, case_id = remembering.find(AARHUS)
    with at_hand(book, case_id) as case:
        first, length = case, len(case.entries)
    with Books(database_url, clock, MASTER_KEY) as others:
        other, _ = others.find(AARHUS)
        entries = other.entries(case_id)
        other.append(Head.of(case_id, entries), [draft_like(entries[-1])])
    with at_hand(book, case_id) as case:
        assert case is first, "it is gone on with"
        assert len(case.entries) == length + 1
        assert seen_in(case, case_id) == seen_in(CaseSoFar.of(book.entries(case_id), book.law()), case_id)


def test_two_who_decide_at_once_have_each_their_own(remembering):
    book, case_id = remembering.find(AARHUS)
    with at_hand(book, case_id) as one, at_hand(book, case_id) as another:
        assert one is not another
        assert one.entries == another.entries


def test_what_a_destroyed_key_had_opened_is_not_gone_on_with(remembering, database_url, clock):
    book, case_id = remembering.find(AARHUS)
    with at_hand(book, case_id) as case:
        subject = case.entries[1].subjects["p-barn"]
        with Books(database_url, clock, MASTER_KEY) as others:
            others.find(AARHUS)[0].vault.destroy(subject)
    with at_hand(book, case_id) as after:
        assert after is not case
        assert isinstance(after.entries[1].fact.name, Erased)


def draft_like(entry):
    return Draft(entry.fact, date(2023, 1, 1), entry.actor, "api", entry.refs)
