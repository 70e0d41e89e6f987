"""The two sample cases against their expected results, on both engines."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from api.tables import as_json
from ledger.errors import NotFound
from ledger.facts.history import history
from ledger.store.books import Books
from projections import balances, cases, deadlines, decisions, repayments
from projections.deadlines import as_contract
from projections.follower import Follower
from replay.as_of import Point, Sight, see, sight
from replay.rebuild import rebuild
from replay.tellings import tell_all
from tests.conftest import MASTER_KEY, ToldClock
from tests.samples import FILES as SAMPLES
from tests.samples import import_sample

HERE = Path(__file__).parent


@pytest.fixture(params=list(SAMPLES))
def sample(request, books):
    """A case in the ledger, with what is expected of it."""
    import_sample(books, request.param)
    book, case_id = books.find(request.param)
    return book, case_id, json.loads((HERE / f"data/{SAMPLES[request.param]}.expected.json").read_text("utf-8"))


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


def asked(sample, probe):
    """The answer to a probe's query, on the day and with the knowledge it asks for."""
    book, case_id, _ = sample
    known = probe.get("known_at")
    point = Point(date.fromisoformat(probe["as_of"]), date.fromisoformat(known) if known else None)
    seen = sight(book, case_id, point)
    query = probe["query"]
    match query["kind"]:
        case "state":
            return cases.tell_row(seen.history).state
        case "tilsyn_count":
            return cases.tell(seen.history, seen.law).metrics["tilsyn_held"]
        case "deadline":
            rows = deadlines.tell(seen.history, seen.law)
            trigger_on = date.fromisoformat(query["trigger_on"])
            (row,) = [row for row in rows if (row.rule, row.trigger_on) == (query["rule"], trigger_on)]
            return vars(row)
        case "balance":
            year = balances.tell(seen.history, seen.law.cap_oere).balances[str(query["year"])]
            return vars(year.posts[query["post"]] if query["post"] else year.total)
        case "repayment":
            return vars(balances.tell(seen.history, seen.law.cap_oere).repayment[str(query["year"])])


def test_every_probe_is_answered_as_expected(sample):
    _, _, expected = sample
    for probe in expected["probes"]:
        found = asked(sample, probe)
        wanted = probe["expected"]
        assert (as_expected(found, wanted) if isinstance(wanted, dict) else found) == wanted, probe


def test_every_deadline_is_the_expected_one(sample):
    book, case_id, expected = sample
    seen = sight(book, case_id, Point(date.fromisoformat(expected["as_of"])))
    rows = [as_contract(row) for row in deadlines.tell(seen.history, seen.law)]
    assert [as_expected(row, wanted) for row, wanted in zip(rows, expected["deadlines"], strict=True)] == (
        expected["deadlines"]
    )
    assert all(row["title"] and row["obliged"] and row["class"] and row["entries"] for row in rows)


def test_every_balance_and_repayment_is_the_expected_one(sample):
    book, case_id, expected = sample
    seen = sight(book, case_id, Point(date.fromisoformat(expected["as_of"])))
    told = orjson.loads(as_json(balances.tell(seen.history, seen.law.cap_oere)))
    assert told["balances"].keys() == expected["balances"].keys()
    for year, wanted in expected["balances"].items():
        found = told["balances"][year]
        assert found["posts"].keys() == wanted["posts"].keys()
        for post, figures in wanted["posts"].items():
            assert as_expected(found["posts"][post], figures) == figures, (year, post)
        assert as_expected(found["total"], wanted["total"]) == wanted["total"], year
    assert told["repayment"].keys() == expected["repayment"].keys()
    for year, wanted in expected["repayment"].items():
        assert as_expected(told["repayment"][year], wanted) == wanted


@pytest.mark.parametrize("number", SAMPLES)
def test_the_tables_hold_the_same_live_and_rebuilt(number, database_url):
    """On the day the expected results are of."""
    expected = json.loads((HERE / f"data/{SAMPLES[number]}.expected.json").read_text("utf-8"))
    day = date.fromisoformat(expected["as_of"])
    evening = ToldClock(datetime.combine(day, time(21), UTC))
    with Books(database_url, evening, MASTER_KEY) as books:
        import_sample(books, number)
        book, _ = books.find(number)
        check_tables(book, expected)
        found = rebuild(book)
        assert found.swapped
        assert found.complete
        check_tables(book, expected)


def check_tables(book, expected):
    with Follower(book).caught_up() as connection:
        rows = [as_contract(row) for _, found in deadlines.listed(connection, book) for row in found]
        lines = [dict(row._mapping) for row in connection.execute(select(balances.TABLE))]
        claims = [dict(row._mapping) for row in connection.execute(select(repayments.TABLE))]
        decided = [row.version for row in connection.execute(select(decisions.TABLE).order_by("line"))]
    wanted = expected["deadlines"]
    assert [as_expected(row, want) for row, want in zip(rows, wanted, strict=True)] == wanted
    for year, want in expected["balances"].items():
        found = {line["post"]: line for line in lines if line["year"] == int(year)}
        assert {post: as_expected(found[post], figures) for post, figures in want["posts"].items()} == want["posts"]
        assert as_expected(found[None], want["total"]) == want["total"]
    for year, want in expected["repayment"].items():
        (claim,) = [claim for claim in claims if claim["year"] == int(year)]
        assert as_expected(claim, want) == want
    assert len(decided) == len(expected["decisions"])


def test_every_metric_is_the_expected_one(sample):
    book, case_id, expected = sample
    seen = sight(book, case_id, Point(date.fromisoformat(expected["as_of"])))
    assert cases.tell(seen.history, seen.law).metrics == expected["metrics"]


@pytest.mark.parametrize("number", SAMPLES)
def test_every_day_from_the_first_event_to_the_last_can_be_asked_about(number, tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock) as books:
        import_sample(books, number)
        book, case_id = books.find(number)
        entries, law = book.entries(case_id), book.law()
        first, last = (edge(entry.occurred_on for entry in entries) for edge in (min, max))
        states = set()
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            told = tell_all(Sight(book, history(entries, as_of=day), law))
            (page,) = told["case"]
            states.add(page.state)
            assert len(told["deadlines"]) >= page.metrics["overruns"]
        assert "i_gang" in states


def test_the_day_before_a_case_existed_says_so(sample):
    book, case_id, _ = sample
    opened_on = book.entry(case_id, 1).occurred_on
    with pytest.raises(NotFound, match="fandtes ikke endnu"):
        sight(book, case_id, Point(opened_on - timedelta(days=1)))
