"""Where the service may be reached from."""

from api.identity_settings import IdentitySettings, is_loopback
from ledger.errors import SagsbogError


def refuse_unsafe(settings: IdentitySettings, host: str) -> None:
    """Refuses to serve on an address that others reach, unless it is known who they are and nobody listens in."""
    if is_loopback(host):
        return
    missing = []
    if not settings.oidc_issuer:
        missing.append("SAGSBOG_OIDC_ISSUER (hvem der logger ind)")
    if not (settings.tls_certificate and settings.tls_key) and not settings.trusted_proxy:
        missing.append("SAGSBOG_TLS_CERTIFICATE og SAGSBOG_TLS_KEY (eller SAGSBOG_TRUSTED_PROXY)")
    if missing:
        raise SagsbogError(f"På {host} kan andre nå tjenesten. Sæt {', og '.join(missing)}, eller brug 127.0.0.1.")
