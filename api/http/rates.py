"""The book of the principal's municipality: its rates, its mandates, and what is counted once a year."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field, TypeAdapter

from api.http.acts import Confirming, Rejecting
from api.http.facts import slug
from api.http.openapi import AT, FromOutside, responses, takes
from api.http.paging import Asked
from api.http.points import At, reached
from api.http.service import Serving, Who
from api.http.tells import lists
from api.http.writing import ToBook
from api.tables import as_json
from commands import rates
from commands.acts import read_request
from commands.book import BY_ONE, BookReceipt, record_in_book
from ledger.errors import Forbidden
from ledger.facts.entry import Entry
from ledger.facts.example import example
from ledger.facts.fact import Fact, Part
from ledger.facts.lifecycle import MandateRegistered
from ledger.facts.values import Day
from ledger.law.rates import RateRow
from replay.as_of import law_at

router = APIRouter(prefix="/v1", tags=["Kommunens bog"], responses=responses(404))
_RECEIPT: Final = TypeAdapter(BookReceipt).json_schema(schema_generator=FromOutside, mode="serialization")
_RECORDED: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "Registreret", "content": {"application/json": {"schema": _RECEIPT}}}
}

Version = Annotated[int, Path(ge=1, lt=2**31, description="forslagets version i kommunens bog")]


class ProposedRate(Part):
    """A rate that another registrar is to confirm."""

    occurred_on: Day = Field(description="day it was found")
    data: RateRow = Field(description="the rate")


class RecordingInBook(Part):
    """A fact of the book."""

    occurred_on: Day = Field(description="day it happened")
    data: dict[str, Any] = Field(description="the fact itself")


@router.get(
    "/rates",
    operation_id="list_rates",
    summary="Satserne på en dag",
    dependencies=[Depends(reached)],
    responses=lists(rates.RateInForce),
)
def rates_(serving: Serving, who: Who, at: At, paging: Asked) -> Response:
    """The rates in force, where each is written, how certain it is and who registered it."""
    book = who.book(serving.books)
    found = rates.rates_in_force(law_at(book, at), at.day(book.today()))
    page = paging.of(book, found, lambda one: [one.kind, one.name])
    return Response(as_json(page), media_type="application/json")


@router.get(
    "/mandates",
    operation_id="list_mandates",
    summary="Bemyndigelserne",
    dependencies=[Depends(reached)],
    responses=lists(dict[str, Any]),
)
def mandates(serving: Serving, who: Who, at: At, paging: Asked) -> Response:
    """Who may record what on whose behalf, from when to when and up to which amount, in more than one case."""
    book = who.book(serving.books)
    if book.here.is_citizen(who.actor.role):
        raise Forbidden("Bemyndigelserne ses af kommunens medarbejdere.")
    page = paging.of(book, map(_mandate, law_at(book, at).mandates), lambda one: [one["version"]])
    return Response(as_json(page), media_type="application/json")


def _mandate(entry: Entry[MandateRegistered]) -> dict[str, Any]:
    recorded = {"recorded_by": asdict(entry.actor), "recorded_at": entry.recorded_at, "seal": entry.seal.hex()}
    return {"version": entry.version, "occurred_on": entry.occurred_on, **entry.fact.as_data(), **recorded}


@router.post(
    "/rates",
    operation_id="propose_rate",
    summary="Foreslå en sats",
    openapi_extra=takes(ProposedRate),
    responses=_RECORDED,
)
def propose(sent: ToBook) -> Response:
    """A rate of the law, or of the municipality. Another registrar confirms it before it is in force."""
    write = sent.read()
    asked = read_request(RecordingInBook, write.told)
    return write.does(rates.propose_rate, asked.data, on=asked.occurred_on)


@router.post(
    "/rates/{proposal}/confirm",
    operation_id="confirm_rate",
    summary="Godkend en sats",
    openapi_extra=takes(Confirming),
    responses=_RECORDED,
)
def confirm(proposal: Version, sent: ToBook) -> Response:
    """The rate is in force, confirmed by another registrar than the one who proposed it."""
    write = sent.read()
    read_request(Confirming, write.told)
    return write.does(rates.confirm_rate, proposal)


@router.post(
    "/rates/{proposal}/reject",
    operation_id="reject_rate",
    summary="Afvis en sats",
    openapi_extra=takes(Rejecting),
    responses=_RECORDED,
)
def reject(proposal: Version, sent: ToBook) -> Response:
    """The rate does not come into force; the reason is recorded."""
    write = sent.read()
    reason = str(read_request(Rejecting, write.told).reason)
    return write.does(rates.reject_rate, proposal, reason)


def _takes(fact_type: type[Fact]) -> dict[str, Any]:
    """The body that records a fact of the book, described."""
    taken = takes(RecordingInBook, {"occurred_on": "2026-01-05", "data": example(fact_type)})
    described: dict[str, Any] = taken["requestBody"]["content"]["application/json"]["schema"]["properties"]
    described["data"] = {"$ref": AT.format(model=fact_type.__name__)}
    return taken


def _records(fact_type: type[Fact]) -> None:
    """Makes a route of a fact type that one person records in the book."""

    def record(sent: ToBook) -> Response:
        write = sent.read()
        asked = read_request(RecordingInBook, write.told)
        return write.does(record_in_book, fact_type.declared.type, asked.data, on=asked.occurred_on)

    name = slug(fact_type)
    router.post(
        f"/book/{name}", operation_id=f"record_in_book_{name.replace('-', '_')}", summary=fact_type.declared.dansk,
        description=fact_type.__doc__, openapi_extra=_takes(fact_type), responses=_RECORDED,
    )(record)  # fmt: skip


for _fact_type in BY_ONE.values():
    _records(_fact_type)
