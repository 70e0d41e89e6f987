"""The service: who is let in, and what it answers."""

import pytest

from tests.samples import import_sample
from tests.serving import KAREN, served

AARHUS, ESBJERG = "AAR-2021-00417", "ESB-2020-00158"


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    import_sample(books, ESBJERG)
    with served(books, tmp_path) as service:
        yield service


def test_a_case_is_read_with_its_version_as_etag(service):
    answer = service.client(KAREN).get(f"/v1/cases/{AARHUS}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "i_gang"
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'


def test_a_case_of_another_municipality_does_not_exist(service):
    answer = service.client(KAREN).get(f"/v1/cases/{ESBJERG}")
    nowhere = service.client(KAREN).get("/v1/cases/FINDES-IKKE")
    assert answer.status_code == nowhere.status_code == 404
    assert answer.json()["detail"].replace(ESBJERG, "") == nowhere.json()["detail"].replace("FINDES-IKKE", "")


def test_nobody_is_let_in_without_a_token(service):
    for header in ("", "Bearer", "Bearer x.y.z", "Basic abc"):
        answer = service.client(KAREN).get(f"/v1/cases/{AARHUS}", headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.json()["type"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
