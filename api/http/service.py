"""What a request works with: the books, who asks, and why.

What is found without waiting for anybody is an `async def`, here and in other dependencies: FastAPI hands each plain
function to a thread, which costs more than most of them do.
"""

from dataclasses import dataclass, field
from typing import Annotated, cast
from urllib.parse import unquote

from fastapi import Depends, Header, Request

from api.http.answers import Answers
from api.http.on_record import OnRecord
from api.identity import Identity
from api.looking import Reader
from api.principal import Principal
from api.settings import Settings
from commands.access import read_purpose_text, usual_purpose
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.store.books import Books


@dataclass(frozen=True)
class Service:
    """One process of the service."""

    settings: Settings
    books: Books
    identity: Identity
    answers: Answers = field(default_factory=Answers)
    on_record: OnRecord = field(default_factory=OnRecord)


def service_of(request: Request) -> Service:
    """The service that answers a request."""
    return cast("Service", request.app.state.service)


async def service(request: Request) -> Service:
    """The service that answers a request."""
    return service_of(request)


def principal(request: Request) -> Principal:
    """Who asks; Unauthenticated when that is not said, or not proved."""
    found = service_of(request).identity.principal(request)
    request.state.user_id = found.actor.user_id  # for the log of requests, and for the limit on them
    return found


Serving = Annotated[Service, Depends(service)]
Who = Annotated[Principal, Depends(principal)]


Purposed = Annotated[str | None, Header(alias="X-Purpose", description="formålet med at se oplysningerne")]
InOwnWords = Annotated[
    str | None, Header(alias="X-Purpose-Text", description="formålet med egne ord (UTF-8, procentkodet)")
]


async def reader(who: Who, purpose: Purposed = None, text: InOwnWords = None) -> Reader:
    """Who looks, and why they say they do."""
    return reader_of(who, purpose, text)


def reader_of(who: Principal, purpose: str | None, text: str | None) -> Reader:
    """Who looks, and why they say they do: the headers X-Purpose and X-Purpose-Text."""
    told = _in_own_words(text) if text is not None else None
    if purpose is None:
        return Reader(who, usual_purpose(who.actor), told, purpose_is_stated=False)
    if purpose not in Purpose.__members__.values():
        raise Invalid(Fault("X-Purpose", f"skal være en af: {', '.join(Purpose)}"))
    return Reader(who, Purpose[purpose.upper()], told)


def _in_own_words(encoded: str) -> str:
    try:
        return read_purpose_text(unquote(encoded.encode("ascii").decode(), errors="strict"), "X-Purpose-Text")
    except UnicodeError:
        raise Invalid(Fault("X-Purpose-Text", "skal være UTF-8, procentkodet (fx %C3%A6 for æ)")) from None


Reading = Annotated[Reader, Depends(reader)]
