"""How often someone may ask: each user, and each address that has not proved to be one."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.measured import RATE_LIMITED
from api.http.problems import problem

_AT_ONCE: Final = 10  # seconds' worth that may come all at once
_MOST: Final = 10_000  # keys remembered; the one least used is forgotten first
_NETWORK: Final = 64  # bits of an IPv6 address that stand for one subscriber


class Buckets:
    """A bucket of tokens for each key, filled by the second."""

    def __init__(self, rate: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes a token; seconds until there will be one, 0 when there was."""
        now, full = self._clock(), float(self._rate * _AT_ONCE)
        left, since = self._left.pop(key, (full, now))
        left = min(full, left + (now - since) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[key] = (left if wait else left - 1, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._left)


class RateLimit:
    """Answers 429 to whoever asks too often.

    Who someone is stands only once a request was answered. So credentials count for their user from their second
    request on; what has proved nothing counts for the address it comes from, however many tokens it makes up.
    """

    def __init__(self, app: ASGIApp, rate: int) -> None:
        self.app = app
        self._buckets = Buckets(rate)
        self._users: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or tells when to come again."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        credentials = _credentials(scope)
        user = self._users.get(credentials)
        wait = self._buckets.take(f"user {user}" if user else f"address {_address(scope)}")
        if wait:
            RATE_LIMITED.inc()
            answer = problem(429, "Der kommer for mange forespørgsler. Vent lidt, og prøv igen.")
            answer.headers["Retry-After"] = str(ceil(wait))
            await answer(scope, receive, send)
            return

        async def learning(message: Message) -> None:
            if message["type"] == "http.response.start" and credentials:
                self._learn(credentials, scope.get("state", {}).get("user_id"))
            await send(message)

        await self.app(scope, receive, learning)

    def _learn(self, credentials: str, user: str | None) -> None:
        if user is not None:
            self._users[credentials] = user
            self._users.move_to_end(credentials)
            if len(self._users) > _MOST:
                self._users.popitem(last=False)


def _credentials(scope: Scope) -> str:
    """A digest of what proves who asks; empty when nothing does."""
    headers = Headers(scope=scope)
    shown = headers.get("authorization") or headers.get("cookie") or ""
    return sha256(shown.encode()).hexdigest() if shown else ""


def _address(scope: Scope) -> str:
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    return str(int(address) >> (128 - _NETWORK)) if isinstance(address, IPv6Address) else host
