"""Acts on a case that are more than one fact, or that take two persons."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field, create_model

from api.as_party import actor_on
from api.http.cases import Year
from api.http.facts import Recording
from api.http.openapi import responses, takes
from api.http.points import Case
from api.http.service import Service, Serving, Who
from api.http.writing import Body, IfMatch, Key, created
from api.looking import find_case
from api.principal import Principal
from commands import accounts, hjemvisning
from commands.acts import read_request
from commands.annual_decision import AnnualDecision
from commands.annual_decision import annual_decision as decide_year
from commands.check import fact_type
from commands.two_persons import confirm, propose, reject
from ledger.facts.entry import Actor
from ledger.facts.fact import Fact, Part
from ledger.facts.lifecycle import EntryAnnulled, EntryCorrected
from ledger.facts.values import Day, Text, TypeName
from ledger.store.ledger import Ledger

router = APIRouter(prefix="/v1/cases/{case}", tags=["Handlinger på en sag"], responses=responses(404))

Version = Annotated[int, Path(ge=1, lt=2**31, description="forslagets version")]


class Proposing(Recording):
    """A fact that another is to confirm."""

    type: TypeName = Field(description="stored name of its type")


class Confirming(Part):
    """A confirmation says no more than that."""


class Rejecting(Part):
    """Why something proposed is rejected."""

    reason: Text = Field(description="why")


class Dated(Part):
    """An act that says no more than its day."""

    occurred_on: Day = Field(description="day it was done; of a letter, the day it was sent")


def _takes(of: type[Part]) -> dict[str, Any]:
    """The body of an act, described: what it says, and the day."""
    return takes(create_model(f"{of.__name__}Act", __base__=(of, Dated), __doc__=of.__doc__))


def _dated(told: Mapping[str, Any]) -> tuple[date, dict[str, Any]]:
    """The day of an act, and what else is said of it."""
    day = read_request(Dated, {name: value for name, value in told.items() if name == "occurred_on"})
    return day.occurred_on, {name: value for name, value in told.items() if name != "occurred_on"}


def _acting(serving: Service, who: Principal, case: str) -> tuple[Ledger, UUID, Actor]:
    """The case, and who acts on it."""
    book, case_id = find_case(serving.books, who, case)
    return book, case_id, actor_on(book, case_id, who)


@router.post(
    "/corrections", operation_id="propose_correction", summary="Foreslå en rettelse", openapi_extra=takes(Recording)
)
def correct(case: Case, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """One field of an earlier entry was wrong (`refs.target`). A leader confirms it before it counts."""
    return _proposed(case, serving, who, key, version, read_request(Recording, told), EntryCorrected)


@router.post(
    "/annulments", operation_id="propose_annulment", summary="Foreslå en annullering", openapi_extra=takes(Recording)
)
def annul(case: Case, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """An earlier entry should not have been there (`refs.target`). A leader confirms it before it counts."""
    return _proposed(case, serving, who, key, version, read_request(Recording, told), EntryAnnulled)


@router.post(
    "/proposals", operation_id="propose", summary="Foreslå det, to skal være om", openapi_extra=takes(Proposing)
)
def propose_(case: Case, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """Any fact that takes two persons: a correction, or an amount above what one may grant alone."""
    proposing = read_request(Proposing, told)
    return _proposed(case, serving, who, key, version, proposing, fact_type(proposing.type))


def _proposed(
    case: str, serving: Serving, who: Who, key: str, version: int, recording: Recording, of: type[Fact]
) -> Response:
    book, case_id, actor = _acting(serving, who, case)
    return created(propose(book, case_id, recording.asked(of), actor, request_id=key, if_version=version))


@router.post(
    "/proposals/{proposal}/confirm", operation_id="confirm_proposal", summary="Godkend et forslag",
    openapi_extra=takes(Confirming),
)  # fmt: skip
def confirm_(
    case: Case, proposal: Version, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body
) -> Response:
    """What was proposed is recorded, confirmed by another than the one who proposed it."""
    read_request(Confirming, told)
    book, case_id, actor = _acting(serving, who, case)
    return created(confirm(book, case_id, proposal, actor, request_id=key, if_version=version))


@router.post(
    "/proposals/{proposal}/reject", operation_id="reject_proposal", summary="Afvis et forslag",
    openapi_extra=takes(Rejecting),
)  # fmt: skip
def reject_(
    case: Case, proposal: Version, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body
) -> Response:
    """What was proposed is not recorded; the reason is."""
    reason = str(read_request(Rejecting, told).reason)
    book, case_id, actor = _acting(serving, who, case)
    return created(reject(book, case_id, proposal, reason, actor, request_id=key, if_version=version))


@router.post(
    "/annual-decision", operation_id="decide_year", summary="Afgør et års budget", openapi_extra=_takes(AnnualDecision)
)
def annual_decision(case: Case, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """Every post of a budget application in one letter. The receipt holds the plan of instalments."""
    on, asked = _dated(told)
    book, case_id, actor = _acting(serving, who, case)
    return created(decide_year(book, case_id, asked, actor, on=on, request_id=key, if_version=version))


@router.post(
    "/settlement/{year}/review", operation_id="review_accounts", summary="Registrer gennemgangen af et års regnskab",
    openapi_extra=takes(Dated),
)  # fmt: skip
def review(case: Case, year: Year, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """The review, as it is computed."""
    on = read_request(Dated, told).occurred_on
    book, case_id, actor = _acting(serving, who, case)
    return created(accounts.review(book, case_id, year, actor, on=on, request_id=key, if_version=version))


@router.post(
    "/settlement/{year}/hear", operation_id="hear_about_accounts", summary="Hør familien om et krav",
    openapi_extra=_takes(accounts.Hearing),
)  # fmt: skip
def hear(case: Case, year: Year, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """The family is heard about what is to be paid back, as it is computed."""
    on, asked = _dated(told)
    book, case_id, actor = _acting(serving, who, case)
    return created(accounts.hear(book, case_id, year, asked, actor, on=on, request_id=key, if_version=version))


@router.post(
    "/settlement/{year}/decide", operation_id="decide_accounts", summary="Afgør et års regnskab",
    openapi_extra=_takes(accounts.AccountsDecision),
)  # fmt: skip
def decide(case: Case, year: Year, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """The accounts are decided, with the claim when there is something to pay back."""
    on, asked = _dated(told)
    book, case_id, actor = _acting(serving, who, case)
    return created(accounts.decide(book, case_id, year, asked, actor, on=on, request_id=key, if_version=version))


@router.post(
    "/reopening", operation_id="reopen_case", summary="Tag det hjemviste op igen",
    openapi_extra=_takes(hjemvisning.Reopening),
)  # fmt: skip
def reopening(case: Case, serving: Serving, who: Who, key: Key, version: IfMatch, told: Body) -> Response:
    """What Ankestyrelsen sent back is taken up again; with a date, the notice of it goes along."""
    on, asked = _dated(told)
    book, case_id, actor = _acting(serving, who, case)
    return created(hjemvisning.reopen(book, case_id, asked, actor, on=on, request_id=key, if_version=version))
