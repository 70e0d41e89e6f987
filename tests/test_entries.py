"""Entries: all that was given is read again, time never goes back, and a stranger can check the chain."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import orjson
import pytest

from ledger.facts.draft import Draft
from ledger.facts.entry import Imported, OnBehalfOf, Request
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import Ledger, book_stream, case_id_of
from tests.one_case import CASE, one_case, raw, stored
from tests.tail import MUNICIPALITY, after, notes, opening


@pytest.fixture
def ledger(books: Books) -> Ledger:
    return one_case(books)


def test_what_an_append_gives_is_what_is_read_of_it_member_for_member(ledger, clock):
    more = {
        "refs": {"about": 1, "answers": (1, 2)}, "source_recorded_at": clock.now - timedelta(days=9), "key": "note-1",
        "document_ids": ("d-1", "d-2"), "on_behalf_of": OnBehalfOf("m-1", "familiecentret", "Bo Nissen"),
        "imported": Imported("u-import", "ab" * 32), "correlation_id": uuid4(), "causation_id": uuid4(),
    }  # fmt: skip
    ledger.append(Head(book_stream(MUNICIPALITY, "book")), notes("Så bogens egen strøm har en version"))
    ledger.law()
    drafts = [draft._replace(**more) for draft in notes("Et", "To")]
    given = ledger.append(after(ledger, CASE), drafts, request=Request("r-1", "cd" * 32))
    assert not [name for name, value in given[0]._asdict().items() if not value and name != "erased"], "all is told"
    assert given == ledger.entries(case_id_of(MUNICIPALITY, CASE), after=2)
    of_draft = set(Draft._fields)
    assert [{name: value for name, value in one._asdict().items() if name in of_draft} for one in given] == [
        draft._asdict() for draft in drafts
    ]


def test_the_recorded_time_of_a_case_never_goes_back(ledger, clock):
    before = after(ledger, CASE).recorded_at
    clock.now -= timedelta(hours=1)
    first, second = ledger.append(after(ledger, CASE), notes("Uret", "er stillet tilbage"))
    assert first.recorded_at == before + timedelta(microseconds=1)
    assert second.recorded_at == before + timedelta(microseconds=2)
    (other, _) = ledger.append(after(ledger, "en-anden-sag"), opening("en-anden-sag"))
    assert other.recorded_at < before, "only within a case: across cases the log orders"
    clock.now += timedelta(hours=2)
    (third,) = ledger.append(after(ledger, CASE), notes("Uret går igen"))
    assert third.recorded_at == clock.now


def strangers_seal(case_id: UUID, version: int, kind: str, entry: bytes) -> bytes:
    """As ledger/store/seal.py tells it, written again: each part behind its length in eight bytes, big end first."""
    digest = sha256()
    for part in (b"sagsbog/entry/1", case_id.bytes, version.to_bytes(8, "big"), kind.encode("utf-8"), entry):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def test_a_stranger_can_check_the_chain_with_sha256_alone(ledger, database_url):
    ledger.append(after(ledger, CASE), notes("Et", "To"))
    ledger.append(after(ledger, CASE), notes("Tre"))
    ledger.append(after(ledger, "en-anden-sag"), opening("en-anden-sag"))
    ledger.number()
    leaves, previous = {}, {}
    for case_id, version, kind, entry in stored(database_url):
        told = orjson.loads(entry)
        assert (told["case_id"], told["version"], told["type"]) == (str(case_id), version, kind)
        assert bytes.fromhex(told["previous"]) == previous.get(case_id, bytes(32))
        previous[case_id] = leaves[case_id, version] = strangers_seal(case_id, version, kind, entry)
    assert len(leaves) == 7
    read = [entry for case_id in ledger.cases() for entry in ledger.entries(case_id)]
    assert {(entry.case_id, entry.version): entry.seal for entry in read} == leaves
    with raw(database_url) as (connection, schema):
        log = connection.execute(f"SELECT case_id, version, leaf FROM {schema}log").fetchall()
    assert {(UUID(str(case_id)), version): bytes(leaf) for case_id, version, leaf in log} == leaves
