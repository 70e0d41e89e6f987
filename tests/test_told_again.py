"""An answer is sent again only while all it rests on stands as it did, and only to the one it was told to."""

from threading import current_thread

import pytest

from api.http.answers import Answers, Kept
from commands.rates import confirm_rate, propose_rate
from commands.record import Asked, record
from ledger.facts.entry import Actor
from ledger.store.books import Books
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, import_sample
from tests.serving import KAREN, served, writing
from tests.test_rate_acts import CAP, DAY

CASE = f"/v1/cases/{AARHUS}"
RITA, RUTH = (Actor(f"u-aa-{name}", "Prøvesen", "registratur", "registrator") for name in ("rita", "ruth"))
BIRGIT = Actor("u-aa-birgit", "Birgit Prøvesen", "familiecentret", "fc_raadgiver")
NOTE = {"occurred_on": "2026-11-20", "data": {"text": "Far ringede.", "about": "other", "internal": False}}


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    with served(books, tmp_path) as service:
        yield service


def read(service, path="", user=KAREN, **headers):
    answer = service.client(user).get(f"{CASE}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kept(service):
    """How many answers are kept now."""
    return len(service.app.state.service.answers)


def test_an_answer_is_told_once_and_sent_again(service):
    first = read(service)
    assert kept(service) == 1
    assert read(service) == first
    assert kept(service) == 1


def test_the_store_is_asked_once_for_a_page_whether_it_is_told_or_sent_again(service, books, monkeypatch):
    recorder, asked = books.book("aarhus").recorder, []
    select_new = recorder.select_new

    def counted(known):
        if current_thread().name != "follower":
            asked.append(len(known))
        return select_new(known)

    monkeypatch.setattr(recorder, "select_new", counted)
    for _ in range(2):
        read(service)
    assert asked == [2, 2], "about the case and the book's own stream, each time"


def test_an_entry_from_this_or_another_process_is_told_at_once(service, database_url, clock):
    assert read(service)["version"] == 69
    service.client(KAREN).post(f"{CASE}/note-recorded", json=NOTE, headers=writing(69))
    assert read(service)["version"] == 70
    with Books(database_url, clock, MASTER_KEY) as elsewhere:
        asked = Asked("NoteRecorded", DAY, NOTE["data"])
        record(*elsewhere.find(AARHUS), asked, BIRGIT, request_id="r1")
    assert read(service)["version"] == 71


def test_a_new_rate_and_a_new_day_are_told_at_once(service, books, clock):
    path = "/deadlines?limit=200"
    before, day = read(service, path), read(service)["as_of"]
    stands = kept(service)
    book = books.book("aarhus")
    proposed = propose_rate(book, CAP, RITA, on=DAY, request_id="r1").version
    confirm_rate(book, proposed, RUTH, request_id="r2")
    assert read(service, path) == before
    clock.now = clock.now.replace(month=12)
    assert read(service)["as_of"] > day
    assert kept(service) == stands, "what was told before is not kept beside it"


def test_what_a_destroyed_key_opened_is_not_sent_again(service, books):
    child = next(party for party in read(service)["parties"] if party["kind"] == "child")
    assert child["name"]
    book, case_id = books.find(AARHUS)
    (registered,) = [one for one in book.entries(case_id) if getattr(one.fact, "party", None) == child["party"]]
    book.vault.destroy(registered.subjects[child["party"]])
    assert next(party for party in read(service)["parties"] if party["kind"] == "child")["name"] is None


def test_nobody_is_sent_what_was_told_to_another(service):
    adviser = read(service)
    consultant = read(service, user="u-aa-jens", **{"X-Purpose": "sagsbehandling"})
    assert any(party.get("cpr") for party in adviser["parties"])
    assert not any(party.get("cpr") for party in consultant["parties"])
    refused = service.client("u-aa-erik").get(CASE)
    assert refused.status_code == 428, "whether a purpose is stated is asked of each"


def test_the_answers_kept_are_bounded_and_the_oldest_go_first():
    answers = Answers(most=250)
    for number in range(10):
        answers.put(number, "now", Kept(b"x" * 100, 1, version_says_all=False))
        assert answers.get(number, "now")
    assert (len(answers), answers.get(7, "now")) == (2, None)
    answers.put("large", "now", Kept(b"x" * 251, 1, version_says_all=False))
    assert answers.get("large", "now") is None
    assert answers.get(9, "later") is None
    assert len(answers) == 1, "what no longer stands is let go of"
