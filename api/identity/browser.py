"""Login with a browser: authorization code with PKCE, state and nonce (OpenID Connect)."""

from dataclasses import dataclass
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, Final, NoReturn
from urllib.parse import urlencode

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]  # authlib has no types
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]  # as above

from api.identity.oidc import OidcIdentity
from api.identity.sessions import Sessions
from api.principal import Principal
from ledger.errors import Unauthenticated

log = structlog.get_logger()
CALLBACK: Final = "/callback"
_TIMEOUT: Final = 5.0  # seconds
_AGAIN: Final = "Login blev ikke fuldført. Begynd forfra på /login."


@dataclass(frozen=True)
class BrowserLogin:
    """How people log in with a browser, and what they are known by afterwards."""

    identity: OidcIdentity
    sessions: Sessions

    def begin(self, then: str) -> tuple[str, dict[str, Any]]:
        """Where the browser logs in, and what must be kept until it comes back; `then` is the page it wants to see."""
        kept = {"nonce": token_urlsafe(32), "verifier": token_urlsafe(64), "then": then}
        endpoint = self.identity.provider.metadata.authorization_endpoint
        with self._client() as client:
            url, state = client.create_authorization_url(endpoint, code_verifier=kept["verifier"], nonce=kept["nonce"])
        return url, {**kept, "state": state}

    def finish(self, kept: dict[str, Any] | None, state: str, code: str) -> tuple[Principal, str]:
        """Who logged in and the page they wanted, from what was kept and what the browser came back with."""
        if kept is None or not compare_digest(str(kept["state"]).encode(), state.encode()):
            _refuse("state")
        client_id = self.identity.settings.oidc_client_id
        assert client_id
        claims = self.identity.claims(self._id_token(code, kept["verifier"]), client_id)
        if claims.get("nonce") != kept["nonce"] or claims.get("azp", client_id) != client_id:
            _refuse("nonce or party")
        return self.identity.known(claims), str(kept["then"])

    def ended(self) -> str:
        """Where the browser goes to log out of the provider, too."""
        home = f"{self.sessions.origin}/"
        endpoint = self.identity.provider.metadata.end_session_endpoint
        if endpoint is None:
            return home
        asked = urlencode({"client_id": self.identity.settings.oidc_client_id, "post_logout_redirect_uri": home})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}"

    def _id_token(self, code: str, verifier: str) -> str:
        """What the provider gives for the code: once, to us alone, and only with the verifier of this login."""
        endpoint = self.identity.provider.metadata.token_endpoint
        try:
            with self._client() as client:
                got = client.fetch_token(endpoint, grant_type="authorization_code", code=code, code_verifier=verifier)
        except OAuthError as error:
            _refuse(str(error.error))
        except (httpx2.HTTPError, ValueError) as error:
            log.info("identity provider away", error=type(error).__name__)
            raise self.identity.provider.unavailable() from None
        return str(got.get("id_token", ""))

    def _client(self) -> OAuth2Client:
        settings, secret = self.identity.settings, self.identity.settings.oidc_client_secret
        return OAuth2Client(
            settings.oidc_client_id,
            secret and secret.get_secret_value(),
            scope=settings.oidc_scope,
            redirect_uri=f"{self.sessions.origin}{CALLBACK}",
            code_challenge_method="S256",
            timeout=_TIMEOUT,
        )


def _refuse(why: str) -> NoReturn:
    log.info("login refused", why=why)
    raise Unauthenticated(_AGAIN)
