"""Writing over HTTP, one fact at a time: a case is opened, and every fact type has an operation of its own."""

import re
from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import Field, PlainValidator
from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor

from api.http.direct import directly
from api.http.openapi import responses, takes
from api.http.writing import ToBook, ToCase, created, sent_to_case
from commands.acts import read_request
from commands.record import Asked, open_case, record
from ledger.facts.acts import BY_TWO
from ledger.facts.entry import OnBehalfOf, RefValue
from ledger.facts.example import example
from ledger.facts.fact import Fact, Part, Task, catalogue
from ledger.facts.lifecycle import NEEDS_TWO, CaseOpened
from ledger.facts.retention import SubjectErased
from ledger.facts.values import Day, Id, SlugText, StaffName

RECORD: Final = "/v1/cases/{case}/{fact}"
"""The one route that records; it is described as one operation per fact type."""
_BY_OTHER_ACTS: Final = (CaseOpened, SubjectErased, *NEEDS_TWO, *BY_TWO)
_MOST: Final = 2**31 - 1  # as any version


def slug(fact_type: type[Fact]) -> str:
    """How a fact type is called in an address: TilsynHeld is tilsyn-held."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", fact_type.declared.type).lower()


@cache
def recordable() -> Mapping[str, type[Fact]]:
    """The fact types that a client may record on a case, by slug; area by area, in whatever order they were read in.

    The others come about by an act of their own, by the clock, or in the book.
    """
    return {
        slug(one): one
        for one in sorted(catalogue().values(), key=attrgetter("__module__"))
        if "case" in one.declared.streams and set(one.declared.by) != {Task.SYS} and not issubclass(one, _BY_OTHER_ACTS)
    }


def _pointed(value: Any) -> RefValue:
    versions = value if isinstance(value, list) else [value]
    if not all(type(one) is int and 1 <= one <= _MOST for one in versions):
        raise ValueError("skal være en version af sagen, eller en liste af versioner")
    return tuple(versions) if isinstance(value, list) else versions[0]


class Opening(Part):
    """A case to open."""

    occurred_on: Day = Field(description="day the case was opened")
    data: CaseOpened = Field(description="what is known of it")


class Mandated(Part):
    """The mandate used when something is done for another unit."""

    mandate_ref: Id = Field(description="id of the mandate")
    unit: SlugText = Field(description="slug of the unit that granted it")
    name: StaffName = Field(description="who it is done for")


class Recording(Part):
    """A fact to record."""

    occurred_on: Day = Field(description="day it happened, in Denmark")
    data: dict[str, Any] = Field(description="the fact itself")
    refs: dict[str, Annotated[RefValue, PlainValidator(_pointed)]] = Field(
        {}, description="earlier entries it builds on"
    )
    document_ids: tuple[Id, ...] = Field((), description="ids of the documents that prove it")
    on_behalf_of: Mandated | None = Field(None, description="the mandate used, when done for another unit")

    def asked(self, fact_type: type[Fact]) -> Asked:
        """What is asked to have recorded."""
        used = OnBehalfOf(**dict(self.on_behalf_of)) if self.on_behalf_of else None
        return Asked(fact_type.declared.type, self.occurred_on, self.data, self.refs, self.document_ids, used)


class _Slug(StringConvertor):
    """Matches the slugs of fact types, and nothing else: other routes of a case have their own."""

    regex = "|".join(recordable())


register_url_convertor("fact", _Slug())
router = APIRouter(prefix="/v1/cases")


@router.post(
    "", operation_id="open_case", summary=CaseOpened.declared.dansk, tags=["Sagen, parter og dokumenter"],
    openapi_extra=takes(Opening, {"occurred_on": "2022-06-09", "data": example(CaseOpened)}),
)  # fmt: skip
def open_(sent: ToBook) -> Response:
    """Opens a case in one's own municipality. It is the case's first entry, version 1."""
    write = sent.read()
    opening = read_request(Opening, write.told)
    book = write.who.book(write.service.books)
    receipt = open_case(book, opening.data.as_data(), opening.occurred_on, write.who.actor, request_id=write.key)
    answer = created(receipt)
    answer.headers["Location"] = f"/v1/cases/{receipt.case_id}"
    return answer


def record_(fact: str, sent: ToCase) -> Response:
    """Records one fact on a case."""
    write = sent.read()
    return write.does(record, read_request(Recording, write.told).asked(recordable()[fact]))


async def _record_directly(request: Request) -> Response:
    asked = request.path_params
    return await run_in_threadpool(record_, asked["fact"], await sent_to_case(asked["case"], request))


router.add_api_route(
    "/{case}/{fact:fact}", record_, methods=["POST"], operation_id="record_fact", responses=responses(404),
    route_class_override=directly(_record_directly),
)  # fmt: skip
