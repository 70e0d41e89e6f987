"""Årsafgørelse: the decision on a year's budget and on each of its posts, told in one letter (RULES §4.2-§4.3)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from commands.acts import Letter, act, in_turn, read_request
from commands.check import read_fact
from commands.record import Receipt
from commands.so_far import CaseSoFar
from ledger.errors import Fault, Invalid
from ledger.facts.budget import (
    AnnualBudgetDecided,
    AnnualResultat,
    BudgetApplicationReceived,
    BudgetCategory,
    BudgetPost,
    BudgetPostApproved,
    BudgetPostRefused,
    BudgetScope,
    Option,
    PostApprovedResultat,
    PostRefusedResultat,
    RefusalCode,
)
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, OnBehalfOf
from ledger.facts.fact import Fact, Favourable, Part
from ledger.facts.sentence import kroner
from ledger.facts.values import Day, Erased, Id, LawText, Oere, Text, Version, Year
from ledger.law.instalments import Instalment, instalments
from ledger.store.ledger import Ledger


class _DecidedPost(Part):
    """What is said of each post. Kind and name are those applied for, unless said otherwise."""

    post: Id
    category: BudgetCategory | None = None
    name: Text | None = None
    begrundelse: Text
    hjemmel: tuple[LawText, ...] | None = None
    """When it is another than the letter's."""


class ApprovedPost(_DecidedPost):
    """A post that is granted, for what was applied for or less."""

    option: Option
    amount_oere: Oere
    quantity: Text | None = None
    travel_to_accommodate: bool | None = None


class RefusedPost(_DecidedPost):
    """A post that is refused."""

    refusal_code: RefusalCode
    referred_to: LawText | None = None


class AnnualDecision(Part):
    """What a caseworker decides. Outcomes, and how far each goes along with the family, follow from it."""

    year: Year
    budget_application: Version
    letter: Letter
    tilsyn_dates: tuple[Day, ...]
    continuation: bool
    approved: tuple[ApprovedPost, ...] = ()
    refused: tuple[RefusedPost, ...] = ()

    @property
    def posts(self) -> list[tuple[str, ApprovedPost | RefusedPost]]:
        """Every post decided, with its place in the request."""
        approved = [(f"approved.{number}", post) for number, post in enumerate(self.approved)]
        refused = [(f"refused.{number}", post) for number, post in enumerate(self.refused)]
        return [*approved, *refused]


@dataclass(frozen=True)
class AnnualReceipt(Receipt):
    """The receipt of the letter, and the plan that its option-a posts are paid by."""

    instalments: tuple[Instalment, ...] = ()
    """Empty when no month of the year is left: what is granted is then paid as one amount."""


_FAVOURABLE: Final = {
    AnnualResultat.GODKENDT: Favourable.FULL,
    AnnualResultat.DELVIST_GODKENDT: Favourable.PARTIAL,
    AnnualResultat.AFSLAAET: Favourable.NONE,
}
_DECIDED_BY_THE_YEAR: Final = (BudgetScope.ANNUAL, BudgetScope.START_UP)


def annual_decision(
    ledger: Ledger,
    case_id: UUID,
    asked: Mapping[str, Any],
    actor: Actor,
    *,
    on: date,
    request_id: str,
    if_version: int | None = None,
    on_behalf_of: OnBehalfOf | None = None,
) -> AnnualReceipt:
    """Decides every post of a budget application in one letter sent `on` a day (`asked`: an AnnualDecision).

    Raises Invalid when the posts decided are not those applied for, or more is granted than was.
    """
    told = read_request(AnnualDecision, asked)

    def drafts(case: CaseSoFar) -> list[Draft]:
        application = _application(case, told)
        applied = {post.post: post for post in application.posts}
        wrong = list(_faults(told, application))
        if wrong:
            raise Invalid(*wrong)
        refs = {"budget_application": told.budget_application}
        part = {**refs, "part_of": len(case.entries) + 1}
        posts = [_post(decided, applied[decided.post], told, on) for _, decided in told.posts]
        return in_turn(ledger, case, [
            Draft(_year(told, applied, on), on, actor, "api", refs),
            *(Draft(post, on, actor, "api", part) for post in posts),
        ], on_behalf_of=on_behalf_of)  # fmt: skip

    what = ["annual-decision", on, asked]
    receipt = act(
        ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version,
        on_behalf_of=on_behalf_of,
    )  # fmt: skip
    return AnnualReceipt(**vars(receipt), instalments=_plan(ledger, receipt))


def _application(case: CaseSoFar, told: AnnualDecision) -> BudgetApplicationReceived:
    version = told.budget_application
    entry = case.now_reads(version) if version <= len(case.entries) else None
    if entry is None or not isinstance(entry.fact, BudgetApplicationReceived):
        raise Invalid(Fault("budget_application", f"version {version} er ikke en gældende budgetansøgning"))
    if entry.fact.scope not in _DECIDED_BY_THE_YEAR:
        sentence = f"er en ansøgning om {entry.fact.scope.dansk}, som ikke afgøres med en årsafgørelse"
        raise Invalid(Fault("budget_application", sentence))
    if entry.fact.year != told.year:
        raise Invalid(Fault("year", f"er ikke ansøgningens år, som er {entry.fact.year}"))
    return entry.fact


def _faults(told: AnnualDecision, application: BudgetApplicationReceived) -> Iterator[Fault]:
    """Every post applied for is decided once, no other is, and none for more than was applied for."""
    applied = {post.post: post for post in application.posts}
    times = Counter(decided.post for _, decided in told.posts)
    for where, decided in told.posts:
        if decided.post not in applied:
            yield Fault(f"{where}.post", f"posten {decided.post} er ikke ansøgt")
        elif times[decided.post] > 1:
            yield Fault(f"{where}.post", f"posten {decided.post} er afgjort mere end én gang")
        else:
            yield from _post_faults(where, decided, applied[decided.post])
    for post in applied:
        if post not in times:
            yield Fault("approved", f"posten {post} er ansøgt, men ikke afgjort")


def _post_faults(where: str, decided: ApprovedPost | RefusedPost, applied: BudgetPost) -> Iterator[Fault]:
    if decided.name is None and isinstance(applied.name, Erased):
        yield Fault(f"{where}.name", "mangler; navnet i ansøgningen er slettet")
    if isinstance(decided, ApprovedPost) and decided.amount_oere > applied.amount_oere:
        more = f"{kroner(decided.amount_oere)} er mere end de ansøgte {kroner(applied.amount_oere)}"
        yield Fault(f"{where}.amount_oere", more)


def _year(told: AnnualDecision, applied: Mapping[str, BudgetPost], on: date) -> Fact:
    resultat = _resultat(told, applied)
    return read_fact(AnnualBudgetDecided, {
        **told.letter.sent(on),
        "resultat": resultat,
        "favourable": _FAVOURABLE[resultat],
        "year": told.year,
        "posts_approved": [post.post for post in told.approved],
        "posts_refused": [post.post for post in told.refused],
        "tilsyn_dates": [day.isoformat() for day in told.tilsyn_dates],
        "continuation": told.continuation,
    })  # fmt: skip


def _resultat(told: AnnualDecision, applied: Mapping[str, BudgetPost]) -> AnnualResultat:
    if not told.refused and all(_in_full(post, applied[post.post]) for post in told.approved):
        return AnnualResultat.GODKENDT
    return AnnualResultat.DELVIST_GODKENDT if told.approved else AnnualResultat.AFSLAAET


def _in_full(post: ApprovedPost, applied: BudgetPost) -> bool:
    return post.amount_oere == applied.amount_oere


def _post(decided: ApprovedPost | RefusedPost, applied: BudgetPost, told: AnnualDecision, on: date) -> Fact:
    said = {"category": applied.category, "name": applied.name, "amount_oere": applied.amount_oere, "year": told.year}
    said = told.letter.sent(on) | said | decided.model_dump(mode="json", exclude_none=True)
    if isinstance(decided, RefusedPost):
        outcome = {"resultat": PostRefusedResultat.AFSLAAET, "favourable": Favourable.NONE}
        return read_fact(BudgetPostRefused, said | outcome)
    if _in_full(decided, applied):
        outcome = {"resultat": PostApprovedResultat.GODKENDT, "favourable": Favourable.FULL}
    else:
        outcome = {"resultat": PostApprovedResultat.DELVIST_GODKENDT, "favourable": Favourable.PARTIAL}
    return read_fact(BudgetPostApproved, said | outcome)


def _plan(ledger: Ledger, receipt: Receipt) -> tuple[Instalment, ...]:
    """How the option-a posts of a letter are paid; told from the ledger, so that a repeated request gets the same."""
    entries = ledger.entries(receipt.case_id)[: receipt.version]
    letter = entries[-1].pointer("part_of") or receipt.version
    year = entries[letter - 1].fact
    total = sum(
        entry.fact.amount_oere
        for entry in entries[letter:]
        if isinstance(entry.fact, BudgetPostApproved) and entry.fact.option is Option.A
    )
    return instalments(total, year.year, year.sent_on, ledger.here.calendar.next_open) if total else ()
