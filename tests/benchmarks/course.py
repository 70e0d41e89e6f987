"""The course of a realistic case of any length: it is applied for and approved, then rounds of training follow."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from typing import Any, Final
from uuid import UUID

from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, RefValue
from ledger.store.head import Head
from ledger.store.ledger import Ledger, case_id_of
from tests.benchmarks.facts import OBSERVED, SAID, WRITTEN, after
from tests.guarding import Told, fact_of, told

AS_OF: Final = date(2026, 11, 1)
"""The day the cases are asked about: all of it has happened."""
_OPENED: Final = date(2018, 1, 8)
_TRAINED: Final = date(2018, 9, 3)
_LISE: Final = Actor("u-fc-02", "Lise Maarup", "familiecentret", "fc_raadgiver")
_PETER: Final = Actor("u-pa-01", "Peter Dahl", "paedagogisk_afdeling", "pa_konsulent")
_ANNE: Final = Actor("u-vu-01", "Anne Grøn", "visitationsudvalg", "vu_medlem")
_BY: Final = {
    "MaalgruppeDecided": _PETER, "TidsOgFaseplanAssessed": _PETER, "GenvurderingCompleted": _PETER,
    "VisitationHeld": _ANNE,
}  # fmt: skip
_LEADER: Final = {"user_id": "u-led-01", "name": "Bente Friis", "role": "leder"}


def make_case(book: Ledger, number: str, size: int) -> UUID:
    """A case of so many entries. However many they are, they lie between the same two days."""
    (case_id,) = make_cases(book, [number], size)
    return case_id


def make_cases(book: Ledger, numbers: Sequence[str], size: int, act: int = 500) -> list[UUID]:
    """Cases of so many entries each, recorded side by side: some facts of each case in turn, in one act."""
    heads = [Head(case_id_of(book.municipality, number)) for number in numbers]
    drafts = [list(_drafts(course(number, size))) for number in numbers]
    for start in range(0, size, act):
        for case, head in enumerate(heads):
            heads[case] = reduce(after, book.append(head, drafts[case][start : start + act]), head)
    return [head.case_id for head in heads]


def course(number: str, size: int) -> list[Told]:
    """What is told in a case of so many entries. A long case is a busy one: its rounds are closer together."""
    opening = list(_opening(number))
    rounds = -(-(size - len(opening)) // len(list(_round(1, _TRAINED, timedelta()))))
    step = (AS_OF - timedelta(200) - _TRAINED) / max(rounds, 1)
    later = [fact for index in range(rounds) for fact in _round(index + 1, _TRAINED + index * step, step)]
    return [*opening, *later][:size]


def _drafts(story: list[Told]) -> Iterator[Draft]:
    versions = {one.key: version for version, one in enumerate(story, 1)}
    for one in story:
        refs: dict[str, RefValue] = {
            name: tuple(versions[key] for key in keys) if isinstance(keys, tuple) else versions[keys]
            for name, keys in one.refs.items()
        }
        yield Draft(fact_of(one), one.on, _BY.get(one.type, _LISE), "api", refs)


def _opening(number: str) -> Iterator[Told]:
    """From the enquiry to the first day of training."""
    days = _Days(_OPENED, 0, step=7)
    yield days.on("CaseOpened", case_number=number, opened_on=_OPENED.isoformat(), tracked_from=None)
    yield days.on("PartyRegistered", "barn", party="p-barn", kind="child", birth_date="2013-09-14", custody=None)
    for parent in ("p-mor", "p-far"):
        yield days.on("PartyRegistered", parent, party=parent, kind="custody_holder", custody="joint")
    yield days.on("EnquiryReceived")
    yield days.on("GuidanceGiven")
    yield days.on("ApplicationReceived", parts=[])
    yield days.on("ConsentGiven")
    for source in ("boernehave", "ppr"):
        yield days.on("InformationRequested", source, source=source, purpose="application")
        yield days.on("InformationReceived", f"fra-{source}", {"requests": (source,)}, source=source, summary=SAID)
    yield days.on("MaalgruppeAssessmentRequested")
    yield days.on("MaalgruppeDecided", refs={"requested": "MaalgruppeAssessmentRequested"}, resultat="omfattet")
    yield days.on("BoernefagligUndersoegelseOpened", issued_as_decision=False)
    yield days.on("ChildTalkHeld", refs={"undersoegelse": "BoernefagligUndersoegelseOpened"}, views=OBSERVED)
    yield days.on("BoernefagligUndersoegelseClosed", refs={"undersoegelse": "BoernefagligUndersoegelseOpened"})
    yield from days.plan("final")
    yield from days.hearing("undersoegelse_og_indstilling")
    yield days.on("IndstillingPrepared", begrundelse=OBSERVED)
    yield days.on(
        "IndstillingSentToVisitation", refs={"indstilling": "IndstillingPrepared", "hearings": ("PartshoeringSent",)}
    )
    yield days.on("VisitationHeld", refs={"sent": "IndstillingSentToVisitation"})
    yield days.on("VisitationOutcomeReceived", refs={"visitation": "VisitationHeld"})
    decided_on = {"visitation": "VisitationHeld", "application": "ApplicationReceived"}
    yield days.on("HjemmetraeningApproved", refs=decided_on, ends_on=None, begrundelse=OBSERVED)
    yield days.on("HjemmetraeningStarted", refs={"decision": "HjemmetraeningApproved"}, started_on=days.day.isoformat())


def _round(index: int, first: date, step: timedelta) -> Iterator[Told]:
    """Some months with training: money, a tilsyn, letters; now and then a complaint; once a year the accounts."""
    days = _Days(first, index, step=4)
    posts = [f"post-{index}-{number}" for number in (1, 2)]
    yield days.on("BudgetApplicationReceived", year=first.year, scope="annual")
    for post in posts:
        yield days.on("BudgetPostApproved", post, {"budget_application": "BudgetApplicationReceived"},
                      post=post, year=first.year, amount_oere=1_200_000)  # fmt: skip
    for month in range(6):
        yield days.on(
            "PaymentMade", f"rate-{month}", kind="instalment", post=None, year=first.year, instalment_no=month
        )
        yield days.on("ExpenseDocumented", f"bilag-{month}", expense=f"bilag-{index}-{month}", post=posts[month % 2],
                      year=first.year, paid_on=days.day.isoformat(), abroad=month == 5, category_code=None)  # fmt: skip
        yield days.on("DocumentAdded", f"dokument-{month}", document=f"dokument-{index}-{month}", kind="receipt")
    yield days.on("ExpenseReviewed", refs={"expense": "bilag-0"}, expense=f"bilag-{index}-0")
    for call in range(4):
        yield days.on("NoteRecorded", f"notat-{call}", text=WRITTEN)
    yield days.on("EntryCorrected", refs={"target": "notat-0"}, old=WRITTEN, new=f"{WRITTEN}, som rettet",
                  approved_by=_LEADER)  # fmt: skip
    yield days.on("InformationRequested", purpose="tilsyn")
    yield days.on("InformationReceived", refs={"requests": ("InformationRequested",)}, summary=SAID)
    yield days.on("TilsynPlanned", tilsyn=f"tilsyn-{index}", planned_on=days.day.isoformat())
    yield days.on("TilsynHeld", refs={"planned": "TilsynPlanned"}, observation=OBSERVED)
    yield from days.plan("after_tilsyn")
    yield days.on("TilsynsrapportPrepared", refs={"tilsyn": "TilsynHeld"}, overall=OBSERVED, begrundelse=SAID)
    yield from days.hearing("tilsynsrapport")
    if index % 4 == 0:
        yield from days.complaint(posts[0])
    if first.year != (first - step).year > _TRAINED.year:
        yield from days.settlement(first.year - 1)


class _Days:
    """Facts one after another, some days apart. Their keys are of their round; refs reach the round's own facts."""

    def __init__(self, first: date, index: int, step: int) -> None:
        self.day = first
        self._index = index
        self._step = step
        self._number = 0

    def on(self, fact_type: str, key: str = "", refs: dict[str, Any] | None = None, **data: Any) -> Told:
        """The next fact. Its key is its type, unless another is given."""
        self._number += 1
        self.day += timedelta(self._number % self._step == 0)
        found = {name: self._key(to) for name, to in (refs or {}).items()}
        return told(fact_type, self.day.isoformat(), found, key=self._key(key or fact_type), **data)

    def _key(self, key: Any) -> Any:
        return tuple(map(self._key, key)) if isinstance(key, tuple) else f"{self._index}/{key}"

    def plan(self, stage: str) -> Iterator[Told]:
        """A tids- og faseplan comes in, and is assessed."""
        yield self.on("TidsOgFaseplanReceived", stage=stage)
        yield self.on("TidsOgFaseplanSentForAssessment", refs={"plan": "TidsOgFaseplanReceived"})
        yield self.on("TidsOgFaseplanAssessed", refs={"sent": "TidsOgFaseplanSentForAssessment"}, remarks=OBSERVED)

    def hearing(self, subject: str) -> Iterator[Told]:
        """The family is heard, and answers."""
        yield self.on("PartshoeringSent", subject=subject, answer_due_on=None, per_post=None, proposed_oere=None)
        yield self.on("PartshoeringAnswered", refs={"hearing": "PartshoeringSent"}, comments=WRITTEN)

    def complaint(self, decision: str) -> Iterator[Told]:
        """A complaint over a decision, to its end; the authority is late, and says so."""
        yield self.on("KlageReceived", refs={"decision": decision}, kind="decision", about=WRITTEN)
        self.day += timedelta(35)
        yield self.on("DeadlineExtensionNotified", refs={"trigger": ("KlageReceived",)}, rule="statute.genvurdering")
        yield self.on("GenvurderingCompleted", refs={"klage": "KlageReceived"}, resultat_genvurdering="fastholdt")
        yield self.on("KlageForwarded", refs={"klage": "KlageReceived"})
        yield self.on("AnkestyrelsenDecided", refs={"klager": ("KlageReceived",)}, udfald="stadfaestet")

    def settlement(self, year: int) -> Iterator[Told]:
        """The accounts of a year come in, and what was not used is claimed and paid back."""
        yield self.on("AccountsReceived", year=year)
        yield self.on("AccountsReviewed", refs={"accounts": "AccountsReceived"}, year=year)
        yield self.on("TilbagebetalingskravIssued", refs={"accounts": "AccountsReceived"}, year=year)
        yield self.on("TilbagebetalingReceived", refs={"claim": "TilbagebetalingskravIssued"}, year=year)
