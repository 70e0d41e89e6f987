"""Facts of the book (one municipality) that belong to no case: rates, enquiries counted, reports, access."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from ledger.facts.fact import STAFF, Fact, Task
from ledger.facts.lifecycle import Approver
from ledger.facts.values import (
    Count,
    DataKind,
    Day,
    Id,
    MediaType,
    Oere,
    OfPeriod,
    PlainText,
    PublicText,
    Sha256,
    Slug,
    SlugText,
    Version,
    Year,
)


class RateKind(Slug):
    """What a rate is for."""

    CAP = "cap", "årligt loft"
    TAF_CAP = "taf_cap", "loft for tabt arbejdsfortjeneste"
    HELPER_HOUR_RATE = "helper_hour_rate", "timeløn til hjælpetræner"
    TRAVEL = "travel", "befordring"
    PARAMETER = "parameter", "parameter"


class Certainty(Slug):
    """How sure a number is."""

    SEED = "seed", "står i et kildedokument"
    VER = "ver", "efterprøvet i offentlig kilde"
    MEM = "mem", "efter hukommelsen"
    INF = "inf", "udledt"


class Topic(Slug):
    """The eight topics of DUKH's yearly table."""

    LONG_PROCESSING = "long_processing", "lang sagsbehandlingstid"
    TIME_LIMITED = "time_limited", "tidsbegrænset bevilling"
    ENDED_WITHOUT_DECISION = "ended_without_decision", "ophør uden afgørelse"
    MISSING_TILSYN = "missing_tilsyn", "manglende tilsyn"
    SCHOOL_AGE = "school_age", "skolealder"
    TRAIN_THEMSELVES = "train_themselves", "skal forældrene selv træne"
    FREE_CHOICE = "free_choice", "frit valg af udbyder og supervisor"
    GOALS = "goals", "mål"


class Purpose(Slug):
    """Why someone looked at a case."""

    SAGSBEHANDLING = "sagsbehandling", "sagsbehandling"
    LEDELSE = "ledelse", "ledelse"
    KLAGE = "klage", "klage"
    TILSYN = "tilsyn", "tilsyn"
    AKTINDSIGT = "aktindsigt", "aktindsigt"
    DRIFT = "drift", "drift"


class RateRegistered(
    Fact,
    type="RateRegistered",
    dansk="Sats registreret",
    data=DataKind.CASE,
    says="Satsen {name} ({kind}) for {year} blev registreret[: {amount_oere}]. Kilde: {source}.",
    by=(Task.ADMIN,),
    streams=("book",),
    changes_no_state=True,
):
    """A rate or parameter of the law, with where it is written."""

    kind: RateKind = Field(description="what it is for")
    name: SlugText = Field(description="name of the rate")
    municipality: SlugText | None = Field(None, description="municipality; absent = the whole country")
    year: Year = Field(description="year it is for")
    valid_from: Day | None = Field(None, description="first day, when not the whole year")
    amount_oere: Oere | None = Field(None, description="øre, when it is an amount")
    value: Count | None = Field(None, description="the number, when it is not an amount")
    source: PublicText = Field(description="where it is written")
    certainty: Certainty = Field(description="how sure it is")
    second_approver: Approver = Field(description="the second registrar")


class EnquiriesCounted(
    Fact,
    type="EnquiriesCounted",
    dansk="Henvendelser optalt",
    data=DataKind.CASE,
    says="{count} henvendelser i {year}[ om {topic}], optalt over {months_covered} måneder.",
    by=(Task.ADMIN, Task.LEDER),
    streams=("book",),
    changes_no_state=True,
):
    """Enquiries of a year as DUKH counts them."""

    year: Year = Field(description="year")
    months_covered: Annotated[int, Field(ge=1, le=12)] = Field(description="months the count covers")
    topic: Topic | None = Field(None, description="topic; absent = all")
    count: Count = Field(description="number of enquiries")


Base64 = Annotated[str, Field(max_length=20_000_000, pattern=r"^[A-Za-z0-9+/=]*$")]


class ReportIssued(
    Fact,
    type="ReportIssued",
    dansk="Rapport udgivet",
    data=DataKind.DECISIONS,
    says="Rapporten {report} for {from_on} til {to_on} blev udgivet.",
    by=(*STAFF, Task.SYS),
    streams=("book",),
    changes_no_state=True,
):
    """A report left the house: what was asked, on what basis, and the very bytes."""

    report: SlugText = Field(description="name of the report")
    from_on: Day = Field(description="first day")
    to_on: Day = Field(description="last day")
    as_of: Day = Field(description="day it was asked for")
    known_at: AwareDatetime | None = Field(None, description="limit of what was known")
    up_to_seq: Count = Field(description="highest ledger position it rests on")
    published: bool = Field(description="whether small cells were suppressed for publication")
    statement: PublicText = Field(description="what the report states about itself")
    media_type: MediaType = Field(description="media type of the content")
    sha256: Sha256 = Field(description="SHA-256 of the content, hex")
    period: Id = Field(description="the year whose key seals the content, e.g. report-2026")
    content: OfPeriod[Base64] = Field(description="the bytes, base64")


class AccessLogged(
    Fact,
    type="AccessLogged",
    dansk="Adgang logget",
    data=DataKind.LOG,
    says="{what} blev vist til formålet {purpose}.",
    by=(Task.SYS,),
    streams=("book",),
    changes_no_state=True,
):
    """Someone read personal data: the entry's actor is the reader, its recorded_at the time."""

    cases: tuple[UUID, ...] = Field(description="cases whose data was shown")
    what: tuple[SlugText, ...] = Field(description="kinds of data shown")
    documents: tuple[Id, ...] | None = Field(None, description="documents shown")
    purpose: Purpose = Field(description="why")
    period: Id = Field(description="the year whose key seals what is personal here, e.g. access-2026")
    purpose_text: OfPeriod[PlainText] | None = Field(None, description="why, in the reader's words")
    query_index: OfPeriod[Sha256] | None = Field(None, description="blind index of a CPR number asked for")
    known_version: Version | None = Field(None, description="version shown, when it was not the newest")
