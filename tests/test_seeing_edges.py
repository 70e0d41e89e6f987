"""Who sees what, where people ask: over HTTP and on the command line."""

import json

import pytest

from api import program
from ledger.errors import Forbidden, NotFound, PreconditionRequired
from projections.follower import Follower
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.serving import served

KAREN, JENS, SIGNE, POUL, ERIK = "u-aa-karen", "u-aa-jens", "u-aa-signe", "u-aa-poul", "u-aa-erik"
MOTHER, STRANGER = "u-aa-sofie", "u-ny-mikkel"
WHY = {"X-Purpose": "ledelse", "X-Purpose-Text": "Klage%20over%20sagen"}


@pytest.fixture
def service(books, tmp_path):
    for case in (AARHUS, ESBJERG):
        import_sample(books, case)
    for book in books.existing():
        Follower(book).catch_up()
    with served(books, tmp_path) as service:
        yield service


def asked(service, user, path, **headers):
    return service.client(user).get(f"/v1/cases/{AARHUS}{path}", headers={"X-Purpose": "sagsbehandling", **headers})


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        (KAREN, "/balances", 200), (JENS, "/balances", 403), (POUL, "/balances", 200), (ERIK, "/balances", 403),
        (JENS, "/deadlines", 200), (SIGNE, "/deadlines", 403),
        (KAREN, "/answers/Q23", 200), (JENS, "/answers/Q23", 403), (POUL, "/answers/Q23", 428),
        (KAREN, "/diff?from=version:3&to=version:9", 200), (JENS, "/diff?from=version:3&to=version:9", 403),
        (MOTHER, "", 200), (MOTHER, "/balances", 200), (MOTHER, "/access-log", 200), (STRANGER, "", 404),
        (JENS, "/access-log", 403), (ERIK, "/access-log", 200),
    ],
)  # fmt: skip
def test_a_read_that_is_not_for_a_role_is_answered_in_words(service, user, path, status):
    answer = asked(service, user, path)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["type"] == "forbidden"
        assert "må ikke se" in answer.json()["detail"]
    if status == 428:
        assert "X-Purpose-Text" in answer.json()["detail"]
        assert asked(service, user, path, **WHY).status_code == 200


def test_what_a_role_may_not_see_is_absent_and_not_null(service):
    karens, jens, eriks = (
        {party["party"]: party for party in asked(service, user, "").json()["parties"]} for user in (KAREN, JENS, ERIK)
    )
    assert {"name", "cpr", "birth_date", "custody"} <= set(karens["p-barn"])
    assert set(jens["p-barn"]) == set(karens["p-barn"]) - {"cpr", "custody"}
    assert set(eriks["p-barn"]) == set(jens["p-barn"]) - {"name"}
    assert jens["p-barn"]["birth_date"] == karens["p-barn"]["birth_date"][:4]


def test_a_version_to_build_on_is_the_cases_own_also_where_the_newest_entry_is_hidden(service):
    etags = {asked(service, user, "/history").headers["ETag"] for user in (KAREN, JENS, SIGNE, ERIK)}
    assert len(etags) == 1


def test_the_lists_over_all_cases_show_the_same_as_the_case_itself(service):
    def listed(user, what):
        return service.client(user).get(f"/v1/{what}", headers={"X-Purpose": "sagsbehandling"})

    for user in (KAREN, JENS, ERIK, MOTHER):
        rows = [{**row} for row in listed(user, "deadlines").json()["items"]]
        for row in rows:
            assert row.pop("case_number") == AARHUS
            del row["case_id"]
        assert rows == asked(service, user, "/deadlines?limit=200").json()["items"][: len(rows)]
    assert listed(SIGNE, "deadlines").status_code == 403
    assert listed(STRANGER, "cases").json()["items"] == []


def test_only_those_who_see_identity_may_search_for_a_person(service):
    def search(user):
        return service.client(user).post(
            "/v1/cases/search", json={"cpr": "740916-0001"}, headers={"X-Purpose": "sagsbehandling"}
        )

    found = [(user, search(user).status_code) for user in (KAREN, JENS, ERIK, MOTHER)]
    assert found == [(KAREN, 200), (JENS, 403), (ERIK, 403), (MOTHER, 403)]


# The command line


@pytest.fixture
def sagsbog(tmp_path, monkeypatch, capfd, books):
    for case in (AARHUS, ESBJERG):
        import_sample(books, case)
    monkeypatch.setenv("SAGSBOG_DATABASE_URL", f"sqlite:///{tmp_path / 'data'}")
    monkeypatch.setenv("SAGSBOG_MASTER_KEY", MASTER_KEY)

    def run(*arguments):
        capfd.readouterr()
        program.app([*arguments, "--format", "json"], standalone_mode=False)
        return json.loads(capfd.readouterr().out)

    return run


ON_THE_LINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_THE_LINE
@pytest.mark.parametrize(
    ("arguments", "who", "refused"),
    [
        (("balances", ESBJERG), "u-1:familieraadgivningen_handicap:oekonomikonsulent", None),
        (("balances", AARHUS), "u-1:paedagogisk_afdeling:pa_konsulent", Forbidden),
        (("deadlines", AARHUS), "u-1:sundhed:sundhedsfaglig", Forbidden),
        (("deadlines",), "u-1:sundhed:sundhedsfaglig", Forbidden),
        (("answer", AARHUS, "Q23"), "u-1:ledelse:leder", PreconditionRequired),
        (("answer", AARHUS, "Q23", "--purpose-text", "Klage over sagen"), "u-1:ledelse:leder", None),
        (("case", ESBJERG), "u-1:familiecentret:fc_raadgiver", NotFound),
        (("case", AARHUS), "u-1:borger:borger", NotFound),
        (("case", AARHUS), "u-1:drift:ukendt", Forbidden),
        (("case", AARHUS), "u-1:revision:revisor", None),
    ],
)
def test_a_role_that_is_claimed_on_the_command_line_sees_what_it_sees_over_http(sagsbog, arguments, who, refused):
    if refused is None:
        assert sagsbog(*arguments, "--as", who)
    else:
        with pytest.raises(refused):
            sagsbog(*arguments, "--as", who)


@ON_THE_LINE
def test_who_holds_the_ledger_and_claims_no_role_sees_everything(sagsbog):
    assert all("name" in party for party in sagsbog("case", AARHUS)["parties"])
    assert {row["municipality"] for row in sagsbog("cases")} == {"aarhus", "esbjerg"}
    assert sagsbog("cases", "--as", "u-1:familiecentret:fc_raadgiver")[0]["case_number"] == AARHUS
    assert len(sagsbog("cases", "--as", "u-1:familiecentret:fc_raadgiver")) == 1


@ON_THE_LINE
@pytest.mark.parametrize("who", ["u-1:paedagogisk_afdeling:pa_konsulent", "u-1:revision:revisor"])
@pytest.mark.parametrize(
    "command", ["case", "history", "decisions", "documents", "tilsyn", "klager", "deadlines", "findings"]
)
@pytest.mark.usefixtures("sagsbog")
def test_what_is_hidden_can_be_drawn_for_people(capfd, command, who):
    program.app([command, AARHUS, "--as", who], standalone_mode=False)
    drawn = capfd.readouterr().out
    assert drawn
    assert "HIDDEN" not in drawn
