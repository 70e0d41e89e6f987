"""Sessions of people who logged in with a browser: a cookie that only the service can read."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final, Literal

from joserfc import jwt
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response

from api.identity.proof import ODD_TOKEN
from api.identity_settings import IdentitySettings
from api.principal import Principal
from ledger.clock import Clock
from ledger.errors import Forbidden
from ledger.facts.entry import Actor

Kind = Literal["session", "login"]
"""What a cookie is for: someone who is logged in, or a login under way."""
_SEALED: Final = {"alg": "dir", "enc": "A256GCM"}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOGIN_LASTS: Final = timedelta(minutes=10)


class Sessions:
    """Cookies sealed with the service's own key: nobody else can make, change or read one."""

    def __init__(self, settings: IdentitySettings, key: bytes, clock: Clock) -> None:
        self._key = OctKey.import_key(key)
        self._clock = clock
        self.origin: Final = (settings.public_url or "").rstrip("/")
        self._last: Final[dict[Kind, timedelta]] = {
            "session": timedelta(minutes=settings.session_minutes),
            "login": _LOGIN_LASTS,
        }

    def principal(self, request: Request) -> Principal | None:
        """Whose session a request belongs to. Forbidden when it changes something and another site may have sent it."""
        kept = self.read(request, "session")
        if kept is None:
            return None
        self.check_own_site(request)
        return Principal(Actor(**kept["actor"]), kept["municipality"], kept["cpr"])

    def check_own_site(self, request: Request) -> None:
        """Forbidden unless a request that changes something comes from our own pages: a browser sends cookies along."""
        if request.method in _SAFE:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if not (site == "same-origin" if site else origin == self.origin):
            raise Forbidden("Ændringer med browserens login kan kun komme fra tjenestens egne sider.")

    def begin(self, answer: Response, principal: Principal) -> None:
        """Lets the browser be known as the principal from now on."""
        kept = {"actor": asdict(principal.actor), "municipality": principal.municipality, "cpr": principal.cpr}
        self.keep(answer, "session", kept)

    def keep(self, answer: Response, kind: Kind, kept: dict[str, Any]) -> None:
        """Gives the browser a cookie that says so, for as long as its kind lasts."""
        lasts = self._last[kind]
        claims = {"kept": kept, "aud": kind, "exp": int((self._clock() + lasts).timestamp())}
        value = jwt.encode(_SEALED, claims, self._key, registry=_registry())
        answer.set_cookie(self._name(kind), value, int(lasts.total_seconds()), **self._manner)
        answer.headers["Cache-Control"] = "no-store"

    def end(self, answer: Response, kind: Kind) -> None:
        """Takes the cookie from the browser."""
        answer.delete_cookie(self._name(kind), **self._manner)

    def read(self, request: Request, kind: Kind) -> dict[str, Any] | None:
        """What a cookie of ours says; None without one, or when its time is over."""
        sealed = request.cookies.get(self._name(kind))
        if sealed is None:
            return None
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()), aud={"essential": True, "value": kind}, exp={"essential": True}
        )
        try:
            claims = jwt.decode(sealed, self._key, registry=_registry()).claims
            rules.validate(claims)
        except ODD_TOKEN:
            return None
        kept: dict[str, Any] = claims["kept"]
        return kept

    def _name(self, kind: Kind) -> str:
        """`__Host-`: set by this very host, over TLS, and for no other."""
        return f"__Host-sagsbog-{kind}" if self._over_tls else f"sagsbog-{kind}"

    @property
    def _over_tls(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def _manner(self) -> dict[str, Any]:
        return {"path": "/", "secure": self._over_tls, "httponly": True, "samesite": "lax"}


def _registry() -> JWERegistry:
    return JWERegistry(algorithms=[_SEALED["alg"], _SEALED["enc"]])
