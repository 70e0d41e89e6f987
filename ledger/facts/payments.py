"""Payments (udbetalinger): what the municipality pays, the helpers, and the family's documented expenses."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.budget import RefusalCode
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Task, ref, ref_to_decision
from ledger.facts.values import (
    X100,
    AccountNumber,
    AsAttest,
    Count,
    Cvr,
    DataKind,
    Day,
    Id,
    Oere,
    OfHolder,
    PartyRef,
    PlainText,
    Private,
    SensitiveOfHelper,
    SensitiveOfHolder,
    Slug,
    Text,
    Year,
)


class PaymentKind(Slug):
    """What kind of payment."""

    INSTALMENT = "instalment", "rate"
    ONE_OFF = "one_off", "engangsbeløb"
    SUPPLIER_INVOICE = "supplier_invoice", "leverandørfaktura"
    WAGE = "wage", "løn"


class SupportKind(Slug):
    """Which support was stopped or resumed."""

    INSTALMENTS = "instalments", "rater"
    TAF = "taf", "tabt arbejdsfortjeneste"
    HELPER = "helper", "hjælpetræner"
    ALL = "all", "alt"


class Relation(Slug):
    """What a helper is to the family besides."""

    NONE = "none", "ingen"
    FAMILY = "family", "familie"
    FRIEND = "friend", "ven"
    PARTNER = "partner", "kæreste"


class Insurance(Slug):
    """Insurance that an employer of helpers takes out."""

    ARBEJDSSKADE = "arbejdsskade", "arbejdsskadeforsikring"
    AES = "aes", "AES"
    ERHVERVSANSVAR = "erhvervsansvar", "erhvervsansvarsforsikring"


class Accrual(Slug):
    """Whether an expense counts in another year than the one it was paid in."""

    NONE = "none", "ingen"
    DECEMBER_TAX = "december_tax", "skat for december"


class ExpenseResultat(Slug):
    """Outcome of the review of an expense."""

    ACCEPTED = "accepted", "godkendt"
    REJECTED = "rejected", "afvist"
    PARTLY_ACCEPTED = "partly_accepted", "delvist godkendt"


class SupervisionKind(Slug):
    """What documents that supervision or a course took place."""

    MINUTES = "minutes", "supervisionsreferat"
    COURSE_DOCUMENTATION = "course_documentation", "kursusdokumentation"


@dataclass(slots=True)
class PaymentsState:
    """The payments, helpers and expenses of a case."""

    business_accounts: list[Entry["BusinessAccountRegistered"]] = field(default_factory=list)
    paid: list[Entry["PaymentMade"]] = field(default_factory=list)
    stopped: dict[int, Entry["SupportStopped"]] = field(default_factory=dict)
    """Support that is stopped and not resumed, by version."""
    helpers_engaged: list[Entry["HelperEngaged"]] = field(default_factory=list)
    helpers_left: list[Entry["HelperLeft"]] = field(default_factory=list)
    expenses: list[Entry["ExpenseDocumented"]] = field(default_factory=list)
    reviews: dict[str, Entry["ExpenseReviewed"]] = field(default_factory=dict)
    """Expense id to its latest review."""


class BusinessAccountRegistered(
    Fact,
    type="BusinessAccountRegistered",
    dansk="Erhvervskonto og CVR registreret",
    data=DataKind.MONEY,
    says="Erhvervskonto, oprettet {account_opened_on}, registreret for {holder}[ med CVR-nummer {cvr}].",
    by=(Task.OEKO, Task.AUTH),
):
    """A parent opened a business account and registered as an employer."""

    holder: PartyRef = Field(description="party that holds the account")
    cvr: OfHolder[Cvr] | None = Field(None, description="business registration number (CVR)")
    industry_code: Id | None = Field(None, description="industry code of the registration")
    account_opened_on: Day = Field(description="day the account was opened")
    account: SensitiveOfHolder[AccountNumber] | None = Field(None, description="account number")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.business_accounts.append(entry)


class PaymentMade(
    Fact,
    type="PaymentMade",
    dansk="Udbetaling foretaget",
    data=DataKind.MONEY,
    says="Udbetaling på {amount_oere} for {year} foretaget ({kind}[ nr. {instalment_no}][, post {post}])"
    "[ til {payee}].",
    by=(Task.OEKO, Task.AUTH),
):
    """The municipality paid an amount."""

    kind: PaymentKind = Field(description="kind of payment")
    year: Year = Field(description="budget year")
    post: Id | None = Field(None, description="id of the budget post; absent for an instalment")
    amount_oere: Oere = Field(description="amount paid, in øre")
    instalment_no: Count | None = Field(None, description="number of the instalment in the year")
    payee: Private[PlainText] | None = Field(None, description="who was paid")
    ean: bool | None = Field(None, description="whether the invoice came by EAN")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.paid.append(entry)


class SupportStopped(
    Fact,
    type="SupportStopped",
    dansk="Hjælp stoppet eller tilbageholdt",
    data=DataKind.MONEY,
    says="Hjælp ({what}) stoppet eller tilbageholdt med begrundelsen ”{reason}” fra {stopped_on}.",
    by=(Task.OEKO, Task.AUTH),
    refs=(ref_to_decision("decision"),),
):
    """Support was stopped or held back."""

    what: SupportKind = Field(description="which support")
    stopped_on: Day = Field(description="first day without it")
    reason: Text = Field(description="why")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.stopped[entry.version] = entry


class SupportResumed(
    Fact,
    type="SupportResumed",
    dansk="Hjælp genoptaget",
    data=DataKind.MONEY,
    says="Hjælp ({what}) genoptaget med begrundelsen ”{reason}”.",
    by=(Task.OEKO, Task.AUTH),
    refs=(ref("stopped", "SupportStopped", required=True),),
):
    """Support that was stopped is given again."""

    what: SupportKind = Field(description="which support")
    reason: Text = Field(description="why")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        for stop in entry.pointers("stopped"):
            state.stopped.pop(stop, None)


class HelperEngaged(
    Fact,
    type="HelperEngaged",
    dansk="Hjælpetræner ansat",
    data=DataKind.MONEY,
    says="Hjælpetræner {helper} ansat fra {started_on} med {hours_per_week_x100} timer om ugen"
    " til {hourly_rate_oere} i timen.",
    by=(Task.AUTH, Task.CITIZEN),
):
    """The parents engaged a helper (hjælpetræner)."""

    helper: PartyRef = Field(description="party that is the helper")
    hours_per_week_x100: X100 = Field(description="hours a week, times 100")
    started_on: Day = Field(description="first day of work")
    boerneattest_on: AsAttest[SensitiveOfHelper[Day]] = Field(
        description="date of the certificate on offences against children"
    )
    straffeattest_on: AsAttest[SensitiveOfHelper[Day]] = Field(description="date of the criminal record certificate")
    contract: bool = Field(description="whether there is a contract")
    relation: Relation = Field(description="what the helper is to the family besides")
    hourly_rate_oere: Oere = Field(description="pay per hour, in øre")
    insurance: tuple[Insurance, ...] | None = Field(None, description="insurance taken out")
    planned_hours_per_year: Count = Field(description="planned whole hours a year")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.helpers_engaged.append(entry)


class HelperLeft(
    Fact,
    type="HelperLeft",
    dansk="Hjælpetræner fratrådt",
    data=DataKind.MONEY,
    says="Hjælpetræner {helper} fratrådt {left_on}[; opsagt {notice_given_on}].",
    by=(Task.AUTH, Task.CITIZEN),
):
    """A helper stopped working for the family."""

    helper: PartyRef = Field(description="party that is the helper")
    left_on: Day = Field(description="last day of work")
    notice_given_on: Day | None = Field(None, description="day notice was given")
    reason: Text | None = Field(None, description="why")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.helpers_left.append(entry)


class ExpenseDocumented(
    Fact,
    type="ExpenseDocumented",
    dansk="Udgift dokumenteret",
    data=DataKind.MONEY,
    says="Udgift {expense} ({description}) på {amount_oere}, betalt {paid_on}, dokumenteret for {year}"
    "[ på post {post}]; kvittering: {receipt}.",
    by=(Task.CITIZEN, Task.AUTH, Task.OEKO),
):
    """The family documented an expense."""

    expense: Id = Field(description="id of the expense in the case")
    year: Year = Field(description="accounting year")
    post: Id | None = Field(None, description="id of the budget post; absent = not on any post")
    paid_on: Day = Field(description="day it was paid")
    amount_oere: Oere = Field(description="amount paid, in øre")
    receipt: bool = Field(description="whether there is a receipt")
    abroad: bool = Field(description="whether it was bought abroad")
    description: Text = Field(description="what was bought")
    category_code: RefusalCode | None = Field(None, description="code of an item that is not covered")
    accrual: Accrual | None = Field(None, description="whether it counts in another year than it was paid in")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.expenses.append(entry)


class ExpenseReviewed(
    Fact,
    type="ExpenseReviewed",
    dansk="Udgift gennemgået",
    data=DataKind.MONEY,
    says="Udgift {expense} gennemgået og {resultat_review}[ ({code})] med begrundelsen ”{reason}”;"
    " {accepted_oere} medregnes.",
    by=(Task.OEKO, Task.AUTH),
    refs=(ref("expense", "ExpenseDocumented", required=True),),
):
    """An expense was looked at; the latest review decides what counts."""

    expense: Id = Field(description="id of the expense in the case")
    resultat_review: ExpenseResultat = Field(description="outcome")
    accepted_oere: Oere = Field(description="how much of it counts, in øre")
    code: RefusalCode | None = Field(None, description="why not all of it counts")
    reason: Text = Field(description="reason in words")

    def apply(self, state: PaymentsState, entry: Entry[Any]) -> None:
        state.reviews[self.expense] = entry


class SupervisionDocumented(
    Fact,
    type="SupervisionDocumented",
    dansk="Supervision/kursus dokumenteret",
    data=DataKind.MONEY,
    says="{kind} for {year} modtaget med omfanget ”{extent}”[; dato: {dates}].",
    by=(Task.AUTH, Task.OEKO, Task.CITIZEN),
    refs=(ref("planned", "TilsynPlanned"),),
    changes_no_state=True,
):
    """The family documented that supervision or a course took place."""

    kind: SupervisionKind = Field(description="what documents it")
    year: Year = Field(description="budget year")
    dates: tuple[Day, ...] = Field(description="days it took place")
    extent: Text = Field(description="how much it was")
    content: Text | None = Field(None, description="what it was about")
