"""The balances of a case: the sample's figures to the øre on each of their days, and the shape of the rows."""

import json
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from commands.import_cases import import_file
from ledger.facts.history import history
from ledger.facts.lifecycle import EntryCorrected
from ledger.facts.values import ERASED
from projections.balances import tell
from tests.money import adjusted, approved, entry, expense, granted, paid, received, recorded, repaid, told

EXPECTED = json.loads((Path(__file__).parent / "data/esbjerg-settlement.expected.json").read_text("utf-8"))
PROBES = [probe for probe in EXPECTED["probes"] if probe["query"]["kind"] in ("balance", "repayment")]
CAPS = {2022: 66_668_900, 2023: 68_469_000}


def sample(books, name, number):
    """A sample case in the ledger; its balances as of a day."""
    with as_file(files("api").joinpath("samples", f"{name}.json")) as path:
        (outcome,) = import_file(books, path, "tester")
    assert outcome.error is None
    book, case_id = books.find(number)

    def as_of(day):
        return plain(tell(book.load(case_id, as_of=date.fromisoformat(day)), CAPS.get))

    return as_of


@pytest.fixture
def esbjerg(books):
    return sample(books, "esbjerg-settlement", "ESB-2020-00158")


def plain(rows):
    """Rows as JSON gives them."""
    return json.loads(json.dumps(rows, default=lambda one: str(one) if one is ERASED else vars(one)))


def cut(value, to):
    """A value cut down to the keys that are expected of it."""
    return {name: cut(value[name], one) for name, one in to.items()} if isinstance(to, dict) else value


def test_the_sample_balances_are_the_expected_ones_to_the_oere(esbjerg):
    rows = esbjerg(EXPECTED["as_of"])
    assert rows["balances"].keys() == EXPECTED["balances"].keys()
    for year, expected in EXPECTED["balances"].items():
        assert rows["balances"][year]["posts"].keys() == expected["posts"].keys()
    assert cut(rows["balances"], EXPECTED["balances"]) == EXPECTED["balances"]


def test_the_sample_repayment_is_the_expected_one(esbjerg):
    rows = esbjerg(EXPECTED["as_of"])
    assert rows["repayment"].keys() == EXPECTED["repayment"].keys()
    assert cut(rows["repayment"], EXPECTED["repayment"]) == EXPECTED["repayment"]


def test_a_sample_without_budget_has_no_balances_and_no_repayment(books):
    assert sample(books, "aarhus-approved", "AAR-2021-00417")("2024-01-01") == {"balances": {}, "repayment": {}}


def test_each_probe_of_money_holds_on_its_day(esbjerg):
    assert len(PROBES) == 6
    for probe in PROBES:
        rows, query = esbjerg(probe["as_of"]), probe["query"]
        year = str(query["year"])
        if query["kind"] == "repayment":
            row = rows["repayment"][year]
        else:
            row = rows["balances"][year]["posts"][query["post"]] if query["post"] else rows["balances"][year]["total"]
        assert cut(row, probe["expected"]) == probe["expected"], probe


def test_the_claim_goes_through_its_stages_day_by_day(esbjerg):
    stages = ("heard_oere", "issued_oere", "adjusted_to_oere", "received_oere", "outstanding_oere")
    days = {
        "2023-03-10": (1_173_875, None, None, 0, None),
        "2023-03-30": (1_173_875, 1_109_875, None, 0, 1_109_875),
        "2023-10-16": (1_173_875, 1_109_875, 909_875, 0, 909_875),
        "2023-11-01": (1_173_875, 1_109_875, 909_875, 909_875, 0),
    }
    assert "2022" not in esbjerg("2023-03-09")["repayment"]
    for day, expected in days.items():
        row = esbjerg(day)["repayment"]["2022"]
        assert tuple(row[name] for name in stages) == expected, day


def test_rows_have_exactly_the_keys_of_the_contract():
    six = {"approved_oere", "paid_oere", "documented_oere", "accepted_oere", "own_cost_oere", "repay_oere"}
    of_year = {"cost_oere", "instalments_oere", "uncovered_oere", "cap_oere", "headroom_oere"}
    stages = {"heard_oere", "issued_oere", "adjusted_to_oere", "received_oere", "outstanding_oere"}
    rows = plain(tell(told(approved(), granted("P1", 100), received(), repaid(10)), CAPS.get))
    assert rows.keys() == {"balances", "repayment"}
    assert rows["balances"]["2022"].keys() == {"posts", "total"}
    assert rows["balances"]["2022"]["posts"]["P1"].keys() == six | {"option", "name", "entries"}
    assert rows["balances"]["2022"]["total"].keys() == six | of_year | {"entries"}
    assert rows["repayment"]["2022"].keys() == stages | {"entries"}


def test_a_case_without_money_has_no_balances():
    assert plain(tell(told(approved()), CAPS.get)) == {"balances": {}, "repayment": {}}


def test_a_year_without_a_registered_cap_has_no_cap_and_no_headroom():
    total = tell(told(granted("P1", 100, year=2025)), CAPS.get).balances["2025"].total
    assert (total.approved_oere, total.cap_oere, total.headroom_oere) == (100, None, None)


def test_a_post_whose_name_is_erased_keeps_its_amounts():
    fact = granted("P1", 100).model_copy(update={"name": ERASED})
    row = tell(told(fact), CAPS.get).balances["2022"].posts["P1"]
    assert row.name is ERASED
    assert row.approved_oere == 100


def test_a_row_names_the_entries_it_rests_on_and_their_corrections():
    entries = recorded(
        [approved(), granted("P1", 100), granted("P2", 50), expense("e1", "P1", 80), paid("one_off", 50, "P2")]
    )
    leader = {"user_id": "u-l-01", "name": "Poul Prøve", "role": "leder"}
    fact = EntryCorrected(field="amount_oere", old=80, new=70, reason="tastefejl", approved_by=leader)
    entries.append(entry(6, fact, "2023-01-05", {"target": 4}))
    year = tell(history(entries, as_of=date(2030, 1, 1)), CAPS.get).balances["2022"]
    assert year.posts["P1"].accepted_oere == 70
    assert year.posts["P1"].entries == (2, 4, 6)
    assert year.posts["P2"].entries == (3, 5)
    assert year.total.entries == (2, 3, 4, 5, 6)


def test_the_amount_of_a_post_is_the_last_one_by_the_asked_day():
    facts = (granted("P1", 100), adjusted("P1", 100, 60, on="2022-06-01"))
    before, after = (tell(told(*facts, as_of=day), CAPS.get) for day in (date(2022, 5, 31), date(2022, 6, 1)))
    assert before.balances["2022"].posts["P1"].approved_oere == 100
    assert after.balances["2022"].posts["P1"].approved_oere == 60
