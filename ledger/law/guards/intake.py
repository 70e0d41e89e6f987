"""Guards on the application and on gathering information."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from ledger.facts.assessment import MaalgruppeDecided, MaalgruppeResult
from ledger.facts.entry import Entry
from ledger.facts.intake import ApplicationReceived, ConsentGiven, ConsentRefused, InformationRequested
from ledger.facts.lifecycle import Custody, PartyRegistered
from ledger.law.guards import guard
from ledger.law.guards.age import is_under_age
from ledger.law.guards.seen import Seen


@guard(
    "G01", ApplicationReceived,
    source="serviceloven § 32 a, stk. 1, nu barnets lov § 85, stk. 1 (indehaver af forældremyndigheden); "
    "Nyborg Kommunes kvalitetsstandard, Esbjerg Kommunes vejledning",
)  # fmt: skip
def applicants_hold_custody(seen: Seen, fact: ApplicationReceived) -> bool:
    """Ansøgningen kan kun registreres for en indehaver af forældremyndigheden til et barn under 18 år
    (i Nyborg skal barnet desuden allerede være godkendt efter § 32).
    """
    holds = [_holds_custody(seen, party) for party in fact.applicants]
    return bool(holds) and all(holds) and is_under_age(seen, seen.on)


def _holds_custody(seen: Seen, party: str) -> bool:
    record = seen.newest(PartyRegistered, party=party)
    return record is not None and record.fact.custody in (Custody.JOINT, Custody.SOLE)


@guard(
    "G01N",
    ApplicationReceived,
    source="serviceloven § 32; Nyborg Kommunes kvalitetsstandard",
    everywhere=False,
)
def child_is_already_in_the_group(seen: Seen, _: ApplicationReceived) -> bool:
    """I Nyborg skal barnet være godkendt efter § 32, før der kan søges om hjemmetræning."""
    decided = seen.newest(MaalgruppeDecided)
    return decided is not None and decided.fact.resultat is MaalgruppeResult.OMFATTET


@guard(
    "G02",
    InformationRequested,
    source="forvaltningsloven § 29 og retssikkerhedsloven §§ 11 a-11 c; "
    "Aarhus Kommunes procesoversigt, Esbjerg Kommunes vejledning, bilag 8",
)
def there_is_consent(seen: Seen, fact: InformationRequested) -> bool:
    """Der er ikke samtykke til at indhente oplysninger fra denne kilde; indhent samtykke
    eller angiv hjemlen til at indhente uden samtykke.
    """
    if fact.without_consent_basis:
        return True
    refused = next((entry for entry in seen.of(ConsentRefused) if fact.source in entry.fact.sources), None)
    return any(
        fact.source in consent.fact.sources
        and (consent.fact.valid_to is None or seen.on <= consent.fact.valid_to)
        and (refused is None or _order(refused) < _order(consent))
        for consent in seen.of(ConsentGiven)
    )


def _order(entry: Entry[ConsentGiven] | Entry[ConsentRefused]) -> tuple[object, int]:
    return entry.occurred_on, entry.version
