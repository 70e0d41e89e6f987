"""The questions Q21-Q40 asked of the samples, word for word and all through, and of whatever case there may be."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.tables import as_json
from ledger.errors import Invalid
from ledger.facts.acts import BY_TWO
from ledger.facts.fact import catalogue
from ledger.facts.lifecycle import NEEDS_TWO
from ledger.store.books import Books
from replay.answers import answer, questions
from replay.as_of import Sight
from tests.asking import SAMPLES, sample, sample_books
from tests.guarding import history_of, law_of, told

EXPECTED = json.loads((Path(__file__).parent / "data/answers_on_the_course.json").read_text("utf-8"))
OURS = [f"Q{number}" for number in range(21, 41)]
DAYS = {
    "AAR-2021-00417": (date(2021, 1, 18), date(2023, 3, 21)),
    "ESB-2020-00158": (date(2020, 9, 1), date(2023, 11, 1)),
}
ODD = re.compile(r"\.\.|  | ,| \.|None|Erased|\d{4}-\d\d-\d\d|_oere|[{}]")
"""What no sentence for people holds: doubled stops, loose punctuation, and words of the program."""


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> Iterator[Books]:
    with sample_books(tmp_path_factory.mktemp("samples") / "data") as books:
        yield books


def name(row):
    return f"{row['case'][:3]}-{row['as_of']}-{row['question']}"


@pytest.mark.parametrize("row", EXPECTED, ids=name)
def test_the_samples_are_answered_word_for_word_with_what_the_answer_rests_on(books, row):
    found = answer(sample(books, row["case"], date.fromisoformat(row["as_of"])), row["question"], row["given"])
    assert found.answer == row["answer"]
    assert list(found.missing) == row["missing"]
    assert [one.version for one in found.entries] == row["versions"]


def test_both_samples_are_asked_every_question():
    asked = {(row["case"], row["question"]) for row in EXPECTED}
    assert asked >= {(number, question) for number in SAMPLES for question in OURS if question != "Q40"}


@pytest.mark.parametrize("question", OURS)
@pytest.mark.parametrize("number", SAMPLES)
def test_every_question_is_answered_in_whole_sentences_all_through_a_case(books, number, question):
    first, last = DAYS[number]
    for step in range(15):
        day = first + timedelta(days=(last - first).days * step // 14)
        found = answer(sample(books, number, day), question)
        assert found.answer.endswith((".", "kr."))
        assert not ODD.search(found.answer), found.answer
        assert as_json(found)


@pytest.mark.parametrize("question", OURS)
def test_a_parameter_that_the_question_does_not_take_is_invalid(books, question):
    with pytest.raises(Invalid, match="farve: kendes ikke"):
        answer(sample(books, "AAR-2021-00417", DAYS["AAR-2021-00417"][1]), question, {"farve": "blå"})


@pytest.mark.parametrize("question", OURS)
def test_a_parameter_that_cannot_be_read_is_invalid(books, question):
    for taken in questions()[question].takes:
        with pytest.raises(Invalid, match=f"{taken}: 'x' kan ikke læses"):
            answer(sample(books, "AAR-2021-00417", DAYS["AAR-2021-00417"][1]), question, {taken: "x"})


def test_a_child_who_is_erased_reads_as_erased_in_every_answer(tmp_path):
    with sample_books(tmp_path / "data") as books:
        for number in SAMPLES:
            book, case_id = books.find(number)
            for subject in {subject for entry in book.entries(case_id) for subject in entry.subjects.values()}:
                book.vault.destroy(subject)
            says = " ".join(answer(sample(books, number, DAYS[number][1]), question).answer for question in OURS)
            assert "slettet" in says
            assert "Prøve" not in says
            assert not ODD.search(says)


TYPES = [cls for cls in catalogue().values() if "case" in cls.declared.streams and cls not in (*NEEDS_TWO, *BY_TWO)]


def fitting(one, earlier):
    """Refs of a fact to earlier ones of the types it may point to."""
    refs = {}
    for ref in one.declared.refs.values():
        found = [key for key, cls in earlier if cls.declared.type in ref.to or (not ref.to and cls.is_decision)]
        if found:
            refs[ref.name] = tuple(found) if ref.many else found[-1]
    return refs


@given(
    st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 1_000), st.booleans()), min_size=10, max_size=40),
    st.sampled_from(["aarhus", "esbjerg", "nyborg"]),
    st.integers(0, 1_200),
)
@settings(max_examples=100, deadline=None)
def test_every_question_is_answered_whatever_the_case_holds(facts, municipality, asked_after):
    story, earlier = [], []
    for number, (cls, after, annulled) in enumerate(facts):
        key = f"{cls.declared.type} {number}"
        on = (date(2021, 1, 1) + timedelta(days=after)).isoformat()
        story.append(told(cls.declared.type, on, fitting(cls, earlier), key=key))
        earlier.append((key, cls))
        if annulled:
            story.append(told("EntryAnnulled", on, {"target": key}, key=f"annulled {number}"))
    as_of = (date(2021, 1, 1) + timedelta(days=asked_after)).isoformat()
    seen = Sight(None, history_of(municipality, *story, as_of=as_of), law_of(municipality))
    for question in OURS[:-1]:  # the last one reads the access log of a book
        found = answer(seen, question)
        assert found.answer.endswith((".", "kr."))
        assert not ODD.search(found.answer), found.answer
        assert as_json(found)
