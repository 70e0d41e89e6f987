"""Tokens on the command line: who someone is, proved. On a shared database nothing else counts."""

import json

import pytest

from tests.command import run
from tests.provider import AUDIENCE, provider, token_of
from tests.test_cli import BIRGIT, ESBJERG, KAREN, SMALL, Cli, lay_in, noted
from tests.test_import import a_case, sample

KAREN_LOCAL = "u-aa-karen:familiecentret:fc_raadgiver"
NOTED = noted()[:-2]


@pytest.fixture
def embedded(tmp_path):
    cli = Cli(f"sqlite:///{tmp_path / 'data'}")
    lay_in(cli, tmp_path, a_case())
    return cli


@pytest.fixture
def shared(postgres_url, tmp_path):
    cli = Cli(postgres_url)
    lay_in(cli, tmp_path, a_case(), sample("esbjerg-settlement.json"))
    return cli


def answered(cli, token, *arguments):
    ran = run(cli.url, *arguments, "--format", "json", SAGSBOG_TOKEN=token)
    assert (ran.code, ran.err) == (0, ""), ran
    return json.loads(ran.out)


def test_a_local_user_is_proved_by_a_token_and_whoever_has_none_is_believed(embedded):
    token = embedded.done("token", "u-aa-karen").strip()
    assert answered(embedded, token, *NOTED)["version"] == 4
    assert answered(embedded, token, *NOTED, "--as", KAREN_LOCAL)["version"] == 5
    other = embedded.refused(*NOTED, "--as", KAREN, SAGSBOG_TOKEN=token)
    assert other == f"--as: er en anden end den, SAGSBOG_TOKEN viser: {KAREN_LOCAL}"
    assert "ugyldigt eller udløbet" in embedded.refused(*NOTED, SAGSBOG_TOKEN="x")  # noqa: S106 - proves nothing
    assert embedded.json(*noted())["version"] == 6
    actors = [row["actor"] for row in embedded.json("history", SMALL)[-3:]]
    proved = {"user_id": "u-aa-karen", "name": "Karen Prøvesen", "unit": "familiecentret", "role": "fc_raadgiver"}
    assert [{key: actor[key] for key in proved} for actor in actors[:2]] == [proved, proved]
    assert [actor["claimed"] for actor in actors] == [False, False, True]


def test_the_local_users_are_listed_and_get_tokens_only_where_there_is_no_provider(embedded):
    users = embedded.json("token", "--list")
    assert {"user_id", "name", "municipality", "unit", "role"} == set(users[0])
    assert "u-ny-nanna" in embedded.done("token", "--list")
    assert "sagsbog token --list" in embedded.refused("token", "u-findes-ikke")
    assert "angiv en lokal bruger" in embedded.refused("token")
    issuer = {"SAGSBOG_OIDC_ISSUER": provider().issuer, "SAGSBOG_OIDC_AUDIENCE": AUDIENCE}
    assert "udsteder login-tjenesten" in embedded.refused("token", "u-aa-karen", **issuer)


WITHOUT_PROOF = {
    "no token": ({"SAGSBOG_TOKEN": ""}, "SAGSBOG_TOKEN vise, hvem du er"),
    "a token that is none": ({"SAGSBOG_TOKEN": "x.y.z"}, "ugyldigt eller udløbet"),
    "a token for another service": ({"SAGSBOG_OIDC_AUDIENCE": "en-anden"}, "ugyldigt eller udløbet"),
    "no issuer": ({"SAGSBOG_OIDC_ISSUER": ""}, "SAGSBOG_OIDC_ISSUER"),
    "a provider that is away": ({"SAGSBOG_OIDC_ISSUER": "http://127.0.0.1:1"}, "svarer ikke"),
}


@pytest.mark.parametrize("case", WITHOUT_PROOF)
def test_on_a_shared_database_nobody_reads_or_records_without_proof(shared, case):
    settings, sentence = WITHOUT_PROOF[case]
    for arguments in (("case", SMALL), noted()):
        assert sentence in shared.refused(*arguments, code=2 if case == "no issuer" else 1, **settings)


def test_on_a_shared_database_a_token_names_who_acts_and_what_exists_for_them(shared):
    karen, leif = token_of(KAREN, "aarhus"), token_of("u-le-02:ledelse:leder", "esbjerg")
    assert answered(shared, karen, *NOTED)["version"] == 4
    actor = answered(shared, karen, "history", SMALL)[-1]["actor"]
    assert (actor["user_id"], actor["claimed"]) == ("u-fc-01", False)
    assert "er en anden end den" in shared.refused(*NOTED, "--as", BIRGIT, SAGSBOG_TOKEN=karen)
    for elsewhere in (("case", SMALL), NOTED):
        assert f"ingen sag {SMALL}" in shared.refused(*elsewhere, SAGSBOG_TOKEN=leif)
    assert [row["case_number"] for row in answered(shared, leif, "cases")] == [ESBJERG]
    opened = ("open", "aarhus", "AAR-9", "--child", "p-barn", "--on", "2026-01-05")
    assert "findes ikke for en bruger i esbjerg" in shared.refused(*opened, SAGSBOG_TOKEN=leif)
    book = ("record-book", "aarhus", "EnquiriesCounted", "--on", "2026-01-05", "--data", "{}")
    assert "findes ikke for en bruger i esbjerg" in shared.refused(*book, SAGSBOG_TOKEN=leif)
