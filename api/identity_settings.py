"""Settings of identity: who the service lets in, and where it may be reached from."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def is_loopback(host: str) -> bool:
    """Whether a host can only be reached from this machine."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_safe_url(url: str) -> bool:
    """Whether what is sent there stays between the two: over TLS, or within this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        )
    except ValueError:
        return False


def is_shared(database_url: str) -> bool:
    """Whether several use a database, so that nobody is someone by holding it."""
    return database_url.partition(":")[0].partition("+")[0] == "postgresql"


class IdentitySettings(BaseSettings):
    """Environment variables SAGSBOG_* about identity."""

    model_config = SettingsConfigDict(frozen=True, use_attribute_docstrings=True)

    oidc_issuer: str | None = None
    """The identity provider, by the URL it calls itself. Unset: the embedded ledger's invented users, on loopback."""
    oidc_audience: str | None = None
    """What a bearer token must name as its audience: this service, as the identity provider knows it."""
    oidc_algorithms: tuple[Literal["RS256", "PS256", "ES256", "EdDSA", "Ed25519"], ...] = (
        "RS256",
        "PS256",
        "ES256",
        "EdDSA",
        "Ed25519",
    )
    """The signatures that are accepted, as a JSON list."""
    oidc_clock_skew_seconds: int = Field(30, ge=0, le=300)
    """How far the clocks of the provider and of the service may be apart."""
    oidc_keys_max_age_seconds: int = Field(300, ge=1, le=86_400)
    """How long the provider's keys are used before they are fetched again: a revoked key counts no longer than that."""
    oidc_claim_user: str = "sub"
    """Claim with the user id; a dotted path when it lies inside others. Never a CPR number: looks are logged by it."""
    oidc_claim_name: str = "name"
    """Claim with the name that colleagues and parents read; without it the user id is shown."""
    oidc_claim_municipality: str = "municipality"
    """Claim with the municipality. A provider of one municipality only: `iss`, with a line in OIDC_MUNICIPALITIES."""
    oidc_claim_unit: str = "unit"
    """Claim with the unit."""
    oidc_claim_role: str = "role"
    """Claim with the role, or with the groups that OIDC_ROLES makes one of."""
    oidc_claim_cpr: str = "cpr"
    """Claim with a citizen's own CPR number; not read for staff."""
    oidc_municipalities: dict[str, str] = {}
    """What the provider says = municipality, as JSON. Empty: it says the municipality itself, as the rulebook does."""
    oidc_units: dict[str, str] = {}
    """What the provider says = unit, as JSON. Empty: it says the unit itself."""
    oidc_roles: dict[str, str] = {}
    """What the provider says = role, as JSON, e.g. {"HT-Raadgiver": "fc_raadgiver"}. Empty: it says the role itself."""
    oidc_client_id: str | None = None
    """The service as a client of the provider: people can then log in with a browser at /login."""
    oidc_client_secret: SecretStr | None = None
    """The client's secret, when the provider has given it one."""
    oidc_scope: str = "openid profile"
    """What the browser login asks for."""
    public_url: str | None = None
    """Where browsers find the service, e.g. https://sagsbog.example.dk. Required for the browser login."""
    session_minutes: int = Field(60, ge=1, le=720)
    """How long a browser login lasts."""
    token: SecretStr | None = None
    """Who uses the command line, proved: required on PostgreSQL."""
    tls_certificate: Path | None = None
    """The service's certificate (PEM); with TLS_KEY it speaks TLS itself."""
    tls_key: Path | None = None
    """The certificate's key (PEM)."""
    trusted_proxy: str | None = None
    """Address or network (several with commas) of the proxy in front that speaks TLS and is believed about clients."""

    @field_validator("oidc_issuer", "public_url")
    @classmethod
    def _is_safe_url(cls, url: str | None) -> str | None:
        """Over TLS, except within this machine."""
        if url is not None and not is_safe_url(url):
            raise ValueError("skal være en https-adresse (http kun på 127.0.0.1)")
        return url

    @field_validator("trusted_proxy")
    @classmethod
    def _is_not_everyone(cls, addresses: str | None) -> str | None:
        networks = [ip_network(one.strip()) for one in (addresses or "").split(",") if addresses]
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("må ikke være alle adresser")
        return addresses
