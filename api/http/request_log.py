"""What each request leaves behind for those who run the service: a line in the log, figures, and a span.

The route is named by its template, and nothing of the query, the body or the headers is kept: ids only.
"""

from time import perf_counter
from typing import Final

import structlog
from asgi_correlation_id import correlation_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.http.measured import IN_FLIGHT, REQUESTS, SECONDS
from api.http.tracing import Spans

log = structlog.get_logger()
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_NO_ANSWER: Final = 499  # as nginx says it: the client was gone before there was one
_FAILED: Final = 500


class RequestLog:
    """Notes every request once it is answered."""

    def __init__(self, app: ASGIApp, spans: Spans | None) -> None:
        self.app = app
        self.spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and notes how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = _NO_ANSWER, perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with bound_contextvars(request=correlation_id.get()), IN_FLIGHT.track_inprogress():
            try:
                if self.spans:
                    with self.spans.of(scope) as span:
                        await self.app(scope, receive, noting)
                        self.spans.end(span, _method(scope), route_of(scope), status)
                else:
                    await self.app(scope, receive, noting)
            finally:
                _note(scope, status, perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    method, route = _method(scope), route_of(scope)
    REQUESTS.labels(method, route, f"{status // 100}xx").inc()
    SECONDS.labels(method, route).observe(seconds)
    say = log.info if status < _FAILED else log.warning
    user = scope.get("state", {}).get("user_id")
    say("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), user=user)


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in _METHODS else "other"


def route_of(scope: Scope) -> str:
    """The template of the route that answered; what was asked for where there is none is not kept."""
    return str(getattr(scope.get("route"), "path", "none"))
