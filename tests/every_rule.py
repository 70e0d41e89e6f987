"""Every deadline rule set running: from which day to which, and what meets it (tests/test_deadlines.py)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from tests.guarding import OPENING, Told, told
from tests.running import (
    approved,
    assessed,
    budget,
    hearing,
    meeting,
    opening,
    plan,
    rows,
    started,
    tilsyn,
    visitation,
)


class Running(NamedTuple):
    """A rule set running."""

    rule: str
    runs: str
    """The day that counts → the due date."""
    story: tuple[Told, ...]
    """The last fact is what started it."""
    met_by: Told | None = None
    """On whichever day."""
    opening: tuple[Told, ...] = OPENING
    meanwhile: tuple[Told, ...] = ()

    @property
    def due(self) -> date:
        return date.fromisoformat(self.runs[-10:])

    @property
    def trigger(self) -> str:
        """The key of what started it."""
        return self.story[-1].key if self.story else "child"

    def on(self, ahead: int, *more: Told) -> str:
        """Where it stands some days after its due date."""
        day = (self.due + timedelta(days=ahead)).isoformat()
        (row,) = self.rows(day, *more)
        return row.removeprefix(self.runs).strip()

    def rows(self, as_of: str, *more: Told) -> list[str]:
        """Its row on a day; none when it does not run."""
        found = rows(self.rule, as_of, *self.story, *self.meanwhile, *more, opening=self.opening)
        return [row for row in found if row.startswith(self.runs)]

    def met(self, ahead: int) -> Told:
        """What meets it, some days after its due date."""
        assert self.met_by is not None
        return replace(self.met_by, on=self.due + timedelta(days=ahead))


FAMILY_HEARD = {"hearing": "PartshoeringSent"}
ABOUT_APPLICATION = {"application": "ApplicationReceived"}
SUPPORT = told("OtherSupportGranted", "2021-11-26", favourable="none")
KLAGE = told("KlageReceived", "2021-11-26", {"decision": "OtherSupportGranted"}, kind="decision")
ANSWERED = told("PartshoeringAnswered", "2021-01-04", FAMILY_HEARD)
SENT_UP = told("IndstillingSentToVisitation", "2021-12-03", {"hearings": ()})

STATUTE = (
    Running("statute.klage", "2021-11-26 → 2021-12-27", (SUPPORT,), KLAGE),
    Running(
        "statute.genvurdering", "2021-11-26 → 2021-12-24", (SUPPORT, KLAGE),
        told("GenvurderingCompleted", "2021-11-26", {"klage": "KlageReceived"}, resultat_genvurdering="medhold"),
    ),
    Running("statute.partshoering", "2021-05-22 → 2021-06-07", (hearing("2021-05-22", "taf"),), ANSWERED),
    Running(
        "statute.boernefaglig-undersoegelse", "2021-10-31 → 2022-02-28",
        (told("BoernefagligUndersoegelseOpened", "2021-11-05", anledning_on="2021-10-31", issued_as_decision=False),),
        told("BoernefagligUndersoegelseClosed", "2022-01-01", {"undersoegelse": "BoernefagligUndersoegelseOpened"}),
    ),
    Running(
        "statute.tilsyn-twice-a-year", "2020-02-29 → 2021-02-27", (tilsyn("2020-06-01"), started("2020-02-29")),
        tilsyn(kind="extra"),
    ),
    Running(
        "statute.old-tilsyn-twice-a-year", "2015-03-01 → 2016-02-29", (tilsyn("2015-06-01"), started("2015-03-01")),
        tilsyn(), opening("2014-01-01"),
    ),
    Running(
        "statute.old-opfoelgning-four-a-year", "2015-03-01 → 2016-02-29",
        (*(tilsyn(f"2015-0{month}-01", "opfoelgning") for month in (5, 7, 9)), started("2015-03-01")),
        tilsyn(kind="opfoelgning"), opening("2014-01-01"),
    ),
    Running(
        "statute.age-18", "2016-02-29 → 2034-02-28", (), told("HjemmetraeningEndedAtAge18", "2034-02-28"),
        opening("2018-01-01", born="2016-02-29"),
    ),
    Running(
        "statute.aktindsigt", "2021-12-22 → 2022-01-04", (told("AktindsigtRequested", "2021-12-22"),),
        told("AktindsigtDecided", "2021-12-22", {"request": "AktindsigtRequested"}),
    ),
    Running(
        "statute.written-reasons", "2021-12-11 → 2021-12-25", (told("WrittenReasonsRequested", "2021-12-11"),),
        told("WrittenReasonsSent", "2021-12-11", {"request": "WrittenReasonsRequested"}),
    ),
)  # fmt: skip
AARHUS = (
    Running(
        "aarhus.decision", "2021-05-31 → 2022-02-28", (told("ApplicationReceived", "2021-05-31"),),
        told("HjemmetraeningRefused", "2021-05-31", ABOUT_APPLICATION),
    ),
    Running(
        "aarhus.information", "2021-02-01 → 2021-03-01",
        (told("ApplicationReceived", "2021-01-15"), told("InformationRequested", "2021-02-01", purpose="application")),
        told("InformationReceived", "2021-02-02", {"requests": ("InformationRequested",)}),
    ),
    Running(
        "aarhus.maalgruppe", "2021-03-01 → 2021-05-10", (told("MaalgruppeAssessmentRequested", "2021-03-01"),),
        told("MaalgruppeDecided", "2021-03-01", {"requested": "MaalgruppeAssessmentRequested"}),
    ),
    Running(
        "aarhus.plan-meeting", "2021-12-11 → 2021-12-25", (plan("draft", "2021-12-11"),),
        meeting("plan_guidance", plan="TidsOgFaseplanReceived"),
    ),
    Running(
        "aarhus.plan-final", "2021-12-03 → 2021-12-27", (meeting("plan_guidance", "2021-12-03"),),
        plan("final", meeting="MeetingHeld"),
    ),
    Running(
        "aarhus.plan-assessment", "2021-12-11 → 2021-12-25",
        (plan("final"), told("TidsOgFaseplanSentForAssessment", "2021-12-11", {"plan": "TidsOgFaseplanReceived"})),
        told("TidsOgFaseplanAssessed", "2021-12-11", {"sent": "TidsOgFaseplanSentForAssessment"}),
    ),
    Running(
        "aarhus.undersoegelse-and-indstilling", "2021-12-04 → 2021-12-25",
        assessed("2021-12-04", "final"), hearing("2021-12-10", "indstilling", about=("IndstillingPrepared",)),
        meanwhile=(told("IndstillingPrepared", "2021-12-04", {"plan_assessment": "TidsOgFaseplanAssessed"}),),
    ),
    Running("aarhus.hearing", "2021-12-10 → 2021-12-27", (hearing("2021-12-10", "indstilling"),), ANSWERED),
    Running(
        "aarhus.indstilling-to-visitation", "2021-12-27 → 2022-01-03", (hearing("2021-12-10", "indstilling"),),
        told("IndstillingSentToVisitation", "2021-12-10", {"hearings": ("PartshoeringSent",)}),
    ),
    Running(
        "aarhus.visitation", "2021-12-03 → 2021-12-31", (SENT_UP,),
        visitation("2021-12-03", sent="IndstillingSentToVisitation"),
    ),
    Running(
        "aarhus.oral-result", "2021-12-30 → 2022-01-03", (visitation("2021-12-30"),),
        told("DecisionToldOrally", "2021-12-30", {"visitation": "VisitationHeld"}),
    ),
    Running(
        "aarhus.visitation-outcome", "2021-12-11 → 2021-12-25", (visitation("2021-12-11"),),
        told("VisitationOutcomeReceived", "2021-12-11", {"visitation": "VisitationHeld"}),
    ),
    Running(
        "aarhus.decision-dispatch", "2021-12-17 → 2021-12-24",
        (visitation("2021-12-10"), told("VisitationOutcomeReceived", "2021-12-17", {"visitation": "VisitationHeld"})),
        told("HjemmetraeningReviewed", "2021-12-17", {"visitation": "VisitationHeld"}),
    ),
    Running("aarhus.tilsyn-6-months", "2021-08-31 → 2022-02-28", (started("2021-08-31"),), tilsyn()),
    Running(
        "aarhus.supervision-minutes", "2022-01-07 → 2021-12-24",
        (told("TilsynPlanned", "2021-11-01", planned_on="2022-01-07", supervision_took_place=True),),
        told("SupervisionDocumented", "2021-11-01", {"planned": "TilsynPlanned"}, kind="minutes"),
    ),
    Running(
        "aarhus.plan-after-tilsyn-target", "2021-12-10 → 2021-12-27", (tilsyn("2021-12-10"),),
        plan("after_tilsyn", tilsyn="TilsynHeld"),
    ),
    Running(
        "aarhus.plan-after-tilsyn-limit", "2021-11-26 → 2021-12-27", (tilsyn("2021-11-26"),),
        plan("after_tilsyn", tilsyn="TilsynHeld"),
    ),
    Running(
        "aarhus.tilsynsrapport-hearing", "2021-12-11 → 2021-12-25",
        (tilsyn("2021-10-01"), *assessed("2021-12-11", "after_tilsyn", tilsyn="TilsynHeld")),
        hearing("2021-12-11", "tilsynsrapport", tilsyn="TilsynHeld"),
    ),
)  # fmt: skip
ESBJERG = (
    Running(
        "esbjerg.budget-application", "2025-11-15 → 2025-11-17", (started("2025-03-01"),), budget("2025-10-01"),
    ),
    Running(
        "esbjerg.budget-decision", "2025-11-15 → 2025-12-13", (budget("2025-11-10"),),
        told("AnnualBudgetDecided", "2025-11-10", {"budget_application": "BudgetApplicationReceived"}),
    ),
    Running(
        "esbjerg.equipment-decision", "2025-11-27 → 2025-12-25", (budget("2025-11-27", "equipment_outside_budget"),),
        approved("2025-11-27", budget_application="BudgetApplicationReceived"),
    ),
    Running(
        "esbjerg.method-supplement", "2025-10-30 → 2025-12-25", (told("MethodSupplementRequested", "2025-10-30"),),
        told("MethodSupplementDecided", "2025-10-30", {"request": "MethodSupplementRequested"}),
    ),
    Running(
        "esbjerg.method-change", "2025-10-31 → 2026-02-28", (told("MethodChangeRequested", "2025-10-31"),),
        told("MethodChangeDecided", "2025-10-31", {"request": "MethodChangeRequested"}),
    ),
    Running(
        "esbjerg.plan-before-tilsyn", "2026-01-07 → 2025-12-24",
        (told("TilsynPlanned", "2025-11-01", planned_on="2026-01-07", kind="ordinary"),),
        plan("before_tilsyn", planned="TilsynPlanned"),
    ),
    Running(
        "esbjerg.tilsynsrapport-hearing", "2025-12-11 → 2025-12-25", (tilsyn("2025-12-11", "extra"),),
        hearing("2025-12-11", "tilsynsrapport", tilsyn="TilsynHeld"),
    ),
    Running("esbjerg.hearing", "2025-12-10 → 2025-12-29", (hearing("2025-12-10", "tilsynsrapport"),), ANSWERED),
    Running(
        "esbjerg.repayment-hearing", "2025-12-10 → 2025-12-29", (hearing("2025-12-10", "tilbagebetaling"),), ANSWERED,
    ),
    Running(
        "esbjerg.accounts", "2025-12-31 → 2026-03-02", (approved("2025-02-01"),),
        told("AccountsReceived", "2026-01-01", year=2025),
    ),
    Running(
        "esbjerg.accounts-decision", "2026-02-20 → 2026-03-31", (told("AccountsReceived", "2026-02-20", year=2025),),
        told("AccountsDecided", "2026-02-20", {"accounts": "AccountsReceived"}),
    ),
    Running(
        "esbjerg.receipts-5-years", "2025-12-31 → 2030-12-31", (told("AccountsReceived", "2026-02-20", year=2025),),
    ),
    Running(
        "esbjerg.supervision-documentation", "2025-12-31 → 2026-03-02", (approved("2025-02-01"),),
        told("SupervisionDocumented", "2026-01-01", kind="course_documentation", year=2025),
    ),
    Running(
        "esbjerg.visitation", "2025-11-30 → 2026-02-28", (replace(SENT_UP, on=date(2025, 11, 30)),),
        visitation("2025-11-30", sent="IndstillingSentToVisitation"),
    ),
    Running(
        "esbjerg.future-talk", "2024-02-29 → 2025-02-28", (), meeting("future_talk"),
        opening("2018-01-01", born="2008-02-29"),
    ),
    Running(
        "esbjerg.reduced-hours-follow-up", "2025-08-31 → 2026-02-28",
        (told("SchoolingRegistered", "2025-08-31", kind="reduced_hours"),), meeting("reduced_hours_follow_up"),
    ),
    Running(
        "esbjerg.homeschooling-tilsyn", "2024-02-29 → 2025-02-28",
        (told("HomeSchoolingNotified", "2024-02-20", teaching_starts_on="2024-02-29"),),
        meeting("homeschooling_tilsyn"),
    ),
)  # fmt: skip
NYBORG = (
    Running(
        "nyborg.contact", "2021-12-11 → 2021-12-25", (told("ApplicationReceived", "2021-12-11"),),
        told("GuidanceGiven", "2021-12-11"),
    ),
)  # fmt: skip
EVERY = {one.rule: one for one in (*STATUTE, *AARHUS, *ESBJERG, *NYBORG)}
