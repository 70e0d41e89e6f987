"""Who may record what (EVENTS "Recorded by", ROLES §1-2): every role against every operation, over HTTP."""

import csv
from pathlib import Path

import pytest

from api.http.fact_operations import example_of
from api.http.facts import recordable, slug
from api.identity import local_users
from ledger.store.books import Books
from tests.serving import served, writing
from tests.test_catalogue import BY, OTHER_TASKS

HERE = Path(__file__).parent
ROLES = {
    "aarhus": {
        "fc_raadgiver": "AUTH OEKO", "pa_konsulent": "PA", "vu_medlem": "VU", "sundhedsfaglig": "SUND",
        "leder": "LEDER", "registrator": "ADMIN", "revisor": "", "system": "SYS",
    },
    "esbjerg": {
        "frh_raadgiver": "AUTH PA", "oekonomikonsulent": "OEKO", "vu_medlem": "VU", "vg_medlem": "VG", "skole": "BK",
        "sundhedsfaglig": "SUND", "leder": "LEDER", "registrator": "ADMIN", "revisor": "", "system": "SYS",
    },
    "nyborg": {
        "soc_raadgiver": "AUTH PA OEKO", "sundhedsfaglig": "SUND", "leder": "LEDER", "registrator": "ADMIN",
        "revisor": "", "system": "SYS",
    },
}  # fmt: skip
"""The tasks of each role, as ROLES §1 has them."""


def tasks_of_types():
    """The tasks that may record each type, as EVENTS has them; of a citizen, who only drafts, elsewhere."""
    with (HERE / "data/events.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {row["type"]: set(OTHER_TASKS.get(row["type"]) or BY.findall(row["by"])) for row in rows}


def may(role_tasks, type_tasks):
    return bool(set(role_tasks.split()) & type_tasks)


@pytest.fixture
def books(tmp_path, clock):
    """On one engine: who may record what does not depend on where it is kept."""
    with Books(f"sqlite:///{tmp_path / 'data'}", clock, remember=50_000) as books:
        yield books


def user_of(municipality, role):
    return next(
        user for user, one in local_users().items() if (one.municipality, one.actor.role) == (municipality, role)
    )


@pytest.mark.parametrize("municipality", ROLES)
def test_every_role_may_record_what_is_its_task_and_nothing_else(municipality, books):
    here, by = books.book(municipality).here, tasks_of_types()
    assert set(here.roles) == {*ROLES[municipality], "borger"}
    for role, tasks in ROLES[municipality].items():
        for one in (one for one in recordable().values() if one.declared.type in by):
            assert here.may_record(role, one) is may(tasks, by[one.declared.type]), (role, one.declared.type)


@pytest.mark.parametrize("municipality", ROLES)
def test_every_operation_refuses_the_roles_whose_task_it_is_not(municipality, books, tmp_path):
    by, refused = tasks_of_types(), 0
    with served(books, tmp_path / "service", rate_limit=0) as service:
        version = opened(service, municipality)
        for role, tasks in ROLES[municipality].items():
            client = service.client(user_of(municipality, role))
            for one in (one for one in recordable().values() if one.declared.type in by):
                answer = client.post(f"/v1/cases/X-1/{slug(one)}", json=example_of(one), headers=writing(version))
                version = answer.json().get("version", version)
                guards = {guard["id"] for guard in answer.json().get("guards", ())}
                if may(tasks, by[one.declared.type]):
                    assert "G32" not in guards, (role, one.declared.type, answer.text)
                else:
                    assert answer.status_code in (409, 422), (role, one.declared.type, answer.text)
                    assert answer.status_code == 422 or "G32" in guards, (role, one.declared.type, answer.text)
                    refused += "G32" in guards
    assert refused > 100


def opened(service, municipality):
    """A case with its child; gives its version."""
    authority = next(role for role, tasks in ROLES[municipality].items() if "AUTH" in tasks.split())
    client = service.client(user_of(municipality, authority))
    data = {"case_number": "X-1", "opened_on": "2022-01-03", "subject": "hjemmetraening", "child": "p-barn"}
    client.post("/v1/cases", json={"occurred_on": "2022-01-03", "data": data}, headers=writing())
    answers = [
        client.post(
            "/v1/cases/X-1/party-registered", headers=writing(version),
            json={"occurred_on": "2022-01-03", "data": {"party": party, "kind": kind, "name": "Prøve Testesen"}},
        )
        for version, (party, kind) in enumerate([("p-barn", "child"), ("p-mor", "custody_holder")], 1)
    ]  # fmt: skip
    return answers[-1].json()["version"]
