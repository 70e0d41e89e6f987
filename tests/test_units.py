"""In which unit a role is held (ROLES §1): in every other one nobody sees or records anything."""

import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.service import Service
from api.identity import identity_of
from api.looking import books_of
from api.principal import Principal
from commands.record import check_actor
from ledger.errors import Forbidden, Invalid
from ledger.facts.entry import Actor
from ledger.law.rulebook import RulebookError
from ledger.law.units import read_held
from ledger.store.books import Books
from tests.provider import provider, settings_of
from tests.samples import AARHUS, import_sample
from tests.serving import writing

ANY = None
HELD = {
    "aarhus": {
        "fc_raadgiver": {"familiecentret"}, "pa_konsulent": {"paedagogisk_afdeling"},
        "vu_medlem": {"visitationsudvalg", "familiecentret"},
    },
    "esbjerg": {
        "frh_raadgiver": {"familieraadgivningen_handicap"}, "oekonomikonsulent": {"familieraadgivningen_handicap"},
        "vu_medlem": ANY, "vg_medlem": {"visitationsgruppe_32"}, "skole": {"boern_og_kultur"},
    },
    "nyborg": {"soc_raadgiver": {"socialafdelingen"}},
}  # fmt: skip
"""As ROLES §1 has them."""
EVERYWHERE = {
    "sundhedsfaglig": {"sundhed"}, "leder": ANY, "registrator": {"registratur"}, "revisor": {"revision"},
    "borger": {"borger"}, "system": {"system"},
}  # fmt: skip


@pytest.fixture
def books(tmp_path, clock):
    """On one engine: who someone is does not depend on where the ledger is kept."""
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books


def lets_in(books, municipality, actor):
    """Whether someone finds the book of their municipality, and may act in it at all: each way in says the same."""
    who, book = Principal(actor, municipality), books.book(municipality)
    ways = [lambda: books_of(books, who), lambda: who.book(books), lambda: check_actor(book, actor)]
    said = {answers(way) for way in ways}
    assert len(said) == 1
    return said.pop()


def answers(way):
    try:
        way()
    except (Forbidden, Invalid):
        return False
    return True


@pytest.mark.parametrize("municipality", HELD)
def test_every_role_is_held_in_its_own_units_and_in_no_other(books, municipality):
    here, held = books.book(municipality).here, HELD[municipality] | EVERYWHERE
    assert set(held) == set(here.roles)
    for role, units in held.items():
        for unit in here.units:
            allowed = units is ANY or unit in units
            assert lets_in(books, municipality, Actor("u-1", "Prøve Testesen", unit, role)) is allowed, (role, unit)
        assert not lets_in(books, municipality, Actor("u-1", "Prøve Testesen", "findes_ikke", role))


def test_a_login_with_a_role_of_another_unit_sees_and_records_nothing(books):
    import_sample(books, AARHUS)
    provider().knows("u-odd-01", municipality="aarhus", unit="revision", role="fc_raadgiver")
    app = create_app(Service(settings_of(provider().issuer), books, identity_of(settings_of(provider().issuer))))
    note = {"occurred_on": "2021-12-14", "data": {"text": "Et notat", "about": "other", "internal": False}}
    with TestClient(app, headers={"Authorization": f"Bearer {provider().token('u-odd-01')}"}) as client:
        told = [client.get("/v1/cases"), client.get(f"/v1/cases/{AARHUS}"), client.get("/v1/deadlines")]
        told.append(client.post(f"/v1/cases/{AARHUS}/note-recorded", json=note, headers=writing(69)))
        opening = {
            "case_number": "AAR-2026-1",
            "opened_on": "2026-11-02",
            "subject": "hjemmetraening",
            "child": "p-barn",
        }
        told.append(client.post("/v1/cases", json={"occurred_on": "2026-11-02", "data": opening}, headers=writing()))
    for answer in told:
        assert answer.status_code == 403, answer.text
        assert "revision" in answer.json()["detail"]
    assert len(books.find(AARHUS)[0].cases()) == 1


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[everywhere]\n[municipality.aarhus]\nvu_medlem = ["sund"]', "enheden sund"),
        ('[everywhere]\n[municipality.aarhus]\nvu_medlm = ["sundhed"]', "rollen vu_medlm"),
        ("[everywhere]\n[municipality.atlantis]", "kommunen atlantis"),
        ("[municipality.aarhus]", "everywhere"),
    ],
)
def test_a_table_that_would_let_nobody_in_is_refused_with_its_line(tmp_path, table, says):
    file = tmp_path / "units.toml"
    file.write_text(table, encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        read_held(file)
    assert says in str(refused.value)
    assert "units.toml" in str(refused.value)
