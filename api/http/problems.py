"""Problem Details (RFC 9457): the one table from the ledger's answers that are not yes to HTTP."""

from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from api.http.measured import CONFLICTS, DATABASE_ERRORS, REFUSED
from commands.reading import fault_of
from ledger.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Refused,
    SagsbogError,
    Unauthenticated,
    Unavailable,
)
from ledger.store.books import database_errors

log = structlog.get_logger()
_KINDS: Final[dict[type[SagsbogError], tuple[str, int, str]]] = {
    Refused: ("refused", 409, "Afvist"),
    Conflict: ("conflict", 412, "Ændret imens"),
    Invalid: ("invalid", 422, "Kan ikke forstås"),
    NotFound: ("not-found", 404, "Findes ikke"),
    Forbidden: ("forbidden", 403, "Ikke tilladt"),
    Unauthenticated: ("unauthenticated", 401, "Log ind"),
    PreconditionRequired: ("precondition-required", 428, "Oplysning mangler"),
    Unavailable: ("unavailable", 503, "Ikke tilgængelig lige nu"),
}
_STATUSES: Final = {
    400: ("bad-request", "Forespørgslen kan ikke læses"),
    404: ("not-found", "Findes ikke"),
    405: ("method-not-allowed", "Metoden findes ikke her"),
    408: ("too-slow", "Forespørgslen kom ikke i tide"),
    413: ("too-large", "For stor"),
    415: ("unsupported-media-type", "Indholdet skal sendes som application/json"),
    429: ("too-many-requests", "For mange forespørgsler"),
    500: ("error", "Fejl i tjenesten"),
    503: ("unavailable", "Ikke tilgængelig lige nu"),
}
_AGAIN_AFTER: Final = "2"  # seconds
OUR_FAULT: Final = "Noget gik galt i tjenesten. Intet halvt er gemt."


def kinds() -> dict[int, tuple[str, str]]:
    """Each status a problem can have, with its stable type and its title."""
    return _STATUSES | {status: (kind, title) for kind, status, title in _KINDS.values()}


def problem(status: int, detail: str, kind: str = "", title: str = "", **more: Any) -> Response:
    """A problem as it is sent."""
    known_kind, known_title = _STATUSES.get(status, ("error", "Fejl"))
    body = {"type": kind or known_kind, "title": title or known_title, "status": status, "detail": detail, **more}
    headers = {"Retry-After": _AGAIN_AFTER} if status in {429, 503} else {}
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status, headers, "application/problem+json")


def handle_problems(app: FastAPI) -> None:
    """Makes every error an answer that says what to do, and tells nothing of the machine."""
    app.exception_handler(SagsbogError)(_told)
    app.exception_handler(RequestValidationError)(_not_valid)
    app.exception_handler(HTTPException)(_by_status)
    for error in database_errors():
        app.exception_handler(error)(_database)


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, SagsbogError)
    kind, status, title = next((to for one, to in _KINDS.items() if isinstance(error, one)), ("error", 500, ""))
    if status == 500:  # noqa: PLR2004
        log.error("service error", exc_info=error)
    _count(error)
    return problem(status, str(error), kind, title, **_more(error))


def _count(error: SagsbogError) -> None:
    match error:
        case Refused():
            for guard in {one.id for one in error.guards}:
                REFUSED.labels(guard).inc()
        case Conflict():
            CONFLICTS.inc()


def _more(error: SagsbogError) -> dict[str, Any]:
    match error:
        case Refused():
            return {"guards": [{"id": one.id, "sentence": one.told, "source": one.source} for one in error.guards]}
        case Conflict() if error.current_version is not None:
            return {"current_version": error.current_version}
        case Invalid():
            return {"fields": [{"where": one.where, "sentence": one.sentence} for one in error.faults]}
        case _:
            return {}


def _not_valid(asked: Request, error: Exception) -> Response:
    """What FastAPI found wrong with the path, the query or the headers."""
    assert isinstance(error, RequestValidationError)
    return _told(asked, Invalid(*(fault_of(found, skip=1) for found in error.errors())))


def _by_status(asked: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    _kind, title = _STATUSES.get(error.status_code, ("", "Fejl"))
    answer = problem(error.status_code, f"{title}.")
    answer.headers.update(error.headers or {})
    if error.status_code == 405:  # noqa: PLR2004
        answer.headers["Allow"] = ", ".join(sorted(_methods(asked)))
    return answer


def _methods(asked: Request) -> set[str]:
    """What may be done at an address: by all routes that stand for it, or those that name it outright."""
    path = asked.url.path
    routes = [one for one in iter_route_contexts(asked.app.routes) if one.path_regex and one.path_regex.match(path)]
    named = [one for one in routes if one.path_format == path]
    return {method for one in named or routes for method in one.methods or ()}


def _database(_: Request, error: Exception) -> Response:
    DATABASE_ERRORS.inc()
    log.error("database error", exc_info=error)
    return problem(503, "Databasen svarer ikke. Intet halvt er gemt; prøv igen med den samme Idempotency-Key.")
