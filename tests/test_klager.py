"""The complaints of a case: from receipt over genvurdering and Ankestyrelsen to where they ended."""

from datetime import date

import pytest

from projections.klager import tell
from tests.test_tilsyn import Written


@pytest.fixture
def case():
    return Written()


def decided(case, on="2022-03-01"):
    return case.add("HjemmetraeningRefused", on, sent_on=on)


def complained(case, over=None, on="2022-03-10", **data):
    return case.add("KlageReceived", on, {"decision": over} if over else {}, **{"kind": "decision", **data})


def rows(case, as_of=date(2030, 1, 1)):
    return list(tell(case.seen(as_of)))


def test_a_complaint_is_one_row_from_its_receipt_to_the_case_being_taken_up_again(case):
    decision = decided(case)
    klage = complained(case, decision)
    look = case.add("GenvurderingCompleted", "2022-04-01", {"klage": klage}, resultat_genvurdering="fastholdt")
    sent = case.add("KlageForwarded", "2022-04-02", {"klage": klage})
    outcome = case.add(
        "AnkestyrelsenDecided", "2022-09-03", {"klager": (klage,)},
        udfald="hjemvist", decided_on="2022-09-01", received_on="2022-09-03",
    )  # fmt: skip
    again = case.add("HjemvisningReopened", "2022-09-10", {"ankestyrelsen": outcome})
    (row,) = rows(case)
    assert (row.version, row.decision, row.decision_type) == (klage, decision, "HjemmetraeningRefused")
    assert row.received_on == date(2022, 3, 10)
    assert (row.genvurdering, row.genvurdering_on) == (look, date(2022, 4, 1))
    assert row.genvurdering_resultat == "fastholdt"
    assert (row.forwarded, row.forwarded_on) == (sent, date(2022, 4, 2))
    assert (row.ankestyrelsen, row.udfald, row.hjemvist) == (outcome, "hjemvist", True)
    assert (row.ankestyrelsen_decided_on, row.ankestyrelsen_received_on) == (date(2022, 9, 1), date(2022, 9, 3))
    assert (row.reopened, row.reopened_on) == (again, date(2022, 9, 10))
    assert row.withdrawn is None
    assert row.entries == (klage, look, sent, outcome, again)


def test_a_complaint_is_told_as_far_as_it_had_come_on_the_day(case):
    klage = complained(case, decided(case))
    case.add("KlageForwarded", "2022-04-02", {"klage": klage})
    (before,), (after,) = rows(case, date(2022, 4, 1)), rows(case, date(2022, 4, 2))
    assert (before.forwarded_on, after.forwarded_on) == (None, date(2022, 4, 2))
    assert rows(case, date(2022, 3, 9)) == []


@pytest.mark.parametrize(("udfald", "hjemvist"), [("hjemvist", True), ("ophaevet", False), ("stadfaestet", False)])
def test_only_what_was_sent_back_is_hjemvist(case, udfald, hjemvist):
    klage = complained(case, decided(case))
    case.add("AnkestyrelsenDecided", "2022-09-03", {"klager": (klage,)}, udfald=udfald)
    assert rows(case)[0].hjemvist is hjemvist


def test_one_decision_of_ankestyrelsen_may_answer_several_complaints(case):
    decision = decided(case)
    both = (complained(case, decision), complained(case, decision, on="2022-03-11"))
    other = complained(case, kind="processing_time", on="2022-03-12")
    outcome = case.add("AnkestyrelsenDecided", "2022-09-03", {"klager": both})
    assert [(row.version, row.ankestyrelsen) for row in rows(case)] == [
        (both[0], outcome),
        (both[1], outcome),
        (other, None),
    ]
    assert (rows(case)[2].decision, rows(case)[2].decision_type) == (None, None)


def test_a_complaint_that_was_withdrawn_says_so_until_the_withdrawal_is_annulled(case):
    klage = complained(case, decided(case))
    withdrawn = case.add("KlageWithdrawn", "2022-03-20", {"klage": klage})
    assert (rows(case)[0].withdrawn, rows(case)[0].withdrawn_on) == (withdrawn, date(2022, 3, 20))
    case.annul(withdrawn)
    assert rows(case)[0].withdrawn is None


def test_the_newest_genvurdering_counts(case):
    klage = complained(case, decided(case))
    for on, result in (("2022-04-05", "medhold"), ("2022-04-01", "fastholdt")):
        case.add("GenvurderingCompleted", on, {"klage": klage}, resultat_genvurdering=result)
    assert rows(case)[0].genvurdering_resultat == "medhold"


def test_a_complaint_over_a_decision_that_was_annulled_still_points_to_it(case):
    decision = decided(case)
    complained(case, decision)
    case.annul(decision)
    assert (rows(case)[0].decision, rows(case)[0].decision_type) == (decision, None)
