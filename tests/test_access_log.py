"""Who has looked at a case, over HTTP and on the command line; and what must be said to look."""

from urllib.parse import quote

import pytest

from ledger.store.books import Books
from projections.access import WITHOUT_PART
from projections.follower import Follower
from tests.asking import Case
from tests.conftest import MASTER_KEY
from tests.guarding import told
from tests.serving import KAREN, POUL, RITA, served
from tests.test_cli import Cli

SIGNE, JENS, ERIK, SOFIE, EMIL = "u-aa-signe", "u-aa-jens", "u-aa-erik", "u-aa-sofie", "u-aa-emil"
"""Of Aarhus: health professional, consultant and auditor; the parents of the case."""
CASE = "SAG-1"
pytestmark = pytest.mark.usefixtures("case")
PARENTS = (
    told("PartyRegistered", "2018-02-01", party="p-mor", kind="custody_holder", custody="joint", cpr="620388-0004"),
    told("PartyRegistered", "2018-02-01", party="p-far", kind="custody_holder", custody="joint", cpr="710686-0005"),
)
ASKED = told("AktindsigtRequested", "2026-11-20", requested_by="p-mor", access_list=True)


@pytest.fixture
def case(books):
    return Case(books.book("aarhus"), *PARENTS)


@pytest.fixture
def service(books, tmp_path):
    with served(books, tmp_path) as service:
        yield service


def read(service, user, path="", **headers):
    return service.client(user).get(f"/v1/cases/{CASE}{path}", headers=headers)


def listed(service, user, query=""):
    """The looks that are told."""
    answer = read(service, user, f"/access-log{query}", **{"X-Purpose": "tilsyn"})
    assert answer.status_code == 200, answer.text
    return answer.json()


# What must be said to look


def test_one_without_part_in_a_case_must_state_a_purpose(service):
    answer = read(service, SIGNE)
    assert (answer.status_code, answer.json()["type"]) == (428, "precondition-required")
    assert "sagsbehandling, ledelse, klage, tilsyn, aktindsigt, drift" in answer.json()["detail"]
    assert read(service, SIGNE, **{"X-Purpose": "sagsbehandling"}).status_code == 200
    assert read(service, POUL).status_code == 428
    assert read(service, POUL, **{"X-Purpose": "ledelse"}).status_code == 200


def test_one_with_part_in_a_case_and_a_parent_need_not_say_why(service):
    assert [read(service, user).status_code for user in (KAREN, SOFIE)] == [200, 200]
    rows = listed(service, POUL)["items"]
    assert [row["purpose"] for row in rows[-2:]] == ["aktindsigt", "sagsbehandling"]


def test_who_came_to_a_case_later_has_part_in_it_at_every_point_in_time(service, case, clock):
    before = clock().isoformat().replace("+00:00", "Z")
    assert read(service, SIGNE).status_code == 428
    case.tell(told("CaseAssigned", "2026-11-20", unit="sundhed", user_id=SIGNE, name="Signe Prøvesen"))
    for query in ("", f"?known_at={before}", "?as_of=2020-01-01"):
        assert read(service, SIGNE, query).status_code == 200, query


def test_whoever_looks_at_the_cases_of_others_must_say_why_to_see_a_list_of_them(service):
    def status(user, **headers):
        return service.client(user).get("/v1/cases", headers=headers).status_code

    assert [status(user) for user in (KAREN, SIGNE, POUL, RITA, ERIK)] == [200, 200, 428, 428, 428]
    assert [status(user, **{"X-Purpose": "tilsyn"}) for user in (POUL, RITA, ERIK)] == [200] * 3


@pytest.mark.parametrize("purpose", ["", "nysgerrighed", "LEDELSE", "drift,klage"])
def test_a_purpose_is_one_of_the_known(service, purpose):
    answer = read(service, KAREN, **{"X-Purpose": purpose})
    assert (answer.status_code, answer.json()["fields"][0]["where"]) == (422, "X-Purpose")


@pytest.mark.parametrize("text", ["", "%20", "%ff", "%ED%A0%80", "%00", "om%20710118-0001", "x" * 1_001])
def test_a_purpose_in_own_words_must_be_readable(service, text):
    answer = read(service, KAREN, **{"X-Purpose": "klage", "X-Purpose-Text": text})
    assert (answer.status_code, answer.json()["fields"][0]["where"]) == (422, "X-Purpose-Text")


def test_a_purpose_in_own_words_is_kept_for_the_staff_who_may_see_the_log(service):
    words = "Gennemgår klagen fra maj – æøå"
    read(service, POUL, **{"X-Purpose": "klage", "X-Purpose-Text": quote(words)})
    _, row = listed(service, POUL)["items"]
    assert row["purpose_text"] == words
    assert all("purpose_text" not in row for row in listed(service, SOFIE)["items"])


# Who has looked


def test_staff_see_who_looked_when_and_at_what(service):
    read(service, KAREN, "/decisions")
    own, row = listed(service, POUL)["items"]
    assert {name: row[name] for name in ("unit", "unit_name", "role", "role_name", "purpose", "user_id", "name")} == {
        "unit": "familiecentret", "unit_name": "Familiecentret", "role": "fc_raadgiver",
        "role_name": "Rådgiver, Familiecentret", "purpose": "sagsbehandling", "user_id": KAREN,
        "name": "Karen Prøvesen",
    }  # fmt: skip
    assert row["at"].startswith("2026-11-21T")
    assert "decisions" in row["what"]
    assert "afgørelserne" in row["what_names"]
    assert (own["user_id"], own["what_names"]) == (POUL, "listen over, hvem der har set sagen")
    assert own["seq"] > row["seq"]


def test_a_parent_sees_no_names_before_their_own_request_for_the_list_was_granted(service, case):
    read(service, KAREN)
    case.tell(ASKED)
    for parent in (SOFIE, EMIL):
        rows = listed(service, parent)["items"]
        assert rows
        assert "Prøvesen" not in str(rows)
        assert all({"name", "user_id", "purpose_text"}.isdisjoint(row) for row in rows)
    case.tell(told("AktindsigtDecided", "2026-11-21", {"request": "AktindsigtRequested"}, resultat="given"))
    assert "Karen Prøvesen" in {row["name"] for row in listed(service, SOFIE)["items"]}
    assert "name" not in listed(service, EMIL)["items"][0]


@pytest.mark.parametrize(
    ("asked", "resultat", "named"),
    [
        ({}, "given", True),
        ({}, "partly", True),
        ({}, "refused", False),
        ({"access_list": False}, "given", False),
        ({"requested_by": "p-far"}, "given", False),
    ],
)
def test_staff_see_the_list_as_a_party_may(service, case, asked, resultat, named):
    request = told("AktindsigtRequested", "2026-11-20", **{**ASKED.data, **asked})
    case.tell(request, told("AktindsigtDecided", "2026-11-21", {"request": request.key}, resultat=resultat))
    rows = listed(service, POUL, "?party=p-mor")["items"]
    assert ["name" in row for row in rows] == [named]


def test_staff_who_may_not_see_the_log_do_not(service):
    answers = [read(service, user, "/access-log", **{"X-Purpose": "tilsyn"}) for user in (SIGNE, JENS, ERIK, KAREN)]
    assert [answer.status_code for answer in answers] == [403, 403, 200, 200]


def test_there_is_no_list_for_someone_who_is_no_party(service):
    answer = read(service, POUL, "/access-log?party=p-nabo", **{"X-Purpose": "tilsyn"})
    assert answer.status_code == 422


def test_the_list_is_told_a_page_at_a_time(service):
    for _ in range(5):
        read(service, KAREN)
    first = listed(service, POUL, "?limit=4")
    second = listed(service, POUL, f"?limit=4&cursor={first['next']}")
    numbers = [row["seq"] for row in (*first["items"], *second["items"])]
    assert len(first["items"]) == 4
    assert numbers == sorted(set(numbers), reverse=True)
    assert [row["role"] for row in second["items"]] == ["fc_raadgiver"] * 2
    assert second["next"] is None


def test_the_list_is_told_from_a_point_in_time(service, clock):
    read(service, KAREN)
    before = clock.now.isoformat().replace("+00:00", "Z")
    read(service, KAREN)
    for query in (f"?known_at={before}", "?as_of=2026-11-20"):
        rows = listed(service, POUL, query)["items"]
        assert len(rows) == ("known_at" in query)


def test_a_look_by_one_without_part_is_a_finding_of_the_case(service, case):
    def flags():
        Follower(case.book).catch_up()
        return [row["flag"] for row in read(service, KAREN, "/findings").json()["items"]]

    assert WITHOUT_PART not in flags()
    read(service, SIGNE, **{"X-Purpose": "sagsbehandling"})
    assert flags().count(WITHOUT_PART) == 1
    (row,) = [row for row in read(service, KAREN, "/findings").json()["items"] if row["flag"] == WITHOUT_PART]
    assert "Sundhedsfaglig medarbejder" in row["sentence"]
    assert "Signe" not in row["sentence"]


# On the command line


def test_the_command_tells_who_has_looked(tmp_path, clock):
    url = f"sqlite:///{tmp_path / 'data'}"
    with Books(url, clock, MASTER_KEY) as books:
        Case(books.book("aarhus"))
    cli, karen = Cli(url), ("--as", f"{KAREN}:familiecentret:fc_raadgiver")
    cli.done("decisions", CASE, *karen, "--purpose", "klage")
    named = cli.done("access", CASE, *karen, "--purpose", "aktindsigt")
    for words in ("klage", "afgørelserne", "Familiecentret", KAREN):
        assert words in named
    extract = cli.done("access", CASE, "--party", "p-mor", *karen)
    assert "Familiecentret" in extract
    assert KAREN not in extract
    first, *_ = cli.json("access", CASE, *karen)
    assert {"seq", "at", "unit", "unit_name", "role", "role_name", "purpose", "what", "user_id", "name"} <= set(first)
    assert [row["flag"] for row in cli.json("findings", CASE)][-1] == WITHOUT_PART, "this very look, by nobody of note"
