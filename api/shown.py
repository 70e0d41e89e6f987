"""What is shown of a case: one function for each read model, the same for programs and for people.

What must not be told wrong is told of the whole case, and what the reader may not see is left out of it then. What only
repeats what was recorded is told of the history as the reader may see it. So nobody gets a wrong answer because
something is hidden from them: where it cannot be left out, they get none (docs/decisions/0010-seeing.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from api.looking import View
from api.looks import unusual
from commands.settlement import Settlement, settle
from ledger.errors import Forbidden
from ledger.facts.decision import HjemmetraeningEndedAtAge18
from ledger.facts.lifecycle import PartyRegistered
from ledger.facts.sentence import Names, sentence
from ledger.facts.values import HIDDEN, DataKind, OnlyYear
from ledger.law.law import Law
from ledger.law.rights import Rights
from ledger.law.rule import Rule
from projections import balances as money
from projections import cases
from projections import deadlines as all_deadlines
from projections import decisions as register
from projections import documents as filed
from projections import findings as all_findings
from projections import history as timeline
from projections import klager as complaints
from projections import proposals as open_proposals
from projections import tilsyn as visits
from projections.parties import PartyRow, Registered, names_in
from projections.parties import tell as tell_parties
from replay.answers import Answer, questions
from replay.answers import answer as answer_question
from replay.diff import Diff
from replay.diff import diff as compare
from replay.explain import Explanation, Step
from replay.explain import explain as explain_deadline

Row = TypeVar("Row")
_AT_18: Final = "ophoert_18"
_DAYS: Final = ("trigger_on", "due_on", "met_on", "extended_to")
_SEES_NOT_ALL: Final = "Rollen må ikke se alt det, svaret bygger på."


def case(seen: View) -> cases.CasePage:
    """The case on one page."""
    page: cases.CasePage = line(seen.eyes, cases.tell(seen.whole.history, seen.law))
    return replace(
        page,
        parties=tuple(_parties(seen, page.parties)),
        metrics=page.metrics if seen.eyes.sees_course else _hidden(),
        entries=tuple(_visible(seen, page.entries)),
    )


def line(rights: Rights, row: cases.CaseRow) -> Any:
    """A case in one line: the state it is in since the 18th birthday tells the birthday."""
    if row.state == _AT_18 and row.state_since and not rights.sees_birthdays:
        return replace(row, state_since=_only_year(row.state_since))
    return row


def _parties(seen: View, whole: Iterable[PartyRow]) -> Iterator[PartyRow]:
    born = {row.party: row.birth_date for row in whole}
    for row in tell_parties(_registered(seen)):
        day = born[row.party]
        if row.birth_date is HIDDEN and isinstance(day, date) and seen.eyes.knows(row.party):
            yield replace(row, birth_date=_only_year(day))
        else:
            yield row


def history(seen: View) -> list[timeline.HistoryRow]:
    """The timeline, with the numbers that the entries have in the book's log."""
    seen.book.number()
    rows = timeline.tell(seen.history, _names(seen), seen.book.seqs(seen.case_id))
    return [_dated(seen, row) for row in rows if seen.eyes.sees(row.version)]


def _dated(seen: View, row: timeline.HistoryRow) -> timeline.HistoryRow:
    """A row that happened on the 18th birthday tells the year alone to those who may not know the birthday."""
    if row.type != HjemmetraeningEndedAtAge18.declared.type or seen.eyes.sees_whole(row.version):
        return row
    return replace(_without(row, ["recorded_at", "source_recorded_at"]), occurred_on=_only_year(row.occurred_on))


def decisions(seen: View) -> list[register.DecisionRow]:
    """The decision register."""
    return list(register.tell(seen.history, _names(seen)))


def deadlines(seen: View) -> list[all_deadlines.DeadlineRow]:
    """The deadlines, and where each stands."""
    return list(deadlines_of(seen.eyes, seen.law, all_deadlines.tell(seen.whole.history, seen.law)))


def deadlines_of(
    rights: Rights, law: Law, rows: Iterable[all_deadlines.DeadlineRow]
) -> Iterator[all_deadlines.DeadlineRow]:
    """Those of some deadlines that a reader may see; a birthday is told by its year."""
    for row in rows:
        rule = law.rule(row.rule, row.trigger_on)
        if rights.sees_deadline(rule):
            tells = rule.birthday is not None and not rights.sees_birthdays
            yield _by_year(row) if tells else row


def _by_year(row: all_deadlines.DeadlineRow) -> all_deadlines.DeadlineRow:
    days: dict[str, Any] = {name: _only_year(day) for name in _DAYS if (day := getattr(row, name))}
    return replace(_without(row, ["days_late"]), **days)


def findings(seen: View) -> list[all_findings.FindingRow]:
    """What should be looked at in the case, and looks at it by people without part in it."""
    found = all_findings.tell(seen.whole.history, seen.law)
    looks = unusual(seen.whole) if seen.eyes.all_of(DataKind.LOG) else []
    return [*(row for row in found if _sees_whole(seen, row.entries)), *looks]


def tilsyn(seen: View) -> list[visits.TilsynRow]:
    """The visits to the home."""
    rows = visits.tell(seen.whole.history)
    return [_visit(seen, row) for row in rows if all(map(seen.eyes.sees, _versions(row.planned, row.held)))]


def _visit(seen: View, row: visits.TilsynRow) -> visits.TilsynRow:
    hidden = list(seen.eyes.hidden(row.held) or ()) if row.held else []
    hidden += [name for name in ("report", "hearing") if not all(map(seen.eyes.sees, _versions(getattr(row, name))))]
    return replace(_without(row, hidden), entries=tuple(_visible(seen, row.entries)))


def klager(seen: View) -> list[complaints.KlageRow]:
    """The complaints, step by step."""
    return [row for row in complaints.tell(seen.whole.history) if _sees(seen, row.entries)]


def documents(seen: View) -> list[filed.DocumentRow]:
    """The documents that were filed."""
    rows = (row for row in filed.tell(seen.whole.history) if seen.eyes.sees(row.version))
    return [
        replace(_without(row, seen.eyes.hidden(row.version) or ()), entries=tuple(_visible(seen, row.entries)))
        for row in rows
    ]


def proposals(seen: View) -> list[open_proposals.ProposalRow]:
    """What was proposed, and nobody has answered yet."""
    return list(open_proposals.tell(seen.history, seen.law))


def balances(seen: View, year: int | None = None) -> money.Balances:
    """The money, of every budget year or of one."""
    told = money.tell(seen.whole.history, seen.law.cap_oere)
    return told if year is None else told.of_year(year)


def settlement(seen: View, year: int) -> Settlement:
    """What a budget year comes to."""
    return settle(seen.whole.history, year)


def explain(seen: View, rule: str, trigger: date | None) -> list[Explanation]:
    """The deadlines of a rule, day by day."""
    for one in seen.law.rulebook.rules(seen.law.municipality.slug):
        if one.slug == rule and not _may_be_explained(seen, one):
            raise Forbidden(_SEES_NOT_ALL)
    return [_explained(seen, one) for one in explain_deadline(seen.whole.history, seen.law, rule, trigger)]


def _may_be_explained(seen: View, rule: Rule) -> bool:
    """Asked before anything is said of the deadline: day by day, a deadline from a birthday tells it."""
    return seen.eyes.sees_deadline(rule) and (rule.birthday is None or seen.eyes.sees_birthdays)


def _explained(seen: View, one: Explanation) -> Explanation:
    """An explanation in the sentences that the reader may see; Forbidden when it rests on what they may not."""
    steps = (one.because, *one.extensions, *one.notices, *one.met_by, *([one.stopped_by] if one.stopped_by else []))
    if not _sees(seen, [step.version for step in steps]):
        raise Forbidden(_SEES_NOT_ALL)
    names, told = _names(seen), {entry.version: entry.fact for entry in seen.history.told}

    def again(step: Step) -> Step:
        return replace(step, sentence=sentence(told[step.version], names))

    return replace(
        one,
        because=again(one.because),
        extensions=tuple(map(again, one.extensions)),
        notices=tuple(map(again, one.notices)),
        met_by=tuple(map(again, one.met_by)),
        stopped_by=again(one.stopped_by) if one.stopped_by else None,
    )


def answer(seen: View, name: str, given: Mapping[str, str]) -> Answer:
    """One of the forty questions, answered for those who may see all that the answer rests on."""
    if name.upper() in questions():
        seen.eyes.require_answer(name.upper())
    found = answer_question(seen.whole, name, given)
    if not _sees_whole(seen, [entry.version for entry in found.entries]):
        raise Forbidden(_SEES_NOT_ALL)
    return found


def asked() -> list[dict[str, Any]]:
    """The forty questions, and what each wants to be told."""
    return [{"id": one.id, "question": one.asks, "takes": list(one.takes)} for one in questions().values()]


def diff(before: View, after: View) -> Diff:
    """What is other at the second point than at the first, and which entries did it."""
    found = compare(before.whole, after.whole, _names(after))
    return replace(
        found,
        changes=tuple(one for one in found.changes if _sees_whole(after, one.entries)),
        entries=tuple(one for one in found.entries if after.eyes.sees_whole(one.version)),
    )


def _names(seen: View) -> Names:
    return names_in(_registered(seen))


def _registered(seen: View) -> Registered:
    return {entry.fact.party: entry for entry in seen.eyes.shown(seen.whole.history.of(PartyRegistered))}


def _visible(seen: View, versions: Iterable[int]) -> Iterator[int]:
    return (version for version in versions if seen.eyes.sees(version))


def _versions(*versions: int | None) -> list[int]:
    return [version for version in versions if version]


def _sees(seen: View, versions: Iterable[int]) -> bool:
    return all(seen.eyes.sees(version) for version in versions)


def _sees_whole(seen: View, versions: Iterable[int]) -> bool:
    return all(seen.eyes.sees_whole(version) for version in versions)


def _without(row: Row, names: Iterable[str]) -> Row:
    """A row with some members hidden: those of the names that it has."""
    hidden: dict[str, Any] = {name: HIDDEN for name in names if hasattr(row, name)}
    return replace(row, **hidden) if hidden else row  # type: ignore[type-var]  # every row is a dataclass


def _hidden() -> Any:
    """In the place of a member of any type: absent in JSON."""
    return HIDDEN


def _only_year(day: date) -> Any:
    """In the place of a day."""
    return OnlyYear.of(day)
