"""The documents of a case, each with how it must be treated now."""

from datetime import date

import pytest

from projections.documents import stored, tell
from tests.test_tilsyn import Written


@pytest.fixture
def case():
    return Written()


def filed(case, document, on="2022-03-01", **data):
    return case.add("DocumentAdded", on, document=document, **data)


def marked(case, target, level, on="2022-03-05"):
    return case.add("ConfidentialityChanged", on, target=target, level=level)


def rows(case, as_of=date(2030, 1, 1)):
    return list(tell(case.seen(as_of)))


def test_a_document_is_told_with_what_was_filed(case):
    version = filed(
        case, "d1", title="Lægeerklæring", kind="medical", dated_on="2022-02-20", received_on="2022-02-25", pages=3,
        sensitivity="sensitive", sha256="ab" * 32,
    )  # fmt: skip
    (row,) = rows(case)
    assert (row.document, row.version, row.title, row.kind) == ("d1", version, "Lægeerklæring", "medical")
    assert (row.dated_on, row.received_on, row.filed_on) == (date(2022, 2, 20), date(2022, 2, 25), date(2022, 3, 1))
    assert (row.sensitivity, row.level, row.pages, row.sha256) == ("sensitive", "normal", 3, "ab" * 32)


def test_the_newest_marking_of_a_document_is_its_level_and_no_other_documents(case):
    first, second = filed(case, "d1"), filed(case, "d2")
    marked(case, "d1", "restricted")
    newest = marked(case, "d1", "protected", on="2022-03-06")
    assert [(row.level, row.entries) for row in rows(case)] == [("protected", (first, newest)), ("normal", (second,))]
    assert rows(case, date(2022, 3, 5))[0].level == "restricted"
    case.annul(newest)
    assert rows(case)[0].level == "restricted"


def test_a_document_is_gone_when_its_filing_is_annulled(case):
    version = filed(case, "d1")
    filed(case, "d2", on="2022-02-27")
    assert [row.document for row in rows(case)] == ["d2", "d1"]
    case.annul(version)
    assert [row.document for row in rows(case)] == ["d2"]


def test_the_table_gets_no_title(case):
    filed(case, "d1", title="Lægeerklæring om epilepsi")
    (row,) = stored(case.seen(), None)
    assert row["document"] == "d1"
    assert "epilepsi" not in str(row)
