"""Questions 1-20 asked of both samples: word by word as of the last day, and without falling over on any other."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.tables import as_json
from ledger.errors import Invalid, NotFound
from replay.answers import answer, questions
from tests.asking import SAMPLES, sample, sample_books

TABLE = Path(__file__).parent / "data" / "answers_01_20.toml"
EXPECTED = tomllib.loads(TABLE.read_text("utf-8"))["answer"]
LAST = {"AAR-2021-00417": date(2023, 3, 21), "ESB-2020-00158": date(2023, 11, 1)}
FIRST = {"AAR-2021-00417": date(2021, 1, 18), "ESB-2020-00158": date(2020, 9, 1)}
MINE = [f"Q{number:02}" for number in range(1, 21)]
DAYS = 15


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    with sample_books(tmp_path_factory.mktemp("samples") / "data") as books:
        yield books


@pytest.fixture(scope="module")
def seen(books):
    return {number: sample(books, number, day) for number, day in LAST.items()}


@pytest.mark.parametrize("row", EXPECTED, ids=[" ".join([row["case"], row["question"]]) for row in EXPECTED])
def test_the_answer_is_the_one_written_down_word_by_word(seen, row):
    found = answer(seen[row["case"]], row["question"], row.get("given"))
    assert found.answer == row["says"]
    assert [one.version for one in found.entries] == row["versions"]
    assert list(found.missing) == row.get("missing", [])


def test_each_question_is_written_down_for_each_sample():
    assert {(row["case"], row["question"]) for row in EXPECTED} == {(case, one) for case in SAMPLES for one in MINE}


def test_an_answer_names_its_entries_with_seal_and_both_clocks(seen):
    found = answer(seen["ESB-2020-00158"], "Q09")
    klage = found.entries[0]
    entry = seen["ESB-2020-00158"].history.recorded[118]
    assert (klage.version, klage.type, klage.seal) == (119, "KlageReceived", entry.seal.hex())
    assert (klage.recorded_at, klage.source_recorded_at) == (entry.recorded_at, entry.source_recorded_at)


def test_what_ankestyrelsen_received_is_the_case_up_to_that_version_as_it_read_then(seen):
    (package,) = answer(seen["ESB-2020-00158"], "Q11").data
    assert [row.version for row in package["history"]][-1] == package["up_to_version"] == 124
    assert len(package["history"]) == 124


@pytest.mark.parametrize("case", SAMPLES)
def test_every_question_answers_on_every_day_it_is_asked(books, case):
    span = (LAST[case] - FIRST[case]).days
    for number in range(DAYS):
        seen = sample(books, case, FIRST[case] + timedelta(days=span * number // (DAYS - 1)))
        for one in MINE:
            found = answer(seen, one)
            said = found.answer
            assert as_json(found)
            assert said.endswith((".", "”.")), (one, said)
            assert "None" not in said, (one, said)


@pytest.mark.parametrize(
    ("question", "given", "says"),
    [
        ("Q01", {"beløb": "12"}, "kendes ikke; spørgsmålet tager: post, year"),
        ("Q01", {"year": "toogtyve"}, "kan ikke læses"),
        ("Q02", {"decision": "P3"}, "kan ikke læses"),
        ("Q14", {"on": "7. juni 2022"}, "kan ikke læses"),
        ("Q14", {"on": "2022-06-31"}, "kan ikke læses"),
        ("Q16", {"on": "2022-06-07"}, "kendes ikke; spørgsmålet tager: ingen"),
        ("Q19", {"rule": "aarhus.afgoerelse"}, "reglen 'aarhus.afgoerelse' findes ikke"),
        ("Q41", {}, "findes ikke"),
    ],
)
def test_what_cannot_be_asked_is_told_so(seen, question, given, says):
    with pytest.raises(Invalid, match=says):
        answer(seen["ESB-2020-00158"], question, given)


@pytest.mark.parametrize(
    ("question", "given"), [("Q02", {"decision": "12"}), ("Q09", {"klage": "114"}), ("Q11", {"klage": "114"}),
                            ("Q18", {"application": "12"})]
)  # fmt: skip
def test_an_entry_of_another_kind_is_not_what_the_question_is_about(seen, question, given):
    with pytest.raises(NotFound):
        answer(seen["ESB-2020-00158"], question, given)


def test_what_is_erased_reads_as_erased_in_every_answer(tmp_path):
    with sample_books(tmp_path / "data") as books:
        book, case_id = books.find("ESB-2020-00158")
        subjects = {subject for entry in book.entries(case_id) for subject in entry.subjects.values()}
        for subject in subjects:
            book.vault.destroy(subject)
        seen = sample(books, "ESB-2020-00158", LAST["ESB-2020-00158"])
        said = {one: answer(seen, one).answer for one in MINE}
    assert "Budgetpost X1 (slettet) for 2022" in said["Q01"]
    assert "slettet klagede den 26. april 2023" in said["Q08"]
    assert "Begrundelse: slettet." in said["Q12"]
    assert not any("Vestergaard" in one or "gebyr" in one for one in said.values())


def test_all_twenty_are_asked_in_danish():
    assert all(questions()[one].asks.endswith("?") for one in MINE)
