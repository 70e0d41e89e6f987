"""What holds for every request, whatever it asks: the layers around the routes, the outermost first."""

import re
from typing import Final
from uuid import uuid4

import structlog
from asgi_correlation_id import CorrelationIdMiddleware
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.limits import BodyLimit, TimeLimit
from api.http.measured import UNEXPECTED_ERRORS
from api.http.problems import OUR_FAULT, problem
from api.http.rate import RateLimit
from api.http.request_log import RequestLog
from api.http.tracing import Spans
from api.settings import Settings

log = structlog.get_logger()
_UUID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
"""The id of a request may come with it. A free text could name somebody, and would stand in every line of the log."""


def manners(settings: Settings, spans: Spans | None) -> list[Middleware]:
    """The layers of the service."""
    return [
        Middleware(CorrelationIdMiddleware, validator=None, transformer=_request_id),
        Middleware(RequestLog, spans=spans),
        Middleware(SecurityHeaders),
        *([Middleware(RateLimit, rate=settings.rate_limit)] if settings.rate_limit else []),
        Middleware(TimeLimit, seconds=settings.answer_seconds),
        Middleware(BodyLimit, most=settings.body_limit, seconds=settings.body_seconds),
        Middleware(Faults),
    ]


def _request_id(given: str) -> str:
    return given if _UUID.fullmatch(given) else uuid4().hex


_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Tells browsers and proxies to keep nothing, run nothing and frame nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers, where the answer does not have its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Content-Security-Policy", _NOTHING)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, careful)


class Faults:
    """Makes an answer of our own errors, and a line in the log that does not quote them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets no error out, so that all other layers hold for its answer too."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:  # in the middle of the body: nothing was done, and there is nobody to tell
            log.info("client left")
        except Exception:
            UNEXPECTED_ERRORS.inc()
            log.exception("unexpected error")
            if begun or scope["type"] != "http":
                raise
            await problem(500, OUR_FAULT)(scope, receive, send)
