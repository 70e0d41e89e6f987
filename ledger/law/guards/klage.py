"""Guards on complaints and on matters that Ankestyrelsen has sent back."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from typing import Any

from ledger.facts.assessment import MaalgruppeDecided
from ledger.facts.decision import HjemmetraeningApproved, HjemmetraeningRefused
from ledger.facts.entry import Entry
from ledger.facts.fact import Decision
from ledger.facts.klage import (
    AnkestyrelsenDecided,
    GenvurderingCompleted,
    GenvurderingResultat,
    HjemvisningReopened,
    KlageForwarded,
    KlageKind,
    KlageReceived,
    Udfald,
)
from ledger.law.deadlines import last_day
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen
from ledger.law.rule import Kind


@guard(
    "G23",
    KlageForwarded,
    source="retssikkerhedsloven § 66 og § 67, stk. 1; DUKH-nyt 1/2016, Esbjerg Kommunes vejledning",
)
def genvurdering_comes_first(seen: Seen, _: KlageForwarded) -> bool:
    """Klagen kan ikke videresendes, før genvurderingen er afsluttet (ved fuldt medhold sendes den ikke;
    en for sen klage sendes uden genvurdering).
    """
    klage = seen.pointed_one("klage")
    if klage is None:
        return False
    genvurdering = next(seen.pointing(GenvurderingCompleted, "klage", klage.version), None)
    if genvurdering is None:
        return _is_late(seen, klage)
    return genvurdering.fact.resultat_genvurdering is not GenvurderingResultat.MEDHOLD


def _is_late(seen: Seen, klage: Entry[KlageReceived]) -> bool:
    decision = _decision_of(seen, klage)
    covering = seen.told.at(decision.pointer("part_of") or decision.version) if decision else None
    last = last_day(seen.law, seen.told, covering, Kind.RIGHT) if covering else None
    return last is not None and last < klage.occurred_on


def _decision_of(seen: Seen, klage: Entry[KlageReceived]) -> Entry[Any] | None:
    version = klage.pointer("decision")
    return seen.told.at(version) if version else None


@guard(
    "G24", MaalgruppeDecided, HjemmetraeningApproved, HjemmetraeningRefused,
    source="retssikkerhedsloven §§ 60 og 66 (Ankestyrelsens hjemvisning); DUKH-nyt 1/2016",
)  # fmt: skip
def matter_sent_back_is_taken_up(seen: Seen, _: Decision) -> bool:
    """Sagen er hjemvist; registrér, at genbehandlingen er startet, før der træffes ny afgørelse."""
    sent_back = seen.newest(AnkestyrelsenDecided, udfald=Udfald.HJEMVIST)
    return sent_back is None or any(seen.pointing(HjemvisningReopened, "ankestyrelsen", sent_back.version))


@guard("G31", GenvurderingCompleted, source="retssikkerhedsloven § 66; god forvaltningsskik (to personer)")
def genvurdering_is_by_another(seen: Seen, _: GenvurderingCompleted) -> bool:
    """Handlingen skal udføres eller godkendes af en anden medarbejder."""
    klage = seen.pointed_one("klage")
    decision = _decision_of(seen, klage) if klage else None
    return decision is None or decision.actor.user_id != seen.actor.user_id


@guard("G39", KlageReceived, source="retssikkerhedsloven §§ 60 og 66-67 (klagen angår en afgørelse)")
def klage_names_what_it_is_about(seen: Seen, fact: KlageReceived) -> bool:
    """Klagen skal henvise til den afgørelse (decision) eller, ved klage over sagsbehandlingstiden, den ansøgning
    (application), den angår.
    """
    return seen.pointed_one("decision" if fact.kind is KlageKind.DECISION else "application") is not None
