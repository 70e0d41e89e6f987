"""Recording over HTTP: a case is opened, and each fact type has an address of its own."""

import json
from importlib.resources import files
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.http.fact_operations import example_of
from api.http.facts import recordable, slug
from ledger.facts.fact import catalogue
from ledger.store.ledger import book_stream
from tests.samples import AARHUS, import_sample
from tests.serving import KAREN, RITA, served, writing

NUMBER = "AAR-2022-00001"
OPENING = {
    "occurred_on": "2022-01-03",
    "data": {"case_number": NUMBER, "opened_on": "2022-01-03", "subject": "hjemmetraening", "child": "p-barn"},
}
NOTE = {"occurred_on": "2022-06-09", "data": {"text": "Moren ringede.", "about": "phone_call", "internal": False}}


@pytest.fixture
def service(books, tmp_path):
    with served(books, tmp_path / "service") as service:
        yield service


@pytest.fixture
def karen(service):
    """An adviser of Aarhus, on whose case there is one entry."""
    client = service.client(KAREN)
    opened = client.post("/v1/cases", json=OPENING, headers=writing())
    assert opened.status_code == 201, opened.text
    return client


def record(client, name, body, version, *, key=None, case=NUMBER):
    return client.post(f"/v1/cases/{case}/{name}", json=body, headers=writing(version, key))


COURSE = json.loads(files("api").joinpath("samples/aarhus-approved.json").read_text("utf-8"))["events"]
WHO = {"fc_raadgiver": KAREN, "pa_konsulent": "u-aa-jens", "vu_medlem": "u-aa-vibeke"}


def pointing(value, versions):
    """A key of the sample, or a list of keys, as the versions it stands for here."""
    return [versions.get(one, one) for one in value] if isinstance(value, list) else versions[value]


def test_the_whole_course_of_a_sample_is_recorded_live_each_fact_by_whom_it_falls_to(service):
    clients = {role: service.client(user) for role, user in WHO.items()}
    versions = {}
    for one in COURSE:
        refs = {name: pointing(to, versions) for name, to in one.get("refs", {}).items()}
        data = one["data"] | {key: pointing(one["data"][key], versions) for key in KEYED if key in one["data"]}
        body = {"occurred_on": one["occurred_on"], "data": data}
        if one["type"] == "CaseOpened":
            answer = clients["fc_raadgiver"].post("/v1/cases", json=body, headers=writing())
        elif one["type"] != "PartshoeringExpired":  # the clock's own
            name, version = slug(catalogue()[one["type"]]), max(versions.values())
            answer = record(clients[one["actor"]["role"]], name, body | {"refs": refs}, version, case=AARHUS)
        assert answer.status_code == 201, f"{one['key']}: {answer.text}"
        assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
        versions[one["key"]] = answer.json()["version"]
    page = clients["fc_raadgiver"].get(f"/v1/cases/{AARHUS}").json()
    assert (page["state"], page["version"]) == ("i_gang", len(COURSE) - 1)


KEYED = ("facts_relied_on", "goals_ref")
"""Fields of data that hold keys in a case file, versions in the ledger."""


def test_opening_a_case_tells_where_it_is(service):
    answer = service.client(KAREN).post("/v1/cases", json=OPENING, headers=writing())
    told = answer.json()
    assert answer.status_code == 201
    assert {"case_id", "case_number", "version", "seq", "seal", "recorded_at"} <= set(told)
    assert (told["case_number"], told["version"]) == (NUMBER, 1)
    assert len(bytes.fromhex(told["seal"])) == 32
    assert answer.headers["Location"] == f"/v1/cases/{UUID(told['case_id'])}"
    assert service.client(KAREN).get(answer.headers["Location"]).json()["case_number"] == NUMBER


def test_a_case_number_that_is_taken_is_a_conflict_that_names_its_version(karen):
    record(karen, "note-recorded", NOTE, 1)
    answer = karen.post("/v1/cases", json=OPENING, headers=writing())
    assert (answer.status_code, answer.json()["type"]) == (412, "conflict")
    assert answer.json()["current_version"] == 2


def test_only_who_may_open_a_case_opens_one(service):
    answer = service.client(RITA).post("/v1/cases", json=OPENING, headers=writing())
    assert (answer.status_code, answer.json()["type"]) == (409, "refused")
    assert [one["id"] for one in answer.json()["guards"]] == ["G32"]
    assert service.client(KAREN).get(f"/v1/cases/{NUMBER}").status_code == 404


def test_another_municipalitys_case_cannot_be_recorded_on(service, karen):
    del karen
    bodil = service.client("u-es-bodil")
    there, nowhere = (record(bodil, "note-recorded", NOTE, 1, case=case) for case in (NUMBER, "FINDES-IKKE"))
    assert there.status_code == nowhere.status_code == 404
    assert there.json()["detail"].replace(NUMBER, "") == nowhere.json()["detail"].replace("FINDES-IKKE", "")


@pytest.mark.parametrize("name", ["book", "access"])
def test_what_the_book_keeps_of_its_own_cannot_be_read_or_recorded_on(karen, name):
    assert karen.get(f"/v1/cases/{NUMBER}").status_code == 200, "from now on there is a log"
    own = str(book_stream("aarhus", name))
    assert (
        karen.get(f"/v1/cases/{own}").status_code
        == record(karen, "note-recorded", NOTE, 1, case=own).status_code
        == 404
    )


def test_a_case_that_changed_meanwhile_is_told_with_its_version_and_recording_can_go_on(karen):
    late = record(karen, "note-recorded", NOTE, 7)
    assert (late.status_code, late.json()["type"], late.json()["current_version"]) == (412, "conflict", 1)
    assert record(karen, "note-recorded", NOTE, late.json()["current_version"]).status_code == 201


def test_a_repeated_request_gets_the_first_answer_and_records_nothing(karen):
    key = str(uuid4())
    first, again = (record(karen, "note-recorded", NOTE, 1, key=key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    told, repeated = first.json(), again.json()
    assert told.pop("seq") in (None, repeated.pop("seq"))  # numbered a moment later
    assert told == repeated
    assert karen.get(f"/v1/cases/{NUMBER}").json()["version"] == 2


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("note-recorded", NOTE | {"data": NOTE["data"] | {"text": "Faren ringede."}}),
        ("note-recorded", NOTE | {"occurred_on": "2022-06-10"}),
        ("case-reopened", {"occurred_on": "2022-06-09", "data": {"reason": "Fejl."}}),
    ],
)
def test_a_repeated_key_for_something_else_is_invalid(karen, name, body):
    key = str(uuid4())
    assert record(karen, "note-recorded", NOTE, 1, key=key).status_code == 201
    answer = record(karen, name, body, 2, key=key)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")


def test_every_guard_that_says_no_is_told_with_its_source(service, karen):
    note = {"occurred_on": "2031-01-01", "data": NOTE["data"] | {"text": "710118-0001 ringede."}}
    answer = record(karen, "note-recorded", note, 1)
    assert answer.status_code == 409
    assert [one["id"] for one in answer.json()["guards"]] == ["G33", "G34"]
    assert all(one["sentence"] and one["source"] for one in answer.json()["guards"])
    assert service.client(KAREN).get(f"/v1/cases/{NUMBER}").json()["version"] == 1


# What is missing or wrong

HEADERS = writing(1)
ODD_REQUESTS = {
    "no key": ({"If-Match": '"1"'}, 428, "precondition-required"),
    "no version": ({"Idempotency-Key": "k"}, 428, "precondition-required"),
    "a version without quotes": (HEADERS | {"If-Match": "1"}, 422, "invalid"),
    "any version": (HEADERS | {"If-Match": "*"}, 422, "invalid"),
    "a weak version": (HEADERS | {"If-Match": 'W/"1"'}, 422, "invalid"),
    "an empty key": (HEADERS | {"Idempotency-Key": ""}, 422, "invalid"),
    "a key with a blank": (HEADERS | {"Idempotency-Key": "a b"}, 422, "invalid"),
    "a long key": (HEADERS | {"Idempotency-Key": "k" * 101}, 422, "invalid"),
    "a form": (HEADERS | {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
    "plain text": (HEADERS | {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
}


def test_a_request_without_what_a_write_needs_is_refused_in_words(karen):
    for case, (headers, status, kind) in ODD_REQUESTS.items():
        answer = karen.post(f"/v1/cases/{NUMBER}/note-recorded", json=NOTE, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (status, kind), case
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_request_without_any_content_type_is_not_read(karen):
    answer = karen.post(f"/v1/cases/{NUMBER}/note-recorded", content=b"{}", headers=writing(1))
    assert answer.status_code == 415


ODD_BODIES = {
    b"": "",
    b"{": "",
    b"[]": "",
    b"1": "",
    b"null": "",
    b'"text"': "",
    b"{}": "occurred_on",
    b'{"occurred_on": "2022-06-09"}': "data",
    b'{"occurred_on": 1, "data": {}}': "occurred_on",
    b'{"occurred_on": "1654732800", "data": {}}': "occurred_on",
    b'{"occurred_on": "2022-02-30", "data": {}}': "occurred_on",
    b'{"occurred_on": "2022-06-09", "data": []}': "data",
    b'{"occurred_on": "2022-06-09", "data": {}, "approved_by": "mig"}': "approved_by",
    b'{"occurred_on": "2022-06-09", "data": {}, "refs": [1]}': "refs",
    b'{"occurred_on": "2022-06-09", "data": {}, "refs": {"post": "1"}}': "refs.post",
    b'{"occurred_on": "2022-06-09", "data": {}, "refs": {"post": true}}': "refs.post",
    b'{"occurred_on": "2022-06-09", "data": {}, "refs": {"post": [0]}}': "refs.post",
    b'{"occurred_on": "2022-06-09", "data": {}, "document_ids": "d-1"}': "document_ids",
    b'{"occurred_on": "2022-06-09", "data": {}, "on_behalf_of": {"mandate_ref": "m"}}': "on_behalf_of.unit",
    b'{"occurred_on": "2022-06-09", "data": {}, "data": {}}': "data",
    b'{"occurred_on": "2022-06-09", "data": {"text": "\\ud800"}}': "data.text",
    b'{"occurred_on": "2022-06-09", "data": {"text": "\\u0000"}}': "data.text",
    b'{"occurred_on": "2022-06-09", "data": {"about": "phone_call", "internal": false}}': "data.text",
    b'{"occurred_on": "2022-06-09", "data": {"text": 1.5}}': "data.text",
}


def test_a_body_that_cannot_be_read_is_refused_with_the_place(karen):
    for raw, where in ODD_BODIES.items():
        headers = {**writing(1), "Content-Type": "application/json"}
        answer = karen.post(f"/v1/cases/{NUMBER}/note-recorded", content=raw, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "invalid"), raw
        assert where in [one["where"] for one in answer.json()["fields"]], (raw, answer.text)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=ANYTHING, refs=ANYTHING, whole=st.booleans())
def test_whatever_json_is_sent_the_answer_is_in_words(karen, data, refs, whole):
    body = {"occurred_on": "2022-06-09", "data": data, "refs": refs} if whole else data
    headers = {**writing(1), "Content-Type": "application/json"}
    answer = karen.post(f"/v1/cases/{NUMBER}/note-recorded", content=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
    assert all(one["sentence"] for one in answer.json()["fields"])


ODD_OPENINGS = (
    ({"case_number": "A/B"}, "data.case_number"),
    ({"child": "Asta Prøvesen"}, "data.child"),
    ({"opened_on": "1641168000"}, "data.opened_on"),
    ({"approved_by": {}}, "data.approved_by"),
)


def test_a_case_that_cannot_be_read_is_not_opened(service):
    for change, where in ODD_OPENINGS:
        body = OPENING | {"data": OPENING["data"] | change}
        answer = service.client(KAREN).post("/v1/cases", json=body, headers=writing())
        assert (answer.status_code, [one["where"] for one in answer.json()["fields"]]) == (422, [where])


# Every type


def test_every_fact_type_is_understood_at_its_own_address(service, books):
    import_sample(books, AARHUS)
    client = service.client(KAREN)
    version = client.get(f"/v1/cases/{AARHUS}").json()["version"]
    for name, fact_type in recordable().items():
        answer = record(client, name, example_of(fact_type), version, case=AARHUS)
        told = answer.json()
        version = told["version"] if answer.status_code == 201 else version
        assert answer.status_code in (201, 409, 422), f"{name}: {answer.text}"
        if answer.status_code == 422:  # the example is of no certain case: what it points at may not be there
            assert not [one for one in told["fields"] if one["sentence"] in ("mangler", "er et ukendt felt")], told
    assert len(recordable()) > 100


def test_what_comes_about_by_other_acts_has_no_address(karen):
    for fact_type in catalogue().values():
        if fact_type not in recordable().values():
            assert record(karen, slug(fact_type), {"occurred_on": "2022-06-09", "data": {}}, 1).status_code == 404


def test_an_address_that_no_fact_type_has_does_not_exist(karen):
    for name in (
        "tilsyn_held",
        "TilsynHeld",
        "tilsyn-held/",
        "tilsynet",
        "tilsyn-held-more",
        "%2e%2e",
        "access-logged",
    ):
        answer = karen.post(f"/v1/cases/{NUMBER}/{name}", json=NOTE, headers=writing(1))
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found"), name


def test_a_second_person_is_never_taken_at_the_clients_word(karen):
    claim = {"second_approver": {"user_id": "u-aa-poul", "name": "Poul Prøvesen"}}
    (name,) = [name for name, one in recordable().items() if one.__name__ == "TilbagebetalingskravIssued"]
    body = example_of(recordable()[name])
    answer = record(karen, name, body | {"data": body["data"] | claim}, 1)
    assert answer.status_code == 422
    assert [one["where"] for one in answer.json()["fields"]] == ["data.second_approver"]
