"""OpenID Connect: bearer tokens of people and systems, and sessions of people who logged in with a browser."""

from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from starlette.requests import Request

from api.identity.claims import principal_of
from api.identity.proof import ODD_TOKEN, bearer, now
from api.identity.provider import Provider
from api.identity.sessions import Sessions
from api.identity_settings import IdentitySettings
from api.principal import Principal
from ledger.clock import Clock
from ledger.errors import Unauthenticated
from ledger.law.rulebook import Rulebook

_REFUSED: Final = "Adgangsbeviset er ugyldigt eller udløbet. Log ind igen."


class OidcIdentity:
    """Whoever the identity provider vouches for."""

    def __init__(
        self, settings: IdentitySettings, rulebook: Rulebook, session_key: bytes | None = None, clock: Clock = now
    ) -> None:
        """`session_key`: 32 bytes, the same in every process of the service; without it nobody has a session."""
        assert settings.oidc_audience
        self.provider: Final = Provider(settings, clock)
        self.sessions: Final = Sessions(settings, session_key, clock) if session_key else None
        self.settings: Final = settings
        self._rulebook = rulebook
        self._signatures = _Signatures(algorithms=settings.oidc_algorithms, strict_check_header=False)
        self._clock = clock

    def principal(self, request: Request) -> Principal:
        """Who a bearer token names, else whose session it is."""
        header = request.headers.get("Authorization")
        if header is None and self.sessions and (principal := self.sessions.principal(request)):
            return principal
        return self.of(bearer(header))

    def of(self, token: str) -> Principal:
        """Whom a bearer token names."""
        assert self.settings.oidc_audience
        return self.known(self.claims(token, self.settings.oidc_audience))

    def known(self, claims: Mapping[str, Any]) -> Principal:
        """The principal that proved claims are mapped to; Forbidden when they are not enough."""
        return principal_of(claims, self.settings, self._rulebook)

    def claims(self, token: str, audience: str) -> dict[str, Any]:
        """What a token says, when the issuer signed it, for this audience, and it is valid now."""
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=self.settings.oidc_clock_skew_seconds,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        try:
            claims = self._signed(token)
            rules.validate(claims)
        except ODD_TOKEN:
            raise Unauthenticated(_REFUSED) from None
        return claims

    def _signed(self, token: str) -> dict[str, Any]:
        """What a token says, once its signature is proved; with newly fetched keys when those we have do not fit."""
        try:
            return self._decoded(token)
        except (BadSignatureError, InvalidKeyIdError):  # without key ids, a new key shows as a bad signature
            if not self.provider.renewed():
                raise
            return self._decoded(token)

    def _decoded(self, token: str) -> dict[str, Any]:
        return jwt.decode(token, lambda _: self.provider.keys, registry=self._signatures).claims


class _Signatures(JWSRegistry):
    """The signatures we accept: what the settings list, and nothing for the library to add or to warn of."""

    max_header_length = 4096  # some providers send their certificate along

    def get_alg(self, name: str) -> Any:  # the library does not publish its class
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]
