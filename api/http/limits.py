"""How much a request may bring, and how long it may take: what holds a worker up is answered and let go."""

import asyncio
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.measured import LATE
from api.http.problems import problem

log = structlog.get_logger()
_CLOSE: Final = {"Connection": "close"}


class BodyLimit:
    """Ends a request whose body is too large (413), announced or not, or too slow in coming (408).

    What is left of a body that is too large is thrown away as it comes, for as long as the next head may take: most
    clients look for an answer only once they have sent everything.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        self.app = app
        self.most = most
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the application read, as far as it may."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced, chunked = headers.get("content-length", ""), "transfer-encoding" in headers
        if announced and chunked:  # a proxy in front may have read the other one: what follows could be anyone's
            answer = problem(400, "En forespørgsel kan ikke have både Content-Length og Transfer-Encoding.")
            answer.headers.update(_CLOSE)
            await answer(scope, receive, send)
        elif announced.isdecimal() and int(announced) > self.most:
            await problem(413, f"Forespørgslen må højst fylde {self.most} byte.")(scope, receive, send)
        elif announced.strip("0") or chunked:
            await self.app(scope, _Body(receive, self.most, self.seconds).receive, send)
        else:
            await self.app(scope, receive, send)


class _Body:
    """The body of one request, as it is read."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive = receive
        self._most = most
        self._until = asyncio.get_running_loop().time() + seconds
        self._read = 0
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, headers=_CLOSE) from None
        self._read += len(message.get("body", b""))
        if self._read > self._most:
            raise HTTPException(413)
        self._complete = not message.get("more_body", False)
        return message


class TimeLimit:
    """Gives the answer 503 when none is under way in time. What the request is doing goes on to its end."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits for the answer, or gives one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        late = asyncio.get_running_loop().call_later(self.seconds, answer.give_up)
        try:
            await self.app(scope, receive, answer.send)
        finally:
            late.cancel()
            if answer.given_up:
                await answer.given_up


class _Answer:
    """The answer to one request: the application's own, or one in its place."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._to = (scope, receive, send)
        self._begun = False
        self.given_up: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        if self.given_up is None:
            self._begun = True
            await self._to[2](message)

    def give_up(self) -> None:
        if self._begun:
            return
        LATE.inc()
        log.warning("answer too late")
        late = problem(
            503, "Svaret var for længe undervejs. En registrering kan være gemt: gentag med den samme Idempotency-Key."
        )
        self.given_up = asyncio.get_running_loop().create_task(late(*self._to))
