"""The embedded ledger's own users: named, invented, with tokens made here. For loopback only."""

from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from tomllib import loads
from typing import Final

from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.requests import Request

from api.identity.proof import ODD_TOKEN, bearer, now
from api.principal import Principal
from ledger.clock import Clock
from ledger.errors import NotFound, Unauthenticated
from ledger.facts.entry import Actor
from ledger.store.vault import master_key_file

_LOCAL: Final = "sagsbog-lokal"
_LASTS: Final = timedelta(hours=12)


class LocalIdentity:
    """The embedded ledger's own users. Whoever can read the data directory can be any of them."""

    def __init__(self, directory: Path, clock: Clock = now) -> None:
        """`directory`: where the key that signs tokens is kept, made at the first use with mode 0600."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = OctKey.import_key(master_key_file(directory / "tokens.key")[0])
        self._clock = clock

    def principal(self, request: Request) -> Principal:
        """The user that a bearer token names."""
        return self.of(bearer(request.headers.get("Authorization")))

    def of(self, token: str) -> Principal:
        """The user that a token names."""
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()), iss={"essential": True, "value": _LOCAL}, exp={"essential": True}
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            rules.validate(claims)
            return local_user(str(claims["sub"]))
        except (*ODD_TOKEN, NotFound):
            raise Unauthenticated("Adgangsbeviset er ugyldigt eller udløbet. Lav et nyt: sagsbog token.") from None

    def token(self, user: str) -> str:
        """A token for one of the local users."""
        expires = self._clock() + _LASTS
        claims = {"iss": _LOCAL, "sub": local_user(user).actor.user_id, "exp": int(expires.timestamp())}
        return jwt.encode({"alg": "HS256"}, claims, self._key)


@cache
def local_users() -> dict[str, Principal]:
    """The invented users of the embedded ledger, by user id."""
    told = loads(files("api").joinpath("local_users.toml").read_text("utf-8"))
    return {
        user: Principal(Actor(user, one["name"], one["unit"], one["role"]), municipality, one.get("cpr"))
        for municipality, users in told.items()
        for user, one in users.items()
    }


def local_user(user: str) -> Principal:
    """One of the local users; NotFound when there is none of that name."""
    if user not in local_users():
        raise NotFound(f"Der er ingen lokal bruger {user}. Se dem med: sagsbog token --list")
    return local_users()[user]
