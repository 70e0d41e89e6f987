"""What proves who asks."""

from datetime import UTC, datetime
from typing import Final, Protocol

from joserfc.errors import JoseError
from starlette.requests import Request

from api.principal import Principal
from ledger.errors import Unauthenticated

ODD_TOKEN: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a token may raise: it comes from anyone, and every part of it may be of any shape."""


def now() -> datetime:
    """The clock that tokens are held against."""
    return datetime.now(UTC)


class Identity(Protocol):
    """What proves who asks. Safe to use from several threads."""

    def principal(self, request: Request) -> Principal:
        """Who sends a request; Unauthenticated when the credentials are missing or prove nothing."""

    def of(self, token: str) -> Principal:
        """Whom a token names; Unauthenticated when it proves nothing."""


def bearer(header: str | None) -> str:
    """The token of an Authorization header."""
    kind, _, token = (header or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Log ind: send headeren Authorization: Bearer ….")
    return token.strip()
