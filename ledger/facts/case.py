"""A case: the areas' states together, told from a history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.facts.accounts import AccountsState
from ledger.facts.acts import ActsState
from ledger.facts.assessment import AssessmentState
from ledger.facts.budget import BudgetState
from ledger.facts.changes import ChangesState
from ledger.facts.decision import DecisionState
from ledger.facts.fact import Fact, State
from ledger.facts.history import History
from ledger.facts.intake import IntakeState
from ledger.facts.klage import KlageState
from ledger.facts.lifecycle import LifecycleState
from ledger.facts.lost_earnings import LostEarningsState
from ledger.facts.payments import PaymentsState
from ledger.facts.plan import PlanState
from ledger.facts.retention import RetentionState
from ledger.facts.tilsyn import TilsynState

LEAVES: Final[Mapping[State, tuple[State, ...]]] = {
    "i_gang": ("ophoert", "ophoert_18", "lukket"),
    "ophoert": ("lukket",),
    "ophoert_18": ("lukket",),
    "lukket": (),
}
"""States that only some moves leave (CASE_FORMAT "Case state"); from every other state each move counts."""

STATES: Final[Mapping[str, str]] = {
    "oprettet": "oprettet",
    "henvendelse": "henvendelse",
    "ansoegt": "ansøgt",
    "oplysninger": "oplysninger indhentes",
    "maalgruppe": "målgruppevurdering",
    "undersoegelse_og_plan": "undersøgelse og plan",
    "hoering": "partshøring",
    "visitation": "visitation",
    "bevilget": "bevilget",
    "afslag": "afslag",
    "i_gang": "i gang",
    "genbehandling": "genbehandling",
    "trukket": "trukket",
    "ophoert": "ophørt",
    "ophoert_18": "ophørt ved 18 år",
    "lukket": "lukket",
}
"""States as people read them."""


@dataclass(slots=True)
class Case:
    """What the facts of a case add up to. Remembers, never refuses."""

    lifecycle: LifecycleState = field(default_factory=LifecycleState)
    intake: IntakeState = field(default_factory=IntakeState)
    assessment: AssessmentState = field(default_factory=AssessmentState)
    plan: PlanState = field(default_factory=PlanState)
    decision: DecisionState = field(default_factory=DecisionState)
    budget: BudgetState = field(default_factory=BudgetState)
    payments: PaymentsState = field(default_factory=PaymentsState)
    accounts: AccountsState = field(default_factory=AccountsState)
    tilsyn: TilsynState = field(default_factory=TilsynState)
    lost_earnings: LostEarningsState = field(default_factory=LostEarningsState)
    changes: ChangesState = field(default_factory=ChangesState)
    klage: KlageState = field(default_factory=KlageState)
    acts: ActsState = field(default_factory=ActsState)
    retention: RetentionState = field(default_factory=RetentionState)
    state: State = "oprettet"
    state_since: date | None = None
    """Day of the fact that led to the state."""


def fold(history: History) -> Case:
    """The case that a history adds up to, on the day the history is asked for."""
    case = Case()
    moves: list[tuple[date, int, Fact]] = []
    for entry in history.told:
        fact = entry.fact
        if not fact.declared.changes_no_state:
            fact.apply(getattr(case, fact.declared.area), entry)
        if type(fact).moves is Fact.moves:
            continue  # it leaves the case as it is
        on = fact.moves_on(entry.occurred_on)
        if on <= history.as_of:
            moves.append((on, entry.version, fact))
    _move(case, sorted(moves, key=lambda move: move[:2]))
    return case


def _move(case: Case, moves: Iterable[tuple[date, int, Fact]]) -> None:
    before_closing: State = "oprettet"
    for day, _, fact in moves:
        state = fact.moves(case.state)
        if state is None:
            state = before_closing if case.state == "lukket" else case.state
        elif state not in LEAVES.get(case.state, (state,)):
            continue
        if state != case.state:
            before_closing = case.state if state == "lukket" else before_closing
            case.state, case.state_since = state, day
