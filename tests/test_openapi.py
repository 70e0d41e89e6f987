"""The description of the service: whole, true, and the same as the copy that is handed out."""

from difflib import unified_diff
from pathlib import Path

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from api.http.fact_operations import AREAS, example_of
from api.http.facts import Recording, recordable
from api.http.openapi import schemas_of
from commands.acts import read_request
from commands.check import read_fact
from ledger.facts.acts import approver_fields
from ledger.facts.fact import catalogue
from ledger.facts.shape import Shape, shape_of
from ledger.facts.values import Slug
from tests.serving import KAREN, served, writing
from tests.write_openapi import description, openapi_json

COPY = Path(__file__).parent.parent / "docs/openapi.json"
SPEC = description()
OPERATIONS = {
    (method, path): operation for path, methods in SPEC["paths"].items() for method, operation in methods.items()
}
RECORD = "/v1/cases/{case}/"


def test_the_copy_that_is_handed_out_is_what_the_service_says():
    kept = COPY.read_text("utf-8").splitlines()
    told = list(unified_diff(kept, openapi_json().splitlines(), "docs/openapi.json", "the service", n=2, lineterm=""))
    assert not told, "\n".join([*told[:200], "run make docs if this is meant"])


def test_it_is_openapi():
    OpenAPI.model_validate(SPEC)
    assert SPEC["openapi"].startswith("3.1")


def nodes(value):
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(one)


def test_every_reference_leads_somewhere_and_nothing_stands_unused():
    named = {one["$ref"] for one in nodes(SPEC) if isinstance(one.get("$ref"), str)}
    there = {f"#/components/{kind}/{name}" for kind, all_ in SPEC["components"].items() for name in all_}
    assert named <= there
    schemes = {f"#/components/securitySchemes/{name}" for name in SPEC["components"]["securitySchemes"]}
    assert there - named - schemes <= UNUSED


UNUSED = {f"#/components/responses/{name}" for name in ("Error", "MethodNotAllowed")}
"""Answers that no operation promises: our own fault, and a method that is not there."""


def test_an_operation_says_what_it_is():
    for (method, path), operation in OPERATIONS.items():
        assert all(operation.get(key) for key in ("operationId", "summary", "tags")), (method, path)
        assert all(one.get("description") or "$ref" in one for one in operation["responses"].values()), (method, path)


def test_no_two_operations_have_the_same_name():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_every_operation_of_the_ledger_is_for_those_who_have_logged_in():
    assert SPEC["security"] == [{"bearer": []}]
    open_to_all = {path for (_, path), operation in OPERATIONS.items() if operation.get("security") == []}
    assert not [path for path in open_to_all if path.startswith("/v1")]
    for (_, path), operation in OPERATIONS.items():
        assert ("401" in operation["responses"]) == (path not in open_to_all)


def test_the_identity_provider_is_named_where_there_is_one():
    issuer = "https://login.example.test/aarhus"
    told = description(issuer)
    assert told["security"] == [{"bearer": []}, {"oidc": []}]
    oidc = told["components"]["securitySchemes"]["oidc"]
    assert oidc["openIdConnectUrl"] == f"{issuer}/.well-known/openid-configuration"
    assert told["paths"] == SPEC["paths"]


def test_every_write_says_which_headers_it_needs():
    for (method, path), operation in OPERATIONS.items():
        named = {one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one}
        writes = method == "post" and path != "/v1/cases/search"
        on_a_case = writes and path.startswith(RECORD)
        assert named == set(["Idempotency-Key"] * writes + ["If-Match"] * on_a_case), path
        assert writes == ("201" in operation["responses"]), path
        assert (method == "post") == ("requestBody" in operation), path
    assert all(one["required"] for one in SPEC["components"]["parameters"].values())


# Facts


@pytest.mark.parametrize(("slug", "fact_type"), recordable().items(), ids=list(recordable()))
def test_a_fact_type_has_an_operation_of_its_own(slug, fact_type):
    operation = OPERATIONS["post", f"{RECORD}{slug}"]
    declared = fact_type.declared
    assert operation["summary"] == declared.dansk
    assert operation["tags"] == [AREAS[declared.area]]
    assert all(task in operation["description"] for task in declared.by)
    (media,) = operation["requestBody"]["content"].values()
    refs = media["schema"]["properties"]["refs"]
    assert set(refs["properties"]) == set(declared.refs)
    assert set(refs["required"]) == {one.name for one in declared.refs.values() if one.required}
    fields = SPEC["components"]["schemas"][fact_type.__name__]
    assert set(fields["properties"]) == set(shape_of(fact_type).fields) - set(approver_fields(fact_type.model_fields))
    assert set(fields.get("required", ())) == {
        info.alias or name for name, info in fact_type.model_fields.items() if info.is_required()
    }
    assert fields["additionalProperties"] is False


@pytest.mark.parametrize("fact_type", recordable().values(), ids=list(recordable()))
def test_an_example_can_be_read(fact_type):
    asked = read_request(Recording, example_of(fact_type)).asked(fact_type)
    fact = read_fact(fact_type, asked.data)
    assert fact.as_data() == example_of(fact_type)["data"]


def test_what_is_not_recorded_on_a_case_by_a_client_has_no_operation():
    left = {name for name, one in catalogue().items() if one not in recordable().values()}
    assert left == {
        "CaseOpened", "SubjectErased", "ActProposed", "ActConfirmed", "ActRejected", "EntryCorrected", "EntryAnnulled",
        "RateRegistered", "EnquiriesCounted", "ReportIssued", "AccessLogged",  # the book's
        "PartshoeringExpired", "HjemmetraeningEndedAtAge18",  # the clock's
    }  # fmt: skip


def test_a_sealed_value_is_told_as_what_it_is():
    fields = SPEC["components"]["schemas"]["PartyRegistered"]["properties"]
    assert fields["name"] == {"type": "string", "maxLength": 50_000, "description": "name"}
    assert fields["protected_address"]["anyOf"] == [{"type": "boolean"}, {"type": "null"}]


def test_a_list_of_words_says_what_each_is_in_danish():
    described = schemas_of(*recordable().values())
    slugs = {one for one in Slug.__subclasses__() if one.__name__ in described}
    assert len(slugs) > 60
    for one in slugs:
        told = SPEC["components"]["schemas"][one.__name__]
        assert told["enum"] == [word.value for word in one]
        assert told["x-enumDescriptions"] == {word.value: word.dansk for word in one}


def amounts(shape: Shape, path=""):
    for name, node in [*shape.fields.items(), *([("", shape.item)] if shape.item else [])]:
        if node.kind in ("oere", "x100"):
            yield f"{path}.{name}", node.kind
        yield from amounts(node, f"{path}.{name}")


def test_every_amount_says_its_unit():
    for fact_type in recordable().values():
        for path, kind in amounts(shape_of(fact_type)):
            assert path.endswith({"oere": "_oere", "x100": "_x100"}[kind]), f"{fact_type.__name__}{path}"


# What is described is what comes


def test_the_service_hands_out_its_description(books, tmp_path):
    with served(books, tmp_path) as service:
        told = TestClient(service.app).get("/openapi.json")
    assert told.status_code == 200
    assert told.json() == SPEC


def test_a_problem_is_as_described(books, tmp_path):
    with served(books, tmp_path) as service:
        client = service.client(KAREN)
        note = {"occurred_on": "2031-01-01", "data": {}}
        told = client.post("/v1/cases/X/note-recorded", json=note, headers=writing(1)).json()
        odd = client.post("/v1/cases", json=note, headers=writing()).json()
    schemas = SPEC["components"]["schemas"]
    assert set(schemas["Problem"]["required"]) == set(told) == {"type", "title", "status", "detail"}
    assert set(schemas["InvalidProblem"]["required"]) == set(odd)
    assert set(schemas["FieldTold"]["required"]) == set(odd["fields"][0])
