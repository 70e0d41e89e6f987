"""What one reader sees of one case: every value they may not see is hidden before anything is told of it.

What they may see follows from the case as it stands today, whatever day they ask about.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeVar

from ledger.facts.acts import ActProposed
from ledger.facts.decision import (
    IndstillingSentToVisitation,
    VisitationHeld,
    VisitationResultat,
)
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact, catalogue
from ledger.facts.history import History
from ledger.facts.lifecycle import (
    CaseAssigned,
    CaseOpened,
    ConfidentialityChanged,
    ConfidentialityLevel,
    DocumentAdded,
    EntryAnnulled,
    EntryCorrected,
    PartyRegistered,
)
from ledger.facts.marks import Mark, marked_kinds, marks_of
from ledger.facts.values import CHILD, HIDDEN, DataKind
from ledger.law.municipality import Municipality
from ledger.law.rights import Rights, Viewer
from ledger.law.seeing import OWN, PSEUDONYMOUS, VISITATION, WORDS, YES
from ledger.law.sort import ABOUT, Sort, sort_of, target_of

RESTRICTED: Final = "Sagen er beskyttet: kun de medarbejdere, der er nævnt på den, og ledelsen må se den."
"""What one who is shut out of a case is told."""
_OWN_BY: Final = (*dict.fromkeys(ABOUT.values()), "decision", "klage", "klager", "ankestyrelsen")
"""Refs to what makes an entry one's own, too: a complaint over one's own decision is."""
_PARTY_IN: Final = ("party", "parent", "holder", "helper")
"""Fields that name the party a fact is about."""
_WHERE: Final = {("PartyRegistered", name) for name in ("address", "phone", "email")} | {
    ("HomeSchoolingNotified", "place")
}
"""What tells where someone with a protected address can be found."""


F = TypeVar("F", bound=Fact)
_Known = dict[tuple[type[Fact], Sort, bool], frozenset[str] | None]
_ALIKE: Final[dict[tuple[frozenset[str], bool, bool], _Known]] = {}
"""What the table hides from readers with the same rights, in every case: by type, sort, and whether it is their own."""


class Eyes(Rights):
    """A viewer's rights in one case."""

    def __init__(self, viewer: Viewer, here: Municipality, today: History) -> None:
        """`today`: the whole case as it is known today."""
        super().__init__(viewer, here)
        self._today = today
        self._readings: dict[int, list[Entry[Any]]] = {entry.version: [entry] for entry in today.recorded}
        for entry in today.told:
            if entry is not self._readings[entry.version][0]:
                self._readings[entry.version].append(entry)
        self._hidden: dict[int, frozenset[str] | None] = {}
        self._hidden_of: dict[tuple[type[Fact], DataKind], frozenset[str] | None] = {}
        """What is hidden of every fact of a type and kind, where nothing else tells them apart."""
        self._alike = _ALIKE.setdefault((self.columns, viewer.stated, self._is_before_visitation), {})

    def sees(self, version: int) -> bool:
        """Whether there is anything of an entry that they may see."""
        return self.hidden(version) is not None

    def sees_whole(self, version: int) -> bool:
        """Whether nothing of an entry is hidden from them."""
        return self.hidden(version) == frozenset()

    def hidden(self, version: int) -> frozenset[str] | None:
        """The fields of an entry that are hidden; None when the whole entry is."""
        if version not in self._hidden:
            self._hidden[version] = frozenset() if self.viewer.everything else self._judged(version)
        return self._hidden[version]

    def history(self, seen: History) -> History:
        """A history of the case as they may see it. Its versions stay, so that they know how far it goes."""
        if self.viewer.everything:
            return seen
        return replace(seen, recorded=list(map(self._masked, seen.recorded)), told=list(self.shown(seen.told)))

    def shown(self, told: Iterable[Entry[F]]) -> Iterator[Entry[F]]:
        """Those of some told entries of which they may see anything, as they may see them."""
        return (self._masked(entry) for entry in told if self.sees(entry.version))

    def all_of(self, kind: DataKind) -> bool:
        """Whether they see everything of a kind in this case."""
        own = {OWN} if kind is DataKind.LOG and self._is_on_the_case else set()
        return super().all_of(kind) or self._any(kind, own)

    def _judged(self, version: int) -> frozenset[str] | None:
        """By everything the entry has read as: what was corrected away is no less secret."""
        hidden: frozenset[str] | None = None  # as what was recorded after they looked
        for entry in self._readings.get(version, ()):
            found = self._hidden_in(entry)
            if found is None:
                return None
            hidden = hidden | found if hidden else found
        return hidden

    def _hidden_in(self, entry: Entry[Any]) -> frozenset[str] | None:
        sort = type(entry.fact), entry.fact.data_kind
        try:
            return self._hidden_of[sort]
        except KeyError:
            hidden = self._hidden_in_this(entry)
        if self._are_alike(entry.fact):
            self._hidden_of[sort] = hidden
        return hidden

    def _are_alike(self, fact: Fact) -> bool:
        """Whether such facts are all the same to this viewer: whose they are, and what about, plays no part."""
        if self._shut or self.viewer.party is not None or type(fact) in ABOUT or isinstance(fact, ActProposed):
            return False
        return not self._asks_whose(fact, fact.data_kind)

    def _hidden_in_this(self, entry: Entry[Any]) -> frozenset[str] | None:
        sort = sort_of(entry, self._readings)
        if sort is None or self._is_shut_document(entry):
            return None
        hidden = self._by_kind(entry, sort)
        if hidden is None:
            return None
        if self._shut or self.viewer.party:
            hidden |= self._of_the_protected(entry)
        fact = entry.fact
        target = target_of(entry) if isinstance(fact, EntryCorrected | EntryAnnulled) else None
        if target:
            below = self.hidden(target)
            if below is None:
                return None
            if isinstance(fact, EntryCorrected) and fact.field.partition(".")[0] in below:
                hidden |= {"old", "new", "reason"}
        return hidden

    def _by_kind(self, entry: Entry[Any], sort: Sort) -> frozenset[str] | None:
        """What the table hides: asked once for all entries that it tells nothing of each other apart."""
        asks = self._asks_whose(entry.fact, sort.kind)
        if isinstance(entry.fact, ActProposed) or (asks and self.viewer.party is not None):
            return self._by_table(entry, sort)
        key = (type(entry.fact), sort, asks and self._is_own_units(entry))
        if key not in self._alike:
            self._alike[key] = self._by_table(entry, sort)
        return self._alike[key]

    def _asks_whose(self, fact: Fact, kind: DataKind) -> bool:
        return kind in self._own_kinds or not self._own_kinds.isdisjoint(marked_kinds(type(fact)))

    @cached_property
    def _own_kinds(self) -> frozenset[DataKind]:
        return frozenset(kind for kind, cells in self.cells.items() if any(OWN in cell for cell in cells))

    def _by_table(self, entry: Entry[Any], sort: Sort) -> frozenset[str] | None:
        if not self._grants(sort.kind, sort.type, entry, None):
            return None
        hidden = {
            name
            for name, mark in _marks(entry).items()
            if not all(self._grants(kind, sort.type, entry, name) for kind in mark.kinds or {sort.kind})
        }
        if isinstance(entry.fact, ActProposed) and not self._sees_proposed(entry, sort):
            hidden.add("data")
        return frozenset(hidden)

    def _sees_proposed(self, entry: Entry[ActProposed], sort: Sort) -> bool:
        marks = marks_of(catalogue()[entry.fact.proposed_type])
        return all(
            self._grants(kind, sort.type, entry, name)
            for name, mark in marks.items()
            for kind in mark.kinds or {sort.kind}
        )

    def _grants(self, kind: DataKind, name: str, entry: Entry[Any], field: str | None) -> bool:
        """Whether any of the viewer's cells lets a field of an entry (None: that it is there) be seen."""
        return any(all(self._holds(word, kind, name, entry, field) for word in cell) for cell in self.cells[kind])

    def _holds(self, word: str, kind: DataKind, name: str, entry: Entry[Any], field: str | None) -> bool:
        if word in {YES, *self._stated}:
            return True
        if word == OWN:
            return self._is_own(kind, entry, field)
        if word == VISITATION:
            return self._is_before_visitation
        if word == PSEUDONYMOUS:
            return field is None or not _is_sealed(entry, field)
        if word in WORDS:
            return False
        parts = self.table.parts[word]
        return name in parts or any(
            part == f"{name}.{field}" if field else part.startswith(f"{name}.") for part in parts
        )

    def _is_own(self, kind: DataKind, entry: Entry[Any], field: str | None) -> bool:
        if self.viewer.party is not None:
            about = self._party(entry, field)
            return about == self.viewer.party or (kind is DataKind.IDENTITY and about == self._child)
        return self._is_own_units(entry)

    def _party(self, entry: Entry[Any], field: str | None) -> str | None:
        """The party that a field is about; of a whole fact, the one it names."""
        for name in _PARTY_IN:
            if isinstance(party := getattr(entry.fact, name, None), str):
                return party
        mark = _marks(entry).get(field) if field else None
        return self._child if mark is not None and mark.subject == CHILD else None

    def _is_own_units(self, entry: Entry[Any]) -> bool:
        unit = self.viewer.actor.unit
        decided_by = getattr(entry.fact, "decided_by", None)
        if unit in (entry.actor.unit, getattr(decided_by, "unit", None), getattr(entry.on_behalf_of, "unit", None)):
            return True
        targets = (version for name in _OWN_BY for version in entry.pointers(name))
        return any(self._is_own_units(self._readings[version][0]) for version in targets if version in self._readings)

    def _is_shut_document(self, entry: Entry[Any]) -> bool:
        return isinstance(entry.fact, DocumentAdded) and entry.fact.document in self._shut

    def _of_the_protected(self, entry: Entry[Any]) -> set[str]:
        """Fields about a party that the viewer may not see, and of a child's whereabouts that the parents may not."""
        fact, marks = entry.fact, _marks(entry)
        shut = {name for name, mark in marks.items() if self._subject(fact, mark) in self._shut}
        if isinstance(fact, PartyRegistered) and fact.party in self._shut:
            shut = set(marks) - {"party", "kind"}
        hides = self.viewer.party is not None and self._child_is_protected
        if hides and self._party(entry, next(iter(marks), None)) != self.viewer.party:
            shut |= {name for type_name, name in _WHERE if type_name == entry.type}
        return shut

    def _subject(self, fact: Fact, mark: Mark) -> str | None:
        """The party that a sealed field is sealed for."""
        if mark.subject is None:
            return None
        return self._child if mark.subject == CHILD else getattr(fact, mark.subject, None)

    def _masked(self, entry: Entry[Any]) -> Entry[Any]:
        hidden = self.hidden(entry.version)
        actor = self._masked_actor(entry.actor)
        if hidden == frozenset() and actor is entry.actor:
            return entry
        names = type(entry.fact).model_fields if hidden is None else hidden
        return entry._replace(fact=entry.fact.model_copy(update=dict.fromkeys(names, HIDDEN)), actor=actor)

    def _masked_actor(self, actor: Actor) -> Actor:
        """Who recorded something: staff by name, a citizen by as much as the viewer may know."""
        if not self.here.is_citizen(actor.role) or (self.viewer.party and actor.party == self.viewer.party):
            return actor
        hides: dict[str, Any] = {} if self.all_of(DataKind.NAME) else {"name": HIDDEN}
        hides |= {} if self.all_of(DataKind.IDENTITY) else {"user_id": HIDDEN}
        return replace(actor, **hides) if hides else actor

    @cached_property
    def _shut(self) -> frozenset[str]:
        """Documents and parties that were marked, and may be seen by others than this viewer only."""
        newest = {entry.fact.target: entry.fact for entry in self._today.of(ConfidentialityChanged)}
        return frozenset(target for target, marking in newest.items() if self._is_shut(marking)) - {self.viewer.party}

    def _is_shut(self, marking: ConfidentialityChanged) -> bool:
        if marking.level is ConfidentialityLevel.NORMAL or self.is_leader:
            return False
        return self.viewer.actor.user_id not in (marking.users or ())

    @property
    def is_shut_out(self) -> bool:
        """Whether the whole case is restricted, and not open to them."""
        opened = next(self._today.of(CaseOpened), None)
        names = {opened.fact.case_number, str(opened.case_id)} if opened else set()
        return bool(names & self._shut)

    def knows(self, party: str) -> bool:
        """Whether they may know who a party is."""
        return party not in self._shut

    @cached_property
    def _child(self) -> str | None:
        opened = next(self._today.of(CaseOpened), None)
        return opened.fact.child if opened else None

    @cached_property
    def _child_is_protected(self) -> bool:
        records = [entry.fact for entry in self._today.of(PartyRegistered) if entry.fact.party == self._child]
        return any(record.protected_address is True for record in records)

    @cached_property
    def _is_before_visitation(self) -> bool:
        """Whether the case has been sent to the Visitationsudvalg, which has not settled it yet."""
        if not any(VISITATION in cell for cells in self.cells.values() for cell in cells):
            return False  # to these readers it makes no difference
        sent = max((entry.version for entry in self._today.of(IndstillingSentToVisitation)), default=0)
        held = (
            one.version for one in self._today.of(VisitationHeld) if one.fact.resultat is not VisitationResultat.UDSAT
        )
        return sent > max(held, default=0)

    @cached_property
    def _is_on_the_case(self) -> bool:
        """Whether the viewer is a party, their unit has recorded something, or the case was given to them."""
        actor = self.viewer.actor
        assigned = [entry.fact.user_id for entry in self._today.of(CaseAssigned)][-1:]
        recorded = any(entry.actor.unit == actor.unit for entry in self._today.recorded)
        return self.viewer.party is not None or recorded or assigned == [actor.user_id]


def _marks(entry: Entry[Any]) -> Mapping[str, Mark]:
    fact: Fact = entry.fact
    return marks_of(type(fact))


def _is_sealed(entry: Entry[Any], field: str) -> bool:
    always = isinstance(entry.fact, EntryCorrected) and field in ("old", "new")
    return always or (isinstance(entry.fact, ActProposed) and field == "data") or (
        _marks(entry)[field].subject is not None
    )  # fmt: skip
