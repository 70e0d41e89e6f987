"""Settling a budget year: the accounts are reviewed, the family is heard, and it is decided what is to be paid back.

Each act computes the settlement anew, from the case as it was on the act's own day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from commands.acts import Letter, act, in_turn, read_request, refusal_of
from commands.check import read_fact
from commands.record import Receipt
from commands.settlement import Settlement, settle
from commands.so_far import CaseSoFar
from ledger.errors import FailedGuard, Fault, Invalid, Refused
from ledger.facts.accounts import (
    AccountsDecided,
    AccountsResultat,
    AccountsReviewed,
    PostRepayment,
    PostReview,
    TilbagebetalingskravIssued,
    TilbagebetalingskravResultat,
)
from ledger.facts.decision import HearingSubject, PartshoeringSent
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, OnBehalfOf, RefValue
from ledger.facts.fact import Channel, Fact, Favourable, Part
from ledger.facts.history import History, history
from ledger.facts.sentence import danish_day, kroner
from ledger.facts.values import Day, LawText, PartyRef, Text
from ledger.law.guards.accounts import claim_is_within_the_settlement, year_is_over
from ledger.law.settlement import claims
from ledger.store.ledger import Ledger

_MORE_THAN_HEARD: Final = FailedGuard(
    "G22",
    "Kravet er større end det, familien er hørt om; hør familien igen, før der træffes afgørelse.",
    "forvaltningsloven § 19; S4 (partshøring før tilbagebetaling)",
)


class Hearing(Part):
    """How the family is heard about what it may have to pay back."""

    channel: Channel
    to: tuple[PartyRef, ...]
    answer_due_on: Day | None = None
    child_heard_too: bool | None = None


class ClaimAsked(Part):
    """What the decision says of the money to be paid back."""

    hjemmel: tuple[LawText, ...]
    begrundelse: Text
    pay_by: Day | None = None
    per_post: tuple[PostRepayment, ...] | None = None
    """Only to claim less than computed."""


class AccountsDecision(Part):
    """The letter that decides a year's accounts."""

    letter: Letter
    claim: ClaimAsked | None = None


def review(
    ledger: Ledger,
    case_id: UUID,
    year: int,
    actor: Actor,
    *,
    on: date,
    request_id: str,
    if_version: int | None = None,
    on_behalf_of: OnBehalfOf | None = None,
) -> Receipt:
    """Records the review of a year's accounts as computed; another unit may then hear the family about it."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        settled, _ = _settled(case, year, on)
        return in_turn(ledger, case, [_review(settled, on, actor)], on_behalf_of=on_behalf_of)

    what = ["settlement-review", year, on]
    return act(
        ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version,
        on_behalf_of=on_behalf_of,
    )  # fmt: skip


def hear(
    ledger: Ledger,
    case_id: UUID,
    year: int,
    asked: Mapping[str, Any],
    actor: Actor,
    *,
    on: date,
    request_id: str,
    if_version: int | None = None,
    on_behalf_of: OnBehalfOf | None = None,
) -> Receipt:
    """Hears the family about what it is to pay back for a year (`asked`: a Hearing).

    The review comes along when none stands with the same figures.
    """
    how = read_request(Hearing, asked)

    def drafts(case: CaseSoFar) -> list[Draft]:
        settled, told = _settled(case, year, on)
        if not settled.repay_oere:
            raise Invalid(Fault("year", f"der er intet at betale tilbage for {year}, og derfor intet at høre om"))
        found = _standing_review(told, settled)
        about = found or len(case.entries) + 1
        sent = Draft(_hearing(settled, how), on, actor, "api", {"about": (about,)})
        done = [sent] if found else [_review(settled, on, actor), sent]
        return in_turn(ledger, case, done, on_behalf_of=on_behalf_of)

    what = ["settlement-hear", year, on, asked]
    return act(
        ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version,
        on_behalf_of=on_behalf_of,
    )  # fmt: skip


def decide(
    ledger: Ledger,
    case_id: UUID,
    year: int,
    asked: Mapping[str, Any],
    actor: Actor,
    *,
    on: date,
    request_id: str,
    if_version: int | None = None,
    on_behalf_of: OnBehalfOf | None = None,
) -> Receipt:
    """Decides a year's accounts in a letter sent `on` a day, with the claim when there is something to pay back.

    `asked` is an AccountsDecision.
    """
    said = read_request(AccountsDecision, asked)

    def drafts(case: CaseSoFar) -> list[Draft]:
        settled, told = _settled(case, year, on)
        claimed = _claimed(settled, said.claim)
        also = [*_too_much(settled, claimed), *_not_heard(told, year, claimed)]
        refs: dict[str, RefValue] = {"accounts": settled.accounts or 0}
        if hearing := _hearing_of(told, year):
            refs["hearing"] = hearing
        done = [Draft(_decision(settled, claimed, said.letter, on), on, actor, "api", refs)]
        if said.claim and claimed:
            part: dict[str, RefValue] = {**refs, "part_of": len(case.entries) + 1}
            done.append(Draft(_claim(year, claimed, said.letter, said.claim, on), on, actor, "api", part))
        return in_turn(ledger, case, done, also=also, on_behalf_of=on_behalf_of)

    what = ["settlement-decide", year, on, asked]
    return act(
        ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version,
        on_behalf_of=on_behalf_of,
    )  # fmt: skip


def _settled(case: CaseSoFar, year: int, on: date) -> tuple[Settlement, History]:
    """The settlement that an act on a day rests on; refused while there is none to make."""
    told = history(case.entries, as_of=on)
    settled = settle(told, year)
    if settled.accounts is None:
        raise Invalid(Fault("year", f"familiens regnskab for {year} er ikke modtaget den {danish_day(on)}"))
    if not settled.posts and not settled.not_accepted:
        raise Invalid(Fault("year", f"der er hverken bevillinger eller udgifter at afregne for {year}"))
    if not settled.is_over:
        raise Refused(refusal_of(year_is_over))
    return settled, told


def _per_post(settled: Settlement) -> list[PostReview]:
    return [
        PostReview(
            post=post.post,
            approved_oere=post.approved_oere,
            accepted_oere=post.accepted_oere,
            repay_oere=post.repay_oere,
            own_cost_oere=post.own_cost_oere,
        )
        for post in settled.posts
    ]


def _review(settled: Settlement, on: date, actor: Actor) -> Draft:
    fact = AccountsReviewed(
        year=settled.year, per_post=tuple(_per_post(settled)), provisional_repay_oere=settled.repay_oere
    )
    return Draft(fact, on, actor, "api", {"accounts": settled.accounts or 0})


def _standing_review(told: History, settled: Settlement) -> int | None:
    """Version of the newest review of the accounts, when it says what is computed now."""
    found = [entry for entry in told.of(AccountsReviewed) if entry.pointer("accounts") == settled.accounts]
    same = found and set(found[-1].fact.per_post) == set(_per_post(settled))
    return found[-1].version if same else None


def _hearing(settled: Settlement, how: Hearing) -> PartshoeringSent:
    per_post = [
        {"year": settled.year, **one.model_dump(exclude={"own_cost_oere"})} for one in _per_post(settled)
    ]  # fmt: skip
    said = {"subject": HearingSubject.TILBAGEBETALING, "proposed_oere": settled.repay_oere, "per_post": per_post}
    fact = read_fact(PartshoeringSent, how.model_dump(mode="json", exclude_none=True) | said)
    assert isinstance(fact, PartshoeringSent)
    return fact


def _claimed(settled: Settlement, claim: ClaimAsked | None) -> dict[str, int]:
    """What is claimed back, by post, in øre: what is computed, or the less that is asked for."""
    if not settled.repay_oere and claim:
        raise Invalid(Fault("claim", f"der er intet at betale tilbage for {settled.year}"))
    if settled.repay_oere and claim is None:
        owed = kroner(settled.repay_oere)
        raise Invalid(Fault("claim", f"mangler; der er {owed} at betale tilbage for {settled.year}"))
    if claim and claim.per_post is not None:
        return _as_asked(claim.per_post)
    if settled.repay_oere > settled.most_to_claim_oere:
        paid = f"familien har kun fået {kroner(settled.most_to_claim_oere)} mere, end den har brugt"
        raise Invalid(Fault("claim.per_post", f"mangler; {paid}, og ikke mere kan kræves tilbage"))
    return {post.post: post.repay_oere for post in settled.posts if post.repay_oere}


def _as_asked(per_post: tuple[PostRepayment, ...]) -> dict[str, int]:
    twice = [post for post, times in Counter(one.post for one in per_post).items() if times > 1]
    if twice:
        raise Invalid(*(Fault("claim.per_post", f"nævner posten {post} mere end én gang") for post in twice))
    return {one.post: one.repay_oere for one in per_post if one.repay_oere}


def _too_much(settled: Settlement, claimed: Mapping[str, int]) -> Iterator[FailedGuard]:
    """No post bears more than its own: nothing is moved between posts."""
    computed = {post.post: post.repay_oere for post in settled.posts}
    for post, oere in claimed.items():
        if oere > computed.get(post, 0):
            yield replace(refusal_of(claim_is_within_the_settlement), field=f"claim.per_post.{post}")


def _not_heard(told: History, year: int, claimed: Mapping[str, int]) -> Iterator[FailedGuard]:
    claim = claims(told.told).get(year)
    if claim and claim.heard_oere is not None and sum(claimed.values()) > claim.heard_oere:
        yield _MORE_THAN_HEARD


def _hearing_of(told: History, year: int) -> int | None:
    """Version of the newest hearing about paying back for the year."""
    claim = claims(told.told).get(year)
    hearings = {entry.version for entry in told.of(PartshoeringSent)}
    found = [version for version in claim.entries if version in hearings] if claim else []
    return found[-1] if found else None


def _decision(settled: Settlement, claimed: Mapping[str, int], letter: Letter, on: date) -> Fact:
    resultat, repay = _resultat(settled), sum(claimed.values())
    said = {
        "resultat": resultat,
        "favourable": _favourable(resultat, repay),
        "year": settled.year,
        "total_accepted_oere": settled.accepted_oere,
        "total_repay_oere": repay,
    }
    return read_fact(AccountsDecided, letter.sent(on) | said)


def _resultat(settled: Settlement) -> AccountsResultat:
    if not settled.not_accepted:
        return AccountsResultat.GODKENDT
    return AccountsResultat.GODKENDT_MED_AENDRINGER if settled.accepted_oere else AccountsResultat.IKKE_GODKENDT


def _favourable(resultat: AccountsResultat, repay_oere: int) -> Favourable:
    if resultat is AccountsResultat.IKKE_GODKENDT:
        return Favourable.NONE
    return Favourable.FULL if resultat is AccountsResultat.GODKENDT and not repay_oere else Favourable.PARTIAL


def _claim(year: int, claimed: Mapping[str, int], letter: Letter, claim: ClaimAsked, on: date) -> Fact:
    said = {
        "resultat": TilbagebetalingskravResultat.TILBAGEBETALING,
        "favourable": Favourable.NONE,
        "year": year,
        "amount_oere": sum(claimed.values()),
        "per_post": [{"post": post, "repay_oere": oere} for post, oere in claimed.items()],
    }
    own = claim.model_dump(mode="json", exclude_none=True, exclude={"per_post"})
    return read_fact(TilbagebetalingskravIssued, letter.sent(on) | own | said)
