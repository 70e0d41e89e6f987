"""What every write brings: who asks, a body read strictly, an idempotency key, and the version it builds on.

A route takes the request as it was sent, and reads it in the thread that works for it:

    def correct(sent: ToCase) -> Response:
        write = sent.read()

So nothing waits for a second thread, and whoever may not ask at all is told that before anything else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Depends, HTTPException, Request, Response

from api.as_party import actor_on
from api.http.points import Case
from api.http.service import Service, principal, service_of
from api.looking import find_to_write
from api.principal import Principal
from commands.book import BookReceipt
from commands.reading import read_json
from commands.record import Receipt
from ledger.errors import Fault, Invalid, PreconditionRequired
from ledger.facts.entry import Actor
from ledger.store.ledger import Ledger

_VERSION: Final = re.compile(r'"([0-9]{1,9})"')


@dataclass(frozen=True)
class Write:
    """One request to write."""

    service: Service
    who: Principal
    key: str
    """Makes a repeated request give the first answer again."""
    told: dict[str, Any]

    def does(self, act: Callable[..., BookReceipt], *what: Any, **more: Any) -> Response:
        """The receipt of an act in the book of whoever asks: `act(book, *what, actor, request_id=…)`."""
        book = self.who.book(self.service.books)
        return created(act(book, *what, self.who.actor, request_id=self.key, **more))


@dataclass(frozen=True)
class CaseWrite:
    """One request to write in a case."""

    book: Ledger
    case_id: UUID
    actor: Actor
    key: str
    """Makes a repeated request give the first answer again."""
    version: int
    """The version of the case that it builds on."""
    told: dict[str, Any]

    def does(self, act: Callable[..., Receipt], *what: Any, **more: Any) -> Response:
        """The receipt of an act on the case: `act(book, case_id, *what, actor, request_id=…, if_version=…)`."""
        build_on = {"request_id": self.key, "if_version": self.version}
        return created(act(self.book, self.case_id, *what, self.actor, **build_on, **more))


@dataclass(frozen=True)
class Sent:
    """A request to write, as it was sent."""

    request: Request
    body: bytes

    def read(self) -> Write:
        """What is asked, and by whom."""
        who = principal(self.request)
        return Write(service_of(self.request), who, _key(self.request), _object(self.request, self.body))


@dataclass(frozen=True)
class SentToCase:
    """A request to write in a case, as it was sent."""

    case: str
    request: Request
    body: bytes

    def read(self) -> CaseWrite:
        """What is asked, and by whom, of a case that exists for them."""
        who = principal(self.request)
        key, version, told = _key(self.request), _version(self.request), _object(self.request, self.body)
        book, case_id = find_to_write(service_of(self.request).books, who, self.case)
        return CaseWrite(book, case_id, actor_on(book, case_id, who), key, version, told)


async def sent(request: Request) -> Sent:
    """A request to write in the book, or to open a case."""
    return Sent(request, await request.body())


async def sent_to_case(case: Case, request: Request) -> SentToCase:
    """A request to write in a case."""
    return SentToCase(case, request, await request.body())


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that came with a request that writes nothing."""
    return _object(request, await request.body())


ToBook = Annotated[Sent, Depends(sent)]
ToCase = Annotated[SentToCase, Depends(sent_to_case)]
Body = Annotated[dict[str, Any], Depends(body)]


def _object(request: Request, sent: bytes) -> dict[str, Any]:
    """A JSON object; Invalid when it is anything else, 415 when not sent as JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)
    told = read_json(sent)
    if not isinstance(told, dict):
        raise Invalid(Fault("", "skal være et JSON-objekt"))
    return told


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise PreconditionRequired("Send headeren Idempotency-Key (fx et UUID): så registreres det højst én gang.")
    return key


def _version(request: Request) -> int:
    told = request.headers.get("If-Match")
    if told is None:
        raise PreconditionRequired('Send headeren If-Match: "VERSION" med den version af sagen, du har set.')
    found = _VERSION.fullmatch(told.strip())
    if not found:
        raise Invalid(Fault("If-Match", 'skal være sagens version i anførselstegn, fx "7"'))
    return int(found[1])


def created(receipt: Receipt | BookReceipt) -> Response:
    """The receipt as it is sent, with the version that the next request builds on."""
    told = orjson.dumps(receipt, lambda named_tuple: named_tuple._asdict())
    return Response(told, 201, {"ETag": f'"{receipt.version}"'}, media_type="application/json")
