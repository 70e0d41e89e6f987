"""Questions 1-3 and 5: who decided, on which law, on which information, and how the family was told."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, Final

from ledger.facts.accounts import AccountsReceived, AccountsReviewed
from ledger.facts.assessment import (
    BoernefagligUndersoegelseClosed,
    ChildTalkHeld,
    ChildTalkOmitted,
    HealthAssessmentReceived,
    MaalgruppeAssessmentStepRecorded,
)
from ledger.facts.budget import AnnualBudgetDecided, BudgetPostAdjusted, BudgetPostApproved, BudgetPostRefused
from ledger.facts.decision import DecisionToldOrally, PartshoeringAnswered
from ledger.facts.entry import Entry
from ledger.facts.intake import InformationNotProvided, InformationReceived
from ledger.facts.lifecycle import Custody, DocumentAdded, PartyRegistered
from ledger.facts.lost_earnings import TabtArbejdsfortjenesteReassessed
from ledger.facts.plan import TidsOgFaseplanAssessed
from ledger.facts.sentence import kroner, listed
from ledger.facts.tilsyn import TilsynHeld, TilsynsrapportPrepared
from ledger.law.guards.period import hjemmel_was_law_that_day
from ledger.law.guards.seen import CaseTold, Seen
from ledger.law.period import period_of
from ledger.law.starting import received
from projections.decisions import DecisionRow
from projections.decisions import tell as tell_decisions
from replay.answers import Asked, Found, question
from replay.answers.common import (
    about,
    about_decision,
    as_of,
    concerns,
    decided_by,
    named,
    numbers,
    people,
    recorded_by,
    the_decision,
    together,
    told,
)
from replay.answers.wording import joined, on, versions_of, was_before

# 1


@question(1, "Hvem har afgjort, at en budgetpost er afslået?")
def who_refused(asked: Asked, post: str | None = None, year: int | None = None) -> Found:
    """Every refusal of a post that is asked about; of one that was not refused, what was decided instead."""
    refused = [one for one in asked.told.of(BudgetPostRefused) if concerns(one.fact, post, year)]
    if not refused:
        return _not_refused(asked, post, year)
    rows = {row.version: row for row in tell_decisions(asked.history, asked.names)}
    return together(_refusal(asked, one, rows[one.version]) for one in refused)


def _refusal(asked: Asked, entry: Entry[BudgetPostRefused], row: DecisionRow) -> Found:
    fact = entry.fact
    later = [one for one in _on_post(asked, fact.post, fact.year) if one.version > entry.version]
    told_later = f" Senere er afgjort: {listed(told(asked, one) for one in later)}." if later else ""
    return Found(
        f"Budgetpost {fact.post} ({fact.name}) for {fact.year} på {kroner(fact.amount_oere)} blev afslået af"
        f" {decided_by(asked, entry)}, ved afgørelse sendt {on(fact.sent_on)} (nr. {entry.version};"
        f" grund: {fact.refusal_code.dansk}); registreret af {recorded_by(asked, entry)}.{told_later}",
        row,
        {entry.version, *versions_of(later)},
    )


def _on_post(asked: Asked, post: str, year: int | None) -> list[Entry[Any]]:
    types = (BudgetPostApproved, BudgetPostRefused, BudgetPostAdjusted)
    found = asked.told.named(one.declared.type for one in types)
    return [one for one in found if concerns(one.fact, post, year)]


def _not_refused(asked: Asked, post: str | None, year: int | None) -> Found:
    if post is None:
        return Found(f"Der er ikke registreret noget afslag på en budgetpost{about(None, year)} {as_of(asked)}.")
    decided, listings = _on_post(asked, post, year), _listings(asked, post, year)
    sentence = joined(
        f"Der er ikke registreret noget afslag på post {post}{about(None, year)} {as_of(asked)}.",
        f"Om posten er afgjort: {listed(_with_who(asked, one) for one in decided)}." if decided else None,
        f"Posten står som afslået i {listed(map(named, listings))}, men uden en afgørelse om selve posten."
        if listings
        else None,
    )
    rows = [row for row in tell_decisions(asked.history, asked.names) if row.version in versions_of(decided)]
    missing = () if decided else (f"en afgørelse{about(post, year)}",)
    return Found(sentence, rows, versions_of(decided, listings), missing)


def _listings(asked: Asked, post: str, year: int | None) -> list[Entry[AnnualBudgetDecided]]:
    """The decisions on a year's budget that say the post was refused."""
    letters = asked.told.of(AnnualBudgetDecided)
    return [one for one in letters if post in one.fact.posts_refused and concerns(one.fact, None, year)]


def _with_who(asked: Asked, entry: Entry[Any]) -> str:
    return f"{told(asked, entry)} af {decided_by(asked, entry)}"


# 2

_KNOWN_LAWS: Final = ("serviceloven", "barnets lov")


@about_decision(2, "På hvilket retsgrundlag?")
def legal_basis(asked: Asked, decision: Entry[Any]) -> Found:
    """The law that the decision names, and whether that law was in force on its day."""
    hjemmel, day = decision.fact.hjemmel or (), on(decision.occurred_on)
    if not hjemmel:
        return Found(f"{the_decision(decision)} angiver ingen hjemmel.", [], [decision.version], ("hjemmel",))
    unknown = [text for text in hjemmel if not text.casefold().startswith(_KNOWN_LAWS)]
    seen = Seen.by(decision, CaseTold(asked.history), asked.law)
    was_law = hjemmel_was_law_that_day(seen, decision.fact)
    sentence = f"{the_decision(decision)} er truffet med hjemmel i {listed(hjemmel)}."
    if not was_law:
        sentence += f" Hjemlen hører til en lov, der ikke gjaldt på afgørelsens dag, {day}."
    elif len(unknown) < len(hjemmel):
        sentence += f" Loven gjaldt på afgørelsens dag, {day}."
    return Found(
        sentence,
        {"hjemmel": list(hjemmel), "law_period": period_of(decision.occurred_on), "was_law": was_law},
        [decision.version],
        tuple(f"om {text} gjaldt {day}; her kendes kun serviceloven og barnets lov" for text in unknown),
    )


# 3

_INFORMATION: Final = (
    InformationReceived, InformationNotProvided, MaalgruppeAssessmentStepRecorded, HealthAssessmentReceived,
    BoernefagligUndersoegelseClosed, ChildTalkHeld, ChildTalkOmitted, TidsOgFaseplanAssessed, PartshoeringAnswered,
    TilsynHeld, TilsynsrapportPrepared, AccountsReceived, AccountsReviewed, TabtArbejdsfortjenesteReassessed,
    DocumentAdded,
)  # fmt: skip
"""What brings knowledge of the child, the family or their spending into a case."""


@about_decision(3, "På hvilke oplysninger?")
def information(asked: Asked, decision: Entry[Any]) -> Found:
    """What the decision itself says it rests on and points to, and what else had been recorded before it."""
    said = decision.fact.facts_relied_on or ()
    rests_on = [one for one in said if isinstance(one, int)]
    documents = [*(one for one in said if isinstance(one, str)), *decision.document_ids]
    points_to = sorted({version for name in decision.refs for version in decision.pointers(name)})
    before = [one for one in asked.history.told if isinstance(one.fact, _INFORMATION) and was_before(one, decision)]
    sentence = joined(
        _relied_on(decision, rests_on, documents), _pointing_to(asked, points_to), _recorded_before(before)
    )
    data = {
        "relied_on": rests_on,
        "documents": documents,
        "refs": points_to,
        "before": [one.version for one in before],
        "basis_version": decision.version - 1,
    }
    missing = () if said else ("en angivelse af, hvilke oplysninger afgørelsen bygger på",)
    return Found(sentence, data, {decision.version, *rests_on, *points_to, *versions_of(before)}, missing)


def _relied_on(decision: Entry[Any], versions: list[int], documents: Iterable[str]) -> str:
    parts = [numbers(versions)] if versions else []
    parts += [f"dokumentet {document}" for document in documents]
    if not parts:
        return f"{the_decision(decision)} angiver ikke selv, hvilke oplysninger den bygger på."
    return f"{the_decision(decision)} angiver at bygge på {listed(parts)}."


def _pointing_to(asked: Asked, versions: list[int]) -> str | None:
    found = [entry for version in versions if (entry := asked.told.at(version))]
    return f"Den henviser til {listed(map(named, found))}." if found else None


def _recorded_before(entries: list[Entry[Any]]) -> str:
    """Each kind of information with the numbers of its entries."""
    if not entries:
        return "Før afgørelsen var der ikke registreret oplysninger i sagen."
    ordered = sorted(entries, key=lambda one: (one.fact.declared.dansk, one.version))
    groups = groupby(ordered, key=lambda one: one.fact.declared.dansk)
    listing = listed(f"”{title}” ({numbers(one.version for one in group)})" for title, group in groups)
    return f"Før afgørelsen var registreret: {listing}."


# 5


@about_decision(5, "Hvornår og hvordan fik familien afgørelsen at vide?")
def how_told(asked: Asked, decision: Entry[Any]) -> Found:
    """The letter, to whom and when it counts as received, and what was told orally of the same meeting."""
    recipients, received_on = decision.fact.recipients or (), received(asked.law, decision)
    orally = _told_orally(asked, decision)
    left_out = [party for party in _custody_holders(asked, decision.occurred_on) if party not in recipients]
    sentence = joined(
        _letter(asked, decision, received_on),
        *(_orally(asked, one) for one in orally),
        f"{people(asked, left_out)} havde del i forældremyndigheden, men står ikke som modtager." if left_out else None,
    )
    data = {
        "sent_on": decision.fact.sent_on or decision.occurred_on,
        "channel": decision.fact.channel,
        "recipients": list(recipients),
        "received_on": received_on,
        "told_orally": [{"to": one.fact.to, "on": one.occurred_on, "form": one.fact.form} for one in orally],
        "not_among_recipients": left_out,
    }
    return Found(sentence, data, versions_of([decision], orally))


def _letter(asked: Asked, decision: Entry[Any], received_on: date) -> str:
    fact, sent_on = decision.fact, decision.fact.sent_on or decision.occurred_on
    channel = f" ({fact.channel.dansk})" if fact.channel else ""
    return (
        f"{the_decision(decision)} blev sendt {on(sent_on)}{channel} til {people(asked, fact.recipients or ())} og"
        f" regnes for modtaget {on(received_on)}."
    )


def _orally(asked: Asked, entry: Entry[DecisionToldOrally]) -> str:
    fact, day = entry.fact, on(entry.occurred_on)
    return f"{asked.names(fact.to)} fik resultatet at vide {fact.form.dansk} {day} (nr. {entry.version})."


def _told_orally(asked: Asked, decision: Entry[Any]) -> list[Entry[DecisionToldOrally]]:
    """What was told of the same visitation meeting."""
    meeting = decision.pointer("visitation")
    return [one for one in asked.history.of(DecisionToldOrally) if meeting and one.pointer("visitation") == meeting]


def _custody_holders(asked: Asked, day: date) -> list[str]:
    """Those who held custody on a day, by the newest record of each."""
    records = {one.fact.party: one.fact for one in asked.told.of(PartyRegistered) if one.occurred_on <= day}
    return sorted(party for party, fact in records.items() if fact.custody in (Custody.JOINT, Custody.SOLE))
