"""Whatever field is corrected, in whatever type, and whatever becomes of it later: the case can be read."""

import json
from datetime import date
from uuid import uuid4

import pytest

from commands.check import check
from commands.so_far import CaseSoFar
from ledger.errors import Invalid
from ledger.facts.acts import BY_TWO
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.example import example
from ledger.facts.fact import catalogue
from ledger.facts.lifecycle import NEEDS_TWO, EntryAnnulled, EntryCorrected
from ledger.store.books import Books
from ledger.store.head import Head
from ledger.store.ledger import case_id_of
from projections import cases, decisions, history
from replay.as_of import Point, see

KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
LEADER = {"user_id": "u-l-01", "name": "Poul Prøve", "role": "leder"}
DAY = date(2022, 6, 9)
CASE_TYPES = [
    cls for cls in catalogue().values() if "case" in cls.declared.streams and cls not in (*NEEDS_TWO, *BY_TWO)
]


def fact(cls, **changes):
    return cls.model_validate_json(json.dumps(example(cls) | changes), strict=True)


def of(name, **changes):
    return fact(catalogue()[name], **changes)


class Case:
    """A case in a real ledger, written without asking the commands."""

    def __init__(self, book):
        self.book = book
        self.case_id = case_id_of(book.municipality, str(uuid4()))
        self.add(of("CaseOpened"))
        self.add(of("PartyRegistered", party="p-barn", kind="child"))
        self.add(of("PartyRegistered"))

    def add(self, *facts, refs=None):
        head = Head.of(self.case_id, self.book.entries(self.case_id))
        return self.book.append(head, [Draft(one, DAY, KAREN, "api", refs or {}) for one in facts])[-1].version

    def correct(self, target, field, old, new):
        correction = EntryCorrected(field=field, old=old, new=new, reason="tastefejl", approved_by=LEADER)
        return self.add(correction, refs={"target": target})

    def annul(self, target):
        return self.add(EntryAnnulled(reason="forkert", approved_by=LEADER), refs={"target": target})

    def read(self):
        """Everything that reads a case; nothing of it may raise."""
        seen = see(self.book, self.case_id, Point())
        assert cases.tell(seen, self.book.law())
        assert list(history.tell(seen))
        list(decisions.tell(seen))
        return {entry.version: entry for entry in seen.told}

    def refuses(self, target, field, old, new):
        correction = EntryCorrected(field=field, old=old, new=new, reason="tastefejl", approved_by=LEADER)
        so_far = CaseSoFar.of(*self.book.under_the_law(self.case_id)[:2])
        with pytest.raises(Invalid) as refused:
            check(correction, DAY, self.book.today(), {"target": target}, so_far)
        return str(refused.value)


@pytest.fixture
def book(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        yield books.book("aarhus")


@pytest.mark.parametrize("cls", CASE_TYPES, ids=[cls.declared.type for cls in CASE_TYPES])
def test_every_field_of_every_type_can_be_corrected_and_read_back(book, cls):
    case = Case(book)
    refs = {ref.name: (2,) if ref.many else 2 for ref in cls.declared.refs.values()}
    version = case.add(fact(cls), refs=refs)
    data = example(cls)
    for name, value in data.items():
        case.correct(version, name, value, value)
    assert case.read()[version].fact.as_data() == data


def test_a_correction_that_no_longer_fits_has_no_effect(book):
    case = Case(book)
    goals = case.add(of("GoalsSet"))
    given = example(catalogue()["GoalsSet"])["goals"]
    longer = case.correct(goals, "goals", given, [*given, given[0]])
    case.correct(goals, "goals.1.text", given[0]["text"], "gå uden støtte")
    case.annul(longer)
    assert case.read()[goals].fact.as_data()["goals"] == given


def test_a_correction_inside_what_was_erased_later_has_no_effect(book):
    case = Case(book)
    goals = case.add(of("GoalsSet"))
    case.correct(goals, "goals.0.text", "x", "gå uden støtte")
    book.vault.destroy(book.entry(case.case_id, goals).subjects["p-barn"])
    assert str(case.read()[goals].fact.goals) == "slettet"


def test_an_index_is_written_in_one_way_only(book):
    case = Case(book)
    application = case.add(of("BudgetApplicationReceived"))
    for index in ("0_0", "00", "7"):
        assert "findes ikke" in case.refuses(application, f"posts.{index}.name", None, "HEMMELIG")


def test_what_other_values_are_sealed_by_is_not_corrected(book):
    case = Case(book)
    taf = case.add(of("TabtArbejdsfortjenesteDecided"))
    assert "kan ikke rettes" in case.refuses(taf, "parent", "p-mor", "p-barn")
    assert "kan ikke rettes" in case.refuses(3, "party", "p-mor", "p-barn")


@pytest.mark.parametrize("day", ["1610928000", "2022-02-30", None, "2022-06-09T00:00:00"])
def test_a_day_is_corrected_to_a_day(book, day):
    case = Case(book)
    assert "data.new" in case.refuses(case.add(of("NoteRecorded")), "occurred_on", DAY.isoformat(), day)


def test_an_entry_is_not_corrected_into_the_future(book):
    case = Case(book)
    note = case.add(of("NoteRecorded"))
    correction = EntryCorrected(
        field="occurred_on", old="2022-06-09", new="2199-01-01", reason="x", approved_by=LEADER
    )  # fmt: skip
    so_far = CaseSoFar.of(*book.under_the_law(case.case_id)[:2])
    guards = check(correction, DAY, book.today(), {"target": note}, so_far)
    assert [guard.id for guard in guards] == ["G33"]


def test_a_decision_issued_with_an_undersoegelse_is_told_though_its_keys_are_missing(book):
    case = Case(book)
    version = case.add(of("BoernefagligUndersoegelseOpened", decided_by=None, sent_on=None, hjemmel=None))
    (row,) = decisions.tell(see(book, case.case_id, Point()))
    assert (row.version, row.decided_by, row.sent_on) == (version, None, DAY)
    assert case.read()
