"""Identity: from the credentials of a request to the principal they prove.

The embedded ledger has named, invented users with tokens of its own, for loopback only.
"""

import secrets
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tomllib import loads
from typing import Any, Final, Protocol

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from api.principal import Principal
from ledger.errors import NotFound, Unauthenticated
from ledger.facts.entry import Actor

_LOCAL: Final = "sagsbog-lokal"
_HOURS: Final = 12


class Identity(Protocol):
    """What proves who asks."""

    def principal(self, request: Request) -> Principal:
        """Who asks; Unauthenticated when the credentials are missing or prove nothing."""


class LocalIdentity:
    """The embedded ledger's own users. Whoever can read the data directory can be any of them."""

    def __init__(self, directory: Path) -> None:
        """`directory`: where the key that signs tokens is kept, made at the first use with mode 0600."""
        self._key = OctKey.import_key(_key_in(directory / "tokens.key"))

    def principal(self, request: Request) -> Principal:
        """The user that a bearer token names."""
        return self.of(bearer(request.headers.get("Authorization")))

    def of(self, token: str) -> Principal:
        """The user that a token names."""
        rules = jwt.JWTClaimsRegistry(iss={"essential": True, "value": _LOCAL}, exp={"essential": True})
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            rules.validate(claims)
        except (JoseError, ValueError):
            raise Unauthenticated("Adgangsbeviset er ugyldigt eller udløbet. Lav et nyt: sagsbog token.") from None
        return local_user(str(claims["sub"]))

    def token(self, user: str) -> str:
        """A token for one of the local users."""
        expires = datetime.now(UTC) + timedelta(hours=_HOURS)
        claims = {"iss": _LOCAL, "sub": local_user(user).actor.user_id, "exp": int(expires.timestamp())}
        return jwt.encode({"alg": "HS256"}, claims, self._key)


def bearer(header: str | None) -> str:
    """The token of an Authorization header."""
    kind, _, token = (header or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Log ind: send headeren Authorization: Bearer ….")
    return token.strip()


def local_users() -> dict[str, dict[str, Any]]:
    """The invented users of the embedded ledger, by user id."""
    told = loads(files("api").joinpath("local_users.toml").read_text("utf-8"))
    return {str(one["user_id"]): one for one in told["user"]}


def local_user(user: str) -> Principal:
    """One of the local users; NotFound when there is none of that name."""
    found = local_users().get(user)
    if found is None:
        known = ", ".join(local_users())
        raise NotFound(f"Der er ingen lokal bruger {user}. Brugere: {known}")
    actor = Actor(found["user_id"], found["name"], found["unit"], found["role"])
    return Principal(actor, found["municipality"], found.get("cpr"))


def _key_in(path: Path) -> bytes:
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()
