"""The kinds of value a fact is made of, and how each is kept.

Every string in a fact is either a *word of the system* (an id, a slug, a reference to law: kept in
clear) or *something about a person* (sealed under that person's key). There is no third kind: a type
below decides it, so a new field cannot end up in clear by forgetting a mark.

A sealed value is typed `Value | Erased`, because a key can be destroyed: whoever uses the value has to
say what happens when it is gone.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args, get_origin
from unicodedata import normalize

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

from ledger.cpr import is_possible_cpr

CHILD: Final = ""
"""The subject of a sealed value that is about the case's child (the default)."""


class Erased:
    """Stands where a sealed value was, once its subject's key is destroyed. Reads as "slettet"."""

    def __str__(self) -> str:
        return "slettet"

    def __repr__(self) -> str:
        return "ERASED"

    def __bool__(self) -> bool:
        return False

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A row that shows a value may show that it is gone."""
        return core_schema.is_instance_schema(cls)


ERASED: Final = Erased()


class Hidden(Erased):
    """Stands where there is a value that the reader may not see. Reads as "ikke vist"; in JSON it is absent."""

    def __str__(self) -> str:
        return "ikke vist"

    def __repr__(self) -> str:
        return "HIDDEN"


HIDDEN: Final = Hidden()


class OnlyYear(str):
    """Stands for a day of which the reader may know the year alone: `2034`."""

    __slots__ = ()

    @classmethod
    def of(cls, day: date) -> Self:
        """The year of a day."""
        return cls(f"{day.year:04}")

    def isoformat(self) -> str:
        """The year, as a date of ISO 8601 with reduced precision."""
        return str(self)

    def __lt__(self, day: object) -> bool:
        """Whether it is before a day for certain."""
        return str(self) < str(day)[:4]


class Slug(StrEnum):
    """A closed list of words: the stored slug, and the Danish that people read."""

    dansk: str

    def __new__(cls, slug: str, dansk: str) -> Self:
        member = str.__new__(cls, slug)
        member._value_ = slug
        member.dansk = dansk
        return member


class DataKind(Slug):
    """What kind of data a value is: decides who may see it (ledger/law/seeing.toml)."""

    CASE = "case", "sagens gang"
    IDENTITY = "identity", "personoplysninger"
    NAME = "name", "navne"
    HEALTH = "health", "helbred, børnefaglig undersøgelse og børnesamtale"
    PLAN = "plan", "plan, ugeskema og mål"
    MONEY = "money", "budget, regnskab og udbetalinger"
    TAF = "taf", "tabt arbejdsfortjeneste og indkomst"
    ATTESTS = "attests", "attester"
    DECISIONS = "decisions", "afgørelser, frister og journal"
    NOTES = "notes", "interne notater"
    SIBLINGS = "siblings", "oplysninger om søskende"
    LOG = "log", "adgangslog"


@dataclass(frozen=True)
class Sealed:
    """Marks a value that is stored encrypted under a person's key.

    `mark` is P (personal) or S (sensitive), `subject` the field of the same fact that names the party
    it is about, CHILD when it is about the child.
    """

    mark: Literal["P", "S"]
    subject: str = CHILD

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Only a stored entry may hold ERASED: what comes from outside is read strictly, and refused."""
        value = handler.generate_schema(source.__args__[0])
        stored = core_schema.union_schema([value, core_schema.is_instance_schema(Erased)])
        return core_schema.lax_or_strict_schema(lax_schema=stored, strict_schema=value)


@dataclass(frozen=True)
class Meaning:
    """What the bare Python type does not say: `kind` steers checking and how the value is read aloud."""

    kind: Literal["text", "day", "party", "entry", "entry_or_document", "document", "fact_type", "oere", "x100"]


T = TypeVar("T")

# A value of another kind of data than the fact it stands in.
AsIdentity = Annotated[T, DataKind.IDENTITY]
AsName = Annotated[T, DataKind.NAME]
AsHealth = Annotated[T, DataKind.HEALTH]
AsPlan = Annotated[T, DataKind.PLAN]
AsMoney = Annotated[T, DataKind.MONEY]
AsTaf = Annotated[T, DataKind.TAF]
AsAttest = Annotated[T, DataKind.ATTESTS]
AsDecision = Annotated[T, DataKind.DECISIONS]
AsSibling = Annotated[T, DataKind.SIBLINGS]


def normal_case_number(text: str) -> str:
    """The case number trimmed and in Unicode normal form C; ValueError when it cannot be one."""
    number = normalize("NFC", text).strip()
    if not 1 <= len(number) <= 64 or "/" in number or not number.isprintable():  # noqa: PLR2004
        raise ValueError("skal være et sagsnummer på højst 64 tegn uden skråstreg")
    return number


# Words of the system: kept in clear.
Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1)), Meaning("day")]
Version = Annotated[int, Field(ge=1, lt=2**31)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Year = Annotated[int, Field(ge=1990, le=2199)]
Oere = Annotated[int, Field(ge=0, lt=10**13), Meaning("oere")]
X100 = Annotated[int, Field(ge=0, lt=10**7), Meaning("x100")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-zÆØÅæøå_.:+-]{1,64}$")]
TypeName = Annotated[Id, Meaning("fact_type")]
"""Stored name of a fact type; read aloud as its Danish title."""
PartyRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"), Meaning("party")]
EntryRef = Annotated[Version, Meaning("entry")]
FactRef = Annotated[Version | Id, Meaning("entry_or_document")]
"""An entry by version, or a document by id."""
DocumentId = Annotated[Id, Meaning("document")]
SlugText = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=64)]
LawText = Annotated[str, StringConstraints(min_length=1, max_length=300), Meaning("text")]
PublicText = Annotated[str, StringConstraints(min_length=1, max_length=2_000), Meaning("text")]
StaffName = Annotated[str, StringConstraints(min_length=1, max_length=200), Meaning("text")]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}$")]
CaseNumber = Annotated[str, AfterValidator(normal_case_number)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

# About a person: sealed.
PlainText = Annotated[str, StringConstraints(max_length=50_000), Meaning("text")]
Cpr = AsIdentity[Annotated[str, AfterValidator(is_possible_cpr)]]
Cvr = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
AccountNumber = AsIdentity[Annotated[str, StringConstraints(pattern=r"^[0-9A-Z \-.]{4,40}$")]]
Phone = AsIdentity[Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ]{3,20}$")]]

Text = Annotated[PlainText | Erased, Sealed("S")]
"""Free text: always sealed for the child, and never holds a CPR number (G34)."""
Private = Annotated[T | Erased, Sealed("P")]
Sensitive = Annotated[T | Erased, Sealed("S")]
OfParty = Annotated[T | Erased, Sealed("P", "party")]
SensitiveOfParty = Annotated[T | Erased, Sealed("S", "party")]
SensitiveOfParent = Annotated[T | Erased, Sealed("S", "parent")]
SensitiveOfHelper = Annotated[T | Erased, Sealed("S", "helper")]
OfHolder = Annotated[T | Erased, Sealed("P", "holder")]
SensitiveOfHolder = Annotated[T | Erased, Sealed("S", "holder")]
OfPeriod = Annotated[T | Erased, Sealed("P", "period")]


def without_data_kind(hint: Any) -> Any:
    """The type that is left of an annotation when its mark of a data kind is taken off."""
    if get_origin(hint) is not Annotated:
        return hint
    inner, *marks = get_args(hint)
    kept = [mark for mark in marks if not isinstance(mark, DataKind)]
    return Annotated[(inner, *kept)] if kept else inner
