"""What the tests of deadlines share: the rows of a rule in a case told in a few words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ledger.facts.history import History, history
from ledger.law.law import Law
from projections.deadlines import DeadlineRow, tell
from tests.guarding import OPENING, Told, entries_of, law_of, told

_TOLD = {True: "told", False: "untold", None: ""}


def in_words(row: DeadlineRow) -> str:
    """`2021-05-31 → 2022-02-28 met_late 2022-03-01 1 untold`; a promised or replacing date stands in brackets."""
    words = [
        f"{row.trigger_on} → {row.due_on or '?'}", f"({row.extended_to})" if row.extended_to else "", row.status.value,
        str(row.met_on or ""), str(row.days_late or ""), _TOLD[row.notice_in_time],
    ]  # fmt: skip
    return " ".join(word for word in words if word)


def past(municipality: str, as_of: str, story: Sequence[Told], opening: Sequence[Told] = OPENING) -> History:
    """A case on a day."""
    return history(entries_of([*opening, *story], municipality), as_of=date.fromisoformat(as_of))


def rows(
    rule: str, as_of: str, *story: Told, at: str = "", law: Law | None = None, opening: Sequence[Told] = OPENING
) -> list[str]:
    """The rows of a rule on a day, where the rule applies (a rule of the statute: in Nyborg, unless told)."""
    municipality = at or rule.partition(".")[0].replace("statute", "nyborg")
    seen = past(municipality, as_of, story, opening)
    return [in_words(row) for row in tell(seen, law or law_of(municipality)) if row.rule == rule]


# Facts that many stories tell


def opening(day: str, born: str = "2016-09-14") -> tuple[Told, ...]:
    """A case opened on another day."""
    (opened, child, *parents) = (replace(one, on=date.fromisoformat(day)) for one in OPENING)
    return (
        replace(opened, data=opened.data | {"opened_on": day}),
        replace(child, key="child", data=child.data | {"birth_date": born}),
        *parents,
    )


def hearing(on: str, subject: str, key: str = "PartshoeringSent", **refs: object) -> Told:
    return told("PartshoeringSent", on, refs, key=key, subject=subject, answer_due_on=None)


def plan(stage: str, on: str = "2021-01-04", **refs: str) -> Told:
    return told("TidsOgFaseplanReceived", on, refs, stage=stage)


def assessed(on: str, stage: str, *, sent: str = "2021-01-11", **refs: str) -> tuple[Told, ...]:
    """A plan on its way to being assessed."""
    return (
        plan(stage, **refs),
        told("TidsOgFaseplanSentForAssessment", sent, {"plan": "TidsOgFaseplanReceived"}),
        told("TidsOgFaseplanAssessed", on, {"sent": "TidsOgFaseplanSentForAssessment"}),
    )


def tilsyn(on: str = "2021-01-04", kind: str = "ordinary", key: str = "TilsynHeld") -> Told:
    return told("TilsynHeld", on, kind=kind, key=key)


def started(on: str) -> Told:
    return told("HjemmetraeningStarted", on, started_on=on)


def meeting(kind: str, on: str = "2021-01-04", **refs: str) -> Told:
    return told("MeetingHeld", on, refs, kind=kind)


def visitation(on: str, resultat: str = "godkendt", key: str = "VisitationHeld", **refs: str) -> Told:
    return told("VisitationHeld", on, refs, resultat=resultat, key=key)


def budget(on: str, scope: str = "annual", year: int = 2026, posts: tuple[str, ...] = ("x-1",)) -> Told:
    line = {"category": "traeningsredskaber", "name": "Måtte", "quantity": "1", "unit": "stk.", "amount_oere": 100}
    return told(
        "BudgetApplicationReceived", on, scope=scope, year=year, posts=[line | {"post": post} for post in posts]
    )


def approved(on: str, post: str = "x-1", year: int = 2025, category: str = "kurser", **refs: str) -> Told:
    return told("BudgetPostApproved", on, refs, post=post, year=year, category=category, key=f"approved {post}")


def notified(rule: str, on: str, promised: str, trigger: str, key: str = "notice") -> Told:
    return told(
        "DeadlineExtensionNotified", on, {"trigger": trigger}, key=key, rule=rule, new_expected_on=promised
    )  # fmt: skip


def ended(on: str, effective: str = "") -> Told:
    return told("HjemmetraeningTerminated", on, effective_on=effective or on)


def tracked_from(day: str) -> tuple[Told, ...]:
    (opened, *parties) = OPENING
    return replace(opened, data=opened.data | {"tracked_from": day}), *parties
