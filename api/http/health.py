"""Whether the service is alive, and whether it can do its work: for what watches over it and shares out requests."""

from dataclasses import dataclass
from typing import Final

import orjson
import structlog
from fastapi import APIRouter, Response

from api.http.measured import LAG_ENTRIES, LAG_SECONDS
from api.http.openapi import responses
from api.http.service import Service, Serving
from ledger.store.books import database_errors
from projections.follower import Lag, lag_of

log = structlog.get_logger()
router = APIRouter(tags=["Drift"])


@dataclass(frozen=True)
class Standing:
    """How the read models of one book stand."""

    lag: int | None = None
    """Entries of the log that are not told yet."""
    behind_seconds: float | None = None
    """Since the oldest entry that is not told was recorded."""
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
def readyz(serving: Serving) -> Response:
    """Whether the database answers, and the read models of every book are up with its log."""
    books, why = look(serving)
    why = why or next((one.why_not for one in books.values() if one.why_not), "")
    told = {"status": "not-ready" if why else "ready", "why": why, "books": books}
    return Response(orjson.dumps(told), 503 if why else 200, {"Retry-After": "2"} if why else {}, "application/json")


def look(serving: Service) -> tuple[dict[str, Standing], str]:
    """How each book stands, which is kept as figures too; and why that cannot be told, when it cannot."""
    try:
        found = {book.municipality: lag_of(book) for book in serving.books.existing()}
    except database_errors() as error:
        log.warning("not ready", exc_info=error)
        return {}, "Databasen svarer ikke."
    for name, lag in found.items():
        if lag is not None:
            LAG_ENTRIES.labels(name).set(lag.entries)
            LAG_SECONDS.labels(name).set(lag.seconds)
    return {name: _standing(lag, serving.settings.lag_seconds) for name, lag in found.items()}, ""


def _standing(lag: Lag | None, most_seconds: float) -> Standing:
    if lag is None:
        return Standing(why_not="Læsemodellerne er ikke fulgt med endnu.")
    why = "Læsemodellerne er bagud." if lag.seconds > most_seconds else ""
    return Standing(lag.entries, round(lag.seconds, 1), why)
