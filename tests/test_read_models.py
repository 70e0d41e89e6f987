"""The read models in their tables: as they are told in memory, without anything sealed, and found by CPR number.

What the tests of the follower and of the rebuild share is here.
"""

import json
import re
from importlib.resources import as_file, files
from pathlib import Path

import orjson
import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.schema import CreateTable

from api.demo import SAMPLES
from commands.import_cases import import_file
from ledger.facts.case import fold
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor
from ledger.facts.history import history
from ledger.facts.retention import SubjectErased
from ledger.facts.shape import rewrite, shape_of
from ledger.store.head import Head
from ledger.store.ledger import case_id_of
from projections.deadlines import listed as listed_deadlines
from projections.deadlines import tell as tell_deadlines
from projections.follower import Follower
from projections.parties import find_by_cpr
from projections.tables import METADATA, TOLD, OutdatedError, cursor, models, rows_of
from tests.tail import DAY, KAREN, after, notes, opening

MINE = {"cases", "parties", "history", "decisions", "tilsyn", "klager", "documents"}
LEADER = {"user_id": "u-l-01", "name": "Poul Prøve", "role": "leder"}
ALMA = "010116-4444"
DAY_OF = re.compile(r"\d{4}-\d\d-\d\d")


def plain(rows):
    """Rows as JSON has them, whichever side they come from."""
    return json.loads(orjson.dumps(rows))


def kept(ledger):
    """The rows in the tables."""
    with ledger.read_models.connect() as connection:
        return plain({name: _rows(connection, model.TABLE) for name, model in models().items()})


def _rows(connection, table):
    names = [str(column.name) for column in table.columns]
    ordered = select(table).order_by(table.c.case_id, table.c.line)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(ordered)]


def told(ledger, day=None):
    """The rows as they are told in memory, for every case there is."""
    rows = {name: [] for name in models()}
    for case_id in sorted(ledger.cases()):
        seen = history(ledger.entries(case_id), as_of=day or ledger.today())
        for name, lines in rows_of(ledger, seen, ledger.law()).items():
            rows[name] += lines
    return plain(rows)


def told_as_of(ledger):
    """On which day each case was told last."""
    with ledger.read_models.connect() as connection:
        return {row.case_id: row.told_as_of for row in connection.execute(select(TOLD))}


def position(ledger):
    """The follower's place in the log."""
    with ledger.read_models.connect() as connection:
        return cursor(connection)


def open_case(ledger, number, *facts):
    """A case with its child, and what is given; all on one day."""
    ledger.append(Head(case_id_of(ledger.municipality, number)), opening(number))
    for fact in facts:
        ledger.append(after(ledger, number), [Draft(fact, DAY, KAREN, "api")])
    return case_id_of(ledger.municipality, number)


@pytest.fixture
def samples(books):
    """The books of the two sample cases, followed to their end."""
    for name in SAMPLES:
        with as_file(files("api").joinpath("samples", name)) as path:
            assert [outcome.error for outcome in import_file(books, path, "tester")] == [None]
    for book in books.existing():
        Follower(book).catch_up()
    return books.existing()


@pytest.fixture
def book(books):
    return books.book("aarhus")


def test_every_read_model_is_found_without_a_list():
    assert models().keys() >= MINE
    assert all(METADATA.tables[name] is model.TABLE for name, model in models().items())


def test_the_rows_of_the_sample_cases_are_those_told_in_memory(samples):
    for ledger in samples:
        rows = kept(ledger)
        assert rows == told(ledger)
        assert len(rows["history"]) == position(ledger) > 50
        assert len(rows["cases"]) == 1


def everything_in(ledger, database_url):
    """What stands in the tables: on SQLite every byte of the file, on PostgreSQL every row."""
    if database_url.startswith("sqlite"):
        place = Path(ledger.read_models.url.database).parent
        return b"".join(file.read_bytes() for file in sorted(place.glob("readmodels.sqlite*"))).decode("latin-1")
    with psycopg.connect(database_url) as connection:
        tables = [f"sagsbog_{ledger.municipality}_read.{name}" for name in METADATA.tables]
        found = [connection.execute(f"SELECT t::text FROM {table} t").fetchall() for table in tables]
    return str(found).encode().decode("latin-1")


def sealed_in(ledger):
    """Every sealed text of the book that is long enough not to stand anywhere by chance, as the name of a column."""
    found = set()
    for case_id in ledger.cases():
        for entry in ledger.entries(case_id):
            rewrite(shape_of(type(entry.fact)), entry.fact.as_data(), lambda _, value, node: found.add(
                value if node.sealed and isinstance(value, str) and len(value) > 5 else ""
            ), "data")  # fmt: skip
    names = "".join(str(CreateTable(table)) for table in METADATA.sorted_tables)
    return {one for one in found if one not in names and not DAY_OF.fullmatch(one)}


def test_nothing_sealed_stands_in_the_tables(samples, database_url):
    for ledger in samples:
        sealed, standing = sealed_in(ledger), everything_in(ledger, database_url)
        (case,) = kept(ledger)["cases"]
        assert case["case_number"] in standing, "a word of the system, or the test looks in the wrong place"
        numbers = {one for one in sealed if re.fullmatch(r"\d{6}-\d{4}", one)}
        assert numbers
        assert len(sealed) > 50
        for secret in sealed | {one.replace("-", "") for one in numbers}:
            assert secret.encode().decode("latin-1") not in standing, secret


def test_of_a_birth_date_the_parties_keep_the_year(samples, database_url):
    for ledger in samples:
        born = {row["party"]: row["birth_year"] for row in kept(ledger)["parties"]}
        assert 2010 < born["p-barn"] < 2020
        assert not DAY_OF.search(str(kept(ledger)["parties"]))
        (case_id,) = ledger.cases()
        birth_date = fold(ledger.load(case_id)).lifecycle.parties["p-barn"].fact.birth_date
        for age in (0, 15, 16, 18):
            birthday = birth_date.replace(year=birth_date.year + age).isoformat()
            assert birthday not in everything_in(ledger, database_url), age


def test_deadlines_from_the_birthday_are_read_until_the_key_is_destroyed(samples):
    for ledger in samples:
        (case_id,) = ledger.cases()
        told_now = list(tell_deadlines(ledger.load(case_id, as_of=ledger.today()), ledger.law()))
        with ledger.read_models.connect() as connection:
            assert dict(listed_deadlines(connection, ledger)) == {case_id: told_now}
            ledger.vault.destroy(ledger.entry(case_id, 2).subjects["p-barn"])
            left = dict(listed_deadlines(connection, ledger))[case_id]
        assert left == [row for row in told_now if row.rule not in {"statute.age-18", "esbjerg.future-talk"}]
        assert len(left) < len(told_now)


def test_a_person_is_found_by_cpr_number_in_every_case(book):
    cases = [open_case(book, number) for number in ("1", "2")]
    Follower(book).catch_up()
    assert find_by_cpr(book, ALMA) == [(case_id, "p-barn") for case_id in sorted(cases)]
    assert find_by_cpr(book, "0101164444") == find_by_cpr(book, ALMA)
    assert find_by_cpr(book, "010116-4445") == []


def test_the_index_cannot_be_told_without_the_secret_of_the_book(books):
    indexes = set()
    for municipality in ("aarhus", "esbjerg"):
        ledger = books.book(municipality)
        open_case(ledger, "1")
        Follower(ledger).catch_up()
        indexes |= {row["cpr_index"] for row in kept(ledger)["parties"]}
    assert len(indexes) == 2


@pytest.mark.parametrize("key_goes_first", [True, False])
def test_an_erased_party_is_not_found_any_more(book, key_goes_first):
    case_id, other = open_case(book, "1"), open_case(book, "2")
    follower = Follower(book)
    follower.catch_up()
    subject = book.entry(case_id, 2).subjects["p-barn"]
    erased = SubjectErased(party="p-barn", subject=subject, legal_basis="arkivloven", approved_by=LEADER)
    if key_goes_first:
        book.vault.destroy(subject)
    book.append(after(book, "1"), [Draft(erased, DAY, KAREN, "api")])
    follower.catch_up()
    assert find_by_cpr(book, ALMA) == [(other, "p-barn")]
    gone, left = sorted(kept(book)["parties"], key=lambda row: row["case_id"] != str(case_id))
    assert (gone["cpr_index"], gone["birth_year"]) == (None, None)
    assert left["cpr_index"]
    book.vault.destroy(subject)
    assert kept(book) == told(book), "the same when the key goes after the telling"


def test_a_citizens_user_id_stays_sealed(book):
    open_case(book, "1")
    citizen = Actor("u-borger-9", "Sigrid Vestergaard", "borger", "borger", party="p-barn")
    (note,) = notes("Mor skriver selv.")
    book.append(after(book, "1"), [Draft(note.fact, DAY, citizen, "api")])
    Follower(book).catch_up()
    told_by = [(row["user_id"], row["role"]) for row in kept(book)["history"]]
    assert told_by == [("u-fc-01", "fc_raadgiver"), ("u-fc-01", "fc_raadgiver"), (None, "borger")]


def test_tables_of_another_shape_are_refused_until_they_are_rebuilt(book):
    Follower(book)
    with book.read_models.begin() as connection:
        connection.execute(METADATA.tables["progress"].update().values(shape="en anden"))
    with pytest.raises(OutdatedError, match="sagsbog rebuild"):
        Follower(book)
    with pytest.raises(OutdatedError, match="sagsbog rebuild"):
        find_by_cpr(book, ALMA)
