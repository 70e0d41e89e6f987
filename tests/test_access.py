"""The access log: every look is on record once, however many look at once; who must say why; what is unusual."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from time import sleep
from uuid import UUID, uuid4, uuid5

import pytest

from commands.access import draft_look, read_purpose_text
from ledger.errors import Invalid
from ledger.facts.book import Purpose
from ledger.facts.entry import Actor
from ledger.facts.values import ERASED
from ledger.law.part import has_part, purpose_needed
from ledger.law.seeing import seeing
from ledger.store.books import Books
from ledger.store.ledger import book_stream
from ledger.store.vault import LostKeyError
from projections.access import WITHOUT_PART, Look, looks_at, seen_in_words, unusual
from projections.follower import Follower
from replay.rebuild import rebuild
from replay.verify import verify
from tests.command import environment
from tests.conftest import MASTER_KEY
from tests.guarding import history_of, law_of, told

KAREN = Actor("u-fc-01", "Karen Prøvesen", "familiecentret", "fc_raadgiver")
METTE = Actor("u-pa-01", "Mette Prøvesen", "paedagogisk_afdeling", "pa_konsulent")
MOTHER = Actor("u-mor", "Mor Testesen", "borger", "borger", party="p-mor")
STREAM = book_stream("aarhus", "access")
YEAR = uuid5(STREAM, "access-2026")
"""Data subject of what is personal in the looks of the clock's year."""


@pytest.fixture
def book(books):
    return books.book("aarhus")


def look(book, case_id=None, actor=KAREN, purpose=Purpose.SAGSBEHANDLING, **more):
    book.log_look(draft_look(book, actor, [case_id or uuid4()], ["case"], purpose, **more))


def found(book, case_id):
    with Follower(book).caught_up() as connection:
        return list(looks_at(connection, case_id))


# Every look, once, before the answer


def test_looks_of_many_threads_are_each_an_entry_of_their_own(book):
    cases = [uuid4() for _ in range(160)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda case_id: look(book, case_id), cases))
    logged = book.entries(STREAM)
    assert Counter(entry.fact.cases for entry in logged) == Counter((one,) for one in cases)
    assert [entry.version for entry in logged] == list(range(1, 161))
    assert all(after.previous == before.seal for before, after in pairwise(logged))


def waiting(book, pool, *looks):
    """Looks of some threads that have come while another process has the turn, and the one that came first."""
    first = pool.submit(look, book)
    while not book.looks._together._someone_works:
        sleep(0.001)
    rest = [pool.submit(look, book, **one) for one in looks]
    while len(book.looks._together._waiting) < len(looks):
        sleep(0.001)
    return first, rest


def test_looks_that_wait_for_a_turn_share_one_append(book):
    with ThreadPoolExecutor(9) as pool:
        with book.recorder.turn(STREAM):
            first, rest = waiting(book, pool, *[{}] * 8)
            assert not book.has(STREAM)
        for one in (first, *rest):
            one.result()
    alone, *together = [entry.recorded_at for entry in book.entries(STREAM)]
    assert together[0] - alone >= timedelta(seconds=1), "the clock was looked at again"
    assert {later - earlier for earlier, later in pairwise(together)} == {timedelta(microseconds=1)}


def test_no_look_of_an_append_that_fails_is_answered_and_the_next_one_is(book):
    book.vault.ensure(YEAR)
    book.vault.destroy(YEAR)
    with ThreadPoolExecutor(4) as pool:
        with book.recorder.turn(STREAM):
            first, rest = waiting(book, pool, {}, {"purpose_text": "klagen fra maj"}, {})
        first.result()
        for one in rest:
            with pytest.raises(LostKeyError):
                one.result()
    assert len(book.entries(STREAM)) == 1
    look(book)
    assert len(book.entries(STREAM)) == 2


PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID
from commands.access import draft_look
from ledger.facts.book import Purpose
from ledger.facts.entry import Actor
from ledger.store.books import Books
number, threads = int(sys.argv[3]), int(sys.argv[4])
karen = Actor("u-fc-01", "Karen Prøvesen", "familiecentret", "fc_raadgiver")
with Books(sys.argv[1], lambda: datetime.now(UTC), sys.argv[2]) as books, ThreadPoolExecutor(threads) as pool:
    book = books.book("aarhus")
    cases = [UUID(int=number * 1000 + one) for one in range(120)]
    list(pool.map(lambda one: book.log_look(draft_look(book, karen, [one], ["case"], Purpose.KLAGE)), cases))
"""


def test_looks_of_several_processes_are_neither_lost_nor_doubled_nor_refused(book, database_url):
    command = [sys.executable, "-c", PROCESS, database_url, MASTER_KEY]
    running = [
        subprocess.Popen([*command, str(number), str(threads)], env=environment(database_url), stderr=subprocess.PIPE)
        for number, threads in enumerate((1, 4, 16))
    ]
    for one in running:
        _, error = one.communicate()
        assert one.returncode == 0, error.decode()
    looks = Counter(case_id for entry in book.entries(STREAM) for case_id in entry.fact.cases)
    assert looks == Counter(UUID(int=number * 1000 + one) for number in range(3) for one in range(120))
    assert verify(book).faults == ()


def test_threads_that_all_want_the_turn_leave_connections_for_the_one_that_has_it(book):
    def put(_):
        book.looks.put_all([draft_look(book, KAREN, [uuid4()], ["case"], Purpose.SAGSBEHANDLING)])

    with ThreadPoolExecutor(30) as pool:  # more than there are connections
        with book.recorder.turn(STREAM):
            waiting = [pool.submit(put, one) for one in range(30)]
            sleep(0.3)
        for one in waiting:
            one.result(timeout=25)
    assert len(book.entries(STREAM)) == 30


def test_a_process_that_thinks_it_looks_alone_finds_out(book, database_url, clock):
    with Books(database_url, clock, MASTER_KEY) as others:
        other = others.book("aarhus")
        for who in (book, book, book, other, book, other, other, other, book):
            look(who)
    assert [entry.version for entry in book.entries(STREAM)] == list(range(1, 10))
    assert verify(book).faults == ()


HOLDER = """
import sys, time
from datetime import UTC, datetime

from ledger.store.books import Books
from ledger.store.ledger import book_stream
with Books(sys.argv[1], lambda: datetime.now(UTC), sys.argv[2]) as books:
    with books.book("aarhus").recorder.turn(book_stream("aarhus", "access")):
        print("has the turn", flush=True)
        time.sleep(600)
"""


def test_a_turn_ends_with_the_process_that_has_it(book, database_url):
    command = [sys.executable, "-c", HOLDER, database_url, MASTER_KEY]
    with (
        subprocess.Popen(command, env=environment(database_url), stdout=subprocess.PIPE) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        assert holder.stdout.readline()
        waits = pool.submit(look, book)
        sleep(0.3)
        assert not waits.done()
        holder.kill()
        waits.result(timeout=60)
    assert len(book.entries(STREAM)) == 1


def test_a_look_says_what_was_shown_once_and_what_is_personal_goes_with_the_key_of_the_year(book):
    case_id = uuid4()
    book.log_look(draft_look(
        book, MOTHER, [case_id, case_id], ["history", "health", "health"], Purpose.AKTINDSIGT,
        asked_for="710118-0001", purpose_text="mit barns sag", documents=["d-1"],
    ))  # fmt: skip
    (entry,) = book.entries(STREAM)
    assert (entry.fact.cases, entry.fact.what, entry.fact.documents) == ((case_id,), ("history", "health"), ("d-1",))
    assert (entry.fact.purpose_text, entry.actor.name) == ("mit barns sag", "Mor Testesen")
    book.vault.destroy(YEAR)
    (entry,) = book.entries(STREAM)
    fact, actor = entry.fact, entry.actor
    assert [fact.purpose_text, fact.query_index, actor.name, actor.user_id] == [ERASED] * 4
    assert actor.role == "borger"


# Found by case


def test_the_looks_at_a_case_are_found_by_case_newest_first(book):
    one, other = uuid4(), uuid4()
    look(book, one)
    book.log_look(draft_look(book, METTE, [other, one], ["cases"], Purpose.TILSYN))
    look(book, other, purpose_text="en klage")
    assert [(at.role, at.purpose, at.what) for at in found(book, one)] == [
        ("pa_konsulent", Purpose.TILSYN, ("cases",)),
        ("fc_raadgiver", Purpose.SAGSBEHANDLING, ("case",)),
    ]
    assert [at.version for at in found(book, other)] == [3, 2]
    assert found(book, uuid4()) == []


def test_a_citizen_is_found_by_role_alone(book):
    case_id = uuid4()
    look(book, case_id, MOTHER)
    (at,) = found(book, case_id)
    assert (at.role, at.unit, at.user_id, at.name) == ("borger", "borger", None, None)


def test_a_rebuild_finds_the_looks_again(book):
    cases = [uuid4() for _ in range(3)]
    for case_id in cases:
        book.log_look(draft_look(book, KAREN, [case_id, cases[0]], ["case"], Purpose.DRIFT, purpose_text="prøve"))
    before = [found(book, one) for one in cases]
    assert [len(one) for one in before] == [3, 1, 1]
    told_again = rebuild(book, approved=True)
    assert (told_again.swapped, told_again.complete) == (True, True)
    assert [found(book, one) for one in cases] == before
    look(book, cases[1])
    assert len(found(book, cases[1])) == 2


def test_everything_that_is_read_has_words_for_a_parent():
    reads = [*seeing().reads, "answer"]
    assert [one for one in reads if seen_in_words([one]) == one] == []


# Who must say why

NOTE = told("NoteRecorded", "2022-01-10").by("u-fc-01", "fc_raadgiver", "familiecentret")
GIVEN = told("CaseAssigned", "2022-01-11", unit="sundhed", user_id="u-su-01", name="Signe Prøvesen")
PASSED_ON = told("CaseAssigned", "2023-01-11", unit="sundhed", user_id="u-su-02", name="Sanne Prøvesen", key="again")
APPROVED = told("NoteRecorded", "2022-01-12").by("u-l-01", "leder")


@pytest.mark.parametrize(
    ("story", "actor", "part", "asked"),
    [
        ([NOTE], KAREN, True, False),
        ([NOTE], Actor("u-fc-09", "Birgit Prøvesen", "familiecentret", "fc_raadgiver"), True, False),
        ([NOTE], Actor("u-fc-01", "Karen Prøvesen", "en_anden", "fc_raadgiver"), False, True),
        ([NOTE], METTE, False, True),
        ([GIVEN], Actor("u-su-01", "Signe Prøvesen", "sundhed", "sundhedsfaglig"), True, False),
        ([GIVEN], Actor("u-su-02", "Sanne Prøvesen", "sundhed", "sundhedsfaglig"), False, True),
        ([GIVEN, PASSED_ON], Actor("u-su-01", "Signe Prøvesen", "sundhed", "sundhedsfaglig"), False, True),
        ([APPROVED], Actor("u-l-01", "Poul Prøvesen", "ledelse", "leder"), True, True),
        ([NOTE], Actor("u-l-01", "Poul Prøvesen", "ledelse", "leder"), False, True),
        ([NOTE], Actor("u-r-01", "Rita Prøvesen", "registratur", "registrator"), False, True),
        ([NOTE], Actor("u-re-01", "Erik Prøvesen", "revision", "revisor"), False, True),
        ([NOTE], MOTHER, False, False),
    ],
)
def test_whoever_has_no_part_in_a_case_must_say_why_they_look(story, actor, part, asked):
    for as_of in ("2050-01-01", "2019-01-01"):  # what is recorded counts, whichever day is asked about
        history = history_of("aarhus", *story, as_of=as_of)
        assert (has_part(history, actor), purpose_needed(history, actor)) == (part, asked)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 1_001, "om 710118-0001", "a\0b", "a\u202eb"])
def test_a_purpose_in_own_words_that_cannot_stand_is_refused(text):
    with pytest.raises(Invalid):
        read_purpose_text(text, "X-Purpose-Text")


def test_a_purpose_in_own_words_is_one_line():
    assert read_purpose_text(" klagen\nfra  maj ", "X-Purpose-Text") == "klagen fra maj"


# What is unusual


def seen_by(actor, at, purpose=Purpose.SAGSBEHANDLING):
    name = (actor.user_id, actor.name) if actor.role != "borger" else (None, None)
    return Look(1, 1, at, *name, actor.unit, actor.role, purpose, None, ("case",), (), "00")


def test_looks_by_one_without_part_are_one_finding_that_names_no_name(clock):
    history = history_of("aarhus", NOTE)
    looks = [
        seen_by(KAREN, clock()), seen_by(MOTHER, clock()), seen_by(METTE, clock()),
        seen_by(METTE, clock(), Purpose.KLAGE),
    ]  # fmt: skip
    (row,) = unusual(history, law_of("aarhus"), looks)
    assert (row.flag, row.mode, row.version, row.entries) == (WITHOUT_PART, "flag", 0, ())
    assert row.sentence == (
        "En uden del i sagen (Konsulent, Pædagogisk Afdeling, Pædagogisk Afdeling) har set den 2 gange,"
        " senest 21. november 2026, til formålet klage og sagsbehandling."
    )
    assert list(unusual(history, law_of("aarhus"), looks[:2])) == []
