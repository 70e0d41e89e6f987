"""What a reader may see in a municipality, whichever case it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ledger.errors import Forbidden, PreconditionRequired
from ledger.facts.entry import Actor
from ledger.facts.fact import Task, catalogue
from ledger.facts.history import History
from ledger.facts.lifecycle import Custody, PartyKind, PartyRegistered
from ledger.facts.sentence import listed
from ledger.facts.values import DataKind
from ledger.law.municipality import Municipality
from ledger.law.rule import Rule
from ledger.law.seeing import (
    NO,
    OWN,
    PSEUDONYMOUS,
    PURPOSE,
    VISITATION,
    WORDS,
    YES,
    Cell,
    Read,
    cells_of,
    columns_of,
    seeing,
)

_EVERYTHING: Final = dict.fromkeys(DataKind, ((YES,),))


@dataclass(frozen=True)
class Viewer:
    """Who looks."""

    actor: Actor
    party: str | None = None
    """The party that a citizen is in the case."""
    stated: bool = False
    """The purpose is stated in their own words."""
    everything: bool = False
    """They hold the data directory and its key: nothing can be hidden from them."""


class Rights:
    """What a viewer may see of each kind of data."""

    def __init__(self, viewer: Viewer, here: Municipality) -> None:
        self.viewer = viewer
        self.here = here
        self.table = seeing()
        self.columns = columns_of(viewer.actor.role, here)
        self.cells = _EVERYTHING if viewer.everything else cells_of(self.columns)

    @property
    def role(self) -> str:
        """Slug of the viewer's role."""
        return self.viewer.actor.role

    @cached_property
    def is_leader(self) -> bool:
        """Whether they are the ones who may always open what is restricted."""
        return self.viewer.everything or self.role in self.here.tasks[Task.LEDER]

    def all_of(self, kind: DataKind) -> bool:
        """Whether they see everything of a kind."""
        return self._any(kind, {YES, *self._stated})

    def any_of(self, kind: DataKind) -> bool:
        """Whether there may be something of a kind that they see."""
        return self._any(kind, {YES, OWN, PSEUDONYMOUS, VISITATION, *self.table.parts, *self._stated})

    @property
    def _stated(self) -> Iterable[str]:
        return (PURPOSE,) if self.viewer.stated else ()

    def _any(self, kind: DataKind, holding: set[str]) -> bool:
        return any(holding.issuperset(cell) for cell in self.cells[kind])

    def require(self, what: str) -> None:
        """Forbidden when a read model is not for them; PreconditionRequired when they must say why first."""
        assert what in self.table.reads, f"seeing.toml does not say who may see {what}"
        self._require(self.table.reads[what])

    def require_answer(self, question: str) -> None:
        """The same for the answer to an audit question."""
        self._require(Read(kinds=self.table.answers[question], whole=True))

    def _require(self, read: Read) -> None:
        sees = self.all_of if read.whole else self.any_of
        lacking = [kind for kind in read.kinds if not sees(kind)]
        if not lacking:
            return
        told = listed(kind.dansk for kind in lacking)
        if all(any(PURPOSE in cell for cell in self.cells[kind]) for kind in lacking):
            raise PreconditionRequired(
                f"Skriv med dine egne ord, hvorfor du vil se {told}: send headeren X-Purpose-Text"
                " (på kommandolinjen --purpose-text)."
            )
        role = self.here.roles.get(self.role, self.role)
        raise Forbidden(f"{role} må ikke se det, for det indeholder oplysninger, rollen ikke må se: {told}.")

    def sees_deadline(self, rule: Rule) -> bool:
        """Whether they see a deadline: all of them, or those that are met by what they themselves may record."""
        return any(self._lets(cell, rule) for cell in self.cells[DataKind.DECISIONS])

    def _lets(self, cell: Cell, rule: Rule) -> bool:
        if set(cell) <= {YES, PSEUDONYMOUS, *self._stated}:
            return True
        if NO in cell or PURPOSE in cell:
            return False
        met = {name for event in rule.met for name in event.on if name in catalogue()}
        parts = {part for word in cell if word not in WORDS for part in self.table.parts[word]}
        return bool(met & parts) or any(self.here.may_record(self.role, catalogue()[name]) for name in met)

    @cached_property
    def sees_birthdays(self) -> bool:
        """Whether they may know the child's date of birth. A citizen is shown their own child's cases only."""
        is_own = self.here.is_citizen(self.role) and self._any(DataKind.IDENTITY, {OWN})
        return is_own or self.all_of(DataKind.IDENTITY)

    @property
    def sees_course(self) -> bool:
        """Whether they see all decisions, if only the words of the system: what is counted over them tells no more."""
        return self._any(DataKind.DECISIONS, {YES, PSEUDONYMOUS, *self._stated})


def party_with_custody(today: History, cpr: str | None) -> str | None:
    """The party that a person is in a case as a holder of custody of its child; None when they are none."""
    if not cpr:
        return None
    newest = {entry.fact.party: entry.fact for entry in today.of(PartyRegistered)}
    return next((party for party, fact in newest.items() if fact.cpr == cpr and _has_custody(fact)), None)


def _has_custody(fact: PartyRegistered) -> bool:
    if fact.kind not in (PartyKind.PARENT, PartyKind.CUSTODY_HOLDER):
        return False
    return fact.custody in (Custody.JOINT, Custody.SOLE) or (
        fact.kind is PartyKind.CUSTODY_HOLDER and fact.custody is None
    )
