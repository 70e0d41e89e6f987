"""Pages of a list: whatever the limit, and whatever is added between two pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.paging import MOST, Paging
from ledger.errors import Invalid
from ledger.store.books import Books
from tests.conftest import MASTER_KEY

ROWS = st.lists(st.tuples(st.integers(0, 5), st.text("ab", max_size=1)), max_size=12)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    place = tmp_path_factory.mktemp("books")
    with Books(f"sqlite:///{place}", lambda: None, MASTER_KEY) as books:
        yield books.book("aarhus")


def by_number(row):
    return [row[0]]


def walked(book, rows, limit, query=b"q"):
    """Every page of a list, from the first to the last."""
    pages, cursor = [], None
    while True:
        page = Paging(limit, cursor, query).of(book, rows, by_number)
        pages.append(page["items"])
        cursor = page["next"]
        if cursor is None:
            return pages


@given(rows=ROWS, limit=st.integers(1, 13))
def test_the_pages_together_are_the_list(book, rows, limit):
    pages = walked(book, rows, limit)
    assert [row for page in pages for row in page] == sorted(rows, key=lambda row: row[0])
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages) == 1 or pages[-1], "no page is empty but that of an empty list"


@given(rows=ROWS, new=ROWS, limit=st.integers(1, 5))
def test_what_is_added_between_two_pages_moves_no_row_into_or_out_of_the_next(book, rows, new, limit):
    numbered = [(number, f"{index}") for index, (number, _) in enumerate(rows)]
    first = Paging(limit, None, b"q").of(book, numbered, by_number)
    if first["next"] is None:
        return
    shown_to = first["items"][-1][0]
    later = [*numbered, *((number, f"new {index}") for index, (number, _) in enumerate(new) if number != shown_to)]
    second = Paging(MOST, first["next"], b"q").of(book, later, by_number)
    seen = [*first["items"], *second["items"]]
    assert len(set(seen)) == len(seen)
    assert set(numbered) <= set(seen)


def a_cursor(book):
    cursor = Paging(1, None, b"q").of(book, [(1, "a"), (2, "b")], by_number)["next"]
    assert cursor
    return cursor


def turned(cursor):
    """The same cursor with its last sign another one."""
    return cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]


BAD = {
    "nothing": lambda _: "",
    "no base64": lambda _: "æøå %00 \x00",
    "a lone surrogate": lambda _: "\ud800",
    "not a whole one": lambda cursor: cursor[:20],
    "a changed one": turned,
    "one made up": lambda _: urlsafe_b64encode(b'["2021-01-01", 1]').decode(),
    "a huge one": lambda cursor: cursor * 1_000,
    "SQL": lambda _: "' OR 1=1 --",
}


@pytest.mark.parametrize("name", BAD)
def test_a_cursor_that_was_not_given_out_is_refused(book, name):
    cursor = a_cursor(book)
    assert Paging(1, cursor, b"q").of(book, [(1, "a"), (2, "b")], by_number)["items"] == [(2, "b")]
    with pytest.raises(Invalid, match="begynd forfra"):
        Paging(1, BAD[name](cursor), b"q").of(book, [(1, "a")], by_number)


def test_a_cursor_of_another_list_or_of_another_reader_is_refused(book):
    with pytest.raises(Invalid, match="hører ikke til denne liste"):
        Paging(1, a_cursor(book), b"another").of(book, [(1, "a")], by_number)


def test_a_cursor_does_not_show_what_rows_are_sorted_by(book):
    rows = [("2018-01-11", "a"), ("2018-01-12", "b")]
    cursor = Paging(1, None, b"q").of(book, rows, by_number)["next"]
    assert b"2018" not in urlsafe_b64decode(cursor)
    assert cursor != Paging(1, None, b"q").of(book, rows, by_number)["next"]
