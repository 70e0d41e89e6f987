"""Which identity the settings ask for."""

from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.identity.local import LocalIdentity
from api.identity.oidc import OidcIdentity
from api.identity.proof import Identity, now
from api.identity_settings import is_shared
from api.settings import Settings
from ledger.clock import Clock
from ledger.errors import SagsbogError
from ledger.law.rulebook import rulebook_in_force
from ledger.store.books import NOT_A_URL
from ledger.store.vault import master_key_file, master_key_in


def identity_of(settings: Settings, clock: Clock = now) -> Identity:
    """Who is let in: whoever the identity provider vouches for, else the embedded ledger's own users."""
    if settings.oidc_issuer is None:
        return LocalIdentity(local_place(settings), clock)
    if settings.oidc_audience is None:
        raise SagsbogError("Sæt også SAGSBOG_OIDC_AUDIENCE: hvad SAGSBOG_OIDC_ISSUER kalder denne tjeneste.")
    if settings.oidc_client_id and settings.public_url is None:
        raise SagsbogError("Sæt også SAGSBOG_PUBLIC_URL: hvor browseren finder tjenesten, når den har logget ind.")
    session_key = _session_key(settings) if settings.oidc_client_id else None
    return OidcIdentity(settings, rulebook_in_force(), session_key, clock)


def local_place(settings: Settings) -> Path:
    """The data directory of the embedded ledger; on a shared database there is none, and so no users of its own."""
    if is_shared(settings.database_url):
        raise SagsbogError(
            "På en delt database skal SAGSBOG_OIDC_ISSUER og SAGSBOG_OIDC_AUDIENCE sige, hvem der logger ind."
        )
    try:
        return Path(make_url(settings.database_url).database or "data")
    except ArgumentError:
        raise SagsbogError(NOT_A_URL) from None


def _session_key(settings: Settings) -> bytes:
    """The same in every process: made of the master key, which all of them have, for nothing but sessions."""
    if settings.master_key or is_shared(settings.database_url):
        master_key = master_key_in(settings.master_key or "")
        return HKDF(SHA256(), 32, salt=None, info=b"sagsbog/session/1").derive(master_key)
    place = local_place(settings)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return master_key_file(place / "sessions.key")[0]
