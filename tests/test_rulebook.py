"""The deadline rules against the table of the field (tests/data/rules.tsv, copied from the domain papers)."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from ledger.facts.fact import catalogue
from ledger.law.rule import ANY_DECISION, Change, Event
from ledger.law.rulebook import rulebook_in_force
from tests.rule_paths import changes, conditions, events_of, facts_named, leads, words, words_of

BOOK = rulebook_in_force()
RULES = {rule.slug: rule for slug in BOOK.municipalities for rule in BOOK.rules(slug)}
ROWS = {
    row["slug"]: row
    for row in csv.DictReader(
        (Path(__file__).parent / "data/rules.tsv").read_text("utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
}
SIDES = {"parents": "parents", "party": "parents", "third parties": "third_parties"}
MONTHS = {"Feb": "02", "March": "03", "Nov": "11", "Dec": "12"}
SINCE = {"received": "received date", "answer_due": "hearing due date", "planned_on": "planned date"}
VALID_FROM = {"esbjerg": date(2021, 11, 1), "nyborg": date(2019, 12, 17)}
ENDS_TRAINING = {"HjemmetraeningTerminated", "HjemmetraeningEndedAtAge18"}

ALL_WORDS = {word for name in catalogue() for word in words_of(name)}
each_rule = pytest.mark.parametrize("slug", list(ROWS))


def cell(slug: str, column: str) -> str:
    """A cell of the table, with what it repeats from another row."""
    text, slugs = ROWS[slug][column], list(ROWS)
    if text.startswith("as above"):
        return cell(slugs[slugs.index(slug) - 1], column) + text.removeprefix("as above")
    if text.startswith("as ") and text.removeprefix("as ") in ROWS:
        return cell(text.removeprefix("as "), column)
    return text


def types_in(text: str) -> set[str]:
    """The fact types a cell names; `BudgetPostApproved/Refused` names two."""
    found = set()
    for named in re.findall(r"[A-Z]\w+(?:/[A-Z]\w+)*", text):
        first, *tails = named.split("/")
        words = re.findall(r"[A-Z][a-z0-9]+", first)
        stems = ["".join(words[:count]) for count in range(len(words))]
        found |= {first} | {stem + tail for tail in tails for stem in stems}
    return found & set(catalogue())


def types_of(*events: Event | Change) -> set[str]:
    return {name for event in events for name in event.on} - {ANY_DECISION}


def days_in(text: str) -> set[str]:
    """Days of the year: `15 Nov` is 11-15."""
    return {f"{MONTHS[month]}-{int(day):02}" for day, month in re.findall(r"(\d+) (Feb|March|Nov|Dec)\b", text)} | (
        {"01-01"} if "1 Jan" in text else set()
    )


def test_the_rules_are_those_of_the_table_and_no_others():
    assert len(ROWS) == 49
    assert set(RULES) == set(ROWS) == BOOK.slugs


@each_rule
def test_a_rule_stands_in_the_file_of_where_it_applies(slug):
    applies, *periods = cell(slug, "applies").replace(",", "").split()
    own = BOOK.statute.rule if applies == "all" else BOOK.municipalities[applies].rule
    assert RULES[slug] in own
    assert slug.split(".")[0] == ("statute" if applies == "all" else applies)
    assert list(RULES[slug].periods) == periods
    assert RULES[slug].valid_from == VALID_FROM.get(applies)
    assert RULES[slug].valid_to is None


@each_rule
def test_a_rule_has_the_class_the_roll_the_notice_and_the_obliged_side_of_its_row(slug):
    row, rule = ROWS[slug], RULES[slug]
    assert rule.kind == row["class"]
    assert rule.roll == {"F": True, "0": False}[row["roll"]]
    assert rule.notice == {"yes": True, "no": False}[row["notice"]]
    assert rule.side == SIDES.get(row["obliged"], "authority")


@each_rule
def test_a_rule_is_started_by_what_its_row_names(slug):
    text, rule = cell(slug, "trigger"), RULES[slug]
    assert ("any decision event" in text) == any(ANY_DECISION in one.on for one in rule.starts)
    assert bool(rule.windows) == ("per window" in text)
    if rule.starts:
        rounds = {name for one in rule.starts for name in (*one.first_after, one.until) if name}
        named = types_of(*rule.starts, *(event for one in rule.starts for event in one.unless)) | rounds
        undecided = {"BoernefagligUndersoegelseOpened"} if "any decision event" in text else set()
        assert named == types_in(text) - undecided
        since = [one.since for one in rule.starts if one.since != "occurred_on"]
        assert [one.without for one in rule.starts if one.without] == re.findall(r"without refs\.(\w+)", text)
        assert len(since) == text.count(" → ")
        assert all(SINCE.get(one, one) in text if isinstance(one, str) else one.falls in days_in(text) for one in since)
    if rule.each_year:
        assert rule.each_year.falls.falls in days_in(text)
        assert rule.each_year.appears.falls in days_in(text) or "appears" not in text
        assert types_in(text) <= set(rule.each_year.years)


def test_a_complaint_over_aktindsigt_needs_a_refusal():
    [klage] = RULES["statute.klage"].starts
    [given] = klage.unless
    granted = {word for words in given.where.values() for word in words}
    assert set(words(catalogue()["AktindsigtDecided"], "resultat")) - granted == {"partly", "refused"}


@each_rule
def test_a_rule_is_as_long_as_its_row_says(slug):
    text, rule = cell(slug, "length"), RULES[slug]
    counts = set(re.findall(r"(\d+) (working day|day|week|month)s?\b", text))
    if rule.windows:
        assert str(rule.windows.required) == text.split()[0]
        return
    given = [(one.count, one.day) for one in rule.length if not one.weeks_in]
    own = {(str(count.count), count.unit.value[:-1].replace("_", " ")) for count, _ in given if count}
    assert own == (counts or ({("0", "day")} if text == "the date itself" else set()))
    years = [int(ahead) for ahead in re.findall(r" Y\+(\d)", text)]
    assert [day.years for _, day in given if day] == years
    assert {day.falls for _, day in given if day} == (days_in(text) if years else set())
    assert bool(rule.until) == ("answer_due_on" in text)
    assert any(one.before for one in rule.length) == bool(re.search(r"days before|− \d", text))
    assert [one.weeks_in for one in rule.length if one.weeks_in] == re.findall(r"`(\w+_weeks)`", text)


@each_rule
def test_a_rule_is_met_by_what_its_row_names(slug):
    text, rule = cell(slug, "met_by"), RULES[slug]
    alike = {name for met in rule.met for group in met.alike for name in group}
    through = {"IndstillingPrepared"} if "whose refs.about contains an" in text else set()
    assert types_of(*rule.met) | alike == types_in(text) - through
    steps = {step for met in rule.met for path in met.by for step in path.split(".")}
    assert set(re.findall(r"\brefs?[ .](\w+)", text)) <= steps
    assert all(re.search(rf"\b{step}\b", text) for step in steps)
    assert rule.itself == ("the trigger event's own" in text)
    assert any(met.covered for met in rule.met) == ("last covered" in text)
    assert any(met.every for met in rule.met) == ("the last of its posts" in text)
    assert any(met.recorded_after for met in rule.met) == ("recorded after it" in text)
    years = [int(years or 0) for years in re.findall(r"year Y\+?(\d?)", text)]
    assert [met.year for met in rule.met if met.year is not None] == years


@each_rule
def test_a_rule_is_stopped_and_extended_by_what_its_row_names(slug):
    text, rule = cell(slug, "stopped_by"), RULES[slug]
    with_training = ENDS_TRAINING if rule.windows else set()
    assert types_of(*changes(rule)) | with_training == types_in(text)
    ends = "end of training" in text or bool(rule.windows)
    until_due = "end of training ≤ due" in text
    assert rule.stops_with_training == ("until_due" if until_due else "always" if ends else "no")


@each_rule
def test_a_rule_is_of_the_kind_of_fact_its_row_names(slug):
    """`PartshoeringSent(subject tilsynsrapport)` is a condition on the field that takes that word."""
    rule = RULES[slug]
    born = () if rule.birthday else (("trigger", rule.starts),)
    for column, events in (*born, ("met_by", rule.met), ("stopped_by", rule.stopped_by)):
        text = cell(slug, column)
        for name, inside in re.findall(r"([A-Z]\w+) ?\(([^)]*)\)", text):
            named = {word for word in re.findall(r"\w+", inside) if name in catalogue() and word in words_of(name)}
            assert named == {word for event in events if name in event.on for word in conditions(event)}, name
        asked = {word for event in events for word in conditions(event)}
        for said in re.findall(r"(?:\bkind|\bstage|\bnot|≠) (\w+(?:/\w+)*)", text):
            assert {word for word in said.split("/") if word in ALL_WORDS} <= asked


def test_a_complaint_points_to_its_decision_or_to_one_that_is_part_of_it():
    [met] = RULES["statute.klage"].met
    assert met.by == ("decision", "decision.part_of")


@each_rule
def test_what_can_point_to_what_started_a_deadline_must_do_so(slug):
    rule = RULES[slug]
    starting = {name for one in rule.starts for name in one.on}
    for one in (*rule.met, *changes(rule)):
        for fact in facts_named(one.on):
            points = [ref for ref in fact.declared.refs.values() if ref.required and starting & set(ref.to)]
            assert one.by or not points, fact


@each_rule
def test_what_moves_or_extends_a_deadline_names_the_field_with_the_new_day(slug):
    rule = RULES[slug]
    assert all(one.day != "occurred_on" for one in changes(rule) if one not in rule.stopped_by)


@each_rule
def test_a_rule_says_where_it_is_written_and_how_sure_that_is(slug):
    row, rule = ROWS[slug], RULES[slug]
    certainty, *rest = re.split(r"[ ,;]+", row["mark"])
    assert rule.certainty == certainty.lower()
    assert rule.remark or not rest, "what is inferred must be said"
    if re.search(r"S\d", row["source"]):
        assert rule.source in BOOK.statute.sources
        assert rule.quote
        assert rule.source in row["source"]
        assert rule.quote in row["source"]
    else:
        assert re.search(r"§ \d+", rule.source), "the law itself"


# What each rule says


LENGTHS = {
    (1, "days"): ["dagen før"],
    (14, "days"): ["14 dage"],
    (1, "working_days"): ["arbejdsdagen efter"],
    (7, "working_days"): ["syv arbejdsdage"],
    (1, "weeks"): ["en uge"],
    (2, "weeks"): ["to uger"],
    (3, "weeks"): ["tre uger"],
    (4, "weeks"): ["fire uger"],
    (8, "weeks"): ["otte uger"],
    (10, "weeks"): ["ti uger"],
    (3, "months"): ["tre måneder"],
    (4, "months"): ["fire måneder"],
    (6, "months"): ["seks måneder", "halve år"],
    (9, "months"): ["ni måneder"],
    (12, "months"): ["om året", "i året efter"],
    (216, "months"): ["18 år"],
}
TIMES = {2: "to ", 4: "fire "}
DAYS = {"02-28": "28. februar", "03-31": "31. marts", "12-31": "budgetårets udgang", "11-15": "15. november"}


@each_rule
def test_each_rule_says_its_length_in_one_sentence(slug):
    rule = RULES[slug]
    assert re.fullmatch(r"[A-ZÆØÅ].*\.", rule.says)
    assert not re.search(r"\. [A-ZÆØÅ]", rule.says), "one sentence"
    assert not re.search(r"\s{2}|\n", rule.says + rule.dansk + rule.remark)
    if rule.windows:
        assert TIMES[rule.windows.required] in rule.says
    for length in rule.length:
        if length.count and length.count.count:
            said = LENGTHS[length.count.count, length.count.unit.value]
            assert any(one in rule.says for one in said), said
        if length.day:
            assert DAYS[length.day.falls] in rule.says
    if rule.each_year and not any(length.day for length in rule.length):
        assert DAYS[rule.each_year.falls.falls] in rule.says


# Paths and words


@each_rule
def test_every_path_of_a_rule_leads_to_what_the_facts_have(slug):
    rule = RULES[slug]
    starting = [fact for one in rule.starts for fact in facts_named(one.on)]
    for one in events_of(rule):
        for fact in facts_named(one.on):
            assert all(leads(fact, path, to_field=True) for path in one.where), fact
            assert any(leads(fact, path, to_field=False) for path in getattr(one, "by", ("",)) or ("",)), fact
            if isinstance(getattr(one, "since", None), str):
                assert leads(fact, one.since, to_field=True), fact
            if isinstance(one, Change):
                assert leads(fact, one.day, to_field=True), fact
    for one in (*rule.met, *changes(rule)):
        assert all(leads(fact, one.ours, to_field=False) for fact in starting)
    for path in [path for length in rule.length for path in length.when] + [rule.until]:
        assert any(leads(fact, path, to_field=True) for fact in starting) or not path
    for met in rule.met:
        assert all(leads(fact, met.like, to_field=False) for fact in starting)
        if met.every:
            assert all(leads(fact, met.every[0], to_field=True) for fact in starting)
            assert all(leads(fact, met.every[1], to_field=True) for fact in facts_named(met.on))


@each_rule
def test_every_word_a_rule_asks_for_is_one_its_field_can_take(slug):
    for one in events_of(RULES[slug]):
        for path, values in {**one.where, **getattr(one, "where_not", {})}.items():
            for fact in facts_named(one.on):
                assert {value for value in values if isinstance(value, str)} <= set(words(fact, path)), path


@each_rule
def test_a_rule_that_waits_for_others_names_rules_that_can_run_in_the_same_municipality(slug):
    rule = RULES[slug]
    assert slug not in (*rule.inner, *rule.inside)
    assert {other.split(".")[0] for other in (*rule.inner, *rule.inside)} <= {"statute", slug.split(".")[0]}
