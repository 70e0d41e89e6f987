"""Acts on a case that are more than one fact, or that take two persons."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field, create_model

from api.http.cases import Year
from api.http.facts import Recording
from api.http.openapi import responses, takes
from api.http.writing import ToCase
from commands import accounts, hjemvisning
from commands.acts import read_request
from commands.annual_decision import AnnualDecision
from commands.annual_decision import annual_decision as decide_year
from commands.check import fact_type
from commands.two_persons import confirm, propose, reject
from ledger.facts.fact import Part
from ledger.facts.lifecycle import EntryAnnulled, EntryCorrected
from ledger.facts.values import Day, Text, TypeName

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


@router.post(
    "/corrections", operation_id="propose_correction", summary="Foreslå en rettelse", openapi_extra=takes(Recording)
)
def correct(sent: ToCase) -> Response:
    """One field of an earlier entry was wrong (`refs.target`). A leader confirms it before it counts."""
    write = sent.read()
    return write.does(propose, read_request(Recording, write.told).asked(EntryCorrected))


@router.post(
    "/annulments", operation_id="propose_annulment", summary="Foreslå en annullering", openapi_extra=takes(Recording)
)
def annul(sent: ToCase) -> Response:
    """An earlier entry should not have been there (`refs.target`). A leader confirms it before it counts."""
    write = sent.read()
    return write.does(propose, read_request(Recording, write.told).asked(EntryAnnulled))


@router.post(
    "/proposals", operation_id="propose", summary="Foreslå det, to skal være om", openapi_extra=takes(Proposing)
)
def propose_(sent: ToCase) -> Response:
    """Any fact that takes two persons: a correction, or an amount above what one may grant alone."""
    write = sent.read()
    proposing = read_request(Proposing, write.told)
    return write.does(propose, proposing.asked(fact_type(proposing.type)))


@router.post(
    "/proposals/{proposal}/confirm", operation_id="confirm_proposal", summary="Godkend et forslag",
    openapi_extra=takes(Confirming),
)  # fmt: skip
def confirm_(proposal: Version, sent: ToCase) -> Response:
    """What was proposed is recorded, confirmed by another than the one who proposed it."""
    write = sent.read()
    read_request(Confirming, write.told)
    return write.does(confirm, proposal)


@router.post(
    "/proposals/{proposal}/reject", operation_id="reject_proposal", summary="Afvis et forslag",
    openapi_extra=takes(Rejecting),
)  # fmt: skip
def reject_(proposal: Version, sent: ToCase) -> Response:
    """What was proposed is not recorded; the reason is."""
    write = sent.read()
    reason = str(read_request(Rejecting, write.told).reason)
    return write.does(reject, proposal, reason)


@router.post(
    "/annual-decision", operation_id="decide_year", summary="Afgør et års budget", openapi_extra=_takes(AnnualDecision)
)
def annual_decision(sent: ToCase) -> Response:
    """Every post of a budget application in one letter. The receipt holds the plan of instalments."""
    write = sent.read()
    on, asked = _dated(write.told)
    return write.does(decide_year, asked, on=on)


@router.post(
    "/settlement/{year}/review", operation_id="review_accounts", summary="Registrer gennemgangen af et års regnskab",
    openapi_extra=takes(Dated),
)  # fmt: skip
def review(year: Year, sent: ToCase) -> Response:
    """The review, as it is computed."""
    write = sent.read()
    on = read_request(Dated, write.told).occurred_on
    return write.does(accounts.review, year, on=on)


@router.post(
    "/settlement/{year}/hear", operation_id="hear_about_accounts", summary="Hør familien om et krav",
    openapi_extra=_takes(accounts.Hearing),
)  # fmt: skip
def hear(year: Year, sent: ToCase) -> Response:
    """The family is heard about what is to be paid back, as it is computed."""
    write = sent.read()
    on, asked = _dated(write.told)
    return write.does(accounts.hear, year, asked, on=on)


@router.post(
    "/settlement/{year}/decide", operation_id="decide_accounts", summary="Afgør et års regnskab",
    openapi_extra=_takes(accounts.AccountsDecision),
)  # fmt: skip
def decide(year: Year, sent: ToCase) -> Response:
    """The accounts are decided, with the claim when there is something to pay back."""
    write = sent.read()
    on, asked = _dated(write.told)
    return write.does(accounts.decide, year, asked, on=on)


@router.post(
    "/reopening", operation_id="reopen_case", summary="Tag det hjemviste op igen",
    openapi_extra=_takes(hjemvisning.Reopening),
)  # fmt: skip
def reopening(sent: ToCase) -> Response:
    """What Ankestyrelsen sent back is taken up again; with a date, the notice of it goes along."""
    write = sent.read()
    on, asked = _dated(write.told)
    return write.does(hjemvisning.reopen, asked, on=on)
