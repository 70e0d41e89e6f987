"""An answer waits for its look to be on record; looks of a moment are put there together."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from anyio.to_thread import run_sync

from api.http.on_record import Look, OnRecord
from ledger.store.ledger import book_stream
from ledger.store.looks import Looks
from tests.samples import import_sample
from tests.serving import KAREN, served

AARHUS = "AAR-2021-00417"
CASE = f"/v1/cases/{AARHUS}"


class Book:
    """Where looks go: held up until it may go on, and what was put there together."""

    def __init__(self):
        self.looks, self.rounds = self, []
        self.begun, self.may_go_on = Event(), Event()

    def put_all(self, looks):
        self.begun.set()
        assert self.may_go_on.wait(20)
        self.rounds.append(looks)
        if "wrong" in looks:
            raise ValueError("wrong")


async def held_up(book, on_record, *looks):
    """A first look, held up, and others that come meanwhile."""
    first = asyncio.create_task(on_record.put(Look(book, lambda: "first")))
    await asyncio.to_thread(book.begun.wait, 20)
    rest = [asyncio.create_task(on_record.put(Look(book, partial(str, look)))) for look in looks]
    await asyncio.sleep(0)
    return [first, *rest]


def test_looks_that_come_meanwhile_are_put_on_record_together():
    async def all_of_them():
        book, on_record = Book(), OnRecord()
        tasks = await held_up(book, on_record, *"1234567")
        assert not any(task.done() for task in tasks)
        book.may_go_on.set()
        await asyncio.gather(*tasks)
        await on_record.put(Look(book, lambda: "later"))
        return book.rounds

    assert asyncio.run(all_of_them()) == [["first"], list("1234567"), ["later"]]


def answered_meanwhile(until):
    """Somebody else's request, in a thread until then."""
    return asyncio.create_task(run_sync(until.wait, 20))


def test_who_is_being_answered_just_now_is_waited_for(monkeypatch):
    monkeypatch.setattr("api.http.on_record._LONGEST", 20)

    async def all_of_them():
        book, on_record, told = Book(), OnRecord(), Event()
        book.may_go_on.set()
        other = answered_meanwhile(told)
        await asyncio.sleep(0.01)
        first = asyncio.create_task(on_record.put(Look(book, lambda: "first")))
        await asyncio.sleep(0.05)
        assert book.rounds == []
        told.set()
        await other
        await asyncio.gather(first, on_record.put(Look(book, lambda: "second")))
        return book.rounds

    assert asyncio.run(all_of_them()) == [["first", "second"]]


def test_who_takes_long_is_not_waited_for():
    async def all_of_them():
        book, on_record, told = Book(), OnRecord(), Event()
        book.may_go_on.set()
        other = answered_meanwhile(told)
        await asyncio.sleep(0.01)
        await on_record.put(Look(book, lambda: "first"))
        assert not other.done()
        told.set()
        await other
        return book.rounds

    assert asyncio.run(all_of_them()) == [["first"]]


def test_what_goes_wrong_is_raised_for_each_of_that_round_and_no_other():
    async def all_of_them():
        book, on_record = Book(), OnRecord()
        tasks = await held_up(book, on_record, "wrong", "beside it")
        book.may_go_on.set()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        await on_record.put(Look(book, lambda: "after"))
        return told, book.rounds[-1]

    (first, *rest), last = asyncio.run(all_of_them())
    assert first is None
    assert [str(one) for one in rest] == ["wrong", "wrong"]
    assert last == ["after"]


def test_one_who_leaves_does_not_keep_the_others_waiting():
    async def all_of_them():
        book, on_record = Book(), OnRecord()
        _, leaves, stays = await held_up(book, on_record, "leaves", "stays")
        leaves.cancel()
        book.may_go_on.set()
        await stays
        return book.rounds

    assert asyncio.run(all_of_them()) == [["first"], ["leaves", "stays"]]


def test_who_waits_on_another_loop_is_not_left_waiting():
    book, on_record = Book(), OnRecord()
    with ThreadPoolExecutor(2) as loops:
        first = loops.submit(asyncio.run, on_record.put(Look(book, lambda: "first")))
        assert book.begun.wait(20)
        other = loops.submit(asyncio.run, on_record.put(Look(book, lambda: "other")))
        book.may_go_on.set()
        assert (first.result(20), other.result(20)) == (None, None)
    assert sorted(book.rounds) == [["first"], ["other"]]


# Over HTTP


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    with served(books, tmp_path) as service:
        yield service


def looks_in(books):
    return [entry.fact.what for entry in books.book("aarhus").entries(book_stream("aarhus", "access"))]


def test_no_answer_leaves_before_its_look_is_on_record(service, books, monkeypatch):
    client, put_all = service.client(KAREN), Looks.put_all
    begun, may_go_on = Event(), Event()

    def slowly(log, looks):
        begun.set()
        assert may_go_on.wait(20)
        return put_all(log, looks)

    client.get(CASE)  # from now on the answer itself is at hand
    monkeypatch.setattr(Looks, "put_all", slowly)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.get, CASE)
        assert begun.wait(20)
        assert (asked.done(), looks_in(books)) == (False, [("case",)])
        may_go_on.set()
        assert asked.result(20).status_code == 200
    assert looks_in(books) == [("case",)] * 2


def test_a_look_that_cannot_be_put_on_record_is_not_answered(service, books, monkeypatch):
    def fails(*_):
        raise sqlite3.OperationalError("disk I/O error")

    client = service.client(KAREN)
    with monkeypatch.context() as broken:
        broken.setattr(Looks, "put_all", fails)
        answer = client.get(CASE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert AARHUS not in answer.text
    assert looks_in(books) == []
    assert client.get(CASE).status_code == 200


def test_who_is_told_that_there_is_no_such_thing_in_a_case_has_looked_at_it(service, books):
    answer = service.client(KAREN).get(f"{CASE}/explain/statute.findes-ikke")
    assert answer.status_code == 422, answer.text
    assert looks_in(books) == [("explain",)]


def test_what_is_known_already_is_a_look_too(service, books):
    client = service.client(KAREN)
    etag = client.get(f"{CASE}/decisions").headers["ETag"]
    answer = client.get(f"{CASE}/decisions", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert looks_in(books) == [("decisions",)] * 2
