"""The identity provider: where it takes requests, and the keys it signs with, as it publishes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Annotated, Any, Final

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from api.identity_settings import IdentitySettings, is_safe_url
from ledger.clock import Clock
from ledger.errors import Unavailable

log = structlog.get_logger()
_AT_MOST_EVERY: Final = timedelta(seconds=10)
"""Between looks for a new key: whoever sends bad tokens must not make us ask the provider each time."""
_AFTER_A_FAILURE: Final = timedelta(seconds=2)
_TIMEOUT: Final = 5.0  # seconds
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


def _over_tls(url: str) -> str:
    if not is_safe_url(url):
        raise ValueError("not over TLS")
    return url


SafeUrl = Annotated[str, AfterValidator(_over_tls)]


class Metadata(BaseModel):
    """What the provider says of itself (OpenID Connect Discovery)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    jwks_uri: SafeUrl
    authorization_endpoint: SafeUrl
    token_endpoint: SafeUrl
    end_session_endpoint: SafeUrl | None = None


@dataclass(frozen=True)
class _Known:
    """What the provider said last."""

    metadata: Metadata
    keys: KeySet
    at: datetime


class Provider:
    """One issuer. What it publishes is kept for a while, and fetched again when a token names a key unknown to us."""

    def __init__(self, settings: IdentitySettings, clock: Clock) -> None:
        assert settings.oidc_issuer
        self.issuer: Final = settings.oidc_issuer
        self._max_age = timedelta(seconds=settings.oidc_keys_max_age_seconds)
        self._clock = clock
        self._fetching = Lock()
        self._known: _Known | None = None
        self._tried_at: datetime | None = None
        self._failed = False

    @property
    def keys(self) -> KeySet:
        """The keys that count now. Unavailable when they are too old and the provider does not answer."""
        return self._fresh().keys

    @property
    def metadata(self) -> Metadata:
        """Where the provider takes requests."""
        return self._fresh().metadata

    def renewed(self) -> bool:
        """Asks the provider again, unless that was done just now; whether it was asked."""
        with self._fetching:
            if self._tried_within(_AT_MOST_EVERY) and not self._failed:
                return False
            self._fetch()
            return True

    def _fresh(self) -> _Known:
        known = self._known
        if known and self._is_fresh(known):
            return known
        with self._fetching:  # one asks, the others wait for the answer
            if self._known and self._is_fresh(self._known):
                return self._known
            return self._fetch()

    def _is_fresh(self, known: _Known) -> bool:
        return timedelta(0) <= self._clock() - known.at <= self._max_age

    def _tried_within(self, time: timedelta) -> bool:
        return self._tried_at is not None and timedelta(0) <= self._clock() - self._tried_at < time

    def _fetch(self) -> _Known:
        if self._failed and self._tried_within(_AFTER_A_FAILURE):
            raise self.unavailable()
        self._tried_at, self._failed = self._clock(), True
        try:
            self._known = self._asked()
        except (
            httpx2.HTTPError,
            httpx2.InvalidURL,
            JoseError,
            ValidationError,
            ValueError,
            TypeError,
            KeyError,
        ) as error:
            log.info("identity provider away", error=type(error).__name__)
            raise self.unavailable() from None
        self._failed = False
        return self._known

    def _asked(self) -> _Known:
        with httpx2.Client(timeout=_TIMEOUT) as client:
            metadata = Metadata.model_validate(_got(client, self.issuer.rstrip("/") + _WELL_KNOWN))
            if metadata.issuer != self.issuer:
                log.error("identity provider calls itself otherwise", issuer=metadata.issuer)
                raise ValueError("issuer")
            return _Known(metadata, signing_keys(_got(client, metadata.jwks_uri)), self._clock())

    def unavailable(self) -> Unavailable:
        """The answer while the provider cannot be asked."""
        return Unavailable(
            f"Login-tjenesten {self.issuer} svarer ikke, så det kan ikke ses, hvem du er. Prøv igen om lidt."
        )


def _got(client: httpx2.Client, url: str) -> Any:
    return client.get(url).raise_for_status().json()


def signing_keys(published: Any) -> KeySet:
    """The keys of a published set that tokens may be signed with: public ones, none meant for something else."""
    keys = [key for key in published["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]
    return KeySet.import_key_set({"keys": keys})
