"""One deadline told day by day: the count can be followed, and every day waited on someone."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

from commands.case_file import read_case
from ledger.errors import Invalid, NotFound
from ledger.facts.history import History, history
from ledger.law.counting import closed, months_after
from ledger.law.rulebook import rulebook_in_force
from projections.deadlines import tell
from replay.explain import Explanation, Waited, explain
from tests.guarding import Told, law_of, told
from tests.running import assessed, hearing, past
from tests.test_cli import AARHUS, Cli, lay_in
from tests.test_import import sample as case_file

HERE = Path(__file__).parent
SAMPLES = {"aarhus": "aarhus-approved", "esbjerg": "esbjerg-settlement"}
A_DAY = timedelta(days=1)
NOW = date(2026, 11, 22)


@cache
def sample(municipality: str) -> History:
    raw = files("api").joinpath("samples", f"{SAMPLES[municipality]}.json").read_bytes()
    book, now = rulebook_in_force(), datetime(2026, 11, 22, tzinfo=UTC)
    return history(read_case(raw, municipality, "tester", now, book).case.entries, as_of=NOW)


@cache
def explained(municipality: str) -> list[Explanation]:
    """Every deadline of a sample, explained."""
    seen, law = sample(municipality), law_of(municipality)
    asked = {(row.rule, row.trigger_on) for row in tell(seen, law)}
    return [one for rule, day in sorted(asked) for one in explain(seen, law, rule, day)]


each_sample = pytest.mark.parametrize("municipality", list(SAMPLES))


@each_sample
def test_every_deadline_can_be_explained_and_says_what_its_row_says(municipality):
    told_rows = tell(sample(municipality), law_of(municipality))
    shown = ("rule", "title", "trigger_on", "due_on", "met_on", "status", "days_late", "extended_to", "notice_in_time",
             "obliged", "entries")  # fmt: skip
    rows = sorted(tuple(str(getattr(row, name)) for name in shown) for row in told_rows)
    assert rows == sorted(tuple(str(getattr(one, name)) for name in shown) for one in explained(municipality))
    assert len(rows) > 20


@each_sample
def test_every_calendar_day_waited_on_one_side_and_they_add_up(municipality):
    for one in explained(municipality):
        days = [waited.day for waited in one.waited]
        assert days == [days[0] + A_DAY * ahead for ahead in range(len(days))] if days else True
        assert sum(one.waited_by_side.values()) == one.days == len(days), one.rule
        ends = min(day for day in (one.met_on, one.stop_on, NOW) if day)
        if days:
            assert days[-1] in (ends, one.extended_to or one.due_on), one.rule
            assert days[0] - A_DAY <= max(one.trigger_on, one.because.occurred_on)


@each_sample
def test_what_was_counted_and_what_was_skipped_give_the_due_date(municipality):
    followed = set()
    for one in explained(municipality):
        count, *words = one.length.split()
        if not count.isdecimal() or words[0] == "inden":
            continue
        number, unit = int(count), words[0]
        match unit:
            case "dag" | "dage":
                counted = one.trigger_on + A_DAY * number * (-1 if words[-1] == "før" else 1)
            case "uge" | "uger":
                counted = one.trigger_on + A_DAY * 7 * number
            case "måned" | "måneder":
                counted = months_after(one.trigger_on, number)
            case "hverdag" | "hverdage":
                counted = one.trigger_on + A_DAY * (number + len(one.not_counted))
        assert counted == one.counted_to, one
        assert counted + A_DAY * len(one.rolled_over) == one.due_on, one
        assert all(closed(skipped.day) == skipped.reason for skipped in (*one.not_counted, *one.rolled_over))
        assert not one.rolled_over or closed(one.due_on) is None
        followed.add(unit)
    assert {"uger", "måneder"} <= followed


def test_working_days_tell_which_days_were_passed_over():
    story = (told("AktindsigtRequested", "2021-12-22"),)
    (one,) = explain(past("nyborg", "2022-01-04", story), law_of("nyborg"), "statute.aktindsigt", None)
    assert [(skipped.day.isoformat(), skipped.reason) for skipped in one.not_counted] == [
        ("2021-12-24", "juleaftensdag"),
        ("2021-12-25", "1. juledag"),
        ("2021-12-26", "2. juledag"),
        ("2021-12-31", "nytårsaftensdag"),
        ("2022-01-01", "nytårsdag"),
        ("2022-01-02", "søndag"),
    ]
    assert (one.length, one.due_on, one.rolled_over) == ("7 hverdage", date(2022, 1, 4), ())


def test_a_due_date_tells_which_days_it_moved_off():
    story = (hearing("2021-05-22", "taf"),)
    (one,) = explain(past("nyborg", "2021-06-30", story), law_of("nyborg"), "statute.partshoering", None)
    assert [(skipped.day.isoformat(), skipped.reason) for skipped in one.rolled_over] == [
        ("2021-06-05", "Grundlovsdag"),
        ("2021-06-06", "søndag"),
    ]
    assert (one.counted_to, one.due_on, one.days) == (date(2021, 6, 5), date(2021, 6, 7), 16), "no one waits longer"


# On whom it waited


def waits(waited: tuple[Waited, ...]) -> list[tuple[str, int]]:
    return [(rule, len(list(days))) for rule, days in groupby(waited, key=lambda day: day.rule)]


def waits_of(as_of: str, *story: Told) -> list[tuple[str, int]]:
    seen = past("aarhus", as_of, (told("ApplicationReceived", "2021-03-01"), *story))
    (one,) = explain(seen, law_of("aarhus"), "aarhus.decision", None)
    return waits(one.waited)


def test_when_several_are_due_on_the_same_day_it_waits_on_others_then_parents_then_the_authority():
    due_29_march = (
        told("InformationRequested", "2021-03-01", purpose="application"),
        hearing("2021-03-15", "boernefaglig_undersoegelse"),
        *assessed("2021-03-24", "before_tilsyn", sent="2021-03-15"),
    )
    answers = (
        told("InformationReceived", "2021-03-18", {"requests": ("InformationRequested",)}),
        told("PartshoeringAnswered", "2021-03-22", {"hearing": "PartshoeringSent"}),
    )
    assert waits_of("2021-03-26", *due_29_march, *answers) == [
        ("aarhus.information", 17),  # 2-18 March
        ("aarhus.hearing", 4),  # 19-22 March
        ("aarhus.plan-assessment", 2),  # 23-24 March
        ("aarhus.decision", 2),  # 25-26 March
    ]


def test_what_is_due_first_is_waited_for_first_and_longer_when_it_is_late():
    story = (
        told("MaalgruppeAssessmentRequested", "2021-03-01"),  # due 10 May
        told("PartshoeringSent", "2021-03-10", subject="maalgruppe_facts", answer_due_on=None),  # due 24 March
        told("InformationRequested", "2021-03-08", purpose="application"),  # starts nothing so late
    )
    assert waits_of("2021-05-20", *story) == [
        ("aarhus.maalgruppe", 9),  # 2-10 March
        ("statute.partshoering", 14),  # 11-24 March; a hearing that is over keeps no one waiting
        ("aarhus.maalgruppe", 57),  # until it is met, late or not
    ]


def test_the_authority_is_waited_for_when_it_is_due_before_others():
    story = (
        told("InformationRequested", "2021-03-10", purpose="application"),  # due 7 April
        *assessed("2021-03-24", "before_tilsyn", sent="2021-03-15"),  # due 29 March
    )
    assert waits_of("2021-03-26", *story) == [
        ("aarhus.decision", 9),  # 2-10 March
        ("aarhus.information", 5),  # 11-15 March
        ("aarhus.plan-assessment", 9),  # 16-24 March
        ("aarhus.information", 2),
    ]


# Which of several


def test_a_rule_that_has_run_from_several_days_needs_the_day():
    seen, law = sample("aarhus"), law_of("aarhus")
    with pytest.raises(Invalid, match=r"--trigger: reglen har løbet flere gange; angiv en af dagene 2021-06-01, "):
        explain(seen, law, "statute.klage", None)
    (one,) = explain(seen, law, "statute.klage", date(2021, 6, 1))
    assert one.trigger_on == date(2021, 6, 1)
    with pytest.raises(NotFound, match=r"ingen frist efter statute\.klage fra 2\. juni 2021 pr\. 22\. november 2026"):
        explain(seen, law, "statute.klage", date(2021, 6, 2))
    with pytest.raises(NotFound, match=r"ingen frist efter nyborg\.contact pr\."):
        explain(seen, law, "nyborg.contact", None)
    with pytest.raises(Invalid, match=r"reglen 'aarhus\.afgoerelse' findes ikke"):
        explain(seen, law, "aarhus.afgoerelse", None)


def test_several_that_run_from_the_same_day_are_all_explained():
    story = [told("OtherSupportGranted", "2021-11-26", key=key) for key in ("one", "another")]
    found = explain(past("nyborg", "2021-12-01", story), law_of("nyborg"), "statute.klage", None)
    assert [one.because.version for one in found] == [5, 6]


# As people and scripts read it


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    place = tmp_path_factory.mktemp("explain")
    found = Cli(f"sqlite:///{place / 'data'}")
    lay_in(found, place, case_file(f"{SAMPLES['aarhus']}.json"))
    return found


WHY = (AARHUS, "aarhus.decision", "--as-of", "2022-01-01")


def test_the_nine_months_of_the_sample_are_told_in_full(cli):
    shown = [line.rstrip() for line in cli.done("explain", *WHY, "--trigger", "2021-02-01").splitlines()]
    assert shown == (HERE / "data/explain_aarhus_decision.txt").read_text("utf-8").splitlines()


def test_json_tells_the_same_with_each_day_by_itself(cli):
    (one,) = cli.json("explain", *WHY)
    waited = one.pop("waited")
    assert one == json.loads((HERE / "data/explain_aarhus_decision.json").read_text("utf-8"))
    assert waited[0] == {"day": "2021-02-02", "side": "authority", "on": "kommunen", "rule": "aarhus.decision"}
    spans = [(rule, [day["day"] for day in days]) for rule, days in groupby(waited, key=itemgetter("rule"))]
    drawn = re.findall(
        r"^ +(\d{4}-\d\d-\d\d) +(\d{4}-\d\d-\d\d) +(\d+) .* (\S+)$",
        (HERE / "data/explain_aarhus_decision.txt").read_text("utf-8"),
        re.MULTILINE,
    )
    assert [(days[0], days[-1], str(len(days)), rule) for rule, days in spans] == drawn


def test_the_command_line_asks_for_the_day_when_there_are_several(cli):
    said = cli.refused("explain", AARHUS, "statute.klage")
    assert said.startswith("--trigger: reglen har løbet flere gange; angiv en af dagene 2021-06-01, ")
