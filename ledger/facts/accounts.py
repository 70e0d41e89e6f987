"""Regnskab and tilbagebetaling: the family's yearly accounts, and the claim for money not used."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Decision, Fact, Part, Task, ref
from ledger.facts.lifecycle import SecondApprover
from ledger.facts.values import (
    AsMoney,
    Count,
    DataKind,
    Day,
    Id,
    Oere,
    Slug,
    Year,
)


class AccountsResultat(Slug):
    """What was decided about a year's accounts."""

    GODKENDT = "godkendt", "godkendt"
    GODKENDT_MED_AENDRINGER = "godkendt_med_aendringer", "godkendt med ændringer"
    IKKE_GODKENDT = "ikke_godkendt", "ikke godkendt"


class TilbagebetalingskravResultat(Slug):
    """What a claim decides."""

    TILBAGEBETALING = "tilbagebetaling", "tilbagebetaling"


class ClaimAdjustmentCause(Slug):
    """Why a claim was changed."""

    KLAGE = "klage", "klage"
    ANKESTYRELSEN = "ankestyrelsen", "Ankestyrelsens afgørelse"
    WAIVED = "waived", "frafald"
    NEW_DOCUMENTATION = "new_documentation", "ny dokumentation"


class PostReview(Part):
    """What the review found for one budget post."""

    post: Id = Field(description="id of the budget post")
    approved_oere: Oere = Field(description="approved for the year, in øre")
    accepted_oere: Oere = Field(description="accepted expenses, in øre")
    repay_oere: Oere = Field(description="to be paid back, in øre")
    own_cost_oere: Oere = Field(description="spent beyond the grant, the family's own cost, in øre")


class PostRepayment(Part):
    """What a claim asks back for one budget post."""

    post: Id = Field(description="id of the budget post")
    repay_oere: Oere = Field(description="to be paid back, in øre")


@dataclass(slots=True)
class AccountsState:
    """The accounts and repayment claims of a case."""

    received: list[Entry["AccountsReceived"]] = field(default_factory=list)
    decided: list[Entry["AccountsDecided"]] = field(default_factory=list)
    claims: list[Entry["TilbagebetalingskravIssued"]] = field(default_factory=list)
    adjustments: list[Entry["TilbagebetalingskravAdjusted"]] = field(default_factory=list)
    repaid: list[Entry["TilbagebetalingReceived"]] = field(default_factory=list)


class AccountsReceived(
    Fact,
    type="AccountsReceived",
    dansk="Regnskab modtaget",
    data=DataKind.MONEY,
    says="Regnskab for {year} modtaget; antal linjer: {lines}; kommunens skabelon brugt: {template_used}.",
    by=(Task.OEKO, Task.AUTH, Task.CITIZEN),
):
    """The family handed in its accounts for a budget year."""

    year: Year = Field(description="budget year")
    lines: Count = Field(description="number of entries in the accounts")
    template_used: bool = Field(description="whether the municipality's template was used")
    opening_balance_oere: Oere | None = Field(None, description="balance at the start of the year, in øre")
    closing_balance_oere: Oere | None = Field(None, description="balance at the end of the year, in øre")

    def apply(self, state: AccountsState, entry: Entry[Any]) -> None:
        state.received.append(entry)


class AccountsReviewed(
    Fact,
    type="AccountsReviewed",
    dansk="Regnskab gennemgået",
    data=DataKind.MONEY,
    says="Regnskab for {year} gennemgået med {provisional_repay_oere} til foreløbig tilbagebetaling.",
    by=(Task.OEKO,),
    refs=(ref("accounts", "AccountsReceived", required=True),),
    changes_no_state=True,
):
    """The accounts were compared with the grants, post by post. Nothing is decided yet."""

    year: Year = Field(description="budget year")
    per_post: tuple[PostReview, ...] = Field(description="what was found for each budget post")
    provisional_repay_oere: Oere = Field(description="provisional sum to be paid back, in øre")


class AccountsDecided(
    Decision,
    type="AccountsDecided",
    dansk="Afgørelse på regnskab",
    data=DataKind.DECISIONS,
    says="Afgørelse på regnskab for {year}: {resultat}; {total_accepted_oere} anerkendt"
    " og {total_repay_oere} til tilbagebetaling.",
    by=(Task.AUTH,),
    refs=(ref("accounts", "AccountsReceived", required=True),),
):
    """The decision on a year's accounts."""

    resultat: AccountsResultat = Field(description="what was decided")
    year: Year = Field(description="budget year")
    total_accepted_oere: AsMoney[Oere] = Field(description="accepted expenses of the year, in øre")
    total_repay_oere: AsMoney[Oere] = Field(description="to be paid back for the year, in øre")

    def apply(self, state: AccountsState, entry: Entry[Any]) -> None:
        state.decided.append(entry)


class TilbagebetalingskravIssued(
    Decision,
    type="TilbagebetalingskravIssued",
    dansk="Tilbagebetalingskrav rejst",
    data=DataKind.DECISIONS,
    says="Tilbagebetalingskrav på {amount_oere} rejst for {year}[ med betalingsfrist den {pay_by}].",
    by=(Task.AUTH,),
    refs=(ref("accounts", "AccountsReceived", required=True),),
):
    """The decision that the family must pay unused money of a year back."""

    resultat: TilbagebetalingskravResultat = Field(description="what was decided")
    year: Year = Field(description="budget year")
    amount_oere: AsMoney[Oere] = Field(description="claimed in all, in øre")
    per_post: AsMoney[tuple[PostRepayment, ...]] = Field(description="what is claimed for each budget post")
    pay_by: Day | None = Field(None, description="last day to pay")
    second_approver: SecondApprover | None = Field(None, description="who approved beside the actor (four eyes)")

    def apply(self, state: AccountsState, entry: Entry[Any]) -> None:
        state.claims.append(entry)


class TilbagebetalingskravAdjusted(
    Fact,
    type="TilbagebetalingskravAdjusted",
    dansk="Tilbagebetalingskrav ændret eller frafaldet",
    data=DataKind.MONEY,
    says="Tilbagebetalingskrav for {year} ændret fra {old_amount_oere} til {new_amount_oere} på grund af {cause}.",
    by=(Task.AUTH, Task.OEKO),
    refs=(ref("claim", "TilbagebetalingskravIssued", required=True),),
):
    """A claim was changed, or waived altogether."""

    year: Year = Field(description="budget year")
    old_amount_oere: Oere = Field(description="claimed until now, in øre")
    new_amount_oere: Oere = Field(description="claimed from now on, in øre; 0 = waived")
    cause: ClaimAdjustmentCause = Field(description="why it was changed")
    per_post: tuple[PostRepayment, ...] | None = Field(None, description="what is now claimed for each budget post")

    def apply(self, state: AccountsState, entry: Entry[Any]) -> None:
        state.adjustments.append(entry)


class TilbagebetalingReceived(
    Fact,
    type="TilbagebetalingReceived",
    dansk="Tilbagebetaling modtaget",
    data=DataKind.MONEY,
    says="Tilbagebetaling på {amount_oere} for {year} modtaget.",
    by=(Task.OEKO,),
    refs=(ref("claim", "TilbagebetalingskravIssued", required=True),),
):
    """The family paid on a claim."""

    year: Year = Field(description="budget year of the claim")
    amount_oere: Oere = Field(description="amount paid, in øre")

    def apply(self, state: AccountsState, entry: Entry[Any]) -> None:
        state.repaid.append(entry)
