"""Many clients on one case, and one that dies before it hears: each version has one winner, and nothing is twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from tests.samples import AARHUS, import_sample
from tests.serving import KAREN, served, writing

CLIENTS, ROUNDS, SAMPLE = 50, 3, 69
NOTE = {"occurred_on": "2026-01-05", "data": {"text": "Mor ringede.", "about": "oral_information", "internal": False}}


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    with served(books, tmp_path / "service", rate_limit=0) as service:
        yield service


def test_of_fifty_clients_exactly_one_wins_each_version_and_the_others_can_go_on(service, books):
    together = Barrier(CLIENTS, timeout=60)  # whoever fails must not leave the others waiting

    def write(_):
        client, version, won = service.client(KAREN), SAMPLE, []
        for _ in range(ROUNDS):
            together.wait()
            answer = client.post(f"/v1/cases/{AARHUS}/note-recorded", json=NOTE, headers=writing(version))
            told = answer.json()
            assert answer.status_code in (201, 412), answer.text
            won += [told["version"]] if answer.status_code == 201 else []
            together.wait()  # the round is over: everyone reads where the case stands now
            version = int(client.get(f"/v1/cases/{AARHUS}").headers["ETag"].strip('"'))
            assert answer.status_code == 201 or told["current_version"] <= version
        return won

    with ThreadPoolExecutor(CLIENTS) as pool:
        won = [version for found in pool.map(write, range(CLIENTS)) for version in found]
    assert sorted(won) == [SAMPLE + 1, SAMPLE + 2, SAMPLE + 3]
    book, case_id = books.find(AARHUS)
    assert len(book.entries(case_id)) == SAMPLE + ROUNDS


def test_a_client_that_dies_after_the_commit_gets_the_first_receipt_when_it_repeats(service, books):
    key = str(uuid4())
    client = service.client(KAREN)
    first = client.post(f"/v1/cases/{AARHUS}/note-recorded", json=NOTE, headers=writing(SAMPLE, key)).json()
    others = client.post(f"/v1/cases/{AARHUS}/note-recorded", json=NOTE, headers=writing(SAMPLE + 1))
    assert others.status_code == 201
    again = client.post(f"/v1/cases/{AARHUS}/note-recorded", json=NOTE, headers=writing(SAMPLE, key)).json()
    assert {name: again[name] for name in first if name != "seq"} == {
        name: first[name] for name in first if name != "seq"
    }
    book, case_id = books.find(AARHUS)
    assert len(book.entries(case_id)) == SAMPLE + 2
