"""What a fact class declares.

One class per fact type is the whole declaration: storage, validation, documentation, the command line
and the timeline all read it from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ledger.facts.values import DataKind, Day, FactRef, LawText, PartyRef, Slug, SlugText, StaffName, Text

type_name = str
Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the data of one schema version into the next; sealed values are open (or ERASED) by then."""


class Task(StrEnum):
    """Who may record a fact (EVENTS §0, ROLES §1). Each municipality says which of its roles do the task."""

    AUTH = "AUTH"  # the responsible adviser unit
    PA = "PA"  # maalgruppe, goals, assessment of plans
    VU = "VU"  # Visitationsudvalg
    VG = "VG"  # visitationsgruppe § 32
    OEKO = "OEKO"  # accounts and payments
    SUND = "SUND"  # health professional
    BK = "BK"  # school authority
    LEDER = "LEDER"
    ADMIN = "ADMIN"  # registrar
    CITIZEN = "CITIZEN"  # a draft that AUTH confirms
    SYS = "SYS"  # the system's clock


STAFF: Final = (Task.AUTH, Task.PA, Task.VU, Task.VG, Task.OEKO, Task.SUND, Task.BK, Task.LEDER, Task.ADMIN)
"""Any staff role."""

State = Literal[
    "oprettet", "henvendelse", "ansoegt", "oplysninger", "maalgruppe", "undersoegelse_og_plan",
    "hoering", "visitation", "bevilget", "afslag", "i_gang", "genbehandling", "trukket",
    "ophoert", "ophoert_18", "lukket",
]  # fmt: skip


Stream = Literal["case", "book"]


class Ref(NamedTuple):
    """A named pointer from a fact to earlier entries of its case."""

    name: str
    to: tuple[type_name, ...] = ()
    """Stored names it may point to; empty = any type."""
    required: bool = False
    many: bool = False
    decision: bool = False
    """It points to a decision, of any type."""


def ref(name: str, *to: type_name, required: bool = False) -> Ref:
    """A pointer to one entry."""
    return Ref(name, to, required)


def refs(name: str, *to: type_name, required: bool = False) -> Ref:
    """A pointer to a list of entries."""
    return Ref(name, to, required, many=True)


def ref_to_decision(name: str, *, required: bool = False) -> Ref:
    """A pointer to a decision of any type."""
    return Ref(name, (), required, decision=True)


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that a fact class says about itself besides its fields."""

    type: type_name
    """Stored with every entry: rename the class, never this."""
    dansk: str
    says: str
    """Template of the timeline's sentence (ledger/facts/sentence.py)."""
    by: tuple[Task, ...]
    refs: Mapping[str, Ref]
    schema_version: int
    upcasts: tuple[Upcast, ...]
    changes_no_state: bool
    streams: tuple[Stream, ...]
    """Where it may be recorded: in a case, in the book's (the municipality's) own stream, or either."""
    area: str
    data: DataKind
    """The kind of data its fields are, unless they say otherwise."""


class Fact(BaseModel):
    """Something that happened. Frozen; its fields are the stored `data`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    declared: ClassVar[Declaration]
    is_decision: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        type: type_name = "",  # noqa: A002  (reads as what it is in every fact class)
        dansk: str = "",
        says: str = "",
        by: tuple[Task, ...] = (),
        refs: tuple[Ref, ...] = (),
        version: int = 1,
        upcasts: tuple[Upcast, ...] = (),
        changes_no_state: bool = False,
        streams: tuple[Stream, ...] = ("case",),
        data: DataKind | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if not type:  # an abstract base
            return
        assert all((dansk, says, by)), f"{type} must declare dansk, says and by"
        assert data, f"{type} must declare which kind of data it is"
        assert len(upcasts) == version - 1, f"{type}: one upcast per older schema version"
        assert "case" not in streams or changes_no_state != ("apply" in cls.__dict__), (
            f"{type}: apply, or changes_no_state"
        )
        assert type not in _CATALOGUE or _CATALOGUE[type].__module__ == cls.__module__, f"{type} is taken"
        inherited = DECISION_REFS if cls.is_decision else ()
        cls.declared = Declaration(
            type, dansk, says, by, {r.name: r for r in (*inherited, *refs)}, version, upcasts,
            changes_no_state, streams, area=cls.__module__.rpartition(".")[2], data=data,
        )  # fmt: skip
        _CATALOGUE[type] = cls

    @property
    def decides(self) -> bool:
        """Whether this very fact communicates a decision (one type does only when it says so)."""
        return self.is_decision

    @property
    def data_kind(self) -> DataKind:
        """The kind of data this very fact is (some types hold several)."""
        return self.declared.data

    def as_data(self) -> dict[str, Any]:
        """The fact as plain JSON data; what has no value is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def apply(self, state: Any, entry: Any) -> None:
        """Adds this fact to its area's state. Only assigns: a fact that happened is never refused."""

    def moves(self, state: State) -> State | None:
        """The case's state after this fact (CASE_FORMAT "Case state"); None = as before it was closed."""
        return state

    def moves_on(self, occurred_on: Day) -> Day:
        """The day from which the move counts."""
        return occurred_on


_CATALOGUE: Final[dict[type_name, type[Fact]]] = {}


@cache
def catalogue() -> Mapping[type_name, type[Fact]]:
    """Every fact type by its stored name. Found by importing the areas: there is no list to keep."""
    package = import_module("ledger.facts")
    for module in iter_modules(package.__path__, "ledger.facts."):
        import_module(module.name)
    return _CATALOGUE


class Channel(Slug):
    """How a letter left the authority (decides when it counts as received, EVENTS §0.2)."""

    DIGITAL_POST = "digital_post", "Digital Post"
    LETTER = "letter", "brev"
    QUICK_LETTER = "quick_letter", "Quickbrev"
    PERSONAL = "personal", "personligt"


class Favourable(Slug):
    """How far a decision goes along with the parties."""

    FULL = "full", "fuldt medhold"
    PARTIAL = "partial", "delvist medhold"
    NONE = "none", "ikke medhold"


class Part(BaseModel):
    """An object inside a fact's data."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Klagevejledning(Part):
    """The guidance on complaints that the letter carried."""

    instans: SlugText = Field(description="appeal body, normally ankestyrelsen")
    frist_uger: Annotated[int, Field(ge=0, le=520)] = Field(description="weeks to complain, normally 4")
    sendes_til: SlugText = Field(description="unit the complaint is handed in to")


class DecidedBy(Part):
    """Who made the decision; may differ from the actor who recorded and sent it."""

    unit: SlugText = Field(description="slug of the unit")
    name: StaffName = Field(description="name of the member of staff (public office, kept in clear)")


DECISION_REFS: Final = (ref("hearing", "PartshoeringSent"), ref_to_decision("part_of"))


class Decision(Fact):
    """A fact that communicates a decision to the parties: the trait of EVENTS §0.2."""

    is_decision: ClassVar[bool] = True

    hjemmel: tuple[LawText, ...] = Field(description="paragraph and law, e.g. serviceloven § 32 a, stk. 1")
    begrundelse: Text | None = Field(None, description="reasons, with the facts given weight")
    facts_relied_on: tuple[FactRef, ...] | None = Field(
        None, description="versions and document ids of the information the decision rests on"
    )
    klagevejledning: Klagevejledning | None = Field(None, description="guidance on complaints")
    sent_on: Day = Field(description="day the written decision left the authority; equals occurred_on")
    channel: Channel = Field(description="how it was sent")
    recipients: tuple[PartyRef, ...] = Field(description="parties it was sent to")
    decided_by: DecidedBy = Field(description="who made the decision")
    decided_on: Day | None = Field(None, description="day it was made, when before it was sent")
    favourable: Favourable = Field(description="how far it goes along with the parties")
