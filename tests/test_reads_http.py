"""Reading over HTTP: the same as on the command line, a page at a time, from any point in time."""

import json

import pytest
from jsonschema_rs import validator_for

from api import program
from api.http import lists, points
from ledger.facts.book import AccessLogged
from ledger.law.deadline import Status
from ledger.law.rulebook import rulebook_in_force
from ledger.store.ledger import book_stream
from projections import cases
from projections.follower import Follower
from replay.answers import questions
from replay.as_of import Point, sight
from tests.conftest import MASTER_KEY
from tests.samples import AARHUS, ESBJERG, import_sample
from tests.serving import KAREN, POUL, served, writing

BODIL = "u-es-bodil"
READERS = {AARHUS: KAREN, ESBJERG: BODIL}
LISTS = ("history", "decisions", "tilsyn", "klager", "documents", "deadlines", "findings")
CASE = f"/v1/cases/{AARHUS}"


@pytest.fixture
def service(books, tmp_path):
    import_sample(books, AARHUS)
    import_sample(books, ESBJERG)
    for book in books.existing():
        Follower(book).catch_up()
    with served(books, tmp_path) as service:
        yield service


def asked(service, path, who=KAREN, **headers):
    return service.client(who).get(path, headers=headers)


def read(service, path, who=KAREN):
    answer = asked(service, path, who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(service, path, status, who=KAREN):
    answer = asked(service, path, who)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()


def looks(books, municipality="aarhus"):
    """The looks on record: what was shown, of how many cases."""
    entries = books.book(municipality).entries(book_stream(municipality, "access"))
    assert all(isinstance(entry.fact, AccessLogged) for entry in entries)
    return [(" ".join(entry.fact.what), len(entry.fact.cases)) for entry in entries]


# The same as on the command line

READS = {
    **{name: (name,) for name in LISTS},
    "": ("case",),
    "balances": ("balances",),
    "balances?year=2021": ("balances", "--year", "2021"),
    "settlement/2021": ("settlement", "2021"),
    "answers/Q38": ("answer", "Q38"),
}


@pytest.fixture
def sagsbog(tmp_path, monkeypatch, capfd):
    """The command line in this process, on the books of the service; gives the JSON it prints."""
    monkeypatch.setenv("SAGSBOG_DATABASE_URL", f"sqlite:///{tmp_path / 'data'}")
    monkeypatch.setenv("SAGSBOG_MASTER_KEY", MASTER_KEY)

    def run(command, case, *arguments):
        capfd.readouterr()
        program.app([command, case, *arguments, "--format", "json"], standalone_mode=False)
        return json.loads(capfd.readouterr().out)

    return run


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_read_of_a_case_is_what_the_command_line_prints(service, sagsbog):
    for case, who in READERS.items():
        for path, (command, *more) in READS.items():
            asks = f"{'&' if '?' in path else '?'}as_of=2022-12-31{'&limit=200' if path in LISTS else ''}"
            shown = read(service, f"/v1/cases/{case}/{path}".rstrip("/") + asks, who)
            assert shown.get("items", shown) == sagsbog(command, case, *more, "--as-of", "2022-12-31"), (case, path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_deadline_explained_and_two_points_compared_are_what_the_command_line_prints(service, sagsbog):
    explained = read(service, f"{CASE}/explain/aarhus.decision?as_of=2022-12-31")
    assert explained == sagsbog("explain", AARHUS, "aarhus.decision", "--as-of", "2022-12-31")
    compared = read(service, f"{CASE}/diff?from=version:3&to=as-of:2021-12-31")
    assert compared == sagsbog("diff", AARHUS, "--from", "version:3", "--to", "as-of:2021-12-31")
    assert read(service, f"{CASE}/answers")["items"] == sagsbog("answer", "--list", AARHUS)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_question_is_answered_or_says_what_it_must_be_told(service):
    answers = {qid: asked(service, f"{CASE}/answers/{qid}") for qid in questions()}
    assert {qid: answer.json()["id"] for qid, answer in answers.items() if answer.status_code == 200}.items() <= {
        (qid, qid) for qid in questions()
    }
    unanswered = {answer.status_code for answer in answers.values()} - {200}
    assert unanswered <= {404, 422}, "it must be told something, or there is no such decision"


def test_a_question_is_told_what_it_asks_for_in_the_query(service):
    whole, of_a_year = (read(service, f"{CASE}/answers/{asked}") for asked in ("Q38", "q38?year=2021"))
    assert (whole["id"], of_a_year["id"]) == ("Q38", "Q38")
    told = refused(service, f"{CASE}/answers/Q01?post=P1&post=P2", 422)
    assert "kun én gang" in told["detail"]
    assert refused(service, f"{CASE}/answers/Q01?farve=gul", 422)["fields"][0]["where"] == "farve"
    assert refused(service, f"{CASE}/answers/Q99", 422)


# From a point in time


def test_a_case_is_told_as_of_a_day_and_as_known_at_an_instant(service):
    assert read(service, f"{CASE}?as_of=2021-02-01")["state"] == "ansoegt"
    then = read(service, f"{CASE}?known_at=2021-02-01T12:00:00%2B01:00")
    assert (then["as_of"], then["state"]) == ("2021-02-01", "ansoegt")
    assert read(service, f"{CASE}?rulebook={rulebook_in_force().digest[:12]}")["version"] == 69


NO_POINT = {
    "a day that is none": ("as_of=2021-02-30", 422, "as_of"),
    "a day in another form": ("as_of=1.2.2021", 422, "as_of"),
    "a day long ago": ("as_of=1066-10-14", 422, "as_of"),
    "an instant without a zone": ("known_at=2021-02-01T12:00:00", 422, "known_at"),
    "no instant": ("known_at=%00", 422, "known_at"),
    "a directory of the server": ("rulebook=/etc", 404, None),
    "one that the rulebook could be read from": ("rulebook=ledger/law/rulebooks/1", 404, None),
    "an empty rulebook": ("rulebook=", 422, "rulebook"),
    "no number to wait for": ("at_least=æ", 422, "at_least"),
    "a negative one": ("at_least=-1", 422, "at_least"),
    "a version of no case": ("at_least=FINDES-IKKE:1", 404, None),
    "too many rows": ("limit=201", 422, "limit"),
    "no rows": ("limit=0", 422, "limit"),
    "a cursor made up": ("cursor=AAAA", 422, "cursor"),
}


def test_a_query_that_makes_no_sense_is_refused_in_words(service):
    for name, (query, status, where) in NO_POINT.items():
        told = refused(service, f"{CASE}/history?{query}", status)
        if where:
            assert [fault["where"] for fault in told["fields"]] == [where], (name, told)


def test_a_case_is_not_found_before_it_existed_or_was_known(service):
    assert "fandtes ikke endnu" in refused(service, f"{CASE}?as_of=2020-01-01", 404)["detail"]
    assert "kendtes ikke endnu" in refused(service, f"{CASE}?known_at=2020-01-01", 404)["detail"]


def test_an_unknown_case_is_not_found_however_it_is_read(service):
    for path in (*READS, "explain/aarhus.decision", "diff?from=version:1&to=version:2", "answers"):
        for case in ("FINDES-IKKE", ESBJERG, "6d1f0c1e-8d6a-4a8e-9d6e-2f5a1e0a7b11"):
            refused(service, f"/v1/cases/{case}/{path}".rstrip("/"), 404)


def test_a_rule_or_a_deadline_that_there_is_none_of_is_told_apart(service):
    assert refused(service, f"{CASE}/explain/aarhus.ingen", 422)
    assert refused(service, f"{CASE}/explain/aarhus.decision?trigger=1999-01-01", 404)
    assert refused(service, f"{CASE}/diff?from=version:1&to=i-gaar", 422)["fields"][0]["where"] == "to"
    assert refused(service, f"{CASE}/diff?from=version:1", 422)["fields"][0]["where"] == "to"
    assert refused(service, f"{CASE}/diff?from=version:1&to=rulebook:ledger/law/rulebooks/1", 404)


# A page at a time


@pytest.mark.parametrize("name", ["history", "deadlines"])
def test_the_pages_of_a_case_are_the_whole_list_with_every_limit(service, name):
    whole = read(service, f"{CASE}/{name}?limit=200")
    assert whole["next"] is None
    for limit in (1, 2, 7, 50, len(whole["items"]), len(whole["items"]) + 1):
        path, found = f"{CASE}/{name}?limit={limit}", []
        page = read(service, path)
        while True:
            found += page["items"]
            if page["next"] is None:
                break
            page = read(service, f"{path}&cursor={page['next']}")
        assert found == whole["items"], limit


def test_a_cursor_holds_when_facts_are_added_and_only_for_its_own_list_and_reader(service):
    first = read(service, f"{CASE}/history?limit=60")
    note = {"text": "Far ringede.", "about": "other", "internal": False}
    added = service.client(KAREN).post(
        f"{CASE}/note-recorded", json={"occurred_on": "2021-01-18", "data": note}, headers=writing(69)
    )
    assert added.status_code == 201, added.text
    rest = read(service, f"{CASE}/history?cursor={first['next']}")
    versions = [row["version"] for row in (*first["items"], *rest["items"])]
    assert sorted(versions) == list(range(1, 70)), "none twice, none left out; what is new stands before"
    refused(service, f"{CASE}/decisions?cursor={first['next']}", 422)
    refused(service, f"{CASE}/history?as_of=2022-01-01&cursor={first['next']}", 422)
    assert asked(service, f"{CASE}/history?cursor={first['next']}", POUL, **{"X-Purpose": "ledelse"}).status_code == 422


# A copy that is still right


def test_who_has_the_newest_version_already_is_told_nothing_new(service, books):
    etag = asked(service, CASE).headers["ETag"]
    assert asked(service, CASE, **{"If-None-Match": etag}).status_code == 304
    assert asked(service, CASE, **{"If-None-Match": f'"1", {etag}'}).headers["ETag"] == etag
    assert asked(service, CASE, **{"If-None-Match": '"1"'}).status_code == 200
    assert looks(books) == [("case", 1)] * 4, "a look is a look, also at what did not change"


def test_a_version_of_yesterday_may_read_otherwise_today(service, clock):
    etag = asked(service, f"{CASE}/deadlines").headers["ETag"]
    clock.now = clock.now.replace(day=clock.now.day + 1)
    assert asked(service, f"{CASE}/deadlines", **{"If-None-Match": etag}).status_code == 200


# Over all cases


def test_the_cases_of_ones_own_municipality_are_listed_and_those_in_a_state(service, books):
    (case,) = read(service, "/v1/cases")["items"]
    assert (case["case_number"], case["state"]) == (AARHUS, "i_gang")
    assert read(service, "/v1/cases?state=i_gang")["items"] == [case]
    assert read(service, "/v1/cases?state=lukket")["items"] == []
    assert refused(service, "/v1/cases?state=gul", 422)["fields"][0]["where"] == "state"
    assert [one["case_number"] for one in read(service, "/v1/cases", BODIL)["items"]] == [ESBJERG]
    assert looks(books) == [("cases", 1), ("cases", 1), ("cases", 0)]


def without_their_case(rows, case):
    """The rows of a list over all cases, as the case itself shows them."""
    assert {row.pop("case_number") for row in rows} == {case}
    assert all(row.pop("case_id") for row in rows)
    return rows


@pytest.mark.parametrize("name", ["deadlines", "findings"])
def test_a_list_over_all_cases_is_that_of_each_case(service, name):
    for point in ("", "&as_of=2022-06-01", "&known_at=2022-06-01"):
        of_all = read(service, f"/v1/{name}?limit=200{point}", BODIL)["items"]
        of_one = read(service, f"/v1/cases/{ESBJERG}/{name}?limit=200{point}", BODIL)["items"]
        assert without_their_case(of_all, ESBJERG) == of_one, point


@pytest.mark.parametrize("name", ["cases", "deadlines", "findings"])
def test_a_list_over_all_cases_leaves_out_those_that_were_not_there_yet(service, books, name):
    assert read(service, f"/v1/{name}?as_of=2022-06-01", BODIL)["items"]
    assert read(service, f"/v1/{name}?as_of=2010-01-01", BODIL)["items"] == []
    assert looks(books, "esbjerg") == [(name, 1), (name, 0)]


def test_deadlines_are_chosen_by_where_they_stand_and_when_they_run_out(service):
    found = set()
    for who in READERS.values():
        every = read(service, "/v1/deadlines?limit=200", who)["items"]
        for status in Status:
            chosen = read(service, f"/v1/deadlines?limit=200&status={status}", who)["items"]
            assert chosen == [row for row in every if row["status"] == status], status
            found |= {status} if chosen else set()
        early = read(service, "/v1/deadlines?limit=200&due_before=2022-06-01", who)["items"]
        assert early == [row for row in every if row["due_on"] and row["due_on"] < "2022-06-01"]
        assert 0 < len(early) < len(every)
    assert found >= {Status.MET, Status.MET_LATE, Status.OVERDUE, Status.RUNNING}
    assert refused(service, "/v1/deadlines?status=sent", 422)["fields"][0]["where"] == "status"
    assert refused(service, "/v1/deadlines?due_before=snart", 422)["fields"][0]["where"] == "due_before"


def test_the_pages_over_all_cases_are_the_whole_list(service, monkeypatch):
    monkeypatch.setattr(lists, "_AT_ONCE", (1, 2))
    for number in ("AAR-2026-2", "AAR-2026-1", "aar-2026-1", "AAR-2026-1 b"):
        opened = {"case_number": number, "opened_on": "2026-11-02", "subject": "hjemmetraening", "child": "p-barn"}
        answer = service.client(KAREN).post(
            "/v1/cases", json={"occurred_on": "2026-11-02", "data": opened}, headers=writing()
        )
        assert answer.status_code == 201, answer.text
    whole = read(service, f"/v1/cases?at_least={answer.json()['case_id']}:1")["items"]
    numbers = [row["case_number"] for row in whole]
    assert numbers == sorted(numbers)
    assert len(numbers) == 5
    for name in ("cases", "deadlines"):
        whole, found, cursor = read(service, f"/v1/{name}?limit=200")["items"], [], ""
        while cursor is not None:
            page = read(service, f"/v1/{name}?limit=3{cursor and f'&cursor={cursor}'}")
            found, cursor = found + page["items"], page["next"]
        assert found == whole


@pytest.mark.parametrize("name", ["cases", "deadlines", "findings"])
def test_a_list_of_many_cases_is_not_told_anew(service, name, monkeypatch):
    monkeypatch.setattr(lists, "MOST_TOLD", 0)
    for given in ("as_of=2021-06-30", "known_at=2021-06-30", f"rulebook={rulebook_in_force().version}"):
        told = refused(service, f"/v1/{name}?{given}", 422, BODIL)
        assert told["fields"][0]["where"] == given.partition("=")[0]
        assert "én sag ad gangen" in told["detail"]
    assert read(service, f"/v1/{name}", BODIL)["items"]


# By CPR number


def searched(service, body, who=KAREN, **headers):
    return service.client(who).post("/v1/cases/search", json=body, headers=headers)


def cpr_in(books, number):
    """A CPR number of a case."""
    seen = sight(*books.find(number), Point())
    return next(party.cpr for party in cases.tell(seen.history, seen.law).parties if party.cpr)


def test_a_person_is_found_by_cpr_and_only_the_blind_index_is_on_record(service, books):
    cpr = cpr_in(books, AARHUS)
    (found,) = searched(service, {"cpr": cpr}).json()["items"]
    assert (found["case_number"], found["municipality"]) == (AARHUS, "aarhus")
    assert searched(service, {"cpr": cpr}, BODIL).json()["items"] == []
    book = books.book("aarhus")
    *_, look = book.entries(book_stream("aarhus", "access"))
    assert look.fact.query_index == book.vault.blind_index(cpr)
    assert cpr not in str(look.fact)


def test_what_is_no_cpr_number_is_refused_without_repeating_it(service):
    for body in ({}, {"cpr": "990101-0001"}, {"cpr": 1}, {"cpr": "x"}, {"cpr": "710118-0001", "x": 1}):
        answer = searched(service, body)
        assert answer.status_code == 422, body
        assert "990101" not in answer.text


# Waiting for what one has just seen


def test_a_read_waits_for_the_version_it_is_to_show(service):
    note = {"text": "Mor ringede.", "about": "other", "internal": False}
    answer = service.client(KAREN).post(
        f"{CASE}/note-recorded", json={"occurred_on": "2026-11-20", "data": note}, headers=writing(69)
    )
    assert answer.status_code == 201, answer.text
    (case,) = read(service, f"/v1/cases?at_least={AARHUS}:70")["items"]
    assert case["version"] == 70
    seq = answer.json()["seq"]
    assert seq is None or read(service, f"/v1/cases?at_least={seq}")["items"] == [case]


def test_a_read_gives_up_on_what_does_not_come(service, monkeypatch):
    monkeypatch.setattr(points, "_WITHIN", 0.2)
    for far in (f"{AARHUS}:9999", "999999999"):
        answer = asked(service, f"{CASE}?at_least={far}")
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"]
        assert answer.json()["type"] == "unavailable"


# What a look leaves behind


def test_every_read_of_a_case_is_one_look_on_record(service, books):
    paths = [*READS, "explain/aarhus.decision", "diff?from=version:1&to=version:2"]
    for path in paths:
        read(service, f"{CASE}/{path}".rstrip("/"))
    names = [path.partition("/")[0].partition("?")[0] or "case" for path in paths]
    assert looks(books) == [(name.replace("answers", "answer"), 1) for name in names]


# As it is described


@pytest.mark.parametrize("user", [KAREN, "u-aa-jens", "u-aa-erik", "u-aa-poul", "u-aa-sofie"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_shown_to_each_role_is_as_the_description_says(service, user):
    spec = service.app.openapi()
    shown = 0
    for path, operations in spec["paths"].items():
        if "get" not in operations or not path.startswith("/v1/") or "access-log" in path:
            continue
        url = path.format(case=AARHUS, year=2021, rule="aarhus.decision", qid="Q38")
        more = "?from=version:3&to=version:40" if url.endswith("diff") else ""
        answer = asked(service, url + more, user, **{"X-Purpose": "tilsyn", "X-Purpose-Text": "stikpr%C3%B8ve"})
        told = operations["get"]["responses"]
        assert str(answer.status_code) in told, (url, answer.text)
        if answer.status_code == 200:
            schema = told["200"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": spec["components"]}
            wrong = [error.message for error in validator_for(whole).iter_errors(answer.json())]
            assert not wrong, (url, wrong)
            shown += bool(answer.json().get("items", True)) if isinstance(answer.json(), dict) else 1
    assert shown > 3


METHODS = {
    "/v1/cases": "GET, POST",
    "/v1/cases/search": "POST",
    CASE: "GET",
    f"{CASE}/proposals": "GET, POST",
    f"{CASE}/tilsyn-held": "POST",
    "/v1/rates": "GET, POST",
}


def test_an_address_says_all_that_may_be_done_there(service):
    for path, methods in METHODS.items():
        answer = service.client(KAREN).options(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods), path
