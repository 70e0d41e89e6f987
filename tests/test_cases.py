"""The two sample cases against their expected results, on both engines."""

import json
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from commands.import_cases import import_file
from ledger.facts.case import fold
from projections import cases, decisions
from replay.as_of import Point, see

SAMPLES = {"AAR-2021-00417": "aarhus-approved", "ESB-2020-00158": "esbjerg-settlement"}
HERE = Path(__file__).parent


@pytest.fixture(params=list(SAMPLES))
def sample(request, books):
    """A case in the ledger, with what is expected of it."""
    name = SAMPLES[request.param]
    with as_file(files("api").joinpath("samples", f"{name}.json")) as path:
        (outcome,) = import_file(books, path, "tester")
    assert outcome.error is None
    book, case_id = books.find(request.param)
    return book, case_id, json.loads((HERE / f"data/{name}.expected.json").read_text("utf-8"))


def as_expected(value, expected):
    """The value cut down to the keys that the expected file names."""
    plain = json.loads(json.dumps(value, default=str))
    return {key: plain[key] for key in expected}


def test_every_decision_is_told_with_who_what_when_and_on_which_basis(sample):
    book, case_id, expected = sample
    seen = see(book, case_id, Point(as_of=date.fromisoformat(expected["as_of"])))
    rows = list(decisions.tell(seen))
    assert len(rows) == len(expected["decisions"])
    for row, wanted in zip(rows, expected["decisions"], strict=True):
        assert as_expected({name: getattr(row, name) for name in wanted}, wanted) == wanted


def test_every_decision_carries_its_klagevejledning_and_reasons(sample):
    book, case_id, _ = sample
    for row in decisions.tell(see(book, case_id, Point())):
        assert row.klagevejledning.instans == "ankestyrelsen"
        assert row.klagevejledning.frist_uger == 4
        assert row.begrundelse
        assert row.recorded_by_is_claimed


def test_the_probes_of_state_and_tilsyn_hold_on_their_days(sample):
    book, case_id, expected = sample
    for probe in expected["probes"]:
        page = cases.tell(see(book, case_id, Point(as_of=date.fromisoformat(probe["as_of"]))))
        match probe["query"]["kind"]:
            case "state":
                assert page.state == probe["expected"], probe
            case "tilsyn_count":
                assert page.metrics["tilsyn_held"] == probe["expected"], probe


def test_the_metrics_that_need_no_deadlines_are_the_expected_ones(sample):
    book, case_id, expected = sample
    page = cases.tell(see(book, case_id, Point(as_of=date.fromisoformat(expected["as_of"]))))
    wanted = {name: value for name, value in expected["metrics"].items() if not name.startswith("overruns")}
    assert page.metrics == wanted


def test_every_day_of_a_case_can_be_asked_about(sample):
    book, case_id, _ = sample
    entries = book.entries(case_id)
    states = set()
    for day in sorted({entry.occurred_on for entry in entries}):
        case = fold(see(book, case_id, Point(as_of=day)))
        states.add(case.state)
        assert case.lifecycle.opened is not None
    assert "i_gang" in states
