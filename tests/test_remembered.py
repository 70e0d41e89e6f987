"""What a long-lived process keeps at hand: always what the store holds, never what a destroyed key had opened."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from ledger.facts.acts import ActProposed
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.lifecycle import EntryCorrected, PartyRegistered
from ledger.facts.values import Erased
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import case_id_of
from ledger.store.remembered import Remembered
from tests.conftest import MASTER_KEY
from tests.everything import Telling, record_everything
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.tail import KAREN


@pytest.fixture
def remembering(database_url, clock):
    with Books(database_url, clock, MASTER_KEY, remember=1_000) as books:
        yield books


def test_a_case_reads_the_same_remembered_and_read_anew(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    first, again = book.entries(case_id), book.entries(case_id)
    with Books(database_url, clock, MASTER_KEY) as others:
        assert first == again == others.find(AARHUS)[0].entries(case_id)
    assert book.entries(case_id, after=60) == first[60:]
    assert book.load(case_id, up_to=20).recorded == first[:20]


@pytest.mark.parametrize(
    "actor",
    [KAREN, Actor("b-mor", "Mor Prøvesen", "borger", "borger", party="p-mor")],
    ids=["staff", "citizen"],
)
def test_what_was_recorded_here_reads_as_the_store_keeps_it(remembering, database_url, clock, actor):
    book = remembering.book("aarhus")
    case_id = record_everything(book, actor, Telling())
    by_heart = book.entries(case_id)
    with Books(database_url, clock, MASTER_KEY) as others:
        kept = others.book("aarhus").entries(case_id)
    for one, as_kept in zip(by_heart, kept, strict=True):
        assert one == as_kept, one.type
        assert one.fact.as_data() == as_kept.fact.as_data(), one.type


def test_a_proposal_recorded_here_reads_as_the_store_keeps_it(remembering):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    head = Head.of(case_id, book.entries(case_id))
    fact = ActProposed(proposed_type="NoteRecorded", proposed_on=date(2022, 6, 9), data={}, refs={"hearings": (1, 2)})
    book.append(head, [Draft(fact, date(2022, 6, 9), KAREN, "api")])
    assert book.entries(case_id)[-1].fact.refs == {"hearings": [1, 2]}


def test_what_a_correction_took_away_is_not_remembered_either(remembering):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    child = book.entries(case_id)[1]
    assert isinstance(child.fact, PartyRegistered)
    leader = {"user_id": "u-l", "name": "Lis Leder", "role": "fc_leder"}
    fact = EntryCorrected(field="name", old=child.fact.name, new="Retter Navn", reason="Stavefejl", approved_by=leader)
    head = Head.of(case_id, book.entries(case_id))
    book.append(head, [Draft(fact, child.occurred_on, KAREN, "api", {"target": child.version})])
    read = book.entries(case_id)[-1].fact
    assert (read.old, read.new) == (None, "Retter Navn")


def test_several_streams_are_read_as_each_by_itself(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    other, unknown = case_id_of("aarhus", "AAR-2021-2"), case_id_of("aarhus", "findes-ikke")
    book.append(Head(other), [Draft(one.fact, one.occurred_on, one.actor, "api") for one in book.entries(case_id)[:2]])
    with Books(database_url, clock, MASTER_KEY) as others:
        for reading in (book, others.book("aarhus")):
            first, second, none = reading.at_once(case_id, other, unknown)
            assert (len(first), len(second), none) == (69, 2, [])
            assert [first, second] == [reading.entries(case_id), reading.entries(other)]


def test_what_another_process_records_is_seen_at_once(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    assert book.entries(case_id_of("esbjerg", ESBJERG)) == []
    with Books(database_url, clock, MASTER_KEY) as others:
        import_sample(others, ESBJERG)
        other, other_id = others.find(ESBJERG)
        assert remembering.book("esbjerg").entries(other_id) == other.entries(other_id)
        assert len(book.entries(case_id)) == 69


def test_what_a_destroyed_key_had_opened_is_not_remembered(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    child = book.entries(case_id)[1]
    assert not isinstance(child.fact.name, Erased)
    with Books(database_url, clock, MASTER_KEY) as others:
        others.find(AARHUS)[0].vault.destroy(child.subjects["p-barn"])
    assert isinstance(book.entries(case_id)[1].fact.name, Erased)


def test_what_was_recorded_here_is_not_remembered_either_once_its_key_is_destroyed(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    child, head = book.entries(case_id)[1], Head.of(case_id, book.entries(case_id))
    book.append(head, [Draft(child.fact, child.occurred_on, child.actor, "api")])
    assert book.entries(case_id)[-1].fact.name == child.fact.name
    with Books(database_url, clock, MASTER_KEY) as others:
        others.find(AARHUS)[0].vault.destroy(child.subjects["p-barn"])
    assert isinstance(book.entries(case_id)[-1].fact.name, Erased)


def test_a_key_that_is_destroyed_while_it_is_fetched_is_not_held(remembering, database_url, clock):
    import_sample(remembering, AARHUS)
    book, case_id = remembering.find(AARHUS)
    subject = book.entry(case_id, 2).subjects["p-barn"]
    with Books(database_url, clock, MASTER_KEY) as others, Books(database_url, clock, MASTER_KEY) as late:
        vault, destroyer = late.find(AARHUS)[0].vault, others.find(AARHUS)[0].vault

        def meanwhile(*_):
            destroyer.destroy(subject)
            vault.refresh()

        event.listen(vault.engine, "after_cursor_execute", meanwhile, once=True)
        vault.key(subject)  # as it was when it was asked for
        assert vault.key(subject) is None


def test_entries_opened_before_a_key_was_destroyed_are_not_given_after():
    kept, stream = Remembered(10), uuid4()
    kept.put(stream, 0, ["opened"])
    assert kept.get(stream, 0) == ["opened"]
    assert kept.get(stream, 1) == []
    kept.put(stream, 0, ["opened, and put back late"])
    assert kept.get(stream, 1) == []


def test_what_is_added_follows_on_what_is_kept_or_is_not_kept():
    kept, stream = Remembered(3), uuid4()
    kept.add(stream, 0, 0, ["nothing is kept of a stream that is not there"])
    assert kept.get(stream, 0) == []
    kept.put(stream, 0, ["one"])
    given = kept.get(stream, 0)
    kept.add(stream, 0, 1, ["two"])
    assert (given, kept.get(stream, 0)) == (["one"], ["one", "two"])
    kept.add(stream, 0, 1, ["two, said late"])
    kept.add(stream, 0, 3, ["four, said early"])
    assert kept.get(stream, 0) == ["one", "two"]
    kept.add(stream, 0, 2, ["three", "four"])
    assert kept.get(stream, 0) == [], "it has grown too long"
    kept.put(stream, 1, ["one"])
    kept.add(stream, 0, 1, ["two, sealed before a key was destroyed"])
    assert kept.get(stream, 1) == []


def test_what_was_worked_out_is_lent_to_one_and_kept_no_longer_than_the_entries():
    kept, stream = Remembered(2), uuid4()
    kept.give_back(stream, 0, "nothing is kept of a stream that is not there")
    assert kept.lend(stream, 0) is None
    kept.put(stream, 0, ["one"])
    kept.give_back(stream, 0, "of one")
    kept.put(stream, 0, ["one", "two"])
    assert kept.lend(stream, 0) == "of one"
    assert kept.lend(stream, 0) is None
    kept.give_back(stream, 0, "of two")
    assert kept.lend(stream, 1) is None, "a key was destroyed since"
    kept.give_back(stream, 0, "given back late")
    assert kept.lend(stream, 1) is None
    kept.put(stream, 1, ["one"])
    kept.give_back(stream, 1, "of one")
    kept.put(uuid4(), 1, ["other", "others"])
    assert kept.lend(stream, 1) is None, "it went with its entries"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 3)), max_size=40))
def test_never_more_is_kept_than_was_allowed_and_the_newest_stays(puts):
    kept, streams = Remembered(10), [uuid4() for _ in range(6)]
    for which, size, more in puts:
        kept.put(streams[which], 0, list(range(size)))
        kept.add(streams[which], 0, size, list(range(more)))
        held = [len(kept.get(stream, 0)) for stream in streams]
        assert sum(held) <= 10
        if size + more <= 10:
            assert len(kept.get(streams[which], 0)) == size + more
