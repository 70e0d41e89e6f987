"""A new municipality is a file: an invented one is opened, recorded, guarded and told without any code of its own."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from commands.record import Asked, Receipt, open_case, record
from ledger.errors import Invalid, NotFound, Refused
from ledger.facts.entry import Actor
from ledger.law.law import Law
from ledger.law.rulebook import Rulebook, read_rulebook, rulebook_in_force
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections.deadlines import tell
from replay.as_of import Point, sight
from replay.verify import verify
from tests.conftest import MASTER_KEY
from tests.guarding import Told, fact_of, law_of, told
from tests.running import in_words, rows, started, tilsyn
from tests.test_cli import AARHUS, Cli, lay_in
from tests.test_import import a_case, event, imported, note
from tests.test_import import sample as case_file

HERE = Path(__file__).parent
NUMBER = "PRV-2023-1"
ANNA = Actor("u-bc-01", "Anna Prøve", "boernecentret", "boernekonsulent")
LEADER = Actor("u-l-01", "Poul Prøve", "ledelse", "leder")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the rulebook in force, with one file more."""
    place = tmp_path / "rulebook"
    with as_file(files("ledger.law").joinpath("rulebooks", "1")) as bundled:
        shutil.copytree(bundled, place)
    shutil.copy(HERE / "data/proeveby.toml", place)
    return place


@pytest.fixture
def rulebook(directory: Path) -> Rulebook:
    return read_rulebook(directory)


@pytest.fixture
def law(rulebook: Rulebook) -> Law:
    return Law(rulebook, rulebook.municipalities["proeveby"])


@pytest.fixture
def books(database_url, clock, rulebook):
    with Books(database_url, clock, MASTER_KEY, rulebook) as books:
        yield books


class Town:
    """A case in the invented municipality, recorded as its people do."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.versions: dict[str, int] = {}
        opened = {"case_number": NUMBER, "opened_on": "2023-01-02", "subject": "hjemmetraening", "child": "p-barn"}
        self.case_id = open_case(ledger, opened, date(2023, 1, 2), ANNA, request_id="open").case_id
        for party, kind in (("p-barn", "child"), ("p-mor", "custody_holder")):
            self.tell(told("PartyRegistered", "2023-01-02", party=party, kind=kind, birth_date="2016-09-14", key=party))

    def tell(self, one: Told, who: Actor = ANNA) -> Receipt:
        refs = {name: self.versions[key] for name, key in one.refs.items()}
        asked = Asked(one.type, one.on, fact_of(one).as_data(), refs)
        receipt = record(self.ledger, self.case_id, asked, who, request_id=f"{one.key}-{one.on}")
        self.versions[one.key] = receipt.version
        return receipt

    def refused(self, one: Told, who: Actor = ANNA) -> list[str]:
        with pytest.raises(Refused) as refusal:
            self.tell(one, who)
        return [guard.id for guard in refusal.value.guards]

    def deadlines(self, as_of: str, rule: str) -> list[str]:
        seen = sight(self.ledger, self.case_id, Point(date.fromisoformat(as_of)))
        return [in_words(row) for row in tell(seen.history, seen.law) if row.rule == rule]


@pytest.fixture
def town(books) -> Town:
    return Town(books.book("proeveby"))


APPLIED = told("ApplicationReceived", "2023-05-15", applicants=["p-mor"])
ABOUT = {"undersoegelse": "BoernefagligUndersoegelseOpened"}
EXAMINED = (
    told("MaalgruppeDecided", "2023-06-01", resultat="omfattet"),
    told("BoernefagligUndersoegelseOpened", "2023-06-02", issued_as_decision=False, anledning_on="2023-06-02"),
    told("ChildTalkOmitted", "2023-06-03", ABOUT),
    told("BoernefagligUndersoegelseClosed", "2023-07-01", ABOUT),
)
APPROVED = told(
    "HjemmetraeningApproved", "2023-09-01", {"application": "ApplicationReceived"}, physical_health_elements=False,
    ends_on=None, starts_on=None,
)  # fmt: skip


def test_its_people_record_what_their_roles_may(town):
    assert town.tell(APPLIED).version == 4
    assert town.refused(replace(APPLIED, key="again"), LEADER) == ["G32"]
    for stranger in (Actor("u-fc-01", "Karen", "boernecentret", "fc_raadgiver"), replace(ANNA, unit="familiecentret")):
        with pytest.raises(Invalid, match="findes ikke i Prøveby Kommune"):
            town.tell(replace(APPLIED, key="again"), stranger)
    assert len(town.ledger.entries(town.case_id)) == 4


def test_its_own_deadlines_run_past_its_own_closing_day(town):
    town.tell(APPLIED)
    # 16 and 17 May, then Ascension Day, the municipality's closing day and a weekend, then 22-24 May.
    assert town.deadlines("2023-05-24", "proeveby.receipt") == ["2023-05-15 → 2023-05-24 running"]
    town.tell(told("GuidanceGiven", "2023-05-25"))
    assert town.deadlines("2023-06-01", "proeveby.receipt") == ["2023-05-15 → 2023-05-24 met_late 2023-05-25 1"]
    assert town.deadlines("2023-06-01", "proeveby.decision") == ["2023-05-15 → 2023-10-15 running"]
    assert town.deadlines("2023-06-01", "aarhus.decision") == []
    (answer,) = [told("AktindsigtRequested", "2023-05-15")]
    town.tell(answer)
    assert town.deadlines("2023-06-01", "statute.aktindsigt") == ["2023-05-15 → 2023-05-26 overdue 6 untold"]
    assert rows("statute.aktindsigt", "2023-05-25", answer) == ["2023-05-15 → 2023-05-25 running"], "open in Nyborg"


def test_its_guards_are_asked_and_those_of_others_are_not(town):
    for one in (APPLIED, *EXAMINED):
        town.tell(one)
    assert town.refused(APPROVED) == ["G06"], "no visitation is asked for"
    town.tell(told("MeetingHeld", "2023-08-01", kind="child_met", child_present=True))
    assert town.tell(APPROVED).notices == ()
    assert town.deadlines("2023-09-01", "proeveby.decision") == ["2023-05-15 → 2023-10-15 met 2023-09-01"]
    assert verify(town.ledger).faults == ()


def test_its_cases_are_imported_and_found_among_the_others(books, tmp_path):
    case = a_case(note(), number=NUMBER)
    case["case"]["municipality"] = "proeveby"
    anna = {"user_id": "u-bc-01", "name": "Anna Prøve", "unit": "boernecentret", "role": "boernekonsulent"}
    applied = {"applicants": ["p-mor"], "methods": [], "hours_per_week": 20, "parts": ["plan"]}
    case["events"].append(event("ansoegt", "ApplicationReceived", applied, day="2021-01-20"))
    for one in case["events"]:
        one["actor"] = anna
    assert imported(books, case, tmp_path).error is None
    assert imported(books, case_file("aarhus-approved.json"), tmp_path).error is None
    assert [book.municipality for book in books.existing()] == ["aarhus", "proeveby"]
    seen = sight(*books.find(NUMBER), Point(date(2021, 2, 1)))
    assert [in_words(row) for row in tell(seen.history, seen.law) if row.rule.startswith("proeveby")] == [
        "2021-01-20 → 2021-01-27 overdue 5",
        "2021-01-20 → 2021-07-20 running",
    ]


def test_without_its_file_it_is_not_known(database_url, clock):
    with Books(database_url, clock, MASTER_KEY) as others, pytest.raises(Invalid, match="kommunen 'proeveby' kendes"):
        others.book("proeveby")


@pytest.mark.parametrize(
    ("applied", "due"),
    [("2019-12-31", None), ("2020-01-01", "2020-07-01"), ("2022-12-31", "2023-06-30"), ("2023-01-01", "2023-06-01")],
)
def test_the_version_of_a_rule_is_the_one_of_the_day_that_counts(law, applied, due):
    found = rows("proeveby.decision", applied, told("ApplicationReceived", applied), at="nyborg", law=law)
    assert found == ([f"{applied} → {due} running"] if due else [])


def test_its_weeks_after_a_hjemvisning_are_the_due_date_and_a_first_promise_is_a_promise(law):
    rule = "statute.hjemvisning-decision"
    story = (
        told("MaalgruppeDecided", "2023-03-01"),
        told("KlageReceived", "2023-03-10", {"decision": "MaalgruppeDecided"}, kind="decision"),
        told("AnkestyrelsenDecided", "2023-06-01", {"klager": ("KlageReceived",)}, udfald="hjemvist"),
    )
    promise = told(
        "DeadlineExtensionNotified", "2023-06-29", {"trigger": "AnkestyrelsenDecided"}, rule=rule,
        new_expected_on="2023-08-01",
    )  # fmt: skip
    assert rows(rule, "2023-06-01", *story, law=law) == ["2023-06-01 → 2023-06-29 running"]
    assert rows(rule, "2023-06-30", *story, law=law) == ["2023-06-01 → 2023-06-29 overdue 1 untold"]
    assert rows(rule, "2023-06-30", *story, promise, law=law) == ["2023-06-01 → 2023-06-29 (2023-08-01) overdue 1 told"]
    assert rows("statute.promised-date", "2023-06-30", *story, promise, law=law) == ["2023-06-29 → 2023-08-01 running"]
    assert rows(rule, "2023-06-30", *story) == ["2023-06-01 → ? running"], "Nyborg has set no weeks"


def test_its_tilsyn_are_counted_in_calendar_years(law):
    story = (started("2023-03-01"), tilsyn("2023-06-01"))
    assert rows("statute.tilsyn-twice-a-year", "2023-07-01", *story, law=law) == [
        "2023-03-01 → 2023-12-31 met 2023-06-01"
    ]
    assert rows("statute.tilsyn-twice-a-year", "2023-07-01", *story) == ["2023-03-01 → 2024-02-29 running"]


# Another rulebook


def spoilt(directory: Path, file: str, was: str, now: str) -> Rulebook:
    path = directory / file
    text = path.read_text("utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, now), "utf-8")
    return read_rulebook(directory)


def test_a_question_can_be_asked_under_another_rulebook_and_nothing_stored_changes(directory, tmp_path):
    cli = Cli(f"sqlite:///{tmp_path / 'data'}")
    lay_in(cli, tmp_path, case_file("aarhus-approved.json"))
    spoilt(directory, "aarhus.toml", "months = 9", "months = 6")

    def due(*more: str) -> list[str]:
        rows_ = cli.json("deadlines", AARHUS, "--as-of", "2021-08-02", *more)
        return [f"{row['due_on']} {row['status']}" for row in rows_ if row["rule"] == "aarhus.decision"]

    def stored() -> list[bytes]:
        with Books(cli.url, lambda: datetime.now(UTC), MASTER_KEY) as books:
            book, case_id = books.find(AARHUS)
            return [entry.seal for entry in book.entries(case_id)]

    before = stored()
    assert due("--rulebook", str(directory)) == ["2021-08-01 overdue"]
    assert due() == ["2021-11-01 running"]
    assert stored() == before


def test_an_entry_names_the_rulebook_it_was_recorded_under(database_url, clock, directory, rulebook):
    with Books(database_url, clock, MASTER_KEY, rulebook) as books:
        town = Town(books.book("proeveby"))
    later = spoilt(directory, "proeveby.toml", "months = 5", "months = 4")
    with Books(database_url, clock, MASTER_KEY, later) as books:
        town.ledger = books.book("proeveby")
        town.tell(APPLIED)
        assert [entry.rulebook for entry in town.ledger.entries(town.case_id)] == [rulebook.digest] * 3 + [later.digest]
        assert rulebook.digest != later.digest != rulebook_in_force().digest
        assert town.deadlines("2023-05-15", "proeveby.decision") == ["2023-05-15 → 2023-09-15 running"]
        with pytest.raises(NotFound, match="ingen regler for proeveby"):
            sight(town.ledger, town.case_id, Point(rulebook="1"))


def test_the_bundled_municipalities_have_no_closing_days_of_their_own():
    assert all(not law_of(slug).municipality.closing_days for slug in rulebook_in_force().municipalities)
