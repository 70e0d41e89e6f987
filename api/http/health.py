"""Whether the service is alive, and whether it can do its work: for what watches over it and shares out requests."""

from dataclasses import dataclass
from typing import Final

import orjson
import structlog
from fastapi import APIRouter, Request, Response

from api.http.following import Followed, Following
from api.http.measured import LAG_ENTRIES, LAG_SECONDS
from api.http.openapi import responses
from api.http.service import Service, Serving
from ledger.store.books import DATABASE_ERRORS

log = structlog.get_logger()
router = APIRouter(tags=["Drift"])


@dataclass(frozen=True)
class Standing:
    """How the read models of one book stand."""

    lag: int | None = None
    """Entries of the log that are not told yet."""
    behind_seconds: float | None = None
    """Time since everything was told."""
    why_not: str = ""
    """Why the book is not ready; empty when it is."""


_NOT_READY: Final = {
    "description": "Databasen svarer ikke, eller læsemodellerne er for langt bagud.",
    "content": {"application/json": {"schema": {}}},
}


@router.get("/healthz", operation_id="healthz", summary="Lever tjenesten?", responses=responses(429))
async def healthz() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Kan tjenesten tage imod?",
    responses=responses(429) | {503: _NOT_READY},
)
def readyz(request: Request, serving: Serving) -> Response:
    """Whether the database answers, and the read models of every book are up with its log."""
    following: Following = request.app.state.following
    books = look(following, serving.settings.lag_seconds)
    reasons = ["" if following.has_looked else _STARTING, *(one.why_not for one in books.values())]
    why = next(filter(None, reasons), "") or _unreachable(serving)
    told = {"status": "not-ready" if why else "ready", "why": why, "books": books}
    return Response(orjson.dumps(told), 503 if why else 200, {"Retry-After": "2"} if why else {}, "application/json")


def look(following: Following, most_seconds: float) -> dict[str, Standing]:
    """How each book stands; kept as figures too."""
    found = {name: _standing(one, most_seconds) for name, one in sorted(following.followed.items())}
    for name, one in found.items():
        if one.lag is not None:
            LAG_ENTRIES.labels(name).set(one.lag)
        if one.behind_seconds is not None:
            LAG_SECONDS.labels(name).set(one.behind_seconds)
    return found


_NO_DATABASE: Final = "Databasen svarer ikke."
_STARTING: Final = "Læsemodellerne er ikke fulgt med endnu."


def _standing(one: Followed, most_seconds: float) -> Standing:
    behind = one.behind()
    try:
        lag = one.lag()
    except DATABASE_ERRORS as error:
        log.warning("not ready", book=one.book.municipality, exc_info=error)
        return Standing(None, behind, _NO_DATABASE)
    if behind is None:
        return Standing(lag, None, _STARTING)
    return Standing(lag, round(behind, 1), "Læsemodellerne er bagud." if behind > most_seconds else "")


def _unreachable(serving: Service) -> str:
    """Asked beside the books: there may be none yet."""
    try:
        serving.books.existing()
    except DATABASE_ERRORS as error:
        log.warning("not ready", exc_info=error)
        return _NO_DATABASE
    return ""
