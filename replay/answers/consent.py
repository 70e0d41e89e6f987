"""Samtykke: whether the family had agreed to each source that was asked about the child."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from ledger.facts.entry import Entry
from ledger.facts.intake import ConsentGiven, ConsentRefused, InformationRequested
from ledger.facts.sentence import danish_day, listed
from ledger.law.guards.intake import there_is_consent
from ledger.law.guards.seen import CaseTold, Seen
from replay.answers import Asked, Found, question
from replay.answers.common import people, together
from replay.answers.wording import joined, on, verdict, versions_of


@question(25, "Var der givet samtykke til hver kilde, der blev spurgt?")
def consent_for_each_source(asked: Asked) -> Found:
    """Each request for information, and the consent that covered its source that day."""
    requests = asked.told.of(InformationRequested)
    if not requests:
        return Found("Der er ikke registreret, at nogen kilde er spurgt om oplysninger.", [])
    told = CaseTold(asked.history)
    found = [_source(asked, one, Seen.by(one, told, asked.law)) for one in requests]
    together_asked: dict[tuple[date, str], list[str]] = defaultdict(list)
    for one in found:
        together_asked[one.data["asked_on"], one.sentence].append(one.data["source"])
    return replace(
        together(found),
        sentence=joined(
            verdict([one.data["consent"] for one in found]),
            *(f"Spurgt {on(day)}: {listed(sources)}; {says}." for (day, says), sources in together_asked.items()),
        ),
    )


def _source(asked: Asked, request: Entry[InformationRequested], seen: Seen) -> Found:
    """What was agreed for one source on the day it was asked."""
    fact, basis = request.fact, request.fact.without_consent_basis
    consents = [one for one in seen.of(ConsentGiven) if fact.source in one.fact.sources]
    consent = next((one for one in consents if _holds_on(one, seen.on)), next(iter(consents), None))
    refused = next((one for one in seen.of(ConsentRefused) if fact.source in one.fact.sources), None)
    is_covered = there_is_consent(seen, fact) and not basis
    return Found(
        _given(asked, consent) if is_covered and consent else _not_given(consent, refused, basis),
        {"source": fact.source, "asked_on": request.occurred_on, "consent": is_covered, "without_consent_basis": basis},
        versions_of([request], *([one] for one in (consent, refused) if one)),
        () if is_covered or basis else (f"Samtykke til kilden {fact.source}, eller hjemlen til at spørge uden",),
    )


def _holds_on(consent: Entry[ConsentGiven], day: date) -> bool:
    return consent.fact.valid_to is None or day <= consent.fact.valid_to


def _given(asked: Asked, consent: Entry[ConsentGiven]) -> str:
    givers = people(asked, consent.fact.given_by)
    return f"samtykke givet {consent.fact.form.dansk} {on(consent.occurred_on)} af {givers}"


def _not_given(consent: Entry[ConsentGiven] | None, refused: Entry[ConsentRefused] | None, basis: str | None) -> str:
    if basis:
        return f"uden samtykke, med hjemmel i {basis}"
    if refused:
        return f"intet gældende samtykke: det blev {refused.fact.kind.dansk} {on(refused.occurred_on)}"
    if consent and consent.fact.valid_to:
        given_on = danish_day(consent.occurred_on)
        return f"intet gældende samtykke: det af {given_on} gjaldt til {on(consent.fact.valid_to)}"
    return "intet samtykke er registreret"
