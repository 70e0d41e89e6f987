"""Budget: what the family applies for in a year, and the decision on each of its posts."""

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
    LawText,
    Oere,
    Slug,
    Text,
    Year,
)


class BudgetScope(Slug):
    """What a budget application is for."""

    ANNUAL = "annual", "årsbudget"
    START_UP = "start_up", "opstart"
    EQUIPMENT_OUTSIDE_BUDGET = "equipment_outside_budget", "redskab uden for budgettet"
    SUPPLEMENT = "supplement", "supplement"


class BudgetCategory(Slug):
    """What kind of expense a budget post is."""

    TRAENINGSREDSKABER = "traeningsredskaber", "træningsredskaber"
    KURSER = "kurser", "kurser"
    TRAENINGSUDBYDERE = "traeningsudbydere", "træningsudbydere"
    HJAELPETRAENERE = "hjaelpetraenere", "hjælpetrænere"
    OEVRIGE = "oevrige", "øvrige"


class Option(Slug):
    """Who pays the supplier or the wage."""

    A = "a", "forældrene betaler"
    B = "b", "kommunen betaler"


class RefusalCode(Slug):
    """Why an expense is not covered."""

    ADMINISTRATION = "administration", "administration"
    BEHANDLING = "behandling", "behandling"
    BLODTEST = "blodtest", "blodprøver og udrensning"
    CBD_OLIE = "cbd_olie", "CBD-olie"
    LOENADMINISTRATION = "loenadministration", "lønadministration"
    RESPIRATIONSTERAPI = "respirationsterapi", "respirationsterapi"
    SPECIALKOST = "specialkost", "specialkost"
    STILLINGSOPSLAG = "stillingsopslag", "stillingsopslag"
    SVOEMNING = "svoemning", "svømning"
    SAEDVANLIGT_INDBO = "saedvanligt_indbo", "sædvanligt indbo"
    TAF_REDSKABER = "taf_redskaber", "tabt arbejdsfortjeneste til fremstilling af redskaber"
    HJAELPER_FORBRUG = "hjaelper_forbrug", "hjælpetræneres daglige forbrug"
    SLITAGE = "slitage", "slitage på hjemmet"
    UDLAND = "udland", "køb, kursus eller ophold i udlandet"
    BOLIGAENDRING = "boligaendring", "boligændring"
    UNDERVISNING = "undervisning", "undervisning"
    SYGDOMSBEHANDLING = "sygdomsbehandling", "sygdomsbehandling"
    HJAELPEMIDDEL = "hjaelpemiddel", "hjælpemiddel, der ikke er til træning"
    MERUDGIFT = "merudgift", "merudgift, der ikke er til træning"
    AFLASTNING = "aflastning", "aflastning"
    MANGLER_KVITTERING = "mangler_kvittering", "kvittering mangler"
    IKKE_BEVILGET = "ikke_bevilget", "ikke bevilget"
    FOER_AFGOERELSE = "foer_afgoerelse", "betalt før afgørelsen"
    FORKERT_AAR = "forkert_aar", "hører til et andet år"


class AdjustmentCause(Slug):
    """Why the amount of a budget post was changed."""

    KLAGE = "klage", "klage"
    ANKESTYRELSEN = "ankestyrelsen", "afgørelse fra Ankestyrelsen"
    CHANGE_OF_NEED = "change_of_need", "ændret behov"


class PostApprovedResultat(Slug):
    """Outcome when a budget post is approved."""

    GODKENDT = "godkendt", "godkendt"
    DELVIST_GODKENDT = "delvist_godkendt", "delvist godkendt"


class PostRefusedResultat(Slug):
    """Outcome when a budget post is refused."""

    AFSLAAET = "afslaaet", "afslået"


class PostAdjustedResultat(Slug):
    """Outcome when the amount of a budget post is changed."""

    FORHOEJET = "forhoejet", "forhøjet"
    NEDSAT = "nedsat", "nedsat"


class AnnualResultat(Slug):
    """Outcome for the budget of a year."""

    GODKENDT = "godkendt", "godkendt"
    DELVIST_GODKENDT = "delvist_godkendt", "delvist godkendt"
    AFSLAAET = "afslaaet", "afslået"


class BudgetPost(Part):
    """One post that is applied for."""

    post: Id = Field(description="id of the post in the case")
    category: BudgetCategory = Field(description="kind of expense")
    name: Text = Field(description="what it is")
    quantity: Count | None = Field(None, description="how many")
    unit: Text | None = Field(None, description="what the quantity counts")
    amount_oere: Oere = Field(description="amount applied for, in øre")
    reason: Text | None = Field(None, description="why it is needed")


@dataclass(slots=True)
class BudgetState:
    """The budget applications of a case and the posts granted."""

    applications: list[Entry["BudgetApplicationReceived"]] = field(default_factory=list)
    approved: list[Entry["BudgetPostApproved"]] = field(default_factory=list)
    adjusted: list[Entry["BudgetPostAdjusted"]] = field(default_factory=list)


class BudgetApplicationReceived(
    Fact,
    type="BudgetApplicationReceived",
    dansk="Budgetansøgning modtaget",
    data=DataKind.MONEY,
    says="Budgetansøgning for {year} modtaget ({scope}).",
    by=(Task.AUTH, Task.OEKO, Task.CITIZEN),
):
    """The family applied for a budget or for a single post."""

    scope: BudgetScope = Field(description="what the application is for")
    year: Year = Field(description="budget year")
    posts: tuple[BudgetPost, ...] = Field(description="posts applied for")

    def apply(self, state: BudgetState, entry: Entry[Any]) -> None:
        state.applications.append(entry)


class BudgetPostApproved(
    Decision,
    type="BudgetPostApproved",
    dansk="Budgetpost godkendt",
    data=DataKind.DECISIONS,
    says="Budgetpost {post} ({name}) {resultat} for {year} med {amount_oere} ({option}).",
    by=(Task.AUTH,),
    refs=(ref("budget_application", "BudgetApplicationReceived", required=True),),
):
    """A budget post was granted, for its purpose and its year."""

    resultat: PostApprovedResultat = Field(description="outcome")
    year: Year = Field(description="budget year")
    post: Id = Field(description="id of the post in the case")
    category: AsMoney[BudgetCategory] = Field(description="kind of expense")
    name: AsMoney[Text] = Field(description="what it is")
    option: Option = Field(description="who pays the supplier or the wage")
    amount_oere: AsMoney[Oere] = Field(description="amount granted for the year, in øre")
    quantity: AsMoney[Text] | None = Field(None, description="how many")
    travel_to_accommodate: bool | None = Field(None, description="whether it covers travel to the place of stay")
    second_approver: SecondApprover | None = Field(None, description="who approved beside the actor (four eyes)")

    def apply(self, state: BudgetState, entry: Entry[Any]) -> None:
        state.approved.append(entry)


class BudgetPostRefused(
    Decision,
    type="BudgetPostRefused",
    dansk="Budgetpost afslået",
    data=DataKind.DECISIONS,
    says="Budgetpost {post} ({name}) på {amount_oere} {resultat} for {year}; grund: {refusal_code}"
    "[; henvist til {referred_to}].",
    by=(Task.AUTH,),
    refs=(ref("budget_application", "BudgetApplicationReceived", required=True),),
    changes_no_state=True,
):
    """A budget post was refused."""

    resultat: PostRefusedResultat = Field(description="outcome")
    year: Year = Field(description="budget year")
    post: Id = Field(description="id of the post in the case")
    category: AsMoney[BudgetCategory] = Field(description="kind of expense")
    name: AsMoney[Text] = Field(description="what it is")
    amount_oere: AsMoney[Oere] = Field(description="amount applied for, in øre")
    refusal_code: RefusalCode = Field(description="why it is not covered")
    referred_to: LawText | None = Field(None, description="law that may cover it instead")


class BudgetPostAdjusted(
    Decision,
    type="BudgetPostAdjusted",
    dansk="Budgetpost ændret",
    data=DataKind.DECISIONS,
    says="Budgetpost {post} for {year} {resultat} fra {old_amount_oere} til {new_amount_oere} på grund af {cause}.",
    by=(Task.AUTH,),
    refs=(ref("post", "BudgetPostApproved", required=True),),
):
    """The amount of a granted post was changed for the whole year."""

    resultat: PostAdjustedResultat = Field(description="outcome")
    year: Year = Field(description="budget year")
    post: Id = Field(description="id of the post in the case")
    new_amount_oere: AsMoney[Oere] = Field(description="amount for the year from now on, in øre")
    old_amount_oere: AsMoney[Oere] = Field(description="amount for the year until now, in øre")
    cause: AdjustmentCause = Field(description="why")

    def apply(self, state: BudgetState, entry: Entry[Any]) -> None:
        state.adjusted.append(entry)


class AnnualBudgetDecided(
    Decision,
    type="AnnualBudgetDecided",
    dansk="Årsafgørelse sendt",
    data=DataKind.DECISIONS,
    says="Årsafgørelse for {year} sendt: budgettet er {resultat}[; godkendte poster: {posts_approved}]"
    "[; afslåede poster: {posts_refused}][; tilsyn {tilsyn_dates}].",
    by=(Task.AUTH,),
    refs=(ref("budget_application", "BudgetApplicationReceived", required=True),),
    changes_no_state=True,
):
    """The decision on the budget of a year; the decisions on its posts may be part of it."""

    resultat: AnnualResultat = Field(description="outcome")
    year: Year = Field(description="budget year")
    posts_approved: tuple[Id, ...] = Field(description="ids of the posts granted")
    posts_refused: tuple[Id, ...] = Field(description="ids of the posts refused")
    tilsyn_dates: tuple[Day, ...] = Field(description="days of the year's tilsyn")
    continuation: bool = Field(description="whether the hjemmetræning goes on")
