"""What every write brings: a body read strictly, an idempotency key, and the version it builds on."""

import re
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, HTTPException, Request, Response

from commands.book import BookReceipt
from commands.reading import read_json
from commands.record import Receipt
from ledger.errors import Fault, Invalid, PreconditionRequired

_VERSION: Final = re.compile(r'"([0-9]{1,9})"')


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that came with a request; Invalid when it is anything else, 415 when not sent as JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)
    told = read_json(await request.body())
    if not isinstance(told, dict):
        raise Invalid(Fault("", "skal være et JSON-objekt"))
    return told


async def idempotency_key(request: Request) -> str:
    """The id that makes a repeated request give the first answer again."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise PreconditionRequired("Send headeren Idempotency-Key (fx et UUID): så registreres det højst én gang.")
    return key


async def if_match(request: Request) -> int:
    """The version of the case that the request builds on."""
    told = request.headers.get("If-Match")
    if told is None:
        raise PreconditionRequired('Send headeren If-Match: "VERSION" med den version af sagen, du har set.')
    found = _VERSION.fullmatch(told.strip())
    if not found:
        raise Invalid(Fault("If-Match", 'skal være sagens version i anførselstegn, fx "7"'))
    return int(found[1])


Body = Annotated[dict[str, Any], Depends(body)]
Key = Annotated[str, Depends(idempotency_key)]
IfMatch = Annotated[int, Depends(if_match)]


def created(receipt: Receipt | BookReceipt) -> Response:
    """The receipt as it is sent, with the version that the next request builds on."""
    told = orjson.dumps(receipt, lambda named_tuple: named_tuple._asdict())
    return Response(told, 201, {"ETag": f'"{receipt.version}"'}, media_type="application/json")
