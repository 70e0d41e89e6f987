"""Logging in with a browser, and who the service takes you for."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.http.service import Serving, Who
from api.identity import OidcIdentity
from api.identity.browser import CALLBACK, BrowserLogin
from ledger.errors import Fault, Invalid, NotFound, Unauthenticated, Unavailable

router = APIRouter()
_OWN_PAGE: Final = re.compile(r"/(?![/\\])[!-~]{0,500}")
"""A path on this site; never another site, and nothing that could end a header."""
_SEE_OTHER: Final = 303


class Me(BaseModel):
    """Who the service takes you for."""

    user_id: str = Field(description="id that entries and the access log name")
    name: str = Field(description="name")
    unit: str = Field(description="unit (slug)")
    role: str = Field(description="role (slug)")
    municipality: str | None = Field(description="the municipality whose cases exist for you (slug)")


async def browser_login(serving: Serving) -> BrowserLogin:
    """How browsers log in; NotFound where they cannot."""
    identity = serving.identity
    if not isinstance(identity, OidcIdentity) or identity.sessions is None:
        raise NotFound("Her er intet browser-login. Send et adgangsbevis i headeren Authorization: Bearer ….")
    return BrowserLogin(identity, identity.sessions)


Login = Annotated[BrowserLogin, Depends(browser_login)]


@router.get("/v1/me", summary="Hvem du er", operation_id="whoAmI", tags=["Login"])
def me(who: Who) -> Me:
    """Hvem tjenesten tager dig for: bruger, enhed, rolle og kommune."""
    actor = who.actor
    return Me(
        user_id=actor.user_id, name=actor.name, unit=actor.unit, role=actor.role, municipality=who.municipality
    )  # fmt: skip


@router.get("/login", include_in_schema=False)
def login(browser: Login, then: Annotated[str, Query(alias="next")] = "/v1/me") -> RedirectResponse:
    """Sends the browser to the identity provider, and back to a page of this site when it has logged in."""
    if not _OWN_PAGE.fullmatch(then):
        raise Invalid(Fault("next", "skal være en side på denne tjeneste, fx /v1/me"))
    url, kept = browser.begin(then)
    answer = RedirectResponse(url, _SEE_OTHER)
    browser.sessions.keep(answer, "login", kept)
    return answer


@router.get(CALLBACK, include_in_schema=False)
def callback(request: Request, browser: Login, state: str = "", code: str = "", error: str = "") -> RedirectResponse:
    """Where the identity provider sends the browser back: whoever logged in has a session from here on."""
    if error:
        raise Unauthenticated("Login blev afbrudt hos login-tjenesten. Begynd forfra på /login.")
    principal, then = browser.finish(browser.sessions.read(request, "login"), state, code)
    answer = RedirectResponse(then, _SEE_OTHER)
    browser.sessions.end(answer, "login")
    browser.sessions.begin(answer, principal)
    return answer


@router.post("/logout", include_in_schema=False)
def logout(request: Request, browser: Login) -> RedirectResponse:
    """Ends the browser's session here and at the identity provider."""
    browser.sessions.check_own_site(request)
    try:
        url = browser.ended()
    except Unavailable:  # the session ends here all the same
        url = "/"
    answer = RedirectResponse(url, _SEE_OTHER)
    browser.sessions.end(answer, "session")
    return answer
