"""Guards on tilsyn."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from ledger.facts.tilsyn import TilsynsrapportPrepared
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen, given


@guard(
    "G25", TilsynsrapportPrepared,
    source="serviceloven § 32 a, stk. 4, nu barnets lov § 85, stk. 4; "
    "Aarhus Kommunes vejledning, Esbjerg Kommunes vejledning, bilag 2, § 4",
)  # fmt: skip
def report_is_reasoned_and_tells_of_the_child(seen: Seen, fact: TilsynsrapportPrepared) -> bool:
    """Tilsynsrapporten skal have en begrundet indstilling, og det skal fremgå, at barnet var til stede
    eller hvorfor ikke.
    """
    held = seen.pointed_one("tilsyn")
    told = held is not None and (held.fact.child_present or given(held.fact.child_absent_reason))
    return given(fact.begrundelse) and told
