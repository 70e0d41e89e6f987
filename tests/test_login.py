"""Login with a browser: who comes back from the identity provider has a session, and nobody else has."""

from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.service import Service
from api.identity import identity_of
from ledger.store.books import Books
from tests.conftest import MASTER_KEY
from tests.provider import PUBLIC_URL, provider, settings_of
from tests.samples import import_sample
from tests.serving import KAREN, served
from tests.test_identity import Moment

AARHUS = "AAR-2021-00417"
WHO = {"name": "Karen Prøvesen", "municipality": "aarhus", "unit": "familiecentret", "role": "fc_raadgiver"}
CLIENT = {"oidc_client_id": "sagsbog", "oidc_client_secret": "en-hemmelighed", "public_url": PUBLIC_URL}
OWN_PAGE = {"Origin": PUBLIC_URL}


@pytest.fixture
def books(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock, MASTER_KEY) as books:
        import_sample(books, AARHUS)
        yield books


@contextmanager
def service_of(books, **more):
    """A service that a browser can log in to; and how a browser is started."""
    settings = settings_of(provider().issuer, **CLIENT | more)
    app = create_app(Service(settings, books, identity_of(settings)))
    url = settings.public_url

    def browser():
        return TestClient(app, url, follow_redirects=False, raise_server_exceptions=False)

    with TestClient(app):  # runs the lifespan
        yield browser


@pytest.fixture
def browser(books):
    with service_of(books) as browser:
        yield browser


def logged_in(browser, user="u-fc-01", page="/v1/me", **who):
    """Takes a browser through the login; gives what it is answered when it comes back."""
    provider().knows(user, **WHO | who)
    begun = browser.get("/login", params={"next": page})
    assert begun.status_code == 303, begun.text
    back = urlsplit(provider().logged_in(begun.headers["Location"], user))
    return browser.get(f"{back.path}?{back.query}")


def cookies(answer):
    return answer.headers.get_list("Set-Cookie")


def test_whoever_logs_in_is_known_until_they_log_out(browser):
    karen = browser()
    assert karen.get("/v1/me").status_code == 401
    back = logged_in(karen, page=f"/v1/cases/{AARHUS}?as_of=2021-05-01")
    assert (back.status_code, back.headers["Location"]) == (303, f"/v1/cases/{AARHUS}?as_of=2021-05-01")
    me = karen.get("/v1/me")
    assert me.json() == {
        "user_id": "u-fc-01", "name": "Karen Prøvesen", "unit": "familiecentret", "role": "fc_raadgiver",
        "municipality": "aarhus",
    }  # fmt: skip
    assert karen.get(f"/v1/cases/{AARHUS}").status_code == 200
    assert browser().get("/v1/me").status_code == 401  # another browser
    out = karen.post("/logout", headers=OWN_PAGE)
    assert out.status_code == 303
    assert out.headers["Location"].startswith(f"{provider().issuer}/oauth2/end_session?client_id=sagsbog&")
    assert karen.get("/v1/me").status_code == 401


def test_the_provider_is_asked_with_pkce_state_and_nonce(browser):
    asked = [urlsplit(browser().get("/login").headers["Location"]) for _ in range(2)]
    assert f"{asked[0].scheme}://{asked[0].netloc}" == provider().issuer
    first, second = (parse_qs(one.query) for one in asked)
    assert (first["response_type"], first["code_challenge_method"]) == (["code"], ["S256"])
    assert (first["client_id"], first["redirect_uri"]) == (["sagsbog"], [f"{PUBLIC_URL}/callback"])
    for one_time in ("state", "nonce", "code_challenge"):
        assert len(first[one_time][0]) >= 20
        assert first[one_time] != second[one_time]


@pytest.mark.parametrize(("url", "name", "secure"), [
    (PUBLIC_URL, "sagsbog-session", False),
    ("https://sagsbog.example.dk", "__Host-sagsbog-session", True),
])  # fmt: skip
def test_the_session_is_a_cookie_that_only_the_service_can_read(books, url, name, secure):
    with service_of(books, public_url=url) as browser:
        back = logged_in(browser())
        login, session = cookies(back)
        assert "Max-Age=0" in login
        assert session.startswith(f"{name}=")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=3600"} <= set(session.split("; "))
        assert ("Secure" in session.split("; ")) is secure
        assert back.headers["Cache-Control"] == "no-store"
        sealed = session.partition("=")[2].partition(";")[0]
        assert sealed.count(".") == 4  # encrypted, not only signed
        assert not [part for part in ("u-fc-01", "Karen", "familiecentret") if part in sealed]


def test_a_session_ends_by_itself_and_cannot_be_changed_or_used_for_something_else(books):
    moment = Moment()
    moment.now = datetime.now(UTC)  # the provider's clock
    settings = settings_of(provider().issuer, **CLIENT, session_minutes=30)
    app = create_app(Service(settings, books, identity_of(settings, moment)))
    with TestClient(app):
        browser = TestClient(app, PUBLIC_URL, follow_redirects=False)
        logged_in(browser)
        sealed = browser.cookies["sagsbog-session"]
        moment.move(minutes=29)
        assert browser.get("/v1/me").status_code == 200
        moment.move(minutes=1)
        assert browser.get("/v1/me").status_code == 401
        moment.move(minutes=-30)
        for odd in ("", "x", "a.b.c.d.e", sealed[:-2] + "AA", sealed.rpartition(".")[0]):
            browser.cookies.set("sagsbog-session", odd, domain="127.0.0.1", path="/")
            assert browser.get("/v1/me").status_code == 401, odd
        browser.get("/login")
        browser.cookies.set("sagsbog-session", browser.cookies["sagsbog-login"], domain="127.0.0.1", path="/")
        assert browser.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"Origin": PUBLIC_URL}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://ondt.example"}, False),
        ({"Origin": f"{PUBLIC_URL}.ondt.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://anden.example.dk"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
def test_another_site_can_change_nothing_with_someones_session(browser, headers, accepted):
    karen = browser()
    logged_in(karen)
    for path in (f"/v1/cases/{AARHUS}/note-recorded", "/logout"):
        answer = karen.post(path, json={}, headers=headers)
        assert (answer.status_code == 403) is not accepted, answer.text
        assert accepted or "egne sider" in answer.json()["detail"]


def test_a_bearer_token_needs_no_page_and_goes_before_a_session(browser):
    karen = browser()
    logged_in(karen)
    provider().knows("u-le-01", **WHO | {"name": "Poul Prøvesen", "unit": "ledelse", "role": "leder"})
    poul = {"Authorization": f"Bearer {provider().token('u-le-01')}"}
    assert karen.get("/v1/me", headers=poul).json()["user_id"] == "u-le-01"
    assert karen.post(f"/v1/cases/{AARHUS}/note-recorded", json={}, headers=poul).status_code != 403
    assert karen.get("/v1/me", headers={"Authorization": "Bearer x"}).status_code == 401


# Logins that are not completed


def back_with(browser, **changed):
    """Comes back from the provider with something else than it sent."""
    provider().knows("u-fc-01", **WHO)
    back = urlsplit(provider().logged_in(browser.get("/login").headers["Location"], "u-fc-01"))
    sent = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
    return browser.get(back.path, params={name: value for name, value in sent.items() if value is not None})


@pytest.mark.parametrize(
    "changed",
    [{"state": "x"}, {"state": "æ"}, {"state": None}, {"code": "x"}, {"code": None}, {"error": "access_denied"}],
)
def test_a_login_that_comes_back_changed_lets_nobody_in(browser, changed):
    karen = browser()
    answer = back_with(karen, **changed)
    assert answer.status_code == 401
    assert "Begynd forfra på /login" in answer.json()["detail"]
    assert not [cookie for cookie in cookies(answer) if "session" in cookie]
    assert karen.get("/v1/me").status_code == 401


def test_a_login_can_only_be_completed_by_the_browser_that_began_it(browser):
    provider().knows("u-fc-01", **WHO)
    karen = browser()
    back = urlsplit(provider().logged_in(karen.get("/login").headers["Location"], "u-fc-01"))
    completed = f"{back.path}?{back.query}"
    other = browser()
    assert other.get(completed).status_code == 401
    other.get("/login")
    assert other.get(completed).status_code == 401
    assert karen.get(completed).status_code == 303
    assert karen.get(completed).status_code == 401  # once


def test_a_user_without_a_place_here_is_not_let_in(browser):
    karen = browser()
    answer = logged_in(karen, user="u-x-01", role="frh_raadgiver")
    assert answer.status_code == 403
    assert "Aarhus Kommune" in answer.json()["detail"]
    assert cookies(answer) == []


@pytest.mark.parametrize(
    "page", ["https://ondt.example", "//ondt.example", "/\\ondt.example", "v1/me", "", "/a\r\nX: 1", "/" + "a" * 600]
)
def test_a_login_leads_to_a_page_of_the_service_only(browser, page):
    assert browser().get("/login", params={"next": page}).status_code == 422


def test_a_provider_that_is_away_can_be_tried_again_and_a_session_still_ended(books):
    with service_of(books, oidc_issuer="http://127.0.0.1:1") as browser:
        away = browser().get("/login")
        assert (away.status_code, away.json()["type"]) == (503, "unavailable")
        assert int(away.headers["Retry-After"]) > 0
        token = browser().get("/v1/me", headers={"Authorization": f"Bearer {provider().token('u-fc-01')}"})
        assert token.status_code == 503
        out = browser().post("/logout", headers=OWN_PAGE)
        assert (out.status_code, out.headers["Location"]) == (303, "/")


def test_local_users_have_no_browser_login(books, tmp_path):
    with served(books, tmp_path) as service:
        karen = service.client(KAREN)
        assert karen.get("/v1/me").json()["user_id"] == KAREN
        for answer in (karen.get("/login"), karen.get("/callback"), karen.post("/logout")):
            assert answer.status_code == 404
            assert "Authorization: Bearer" in answer.json()["detail"]
