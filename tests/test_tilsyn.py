"""The tilsyn of a case: planned, moved, held, reported on and heard over.

The small cases of the tests of klager and documents are written by the class here.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from ledger.facts.entry import Actor, Entry
from ledger.facts.example import example
from ledger.facts.fact import catalogue
from ledger.facts.history import history
from ledger.facts.lifecycle import EntryAnnulled
from ledger.facts.values import ERASED
from projections.tilsyn import tell
from tests.test_cases import SAMPLES, sample
from tests.test_corrections import LEADER, of

__all__ = ["SAMPLES", "sample"]
KAREN = Actor("u-fc-01", "Karen Lindholt", "familiecentret", "fc_raadgiver")
LATE = date(2030, 1, 1)


class Written:
    """A case as it is written, an entry at a time; facts are the catalogue's examples with what matters changed."""

    def __init__(self):
        self.entries = []
        self.add("CaseOpened", "2022-01-01", case_number="AAR-1", opened_on="2022-01-01", child="p-barn")

    def add(self, name, on, refs=None, **data):
        """The version of the new entry. A field given as None is left out."""
        given = {field: None for field in example(catalogue()[name]) if field in data and data[field] is None}
        fact = of(name, **{**data, **given})
        version = len(self.entries) + 1
        at = datetime(2022, 1, 1, 12, tzinfo=UTC) + timedelta(days=version)
        self.entries.append(
            Entry(UUID(int=1), version, fact, date.fromisoformat(on), at, KAREN, "aarhus", "api", refs or {}, b"", b"")
        )
        return version

    def annul(self, target):
        fact = EntryAnnulled(reason="forkert", approved_by=LEADER)
        version = self.add("NoteRecorded", "2022-02-01", {"target": target})
        self.entries[-1] = self.entries[-1]._replace(fact=fact)
        return version

    def seen(self, as_of=LATE):
        return history(self.entries, as_of=as_of)


def planned(case, tilsyn, on, **data):
    return case.add("TilsynPlanned", "2022-01-10", tilsyn=tilsyn, planned_on=on, kind="ordinary", **data)


def moved(case, tilsyn, plan, on):
    return case.add("TilsynRescheduled", "2022-01-20", {"planned": plan}, tilsyn=tilsyn, new_planned_on=on)


def held(case, on, plan=None, **data):
    refs = {"planned": plan} if plan else {}
    return case.add("TilsynHeld", on, refs, **{"kind": "ordinary", "child_absent_reason": None, **data})


def rows(case, as_of=LATE):
    return list(tell(case.seen(as_of)))


def test_a_tilsyn_is_one_row_from_its_plan_to_the_hearing_over_its_report():
    case = Written()
    plan = planned(case, "t1", "2022-03-01")
    change = moved(case, "t1", plan, "2022-03-08")
    visit = held(case, "2022-03-08", plan, kind="extra", units=["familiecentret", "paedagogisk_afdeling"])
    report = case.add("TilsynsrapportPrepared", "2022-03-15", {"tilsyn": visit})
    hearing = case.add("PartshoeringSent", "2022-03-16", {"tilsyn": visit}, subject="tilsynsrapport")
    (row,) = rows(case)
    assert (row.tilsyn, row.kind, row.planned, row.planned_on) == ("t1", "extra", plan, date(2022, 3, 8))
    assert (row.held, row.held_on, row.child_present) == (visit, date(2022, 3, 8), True)
    assert row.units == ("familiecentret", "paedagogisk_afdeling")
    assert (row.report, row.hearing) == (report, hearing)
    assert row.entries == (plan, change, visit, report, hearing)


def test_a_tilsyn_is_told_as_far_as_it_had_come_on_the_day():
    case = Written()
    held(case, "2022-03-08", planned(case, "t1", "2022-03-01"))
    (before,), (after,) = rows(case, date(2022, 3, 7)), rows(case, date(2022, 3, 8))
    assert (before.held, before.child_present, before.planned_on) == (None, None, date(2022, 3, 1))
    assert after.held_on == date(2022, 3, 8)


def test_what_was_called_off_has_no_day_and_comes_last():
    case = Written()
    off = planned(case, "t1", "2022-03-01")
    planned(case, "t2", "2022-09-01")
    moved(case, "t1", off, None)
    assert [(row.tilsyn, row.planned_on) for row in rows(case)] == [("t2", date(2022, 9, 1)), ("t1", None)]


def test_a_tilsyn_without_a_plan_is_a_row_of_its_own():
    case = Written()
    planned(case, "t1", "2022-03-01")
    held(case, "2022-02-20")
    assert [(row.tilsyn, row.planned_on, row.held_on) for row in rows(case)] == [
        (None, None, date(2022, 2, 20)),
        ("t1", date(2022, 3, 1), None),
    ]


def test_two_visits_on_one_plan_are_two_tilsyn():
    case = Written()
    plan = planned(case, "t1", "2022-03-01")
    first, second = held(case, "2022-03-01", plan), held(case, "2022-03-02", plan)
    assert [(row.tilsyn, row.held) for row in rows(case)] == [("t1", first), (None, second)]


def test_a_visit_that_was_annulled_leaves_the_plan():
    case = Written()
    plan = planned(case, "t1", "2022-03-01")
    visit = held(case, "2022-03-01", plan)
    case.add("TilsynsrapportPrepared", "2022-03-15", {"tilsyn": visit})
    case.annul(visit)
    (row,) = rows(case)
    assert (row.planned, row.held, row.report) == (plan, None, None)


def test_whether_the_childs_absence_is_explained_outlives_the_reason():
    case = Written()
    held(case, "2022-03-01", child_present=False, child_absent_reason="Barnet var sygt")
    held(case, "2022-04-01", child_present=False)
    given, missing = rows(case)
    assert (given.child_absent_reason, given.child_absence_explained) == ("Barnet var sygt", True)
    assert missing.child_absence_explained is False
    fact = case.entries[1].fact
    case.entries[1] = case.entries[1]._replace(fact=fact.model_copy(update={"child_absent_reason": ERASED}))
    assert [row.child_absence_explained for row in rows(case)] == [True, False]


def test_every_tilsyn_of_the_samples_was_planned_held_reported_on_and_heard_over(sample):
    book, case_id, _ = sample
    told = list(tell(book.load(case_id)))
    assert len(told) == (2 if book.municipality == "aarhus" else 4)
    assert all(row.planned and row.held and row.report and row.hearing for row in told)
