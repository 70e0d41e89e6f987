"""Klage: complaints, the municipality's own new look (genvurdering) and the appeal body Ankestyrelsen."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, State, Task, ref, ref_to_decision, refs
from ledger.facts.values import (
    DataKind,
    Day,
    DocumentId,
    Id,
    PartyRef,
    Slug,
    Text,
    Version,
)


class KlageKind(Slug):
    """What is complained over."""

    DECISION = "decision", "afgørelse"
    PROCESSING_TIME = "processing_time", "sagsbehandlingstid"


class KlageForm(Slug):
    """How the complaint was made."""

    WRITTEN = "written", "skriftlig"
    ORAL = "oral", "mundtlig"
    DIGITAL = "digital", "digital"


class GenvurderingResultat(Slug):
    """Where the municipality's own new look at its decision led."""

    FASTHOLDT = "fastholdt", "fastholdt"
    DELVIST_MEDHOLD = "delvist_medhold", "delvist medhold"
    MEDHOLD = "medhold", "medhold"


class Udfald(Slug):
    """What Ankestyrelsen decided."""

    STADFAESTET = "stadfaestet", "stadfæstet"
    AENDRET = "aendret", "ændret"
    OPHAEVET = "ophaevet", "ophævet"
    HJEMVIST = "hjemvist", "hjemvist"
    AFVIST = "afvist", "afvist"


class AbsenceReason(Slug):
    """Why a paper is not among those sent to Ankestyrelsen."""

    FINDES_IKKE = "findes_ikke", "findes ikke"
    KLAGEFRIST_OVERSKREDET = "klagefrist_overskredet", "klagefristen er overskredet"
    HOERING_IKKE_PAAKRAEVET = "hoering_ikke_paakraevet", "partshøring var ikke påkrævet"
    UNDTAGET_19_2 = "undtaget_19_2", "undtaget fra partshøring efter forvaltningslovens § 19, stk. 2"
    UDEN_SVAR = "uden_svar", "partshøringen er ikke besvaret"
    EGEN_DRIFT = "egen_drift", "taget op af egen drift"
    IKKE_INDHENTET = "ikke_indhentet", "ikke indhentet"
    SAMTYKKE_NAEGTET = "samtykke_naegtet", "samtykke nægtet"
    UDEBLEVET = "udeblevet", "oplysningerne er udeblevet"
    IKKE_MODTAGET = "ikke_modtaget", "ikke modtaget"
    IKKE_RELEVANT = "ikke_relevant", "ikke relevant"
    IKKE_I_MAALGRUPPE = "ikke_i_maalgruppe", "barnet er ikke i målgruppen"
    IKKE_FYSISK_ELEMENT = "ikke_fysisk_element", "ingen fysiske, sundhedsfaglige elementer"
    IKKE_VISITERET = "ikke_visiteret", "ikke behandlet på et visitationsmøde"
    IKKE_STARTET = "ikke_startet", "hjemmetræningen er ikke startet"
    OMFANG_ALENE = "omfang_alene", "kun omfanget er omtvistet"
    AFTALT_PERIODE = "aftalt_periode", "bevilget for en aftalt periode"
    MODTAGERS_OENSKE = "modtagers_oenske", "efter modtagerens ønske"
    ALDER_18 = "alder_18", "barnet er fyldt 18 år"
    FOER_SPORINGSSTART = "foer_sporingsstart", "fra før sagen blev ført i dette system"
    EFTERSENDES = "eftersendes", "eftersendes"
    UOPLYST = "uoplyst", "uoplyst"
    OPLYSNING_MANGLER = "oplysning_mangler", "afslaget skyldes manglende oplysninger"
    FORAELDRES_OENSKE = "foraeldres_oenske", "efter forældrenes ønske"
    PARTEN_HAR_SELV_GIVET_DEM = "parten_har_selv_givet_dem", "parten har selv givet oplysningerne"
    IKKE_HENVIST = "ikke_henvist", "der er ikke henvist til det"
    ANDRE_KOMMUNER = "andre_kommuner", "bruges ikke i denne kommune"


@dataclass(slots=True)
class KlageState:
    """The complaints of a case."""

    received: dict[int, Entry["KlageReceived"]] = field(default_factory=dict)
    """By version."""
    withdrawn: list[Entry["KlageWithdrawn"]] = field(default_factory=list)
    genvurderinger: list[Entry["GenvurderingCompleted"]] = field(default_factory=list)
    forwarded: list[Entry["KlageForwarded"]] = field(default_factory=list)
    ankestyrelsen: list[Entry["AnkestyrelsenDecided"]] = field(default_factory=list)
    reopened: list[Entry["HjemvisningReopened"]] = field(default_factory=list)


class KlageReceived(
    Fact,
    type="KlageReceived",
    dansk="Klage modtaget",
    data=DataKind.DECISIONS,
    says="{form} klage over {kind} modtaget fra {by}[; klagepunkter: {claims}][; opsættende virkning: {suspensive}].",
    by=(Task.AUTH, Task.PA),
    refs=(ref_to_decision("decision"), ref("application", "ApplicationReceived")),
):
    """A party complained over a decision, or over the time the case takes."""

    kind: KlageKind = Field(description="what is complained over")
    by: PartyRef = Field(description="party who complains")
    form: KlageForm = Field(description="how the complaint was made")
    about: Text = Field(description="what the complaint says")
    claims: tuple[Text, ...] | None = Field(None, description="points complained over, e.g. budget posts")
    suspensive: bool | None = Field(None, description="whether the decision is put on hold until the outcome")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.received[entry.version] = entry


class KlageWithdrawn(
    Fact,
    type="KlageWithdrawn",
    dansk="Klage trukket",
    data=DataKind.DECISIONS,
    says="Klage trukket tilbage af {by}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("klage", "KlageReceived", required=True),),
):
    """A party withdrew a complaint."""

    by: PartyRef = Field(description="party who withdrew it")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.withdrawn.append(entry)


class GenvurderingCompleted(
    Fact,
    type="GenvurderingCompleted",
    dansk="Genvurdering afsluttet",
    data=DataKind.DECISIONS,
    says="Genvurdering afsluttet; resultat: {resultat_genvurdering}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("klage", "KlageReceived", required=True),),
):
    """The deciding authority took a new look at its decision because of a complaint."""

    resultat_genvurdering: GenvurderingResultat = Field(description="where it led")
    begrundelse: Text = Field(description="reasons, answering the complaint")
    new_information: Text | None = Field(None, description="information that came after the decision")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.genvurderinger.append(entry)


class KlageForwarded(
    Fact,
    type="KlageForwarded",
    dansk="Klage sendt til Ankestyrelsen",
    data=DataKind.DECISIONS,
    says="Klage sendt til Ankestyrelsen med sagens registreringer til og med nr. {up_to_version}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("klage", "KlageReceived", required=True),),
):
    """A complaint was sent on to Ankestyrelsen with the papers of the case."""

    documents: tuple[DocumentId, ...] = Field(description="ids of the documents in the package")
    up_to_version: Version = Field(description="newest version of the case in the package")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.forwarded.append(entry)


class AnkestyrelsenDecided(
    Fact,
    type="AnkestyrelsenDecided",
    dansk="Afgørelse fra Ankestyrelsen modtaget",
    data=DataKind.DECISIONS,
    says="Ankestyrelsens afgørelse af {decided_on} modtaget; udfald: {udfald}.",
    by=(Task.AUTH, Task.PA),
    refs=(refs("klager", "KlageReceived", required=True),),
):
    """Ankestyrelsen's decision on one or more complaints arrived."""

    udfald: Udfald = Field(description="what was decided")
    decided_on: Day = Field(description="day of Ankestyrelsen's decision")
    received_on: Day = Field(description="day it arrived; equals occurred_on")
    begrundelse: Text = Field(description="Ankestyrelsen's reasons")
    instruction: Text | None = Field(None, description="what the municipality must do")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.ankestyrelsen.append(entry)


class HjemvisningReopened(
    Fact,
    type="HjemvisningReopened",
    dansk="Genbehandling efter hjemvisning startet",
    data=DataKind.DECISIONS,
    says="Genbehandling efter hjemvisning startet; runde {round}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("ankestyrelsen", "AnkestyrelsenDecided", required=True),),
):
    """The municipality took up again a matter that Ankestyrelsen had sent back (hjemvist)."""

    basis: Text = Field(description="what is to be handled anew")
    round: Version = Field(description="round of handling, counted from 1")

    def apply(self, state: KlageState, entry: Entry[Any]) -> None:
        state.reopened.append(entry)

    def moves(self, state: State) -> State | None:
        return "genbehandling"


class AppealItemAbsent(
    Fact,
    type="AppealItemAbsent",
    dansk="Manglende bilag begrundet",
    data=DataKind.DECISIONS,
    says="Bilag {item} er ikke med til Ankestyrelsen: {code}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("klage", "KlageReceived", required=True),),
    changes_no_state=True,
):
    """A reason was given why a paper is not among those sent to Ankestyrelsen."""

    item: Id = Field(description="code of the paper in the appeal checklist, e.g. A05")
    code: AbsenceReason = Field(description="why it is not there")
    reason: Text = Field(description="the reason in one sentence")
