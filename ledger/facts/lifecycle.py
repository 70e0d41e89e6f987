"""Lifecycle: the case itself, its parties, mandates, documents, notes and corrections."""

from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import STAFF, Decision, Fact, Part, State, Task, ref
from ledger.facts.values import (
    AsDecision,
    AsIdentity,
    AsName,
    AsTaf,
    CaseNumber,
    Count,
    Cpr,
    DataKind,
    Day,
    DocumentId,
    Id,
    LawText,
    MediaType,
    Oere,
    OfParty,
    PartyRef,
    Phone,
    PlainText,
    SensitiveOfParty,
    Sha256,
    Slug,
    SlugText,
    StaffName,
    Text,
)


class Subject(Slug):
    """What a case is about."""

    HJEMMETRAENING = "hjemmetraening", "hjemmetræning"


class PartyKind(Slug):
    """What a person is in the case."""

    CHILD = "child", "barn"
    PARENT = "parent", "forælder"
    CUSTODY_HOLDER = "custody_holder", "forældremyndighedsindehaver"
    SIBLING = "sibling", "søskende"
    HELPER = "helper", "hjælpetræner"
    BISIDDER = "bisidder", "bisidder"
    PARTSREPRAESENTANT = "partsrepraesentant", "partsrepræsentant"
    PROFESSIONAL = "professional", "fagperson"


class Custody(Slug):
    """Custody (forældremyndighed) of the child."""

    JOINT = "joint", "fælles forældremyndighed"
    SOLE = "sole", "eneforældremyndighed"
    NONE = "none", "uden forældremyndighed"


class DocumentKind(Slug):
    """What kind of paper a document is."""

    APPLICATION = "application", "ansøgning"
    PLAN = "plan", "plan"
    UGESKEMA = "ugeskema", "ugeskema"
    BUDGET = "budget", "budget"
    REPORT = "report", "rapport"
    STATEMENT = "statement", "udtalelse"
    MEDICAL = "medical", "lægelig oplysning"
    RECEIPT = "receipt", "kvittering"
    LETTER = "letter", "brev"
    VIDEO = "video", "video"
    OTHER = "other", "andet"


class Sensitivity(Slug):
    """How a document must be treated."""

    NORMAL = "normal", "almindelig"
    SENSITIVE = "sensitive", "følsom"
    INTERNAL = "internal", "intern"


_BY_SENSITIVITY: Final = {Sensitivity.SENSITIVE: DataKind.HEALTH, Sensitivity.INTERNAL: DataKind.NOTES}
"""The kind of data a document is, when how it must be treated decides it …"""
_BY_PAPER: Final = {
    DocumentKind.APPLICATION: DataKind.HEALTH,
    DocumentKind.PLAN: DataKind.PLAN,
    DocumentKind.UGESKEMA: DataKind.PLAN,
    DocumentKind.BUDGET: DataKind.MONEY,
    DocumentKind.REPORT: DataKind.HEALTH,
    DocumentKind.STATEMENT: DataKind.HEALTH,
    DocumentKind.MEDICAL: DataKind.HEALTH,
    DocumentKind.RECEIPT: DataKind.MONEY,
    DocumentKind.LETTER: DataKind.DECISIONS,
    DocumentKind.VIDEO: DataKind.HEALTH,
    DocumentKind.OTHER: DataKind.HEALTH,
}
"""… and otherwise by what paper it is. What could be anything is as well kept as health data."""


class ConfidentialityLevel(Slug):
    """Who may see what was marked."""

    NORMAL = "normal", "almindelig"
    RESTRICTED = "restricted", "begrænset"
    PROTECTED = "protected", "beskyttet"


class NoteAbout(Slug):
    """What a note is about."""

    ORAL_INFORMATION = "oral_information", "mundtlig oplysning"
    ASSESSMENT_STEP = "assessment_step", "led i vurderingen"
    PHONE_CALL = "phone_call", "telefonsamtale"
    OTHER = "other", "andet"


class AktindsigtResult(Slug):
    """Outcome of a request for access to files."""

    GIVEN = "given", "givet"
    PARTLY = "partly", "delvist givet"
    REFUSED = "refused", "afslået"


class ClosingReason(Slug):
    """Why a case was closed."""

    REFUSED = "refused", "afslag"
    WITHDRAWN = "withdrawn", "trukket"
    TERMINATED = "terminated", "ophørt"
    AGE_18 = "age_18", "fyldt 18 år"
    MOVED = "moved", "flyttet"
    OTHER = "other", "andet"


class GrantedBy(Part):
    """Who granted a mandate."""

    unit: SlugText = Field(description="slug of the unit")
    name: StaffName = Field(description="name of the member of staff")


class Approver(Part):
    """The second pair of eyes."""

    user_id: Id = Field(description="user id of the one who approved")
    name: StaffName = Field(description="their name")
    role: SlugText = Field(description="their role")


class SecondApprover(Part):
    """The member of staff who approved beside the actor (four eyes)."""

    user_id: Id = Field(description="user id")
    name: StaffName = Field(description="name of the member of staff (public office, kept in clear)")


@dataclass(slots=True)
class LifecycleState:
    """The case itself and who takes part in it."""

    opened: Entry["CaseOpened"] | None = None
    parties: dict[str, Entry["PartyRegistered"]] = field(default_factory=dict)
    """Party ref to its record now in force."""
    documents: dict[str, Entry["DocumentAdded"]] = field(default_factory=dict)
    mandates: dict[str, Entry["MandateRegistered"]] = field(default_factory=dict)
    confidentiality: dict[str, "ConfidentialityChanged"] = field(default_factory=dict)
    """Case number, document id or party ref to its newest marking."""
    assigned_to: "CaseAssigned | None" = None
    closed: bool = False


class CaseOpened(
    Fact,
    type="CaseOpened",
    dansk="Sag oprettet",
    data=DataKind.CASE,
    says="Sagen {case_number} om {subject} blev oprettet.",
    by=(Task.AUTH,),
):
    """The case was opened. Always the first entry."""

    case_number: CaseNumber = Field(description="the municipality's number of the case")
    opened_on: Day = Field(description="day the case was opened")
    subject: Subject = Field(description="what the case is about")
    child: PartyRef = Field(description="party ref of the child")
    tracked_from: Day | None = Field(None, description="day from which the ledger is complete; absent = opened_on")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.opened = entry


class PartyRegistered(
    Fact,
    type="PartyRegistered",
    dansk="Part registreret",
    data=DataKind.CASE,
    says="{party} blev registreret som {kind}[ ({custody})].",
    by=(Task.AUTH,),
):
    """A person in the case. A new one with the same party replaces the whole record from its day on."""

    party: PartyRef = Field(description="the case's own name for the person, e.g. p-barn")
    kind: PartyKind = Field(description="what the person is in the case")
    name: AsName[OfParty[PlainText]] = Field(description="name")
    cpr: SensitiveOfParty[Cpr] | None = Field(None, description="CPR number, ddmmyy-nnnn")
    birth_date: AsIdentity[OfParty[Day]] | None = Field(None, description="date of birth")
    address: AsIdentity[OfParty[PlainText]] | None = Field(None, description="address")
    phone: OfParty[Phone] | None = Field(None, description="telephone")
    email: AsIdentity[OfParty[PlainText]] | None = Field(None, description="e-mail")
    custody: AsIdentity[Custody] | None = Field(None, description="custody of the child")
    custody_documented_by: AsIdentity[Text] | None = Field(None, description="how custody was documented")
    work: AsTaf[SensitiveOfParty[PlainText]] | None = Field(None, description="employment")
    represents: PartyRef | None = Field(None, description="party that this person represents")
    scope: AsIdentity[Text] | None = Field(None, description="what the representation covers")
    valid_from: AsIdentity[Day] | None = Field(None, description="first day of the representation")
    valid_to: AsIdentity[Day] | None = Field(None, description="last day of the representation")
    protected_address: AsIdentity[SensitiveOfParty[bool]] | None = Field(
        None, description="whether the address is protected"
    )

    @property
    def data_kind(self) -> DataKind:
        return DataKind.SIBLINGS if self.kind == PartyKind.SIBLING else self.declared.data

    @property
    def has_custody(self) -> bool:
        """Whether they hold custody of the child, alone or together with another."""
        if self.kind not in (PartyKind.PARENT, PartyKind.CUSTODY_HOLDER):
            return False
        unsaid = self.kind is PartyKind.CUSTODY_HOLDER and self.custody is None
        return unsaid or self.custody in (Custody.JOINT, Custody.SOLE)

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.parties[self.party] = entry


class MandateRegistered(
    Fact,
    type="MandateRegistered",
    dansk="Bemyndigelse registreret",
    data=DataKind.CASE,
    says="Bemyndigelse {mandate} til {holder_unit} fra {granted_by.unit}, gyldig fra {valid_from}[ til {valid_to}].",
    by=(Task.LEDER,),
    streams=("case", "book"),
):
    """A unit or user may decide on behalf of another. One that is not for a single case is the book's."""

    mandate: Id = Field(description="id of the mandate")
    holder_unit: SlugText = Field(description="unit that holds it")
    holder_user: Id | None = Field(None, description="user id, when it is personal")
    event_types: tuple[Id, ...] = Field(description="stored names of the fact types it covers")
    granted_by: GrantedBy = Field(description="who granted it")
    legal_basis: LawText = Field(description="legal basis")
    valid_from: Day = Field(description="first day")
    valid_to: Day | None = Field(None, description="last day")
    max_amount_oere: Oere | None = Field(None, description="øre; largest amount it covers")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.mandates[self.mandate] = entry


class DocumentAdded(
    Fact,
    type="DocumentAdded",
    dansk="Dokument journaliseret",
    data=DataKind.CASE,
    says="Dokumentet {document} ({kind}) af {dated_on} blev journaliseret: {title}.",
    by=STAFF,
):
    """A document was filed on the case."""

    document: Id = Field(description="id of the document in the case")
    title: Text = Field(description="title")
    kind: DocumentKind = Field(description="kind of paper")
    source_party: PartyRef | None = Field(None, description="party it came from")
    dated_on: Day = Field(description="date on the document")
    received_on: Day | None = Field(None, description="day it was received")
    sha256: Sha256 = Field(description="SHA-256 of the file, hex")
    sensitivity: Sensitivity = Field(description="how it must be treated")
    seen_by_party: bool | None = Field(None, description="whether the party has seen it")
    pages: Count | None = Field(None, description="number of pages")
    size: Count | None = Field(None, description="bytes")
    media_type: MediaType | None = Field(None, description="media type of the file")
    sender: Text | None = Field(None, description="from whom")
    recipient: Text | None = Field(None, description="to whom")
    purpose: Text | None = Field(None, description="what it was filed for")

    @property
    def data_kind(self) -> DataKind:
        return _BY_SENSITIVITY.get(self.sensitivity) or _BY_PAPER[self.kind]

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.documents[self.document] = entry


class ConfidentialityChanged(
    Fact,
    type="ConfidentialityChanged",
    dansk="Fortrolighed ændret",
    data=DataKind.IDENTITY,
    says="Fortroligheden af {target} blev sat til {level}: {reason}",
    by=(Task.ADMIN, Task.LEDER),
):
    """Who may see the case, a document or a party was changed."""

    target: Id = Field(description="case number, document id or party ref")
    level: ConfidentialityLevel = Field(description="new level")
    reason: Text = Field(description="why")
    users: tuple[Id, ...] | None = Field(None, description="user ids that may still see it")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.confidentiality[self.target] = self


class NoteRecorded(
    Fact,
    type="NoteRecorded",
    dansk="Notat (notatpligt)",
    data=DataKind.NOTES,
    says="Notat om {about}: {text}",
    by=STAFF,
    changes_no_state=True,
):
    """A note under the duty to take notes (notatpligt)."""

    text: Text = Field(description="the note")
    about: NoteAbout = Field(description="what it is about")
    party: PartyRef | None = Field(None, description="party it concerns")
    internal: bool = Field(description="whether it is an internal working paper")

    @property
    def data_kind(self) -> DataKind:
        # A note that is no working paper tells of the child or the family.
        return self.declared.data if self.internal else DataKind.HEALTH


class AktindsigtRequested(
    Fact,
    type="AktindsigtRequested",
    dansk="Anmodning om aktindsigt modtaget",
    data=DataKind.CASE,
    says="{requested_by} bad om aktindsigt: {extent}.",
    by=(Task.AUTH,),
    changes_no_state=True,
):
    """Someone asked for access to the files."""

    requested_by: PartyRef = Field(description="who asked")
    extent: AsDecision[Text] = Field(description="what they asked to see")
    access_list: bool | None = Field(None, description="whether they ask who has read the case")


class AktindsigtDecided(
    Decision,
    type="AktindsigtDecided",
    dansk="Aktindsigt afgjort",
    data=DataKind.DECISIONS,
    says="Aktindsigt {resultat}; sendt {sent_on} af {decided_by.unit}.",
    by=(Task.AUTH, Task.LEDER),
    refs=(ref("request", "AktindsigtRequested", required=True),),
    changes_no_state=True,
):
    """Decision on access to the files."""

    resultat: AktindsigtResult = Field(description="outcome")
    exceptions: tuple[Text, ...] | None = Field(None, description="what was left out, and why")
    documents: tuple[DocumentId, ...] | None = Field(None, description="documents given")


class CaseClosed(
    Fact,
    type="CaseClosed",
    dansk="Sag lukket",
    data=DataKind.CASE,
    says="Sagen blev lukket: {reason}[ – {note}].",
    by=(Task.AUTH,),
):
    """The case was closed."""

    reason: ClosingReason = Field(description="why")
    note: AsDecision[Text] | None = Field(None, description="note")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.closed = True

    def moves(self, state: State) -> State:
        return "lukket"


class CaseReopened(
    Fact,
    type="CaseReopened",
    dansk="Sag genåbnet",
    data=DataKind.CASE,
    says="Sagen blev genåbnet: {reason}",
    by=(Task.AUTH, Task.LEDER),
):
    """A closed case was opened again; it is where it was before."""

    reason: AsDecision[Text] = Field(description="why")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.closed = False

    def moves(self, state: State) -> State | None:
        return None


class CaseAssigned(
    Fact,
    type="CaseAssigned",
    dansk="Sag fordelt",
    data=DataKind.CASE,
    says="Sagen blev fordelt til {name}, {unit}.",
    by=(Task.AUTH, Task.LEDER),
):
    """The case was given to a member of staff."""

    unit: SlugText = Field(description="unit")
    user_id: Id = Field(description="user id of the caseworker")
    name: StaffName = Field(description="their name")

    def apply(self, state: LifecycleState, entry: Entry[Any]) -> None:
        state.assigned_to = self


class EntryCorrected(
    Fact,
    type="EntryCorrected",
    dansk="Registrering rettet",
    data=DataKind.CASE,
    says="Feltet {field} blev rettet, godkendt af {approved_by.name}: {reason}",
    by=STAFF,
    refs=(ref("target", required=True),),
    changes_no_state=True,
):
    """One field of an earlier entry was wrong. The entry stands; the history is read with the new value.

    `old` and `new` take the mark, subject and validation of the field they target. `old` is stored as the
    commitment of the value it replaces, so it reads as None where that value is sealed.
    """

    field: str = Field(
        description="dotted path inside data, or occurred_on",
        pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$",
        max_length=100,
    )
    old: Any = Field(description="the wrong value")
    new: Any = Field(description="the right value; null = no value")
    reason: AsDecision[Text] = Field(description="why it was wrong")
    approved_by: Approver = Field(description="the leader who approved")
    letter_was_right: bool | None = Field(
        None, description="the letter sent said it correctly; only the entry was wrong"
    )

    def as_data(self) -> dict[str, Any]:
        return {"old": None, "new": None} | super().as_data()


class EntryAnnulled(
    Fact,
    type="EntryAnnulled",
    dansk="Registrering annulleret",
    data=DataKind.CASE,
    says="En registrering blev annulleret, godkendt af {approved_by.name}: {reason}",
    by=STAFF,
    refs=(ref("target", required=True),),
    changes_no_state=True,
):
    """An earlier entry should not have been made. It stays, and the history is read without it."""

    reason: AsDecision[Text] = Field(description="why")
    approved_by: Approver = Field(description="the leader who approved")


NEEDS_TWO: Final = (EntryCorrected, EntryAnnulled)
"""Only ever recorded as a proposal that a second person confirms (ROLES §4)."""
