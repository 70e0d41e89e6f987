"""What a request works with: the books, who asks, and why."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Request

from api.identity import Identity
from api.looking import Reader
from api.principal import Principal
from api.settings import Settings
from ledger.errors import Fault, Invalid
from ledger.facts.book import Purpose
from ledger.store.books import Books


@dataclass(frozen=True)
class Service:
    """One process of the service."""

    settings: Settings
    books: Books
    identity: Identity


def service(request: Request) -> Service:
    """The service that answers a request."""
    return cast("Service", request.app.state.service)


def principal(request: Request) -> Principal:
    """Who asks; Unauthenticated when that is not said, or not proved."""
    return service(request).identity.principal(request)


Serving = Annotated[Service, Depends(service)]
Who = Annotated[Principal, Depends(principal)]


def reader(
    who: Who,
    purpose: Annotated[str | None, Header(alias="X-Purpose", description="formålet med at se oplysningerne")] = None,
) -> Reader:
    """Who looks, and why they say they do."""
    if purpose is None:
        return Reader(who)
    if purpose not in Purpose.__members__.values():
        raise Invalid(Fault("X-Purpose", f"skal være en af: {', '.join(Purpose)}"))
    return Reader(who, Purpose[purpose.upper()])


Reading = Annotated[Reader, Depends(reader)]
