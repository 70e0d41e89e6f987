"""Guards on taking another method into use."""

from ledger.facts.changes import MethodChangeImplemented, MethodResultat
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen


@guard(
    "G21",
    MethodChangeImplemented,
    source="serviceloven § 32 a, stk. 1, nu barnets lov § 85, stk. 1; Esbjerg Kommunes vejledning",
)
def method_was_decided_on(seen: Seen, _: MethodChangeImplemented) -> bool:
    """Metoden må ikke skiftes eller suppleres, før der er truffet afgørelse."""
    decision = seen.pointed_one("decision")
    return decision is not None and decision.fact.resultat is not MethodResultat.AFSLAAET
